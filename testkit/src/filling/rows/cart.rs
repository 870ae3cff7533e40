//! Rows of cart.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, account_id, address, made, word};

/// A cart of each account, with a line at a restaurant of its own, into which another went, and a meal that is no more.
pub(super) fn carts(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let number = |number: i64| number.to_string();
    let restaurant = [("id", id()), ("version", number(1)), ("name", word("Çıpa Kebap ") + " || n")];
    let removed = [("restaurant_id", id()), ("meal_id", id()), ("name", word("Şalgam")), ("removed_at", at.clone())];
    let contact = [("user_id", id()), ("email", address("n")), ("locale", word("tr"))];
    let basket = [("user_id", id()), ("restaurant_id", id()), ("version", number(1)), ("updated_at", at.clone())];
    let line = [
        ("user_id", id()),
        ("restaurant_id", id()),
        ("meal_id", id()),
        ("quantity", number(2)),
        ("options", word("[]")),
        ("options_key", word("")),
        ("note", word("acılı olsun")),
        ("created_at", at),
    ];
    let merged_at = filling.dialect.time(&made(filling, Ages { oldest: 1, newest: 0 }, count));
    let merge = [
        ("id", id()),
        ("anonymous_cart_id", id()),
        ("user_id", id()),
        ("base_etag", word("e3b0c44298fc1c14")),
        ("base", word(r#"{"created_at":"2026-01-01T00:00:00Z","lines":[]}"#)),
        ("before", word("[]")),
        ("etag", word("e3b0c44298fc1c14")),
        ("result", word(r#"{"lines":[],"counts":{"merged":0,"conflicts":0,"adjusted":[]}}"#)),
        ("merged_at", merged_at.clone()),
        ("settled_at", merged_at.clone()),
        ("guest", word("{}")),
        ("base_created_at", merged_at.clone()),
    ];
    let absorbed = [("anonymous_cart_id", id()), ("created_at", merged_at), ("merge_id", id())];
    vec![
        Rows::of("cart_restaurant", count, &restaurant),
        Rows::of("cart_removed_meal", count, &removed),
        Rows::of("cart_contact", count, &contact),
        Rows::of("cart_basket", count, &basket),
        Rows::of("cart_line", count, &line),
        Rows::of("cart_merge", count, &merge),
        Rows::of("cart_absorbed", count, &absorbed),
    ]
}
