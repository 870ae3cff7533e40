//! What carts and orders are priced by.

use anyhow::Result;
use database::{Connection, Database};
use sea_orm::Value;
use serde_json::json;
use uuid::Uuid;

use super::{execute, literal};

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Where everybody lives.
pub(super) const HOME: &str = r#"{"title":"Ev","address":"Moda Caddesi 12","city":"İstanbul","district":"Kadıköy","full_address":"Caferağa Mah. Moda Caddesi 12, Kadıköy","zip_code":"34710","apartment":"Deniz","floor":"3","door_number":"7","latitude":40.9819,"longitude":29.0256,"is_default":true}"#;
/// Open but for one minute of the night: with somebody who never closes, the hours of two weeks are gone through each time.
const HOURS: &str = "04:01-04:00";

/// Lets the cart service know a restaurant with `meals` and who runs it, as its event would. It takes any number of orders, and
/// waits for a day with its answer.
pub(crate) async fn add_catalog(database: &Database, (restaurant, owner): (Uuid, Uuid), meals: &[Uuid]) -> Result<()> {
    let id = literal(database, restaurant);
    let of_meals: Vec<_> = meals.iter().map(|meal| format!("({}, {id})", literal(database, *meal))).collect();
    let hours: serde_json::Map<_, _> = DAYS.map(|day| (day.to_owned(), HOURS.into())).into_iter().collect();
    let meals: Vec<_> = meals
        .iter()
        .map(|id| {
            json!({
                "id": id, "name": "Kuşbaşılı Kaşarlı Pide", "price_kurus": 24_050, "is_available": true,
                "sold_out_until": null, "mealtime_id": null, "group_ids": [],
            })
        })
        .collect();
    let catalog = json!({
        "owner_id": owner, "name": "Çıpa Kebap", "cuisines": ["Kebap"], "status": "active", "visible": true,
        "time_zone": "Europe/Istanbul", "opening_hours": hours, "special_days": [], "closures": [], "paused_until": null,
        "last_order_min": 0, "prep_time": 25, "answer_within_minutes": 24 * 60, "slot_minutes": 15, "slot_capacity": u16::MAX,
        "min_order_kurus": 7_500, "delivery_fee_kurus": 990, "place": null, "meals": meals, "mealtimes": [], "groups": [],
    });
    for insert in [
        format!("INSERT INTO cart_restaurant (id, version, name, catalog) VALUES ({id}, 1, 'Çıpa Kebap', '{catalog}')"),
        format!("INSERT INTO cart_meal (meal_id, restaurant_id) VALUES {}", of_meals.join(", ")),
    ] {
        database.execute_unprepared(&insert).await?;
    }
    Ok(())
}

/// Lets the cart service know a coupon of the platform's for more orders than there will be.
pub(crate) async fn add_coupon(database: &Database, code: &str) -> Result<()> {
    let campaign = Uuid::from_u64_pair(10, 1);
    let body = json!({
        "id": campaign, "code": code, "kind": "percent", "value": 1_000, "max_discount_kurus": 2_000,
        "min_basket_kurus": 0, "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2100-01-01T00:00:00Z",
        "total_limit": 1_000_000_000, "per_user_limit": null,
    });
    let (id, platform) = (literal(database, campaign), literal(database, Uuid::nil()));
    let insert = format!(
        "INSERT INTO cart_campaign (id, restaurant_id, code, body, used, is_withdrawn) \
         VALUES ({id}, {platform}, '{code}', '{body}', 0, FALSE)"
    );
    database.execute_unprepared(&insert).await?;
    Ok(())
}

/// Gives everybody another mailbox: one gets thirty mails of orders an hour, and those that follow would cost less than they do.
pub(crate) async fn renew_mailboxes(database: &Database) -> Result<()> {
    database.execute_unprepared("UPDATE cart_contact SET email = 'x' || email").await?;
    Ok(())
}

/// Lets the cart service know where somebody lives and gets mail. They have an empty cart of `restaurant`, and may order as often
/// as they like for the rest of the day.
pub(crate) async fn add_customer(database: &Database, (user, email): (Uuid, &str), restaurant: Uuid) -> Result<()> {
    const DAY: i64 = 24 * 60 * 60;
    let tx = database.begin_read_committed().await?;
    let (user, now): (Value, _) = (user.into(), tx.now());
    // The service may have heard of them already.
    let contact =
        "INSERT INTO cart_contact (user_id, email, locale) VALUES ($1, $2, 'tr') ON CONFLICT (user_id) DO NOTHING";
    execute(&tx, contact, [user.clone(), email.into()]).await?;
    let home = "INSERT INTO cart_address (id, user_id, version, details, is_default) VALUES ($1, $2, 1, $3, TRUE)";
    execute(&tx, home, [user.clone(), user.clone(), HOME.into()]).await?;
    let basket = "INSERT INTO cart_basket (user_id, restaurant_id, version, updated_at) VALUES ($1, $2, 1, $3)";
    execute(&tx, basket, [user.clone(), restaurant.into(), now.into()]).await?;
    let orders = "INSERT INTO daily_write (scope, writer, day, count) VALUES ('order', $1, $2, -1000000000)";
    execute(&tx, orders, [user, now.timestamp().div_euclid(DAY).into()]).await?;
    Ok(tx.commit().await?)
}
