//! Carts of those who are not signed in, as their clients see them.

mod outages;
mod rules;
mod secrets;

use kit::on_every_database;
use kit::testing::{Ask, Client, faults};
use serde_json::{Value, json};

use crate::fixture::Fixture;

const CART: &str = "018f5a3e-0000-4000-8000-00000000000a";
const RESTAURANT: &str = "018f5a3e-2222-4000-8000-000000000001";
const MEAL: &str = "018f5a3e-3333-4000-8000-000000000001";

on_every_database! {
    Fixture:
    an_id_is_made_up_and_nothing_is_kept,
    a_cart_has_the_fields_of_the_first_platform_and_ours_behind,
    an_add_adds_and_an_update_sets_and_what_is_null_stays,
    a_line_is_taken_away_and_one_that_is_not_there_is_no_fault,
    a_cleared_cart_is_empty_and_there,
    a_client_asks_whether_its_cart_is_still_there,
    a_cart_is_kept_longer_when_asked_and_gone_when_its_time_is_over,
    cleaning_up_is_for_admins_and_does_nothing,
    a_cart_that_nobody_has_made_is_a_404,
}

/// Where the cart stands.
fn path(rest: &str) -> String {
    format!("/carts/anonymous/{CART}{rest}")
}

fn item(quantity: u32) -> Value {
    json!({ "cart_id": CART, "restaurant_id": RESTAURANT, "meal_id": MEAL, "quantity": quantity })
}

async fn add(client: &Client, body: Value) -> Value {
    let (status, cart) = client.post("/carts/anonymous/add", body).await.parts();
    assert_eq!(status, 200, "{cart}");
    cart
}

async fn an_id_is_made_up_and_nothing_is_kept(fixture: Fixture) {
    let client = fixture.client();

    let (status, made) = client.post("/carts/anonymous/generate-id", json!({})).await.parts();
    let (_, other) = client.post("/carts/anonymous/generate-id", json!({})).await.parts();

    let id = made["cart_id"].as_str().unwrap();
    assert_eq!((status, &made["message"], id.len()), (200, &json!("New cart ID generated"), 36));
    assert_ne!(made["cart_id"], other["cart_id"]);
    assert_eq!(client.get(&format!("/carts/anonymous/{id}")).await.status, 404);
}

async fn a_cart_has_the_fields_of_the_first_platform_and_ours_behind(fixture: Fixture) {
    let body = json!({
        "cart_id": CART.to_uppercase(), "restaurant_id": RESTAURANT, "meal_id": MEAL, "quantity": 2, "note": "acısız",
        "schedule_date": "2026-03-03T18:00:00+03:00",
    });

    let added = fixture.client().post("/carts/anonymous/add", body).await;
    let found = fixture.client().get(&path("")).await;

    let expected = json!({
        "cart_id": CART, "restaurant_id": RESTAURANT, "item_count": 2,
        "created_at": "2026-03-02T12:00:00.000000", "updated_at": "2026-03-02T12:00:00.000000",
        "items": [{
            "cart_id": CART, "restaurant_id": RESTAURANT, "meal_id": MEAL, "quantity": 2, "note": "acısız",
            "schedule_date": "2026-03-03T15:00:00Z", "created_at": "2026-03-02T12:00:00.000000",
            "line_id": MEAL, "options": [],
            "name": null, "unit_price": null, "line_total": null, "available": false, "reason": "UNKNOWN_MEAL",
        }],
        "restaurant": { "id": RESTAURANT, "name": null, "open": false, "accepts_orders": false, "opens_at": null, "orders_paused": false },
        "subtotal": 0, "delivery_fee": null, "min_order": null, "missing_for_min_order": null, "total": 0,
        "currency": "TRY", "unavailable_count": 1, "catalog_age_s": null, "version": 1, "expires_at": "2026-04-01T12:00:00Z",
    });
    assert_eq!(added.parts(), (200, expected.clone()));
    assert_eq!((found.parts(), found.header("etag")), ((200, expected), added.header("etag")));
}

async fn an_add_adds_and_an_update_sets_and_what_is_null_stays(fixture: Fixture) {
    let client = fixture.client();
    add(&client, json!({ "cart_id": CART, "restaurant_id": RESTAURANT, "meal_id": MEAL, "note": "acısız" })).await;
    let more = add(&client, item(4)).await;
    let line = path(&format!("/items/{MEAL}"));
    let set = client.patch(&line, json!({ "quantity": 2, "note": null, "schedule_date": null })).await.json();
    let noted = client.patch(&line, json!({ "note": "" })).await.json();
    let due = client.patch(&line, json!({ "schedule_date": "2026-03-03T21:00" })).await.json();
    let now = client.patch(&line, json!({ "schedule_date": "" })).await.json();

    let due = [due, now].map(|cart| cart["items"][0]["schedule_date"].clone());
    assert_eq!(due, [json!("2026-03-03T18:00:00Z"), Value::Null]);
    let shown = |cart: &Value| (cart["items"][0]["quantity"].clone(), cart["items"][0]["note"].clone());
    assert_eq!(shown(&more), (json!(5), json!("acısız")));
    assert_eq!(shown(&set), (json!(2), json!("acısız")));
    assert_eq!((shown(&noted), &noted["version"]), ((json!(2), Value::Null), &json!(4)));
}

