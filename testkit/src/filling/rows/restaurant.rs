//! Rows of restaurant.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, DAY, account_id, made, owner_id, word};

/// One for each account, each where nobody else is.
pub(super) fn restaurants(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let number = |number: i64| number.to_string();
    let restaurant = [
        ("id", id()),
        ("owner_id", owner_id(filling)),
        ("name", word("Çıpa Kebap ") + " || n"),
        ("description", word("Adana kebap, lahmacun, şalgam")),
        ("status", word("active")),
        ("address_id", id()),
        ("time_zone", word("Europe/Istanbul")),
        ("opening_hours", word(r#"{"monday":"11:00-14:00, 18:00-02:00"}"#)),
        ("special_days", word("[]")),
        ("closures", word("[]")),
        ("last_order_min", number(30)),
        ("prep_time", number(25)),
        ("rating_avg", "n % 500".to_owned()),
        ("rating_count", number(7)),
        ("delivery_fee_kurus", number(990)),
        ("min_order_kurus", number(7500)),
        ("version", number(1)),
        ("search_version", number(1)),
        ("touched_at", at.clone()),
        ("created_at", at.clone()),
        ("updated_at", at),
    ];
    let details = r#"{"title":"Çıpa","address":"Sahil Yolu 1","city":"İstanbul","district":"Kadıköy","full_address":"Sahil Yolu 1, Kadıköy","zip_code":"34710","apartment":null,"floor":null,"door_number":null,"latitude":40.9819,"longitude":29.0256,"is_default":false}"#;
    let address = [
        ("id", id()),
        ("version", number(1)),
        ("created_by", owner_id(filling)),
        ("created_as", word("manager")),
        ("details", word(details)),
    ];
    let cuisine = [
        ("restaurant_id", id()),
        ("cuisine_key", word("cuisine ") + " || n % 50"),
        ("name", word("Cuisine ") + " || n % 50"),
        ("position", number(0)),
    ];
    let unanswered = [("restaurant_id", id()), ("orders", number(1))];
    let year_ago = filling.now.timestamp_millis() - 365 * DAY;
    let began = filling.dialect.time(&year_ago.to_string());
    let campaign = [
        ("id", id()),
        ("restaurant_id", id()),
        ("title", word("Hafta sonu indirimi")),
        ("description", word("Cumartesi ve pazar bütün kebaplarda yüzde on indirim")),
        ("start_date", began.clone()),
        ("end_date", filling.dialect.time(&format!("{year_ago} + n % 300 * {DAY}"))),
        ("code", word("CIPA") + " || n"),
        ("kind", word("percent")),
        ("value", number(1000)),
        ("min_basket_kurus", number(7500)),
        ("version", number(1)),
        ("announced_version", number(1)),
        ("announced_at", began.clone()),
        ("created_at", began.clone()),
        ("updated_at", began.clone()),
    ];
    let audience =
        [("restaurant_id", id()), ("followers", number(1200)), ("consenting", number(800)), ("counted_at", began)];
    let mut all = vec![
        Rows::of("restaurant_campaign", count, &campaign),
        Rows::of("restaurant_restaurant", count, &restaurant),
        Rows::of("restaurant_address", count, &address),
        Rows::of("restaurant_cuisine", count, &cuisine),
        Rows::of("restaurant_unanswered", count, &unanswered),
        Rows::of("restaurant_audience", count, &audience),
    ];
    all.extend(menus(filling));
    all
}

/// A meal of each restaurant with one of everything.
fn menus(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let number = |number: i64| number.to_string();
    let named = |columns: &[(&'static str, String)]| {
        let named = [("id", id()), ("restaurant_id", id()), ("name", word("Adana Kebap ") + " || n")];
        [named.as_slice(), columns].concat()
    };
    let of_meal =
        |other: &'static str| vec![("meal_id", id()), (other, id()), ("restaurant_id", id()), ("position", number(0))];
    let meal = [
        ("category_id", id()),
        ("mealtime_id", id()),
        ("description", word("Acılı, közde, lavaş ve sumaklı soğanla")),
        ("cuisine", word("Kebap")),
        ("price_kurus", number(24_050)),
        ("search_name", word("adana kebap ") + " || n"),
        ("image_url", word("https://example.com/adana.png")),
        ("is_available", "TRUE".to_owned()),
        ("allergens", number(65)),
        ("contains_alcohol", "FALSE".to_owned()),
        ("contains_pork", "FALSE".to_owned()),
        ("position", number(0)),
        ("created_at", at.clone()),
        ("updated_at", at),
    ];
    let group = [("min_choices", number(1)), ("max_choices", number(1)), ("position", number(0))];
    let option = [
        ("group_id", id()),
        ("price_kurus", number(0)),
        ("max_quantity", number(1)),
        ("is_available", "TRUE".to_owned()),
        ("position", number(0)),
    ];
    let hours = word(r#"{"monday":"18:00-02:00"}"#);
    vec![
        Rows::of("restaurant_category", count, &named(&[("position", number(0))])),
        Rows::of("restaurant_mealtime", count, &named(&[("hours", hours)])),
        Rows::of("restaurant_meal", count, &named(&meal)),
        Rows::of("restaurant_meal_complement", count, &of_meal("other_id")),
        Rows::of("restaurant_option_group", count, &named(&group)),
        Rows::of("restaurant_meal_group", count, &of_meal("group_id")),
        Rows::of("restaurant_option", count, &named(&option)),
    ]
}
