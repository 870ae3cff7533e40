//! Rows of user.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, DAY, account_id, address, made, owner_id, word};

/// One for each account.
pub(super) fn of_accounts(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let known = [("id", id()), ("email", address("n")), ("locale", word("tr")), ("created_at", at.clone())];
    let profile = [
        ("user_id", id()),
        ("full_name", word("Ayşe Yılmaz")),
        ("born_date", word("1990-05-17")),
        ("gender", word("female")),
        ("phone", word("+905321234567")),
        ("created_at", at.clone()),
        ("updated_at", at),
    ];
    let preferences = [("user_id", id()), ("locale", word("tr"))];
    let cuisine = || word("cuisine ") + " || n % 50";
    let favorite = [
        ("user_id", owner_id(filling)),
        ("kind", word("cuisine")),
        ("name", cuisine()),
        ("created_at", filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count))),
        ("subject", cuisine()),
    ];
    let mut rows = vec![
        Rows::of("user_account", count, &known),
        Rows::of("user_profile", count, &profile),
        Rows::of("user_preferences", count, &preferences),
        Rows::of("user_favorite", count, &favorite),
    ];
    rows.extend(of_campaigns(filling));
    rows
}

/// One campaign of each restaurant, which has ended, and an answer of each account.
fn of_campaigns(filling: &Filling) -> [Rows; 6] {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let number = |number: i64| number.to_string();
    let at = || filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let lately = filling.dialect.time(&(filling.now.timestamp_millis() - DAY).to_string());
    let cuisine = || word("cuisine ") + " || n % 50";
    let no = || "FALSE".to_owned();
    let payload = r#"{"title":"Hafta sonu indirimi","description":"Bütün kebaplarda yüzde on indirim","restaurant_name":"Çıpa Kebap","cuisines":["Kebap"],"code":null}"#;
    let campaign = [
        ("id", id()),
        ("version", number(1)),
        ("restaurant_id", id()),
        ("payload", word(payload)),
        ("ends_at", at()),
        ("is_withdrawn", no()),
        ("state", word("ended")),
        ("audience_at", at()),
        ("heard_at", at()),
    ];
    let mail = [("user_id", id()), ("restaurant_id", owner_id(filling)), ("at", lately)];
    let consent = [
        ("id", id()),
        ("user_id", id()),
        ("address", address("n")),
        ("channel", word("EPOSTA")),
        ("status", word("ONAY")),
        ("at", at()),
        ("source", word("HS_WEB")),
        ("text_version", word("2026-01")),
        ("prefix", word("203.0.113.0/24")),
        ("iys_state", word("none")),
    ];
    let restaurant = [
        ("id", id()),
        ("version", number(1)),
        ("name", word("Çıpa Kebap ") + " || n"),
        ("cuisines", word(r#"["Kebap"]"#)),
        ("is_deleted", no()),
    ];
    let cooks = [("subject", cuisine()), ("restaurant_id", id())];
    let audience = [
        ("restaurant_id", id()),
        ("changes", number(0)),
        ("changes_needed", number(1)),
        ("changes_at_start", number(0)),
        ("rests_until", at()),
        ("followers", number(7)),
        ("consenting", number(7)),
    ];
    [
        Rows::of("user_campaign", count, &campaign),
        Rows::of("user_campaign_mail", count, &mail),
        Rows::of("user_consent", count, &consent),
        Rows::of("user_restaurant", count, &restaurant),
        Rows::of("user_restaurant_cuisine", count, &cooks),
        Rows::of("user_audience", count, &audience),
    ]
}
