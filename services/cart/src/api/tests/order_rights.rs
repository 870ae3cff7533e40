//! Who may what with an order, by what they are to it: each route for each caller, as one table.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use contracts::Money;
use kit::on_every_database;
use kit::testing::{Answer, Ask, Client, Engine, routes_of};
use serde_json::{Value, json};

use super::payments::{later, pay, read};
use crate::actions;
use crate::fixture::{Fixture, Kitchen};

on_every_database! {
    Fixture:
    each_route_of_an_order_answers_each_caller_by_what_they_are_to_it,
    nobody_finds_in_a_list_or_by_a_ticket_what_is_nothing_to_them,
}

/// What is answered to nobody who is known, to a stranger, to whoever has ordered, to who runs another restaurant, to who runs this
/// one, and to an admin.
type ToEach = [u16; 6];

/// Steps of a restaurant, which whoever has ordered knows of and may not make.
const OF_RESTAURANT: ToEach = [401, 404, 403, 404, 200, 200];
/// What is on a board.
const OF_BOARD: ToEach = [401, 404, 404, 404, 200, 200];
/// Of what is the caller's own.
const OWN: ToEach = [401, 200, 200, 200, 200, 200];

/// Each route with the steps that the order has made before, and what is answered.
const ROUTES: &[(&str, &str, &[&str], ToEach)] = &[
    ("GET", "/carts/orders", &[], OWN),
    ("GET", "/carts/orders/{public_id}", &[], [401, 404, 200, 404, 200, 200]),
    ("GET", "/carts/restaurants/{restaurant_id}/orders", &[], OF_BOARD),
    // Who has nothing to watch need not come again.
    ("GET", "/carts/orders/live", &[], [401, 204, 200, 204, 204, 204]),
    ("GET", "/carts/restaurants/{restaurant_id}/live", &[], OF_BOARD),
    ("POST", "/carts/live/ticket", &[], OWN),
    ("POST", "/carts/orders/{public_id}/accept", &[], OF_RESTAURANT),
    ("POST", "/carts/orders/{public_id}/reject", &[], OF_RESTAURANT),
    ("POST", "/carts/orders/{public_id}/prepare", &["accept"], OF_RESTAURANT),
    ("POST", "/carts/orders/{public_id}/delay", &["accept"], OF_RESTAURANT),
    ("POST", "/carts/orders/{public_id}/dispatch", &["accept"], OF_RESTAURANT),
    ("POST", "/carts/orders/{public_id}/deliver", &["accept"], OF_RESTAURANT),
    // Whoever has ordered calls it off before the answer, and the restaurant behind it.
    ("POST", "/carts/orders/{public_id}/cancel", &[], [401, 404, 200, 404, 409, 409]),
    ("POST", "/carts/orders/{public_id}/cancel", &["accept"], [401, 404, 200, 404, 200, 200]),
    ("POST", "/carts/orders/{public_id}/cancel", &["accept", "prepare"], [401, 404, 409, 404, 200, 200]),
    ("POST", "/carts/orders/{public_id}/reorder", &[], [401, 404, 200, 404, 404, 404]),
    ("POST", "/carts/orders/{public_id}/refund", &["accept"], [401, 403, 403, 403, 403, 200]),
    // Whoever knows a payment was sent to its page, whoever they are; what they send there counts for nothing.
    ("GET", "/carts/payments/{payment_id}", &[], [200; 6]),
    ("POST", "/carts/payments/{payment_id}/return", &[], [303; 6]),
    // The provider alone, by its signature.
    ("POST", "/carts/payments/webhook", &[], [400; 6]),
];

/// An order that a card has paid, with all who may ask for it.
struct Town {
    kitchen: Kitchen,
    order: Value,
    callers: [Client; 6],
}

