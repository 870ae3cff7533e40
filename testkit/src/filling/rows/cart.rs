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
    let absorbed = [("anonymous_cart_id", id()), ("created_at", merged_at.clone()), ("merge_id", id())];
    let (campaign, campaign_use, delivery, slot) = (
        [
            ("id", id()),
            ("restaurant_id", id()),
            ("code", word("LIMAN") + " || n"),
            ("body", word("{}")),
            ("is_withdrawn", "false".to_owned()),
        ],
        [("campaign_id", id()), ("user_id", id()), ("nth", number(1)), ("order_id", "n".to_owned())],
        [("id", id()), ("user_id", id()), ("version", number(1)), ("is_default", "true".to_owned())],
        [("restaurant_id", id()), ("begins_at", merged_at), ("taken", number(1))],
    );
    let meal = [("meal_id", id()), ("restaurant_id", id())];
    vec![
        Rows::of("cart_restaurant", count, &restaurant),
        Rows::of("cart_removed_meal", count, &removed),
        Rows::of("cart_contact", count, &contact),
        Rows::of("cart_basket", count, &basket),
        Rows::of("cart_line", count, &line),
        Rows::of("cart_merge", count, &merge),
        Rows::of("cart_absorbed", count, &absorbed),
        Rows::of("cart_meal", count, &meal),
        Rows::of("cart_campaign", count, &campaign),
        Rows::of("cart_campaign_use", count, &campaign_use),
        Rows::of("cart_address", count, &delivery),
        Rows::of("cart_slot", count, &slot),
    ]
    .into_iter()
    .chain(orders(filling))
    .collect()
}

/// Orders that were delivered, one of each account, at a restaurant of its own.
fn orders(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = || filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let number = |number: i64| number.to_string();
    let order = [
        ("public_id", id()),
        ("code", word("7QF2")),
        ("user_id", id()),
        ("restaurant_id", id()),
        ("restaurant_name", word("Çıpa Kebap")),
        ("status", word("delivered")),
        ("version", number(5)),
        ("fulfilment", word("delivery")),
        ("payment_method", word("credit_card")),
        ("subtotal_kurus", number(7_495)),
        ("discount_kurus", number(0)),
        ("delivery_fee_kurus", number(990)),
        ("total_kurus", number(8_485)),
        ("vat_kurus", number(771)),
        ("note", word("")),
        ("locale", word("tr")),
        ("is_asap", "true".to_owned()),
        ("target_at", at()),
        ("answer_by", at()),
        ("created_at", at()),
        ("accepted_at", at()),
        ("closed_at", at()),
        ("changed_at", at()),
    ];
    let line = [
        ("order_id", "n".to_owned()),
        ("position", number(0)),
        ("meal_id", id()),
        ("name", word("Ayran")),
        ("options", word("[]")),
        ("quantity", number(2)),
        ("unit_price_kurus", number(3_550)),
        ("total_kurus", number(7_100)),
        ("discount_kurus", number(0)),
        ("vat_bp", number(1_000)),
        ("vat_kurus", number(645)),
        ("note", word("")),
    ];
    let event = [
        ("order_id", "n".to_owned()),
        ("version", number(1)),
        ("status", word("placed")),
        ("actor", word("diner")),
        ("actor_id", id()),
        ("at", at()),
    ];
    let payment = [
        ("id", id()),
        ("order_id", "n".to_owned()),
        ("provider", word("sandbox")),
        ("token", word("ok")),
        ("amount_kurus", number(8_485)),
        ("state", word("captured")),
        ("captured_kurus", number(8_485)),
        ("refunding_kurus", number(0)),
        ("refunded_kurus", number(0)),
        ("created_at", at()),
        ("expires_at", at()),
    ];
    let movement = [
        ("id", id()),
        ("payment_id", id()),
        ("nth", number(1)),
        ("kind", word("capture")),
        ("amount_kurus", number(8_485)),
        ("state", word("done")),
        ("tries", number(1)),
        ("created_at", at()),
    ];
    let lately = filling.dialect.time(&made(filling, Ages { oldest: 29, newest: 0 }, count));
    let notice = [("provider", word("sandbox")), ("event_id", id()), ("received_at", lately)];
    let charge = [
        ("payment_id", id()),
        ("token", word("ok")),
        ("amount_kurus", number(8_485)),
        ("captured_kurus", number(8_485)),
        ("state", word("authorised")),
        ("created_at", at()),
    ];
    let refund = [("id", id()), ("payment_id", id()), ("amount_kurus", number(8_485))];
    vec![
        Rows::of("cart_payment", count, &payment),
        Rows::of("cart_payment_movement", count, &movement),
        Rows::of("cart_payment_notice", count, &notice),
        Rows::of("cart_sandbox_charge", count, &charge),
        Rows::of("cart_sandbox_refund", count, &refund),
        Rows::of("cart_order", count, &order),
        Rows::of("cart_order_line", count, &line),
        Rows::of("cart_order_event", count, &event),
    ]
}
