//! Favourites, as a client sees them.

use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_restaurant_is_followed_once_and_listed,
    each_user_sees_their_own_list,
    removing_answers_what_was_there,
    what_is_no_name_is_not_followed,
}

async fn a_restaurant_is_followed_once_and_listed(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.client().user(user_id);
    let restaurant = json!({ "restaurant_id": "018f0000-0000-7000-8000-000000000001" });

    let first = ayse.post("/favorites/restaurant", restaurant.clone()).await.parts();
    let second = ayse.post("/favorites/restaurant", restaurant).await.parts();
    let listed = ayse.get("/favorites/restaurants").await.parts();

    let row = json!({ "id": 1, "user_id": user_id, "restaurant_id": "018f0000-0000-7000-8000-000000000001" });
    assert_eq!(first, (200, row.clone()));
    assert_eq!(second, (200, row.clone()));
    assert_eq!(listed, (200, json!([row])));
}

async fn each_user_sees_their_own_list(fixture: Fixture) {
    let (ayse, ali) = (fixture.new_user(), fixture.new_user());
    let clients = [ayse, ali].map(|user_id| fixture.client().user(user_id));
    for client in &clients {
        client.post("/favorites/cuisine", json!({ "cuisine": " Karadeniz mutfağı " })).await;
    }

    let both = clients[1].get("/favorites").await.parts();
    let cuisines = clients[1].get("/favorites/cuisines").await.parts();

    let row = json!({ "id": 2, "user_id": ali, "cuisine": "Karadeniz mutfağı" });
    assert_eq!(both, (200, json!({ "restaurants": [], "cuisines": [row.clone()] })));
    assert_eq!(cuisines, (200, json!([row])));
}

async fn removing_answers_what_was_there(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.client().user(user_id);
    ayse.post("/favorites/cuisine", json!({ "cuisine": "çiğ köfte" })).await;

    let removed = ayse.delete("/favorites/cuisine/%C3%A7i%C4%9F%20k%C3%B6fte").await.parts();
    let again = ayse.delete("/favorites/cuisine/%C3%A7i%C4%9F%20k%C3%B6fte").await.parts();
    let impossible = ayse.delete("/favorites/restaurant/%FF").await.parts();

    assert_eq!(removed, (200, json!({ "id": 1, "user_id": user_id, "cuisine": "çiğ köfte" })));
    assert_eq!((again, impossible), ((200, Value::Null), (200, Value::Null)));
}

async fn what_is_no_name_is_not_followed(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());
    let named = [
        (json!({}), "REQUIRED"),
        (json!({ "cuisine": null }), "REQUIRED"),
        (json!({ "cuisine": "  " }), "EMPTY"),
        (json!({ "cuisine": "a".repeat(65) }), "TOO_LONG"),
        (json!({ "cuisine": "a\u{0}b" }), "CONTROL_CHARACTERS"),
        (json!({ "cuisine": 7 }), "WRONG_TYPE"),
    ];

    for (body, code) in named {
        let (status, answer) = ayse.post("/favorites/cuisine", body).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![("cuisine", code)]));
    }
    assert_eq!(ayse.get("/favorites/cuisines").await.parts(), (200, json!([])));
}