impl Town {
    async fn of(fixture: &Fixture) -> Self {
        let (kitchen, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
        let nobody = fixture.client();
        let [stranger, diner] = [fixture.ayse(), fixture.diner().await];
        let [other, owner] = [&liman, &kitchen].map(|kitchen| nobody.manager(kitchen.catalog.owner_id));
        let admin = nobody.admin(fixture.new_user());
        let order = pay(&diner, &kitchen, "ok").await.json();
        Self { kitchen, order, callers: [nobody, stranger, diner, other, owner, admin] }
    }

    fn diner(&self) -> &Client {
        &self.callers[2]
    }

    fn owner(&self) -> &Client {
        &self.callers[4]
    }

    fn path(&self, route: &str) -> String {
        let of = |value: &Value| value.as_str().unwrap().to_owned();
        route
            .replace("{public_id}", &of(&self.order["public_id"]))
            .replace("{restaurant_id}", &self.kitchen.id.to_string())
            .replace("{payment_id}", &of(&self.order["payment"]["id"]))
    }
}

async fn ask(client: &Client, method: &str, path: &str) -> Answer {
    match method {
        "GET" if path.ends_with("/live") => match client.open(Ask::get(path)).await {
            // It would go on.
            Ok(_) => Answer { status: 200, headers: HeaderMap::new(), text: String::new() },
            Err(refusal) => refusal,
        },
        "GET" => client.get(path).await,
        "POST" => client.post(path, json!({ "reason": "closed", "minutes": 10 })).await,
        other => panic!("no caller knows {other}"),
    }
}

async fn each_route_of_an_order_answers_each_caller_by_what_they_are_to_it(fixture: Fixture) {
    for (method, route, steps, expected) in ROUTES {
        for (caller, status) in expected.iter().enumerate() {
            let town = Town::of(&fixture).await;
            for step in *steps {
                let made =
                    town.owner().post(&town.path(&format!("/carts/orders/{{public_id}}/{step}")), json!({})).await;
                assert_eq!(made.status, 200, "{}", made.text);
            }
            actions::go_on_with_movements(&fixture.carts).await.unwrap();
            let before = read(town.diner(), &town.order).await;

            let answer = ask(&town.callers[caller], method, &town.path(route)).await;

            assert_eq!(answer.status, *status, "{method} {route} behind {steps:?} to caller {caller}: {}", answer.text);
            if *status >= 400 {
                assert_eq!(read(town.diner(), &town.order).await, before, "{method} {route} by caller {caller}");
            }
        }
    }
}

async fn nobody_finds_in_a_list_or_by_a_ticket_what_is_nothing_to_them(fixture: Fixture) {
    let town = Town::of(&fixture).await;
    let id = town.order["public_id"].as_str().unwrap();

    let mut found = Vec::new();
    for client in &town.callers {
        let listed = client.get("/carts/orders").await.text.contains(id);
        let ticket = client.post("/carts/live/ticket", json!({})).await;
        let watched = if ticket.status == 200 {
            let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
            let nobody = &town.callers[0];
            let own = nobody.open(Ask::get(&format!("/carts/orders/live?ticket={ticket}"))).await;
            let board = town.path(&format!("/carts/restaurants/{{restaurant_id}}/live?ticket={ticket}"));
            let board = nobody.open(Ask::get(&board)).await;
            let shows = async |stream: Result<kit::testing::EventReader, Answer>| match stream {
                Ok(mut stream) => stream.next_named("snapshot").await.data.to_string().contains(id),
                Err(_) => false,
            };
            (shows(own).await, shows(board).await)
        } else {
            (false, false)
        };
        found.push((listed, watched.0, watched.1));
    }
    later(&fixture, 1).await;

    let nothing = (false, false, false);
    let (of_diner, of_board) = ((true, true, false), (false, false, true));
    assert_eq!(found, [nothing, nothing, of_diner, nothing, of_board, of_board]);
    assert_eq!(fixture.provider(&town.order).await.captured, Money::ZERO);
}

/// A route of orders that is added stands in the table, too.
#[tokio::test]
async fn every_route_of_orders_and_payments_stands_in_the_table() {
    let fixture = Fixture::on(Engine::Sqlite).await.unwrap();
    let (_, description) = crate::api::routes(&fixture.carts).split_for_parts();
    let is_of_orders = |path: &str| ["/orders", "/live", "/payments"].iter().any(|part| path.contains(part));
    let routes: BTreeSet<_> = routes_of(&description).into_iter().filter(|(_, path)| is_of_orders(path)).collect();
    let known: BTreeSet<_> =
        ROUTES.iter().map(|(method, route, ..)| ((*method).to_owned(), (*route).to_owned())).collect();

    assert_eq!(routes, known);
}
