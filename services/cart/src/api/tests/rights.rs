//! Who may what: each route for each caller, as one table.

use axum::http::HeaderMap;
use kit::on_every_database;
use kit::testing::{Answer, Ask, Client, Engine, routes_of};
use serde_json::json;

use crate::fixture::{Fixture, Kitchen};

on_every_database! {
    Fixture: each_route_answers_each_caller_as_it_must
}

/// What is answered to anyone, to somebody with a forged token, a user, a manager and an admin.
type ToEach = [u16; 5];

const OWN: ToEach = [401, 401, 200, 200, 200];
/// An order that somebody else has placed at somebody else's restaurant.
const OF_STRANGER: ToEach = [401, 401, 404, 404, 200];

/// Each route with what it answers. Nobody can name another's cart, so each caller has one of their own, and the cart of a
/// stranger stays as it is.
const ROUTES: &[(&str, &str, ToEach)] = &[
    ("GET", "/carts/health", [200; 5]),
    ("POST", "/carts/add", OWN),
    ("GET", "/carts/get", OWN),
    ("GET", "/carts/current", OWN),
    ("PATCH", "/carts/update/{meal_id}", OWN),
    ("DELETE", "/carts/remove/{meal_id}", OWN),
    ("DELETE", "/carts/clear", OWN),
    ("POST", "/carts/anonymous/generate-id", [200; 5]),
    ("POST", "/carts/anonymous/add", [200; 5]),
    ("GET", "/carts/anonymous/{cart_id}", [200; 5]),
    ("GET", "/carts/anonymous/{cart_id}/validate", [200; 5]),
    ("POST", "/carts/anonymous/{cart_id}/extend", [200; 5]),
    ("PATCH", "/carts/anonymous/{cart_id}/items/{meal_id}", [200; 5]),
    ("DELETE", "/carts/anonymous/{cart_id}/items/{meal_id}", [200; 5]),
    ("DELETE", "/carts/anonymous/{cart_id}/clear", [200; 5]),
    ("POST", "/carts/anonymous/merge", OWN),
    ("POST", "/carts/merges/{merge_id}/undo", OWN),
    ("POST", "/carts/anonymous/cleanup", [401, 401, 403, 403, 200]),
    ("POST", "/carts/checkout", OWN),
    ("GET", "/carts/orders", OWN),
    ("GET", "/carts/restaurants/{restaurant_id}/orders", [401, 401, 404, 404, 200]),
    ("GET", "/carts/orders/{public_id}", OF_STRANGER),
    ("GET", "/carts/orders/live", OWN),
    ("GET", "/carts/restaurants/{restaurant_id}/live", [401, 401, 404, 404, 200]),
    ("POST", "/carts/live/ticket", OWN),
    ("POST", "/carts/orders/{public_id}/accept", OF_STRANGER),
    ("POST", "/carts/orders/{public_id}/reject", [401, 401, 404, 404, 409]),
    ("POST", "/carts/orders/{public_id}/prepare", OF_STRANGER),
    ("POST", "/carts/orders/{public_id}/delay", OF_STRANGER),
    ("POST", "/carts/orders/{public_id}/dispatch", OF_STRANGER),
    ("POST", "/carts/orders/{public_id}/deliver", OF_STRANGER),
    ("POST", "/carts/orders/{public_id}/cancel", [401, 401, 404, 404, 409]),
    ("POST", "/carts/orders/{public_id}/reorder", [401, 401, 404, 404, 404]),
    ("POST", "/carts/orders/{public_id}/refund", [401, 401, 403, 403, 409]),
    ("POST", "/carts/payments/webhook", [400; 5]),
    ("GET", "/carts/payments/{payment_id}", [404; 5]),
    ("POST", "/carts/payments/{payment_id}/return", [404; 5]),
];

/// Who knows the id may do everything with the cart.
const ANONYMOUS: &str = "f4c1f2a8-7d3e-4b53-9a30-2f6f5a9be001";

async fn ask(client: &Client, method: &str, path: &str, kitchen: &Kitchen) -> Answer {
    match method {
        "GET" if path.ends_with("/live") => match client.open(Ask::get(path)).await {
            // It would go on.
            Ok(_) => Answer { status: 200, headers: HeaderMap::new(), text: String::new() },
            Err(refusal) => refusal,
        },
        "GET" => client.send(Ask::get(path)).await,
        "POST" => {
            let body = json!({
                "quantity": 9, "anonymous_cart_id": ANONYMOUS, "payment_method": "cash", "reason": "closed", "minutes": 10,
                "items": [{ "meal_id": kitchen.ayran, "quantity": 9 }],
            });
            client.send(Ask::post(path, kitchen.two_ayran(body))).await
        }
        "PATCH" => client.patch(path, json!({ "quantity": 9 })).await,
        "DELETE" => client.send(Ask::delete(path)).await,
        other => panic!("no caller knows {other}"),
    }
}

/// A merge by the caller, or one that nobody has made where the caller has no cart.
async fn merge_id(client: &Client) -> String {
    let merged = client.post("/carts/anonymous/merge", json!({ "anonymous_cart_id": ANONYMOUS })).await.json();
    merged["merge_id"].as_str().unwrap_or(ANONYMOUS).to_owned()
}

async fn each_route_answers_each_caller_as_it_must(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let anyone = fixture.client();
    let [stranger, user, manager, admin] = [(); 4].map(|()| fixture.new_user());
    let stranger = anyone.user(stranger);
    stranger.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    let order = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 9 }] });
    let order = stranger.post("/carts/checkout", order).await.json()["public_id"].as_str().unwrap().to_owned();
    let before = stranger.get("/carts/current").await.json();
    let callers =
        [anyone.clone(), anyone.with_token("forged"), anyone.user(user), anyone.manager(manager), anyone.admin(admin)];

    for (method, route, expected) in ROUTES {
        for (caller, client) in callers.iter().enumerate() {
            fixture.a_moment_later();
            client.post("/carts/add", kitchen.two_ayran(json!({}))).await;
            anyone.post("/carts/anonymous/add", kitchen.two_ayran(json!({ "cart_id": ANONYMOUS }))).await;
            let merge_id = if route.contains("{merge_id}") { merge_id(client).await } else { String::new() };
            let path = route.replace("{meal_id}", &kitchen.ayran.to_string()).replace("{cart_id}", ANONYMOUS);
            let path = path.replace("{merge_id}", &merge_id).replace("{public_id}", &order);
            let path = path.replace("{restaurant_id}", &kitchen.id.to_string());

            let answer = ask(client, method, &path, &kitchen).await;

            assert_eq!(answer.status, expected[caller], "{method} {route} to caller {caller}: {}", answer.text);
            assert_eq!(stranger.get("/carts/current").await.json(), before, "{method} {route} by caller {caller}");
        }
    }
}

#[tokio::test]
async fn every_route_stands_in_the_table() {
    let fixture = Fixture::on(Engine::Sqlite).await.unwrap();
    let (_, description) = crate::api::routes(&fixture.carts).split_for_parts();
    let mut known: Vec<_> =
        ROUTES.iter().map(|(method, route, _)| ((*method).to_owned(), (*route).to_owned())).collect();
    known.sort();

    assert_eq!(routes_of(&description), known);
}