async fn a_line_is_taken_away_and_one_that_is_not_there_is_no_fault(fixture: Fixture) {
    let client = fixture.client();
    add(&client, item(1)).await;

    let unknown = client.delete(&path(&format!("/items/{RESTAURANT}"))).await;
    let known = client.delete(&path(&format!("/items/{MEAL}"))).await;

    assert_eq!((unknown.status, &unknown.json()["item_count"]), (200, &json!(1)));
    assert_eq!((known.status, &known.json()["items"], &known.json()["restaurant_id"]), (200, &json!([]), &Value::Null));
}

async fn a_cleared_cart_is_empty_and_there(fixture: Fixture) {
    let client = fixture.client();
    add(&client, item(1)).await;

    let cleared = client.delete(&path("/clear")).await;

    let (status, cart) = cleared.parts();
    assert_eq!((status, &cart["items"], &cart["restaurant_id"]), (200, &json!([]), &Value::Null));
    assert_eq!((&cart["subtotal"], &cart["restaurant"]), (&json!(0), &Value::Null));
    assert_eq!(cart["expires_at"], "2026-03-03T12:00:00Z");
    assert_eq!(client.get(&path("")).await.parts(), (200, cart));
}

async fn a_client_asks_whether_its_cart_is_still_there(fixture: Fixture) {
    let client = fixture.client();
    let absent = client.get(&path("/validate")).await.parts();
    add(&client, item(3)).await;
    let there = client.get(&path("/validate")).await.parts();

    let none = json!({
        "cart_id": CART, "is_valid": false, "exists": false, "item_count": 0, "restaurant_id": null, "expires_at": null,
    });
    let valid = json!({
        "cart_id": CART, "is_valid": true, "exists": true, "item_count": 3, "restaurant_id": RESTAURANT,
        "expires_at": "2026-04-01T12:00:00Z",
    });
    assert_eq!((absent, there), ((200, none), (200, valid)));
}

async fn a_cart_is_kept_longer_when_asked_and_gone_when_its_time_is_over(fixture: Fixture) {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    let client = fixture.client();
    let absent = client.send(Ask::post_text(&path("/extend?days=90"), "application/json", "")).await;
    add(&client, item(1)).await;
    let (status, extended) =
        client.send(Ask::post_text(&path("/extend?days=90"), "application/json", "")).await.parts();
    fixture.clock.advance(89 * DAY);
    let late = client.get(&path("")).await.status;
    let changed = add(&client, item(1)).await;
    fixture.clock.advance(90 * DAY);
    let later = client.get(&path("")).await.status;

    assert_eq!((absent.status, absent.code().as_str()), (404, "CART_NOT_FOUND"));
    assert_eq!((status, &extended["message"]), (200, &json!("Cart expiry extended by 90 days")));
    assert_eq!((&extended["cart_id"], &extended["expires_at"]), (&json!(CART), &json!("2026-05-31T12:00:00Z")));
    assert_eq!((late, &changed["expires_at"], later), (200, &json!("2026-08-28T12:00:00Z"), 404));
    for days in ["0", "366", "-1", "x", ""] {
        let refused = client.post(&path(&format!("/extend?days={days}")), json!({})).await;
        assert_eq!((refused.status, faults(&refused.json())), (422, vec![("days", "DAYS_INVALID")]), "{days}");
    }
}

async fn cleaning_up_is_for_admins_and_does_nothing(fixture: Fixture) {
    let clean_up = "/carts/anonymous/cleanup";
    let (client, id) = (fixture.client(), fixture.new_user());

    let refused = [
        client.post(clean_up, json!({})).await.status,
        client.user(id).post(clean_up, json!({})).await.status,
        client.manager(id).post(clean_up, json!({})).await.status,
    ];
    let done = client.admin(id).post(clean_up, json!({})).await.parts();

    let zeros = json!({ "total_carts": 0, "active_carts": 0, "expiring_soon": 0, "expired_carts": 0 });
    assert_eq!(refused, [401, 403, 403]);
    assert_eq!(done, (200, json!({ "message": "Cleaned up 0 expired carts", "stats": zeros })));
}

async fn a_cart_that_nobody_has_made_is_a_404(fixture: Fixture) {
    let client = fixture.client();
    let line = path(&format!("/items/{MEAL}"));

    let answers = [
        client.get(&path("")).await,
        client.patch(&line, json!({ "quantity": 1 })).await,
        client.delete(&line).await,
        client.delete(&path("/clear")).await,
    ];

    for answer in answers {
        assert_eq!((answer.status, answer.code().as_str()), (404, "CART_NOT_FOUND"), "{}", answer.text);
    }
}
