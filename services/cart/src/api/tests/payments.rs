//! What cards pay, in each way in which a provider can behave: nothing is charged without an order, and no order is paid twice.

use std::time::Duration;

use contracts::Money;
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Answer, Ask, Client};
use serde_json::{Value, json};

use crate::actions;
use crate::fixture::{Fixture, Kitchen};
use crate::model::PaymentId;
use crate::sandbox::{Found, FoundState, SIGNATURE};
use crate::store;
use crate::store::payment::MovementState;

on_every_database! {
    Fixture:
    a_card_pays_and_the_money_is_taken_when_the_restaurant_says_yes,
    a_card_that_is_declined_pays_nothing_and_leaves_the_cart,
    whoever_has_to_say_yes_does_so_on_a_page_and_comes_back,
    whoever_never_says_yes_has_ordered_nothing,
    what_nobody_answered_is_checked_and_never_asked_twice,
    a_notice_is_heard_once_however_early_and_often_it_comes,
    money_is_let_go_of_where_it_was_not_taken_and_given_back_where_it_was,
    a_card_that_gives_no_money_after_all_ends_the_order,
    an_admin_gives_back_no_more_than_was_taken,
    a_process_that_dies_while_it_asks_leaves_nothing_behind,
    whoever_pays_in_two_tabs_pays_once,
}

pub(super) async fn pay(diner: &Client, kitchen: &Kitchen, token: &str) -> Answer {
    let items = json!([{ "meal_id": kitchen.ayran, "quantity": 6 }]);
    let body = json!({ "payment_method": "credit_card", "items": items, "payment": { "token": token } });
    diner.post("/carts/checkout", body).await
}

async fn step(client: &Client, order: &Value, step: &str, body: Value) -> Answer {
    client.post(&format!("/carts/orders/{}/{step}", order["public_id"].as_str().unwrap()), body).await
}

/// Each number is another refund.
async fn refund(admin: &Client, order: &Value, number: u16, body: Value) -> Answer {
    step(&admin.with_header("idempotency-key", &number.to_string()), order, "refund", body).await
}

pub(super) async fn read(client: &Client, order: &Value) -> Value {
    client.get(&format!("/carts/orders/{}", order["public_id"].as_str().unwrap())).await.json()
}

/// Lets time go by, in which all that is due is done.
pub(super) async fn later(fixture: &Fixture, seconds: u64) {
    fixture.clock.advance(Duration::from_secs(seconds));
    actions::go_on_with_movements(&fixture.carts).await.unwrap();
    actions::expire_unpaid(&fixture.carts).await.unwrap();
    actions::step_due(&fixture.carts).await.unwrap();
}

/// The only order of the diner.
pub(super) async fn only(diner: &Client) -> Value {
    let orders = diner.get("/carts/orders").await.json();
    assert_eq!(orders.as_array().unwrap().len(), 1, "{orders}");
    orders[0].clone()
}

pub(super) fn status(order: &Value) -> (&str, &str) {
    (order["status"].as_str().unwrap(), order["payment"]["status"].as_str().unwrap())
}

fn payment_id(order: &Value) -> PaymentId {
    order["payment"]["id"].as_str().unwrap().parse().unwrap()
}

impl Fixture {
    /// What the provider's books say of the order's payment.
    pub(super) async fn provider(&self, order: &Value) -> Found {
        self.carts.sandbox.check(payment_id(order)).await.unwrap().unwrap()
    }

    /// Our books and the provider's agree, and nothing is on its way.
    pub(super) async fn balance(&self, order: &Value) {
        let (found, database) = (self.provider(order).await, &self.context.database);
        let payment = store::payment::find(database, payment_id(order)).await.unwrap().unwrap();
        assert_eq!((found.captured, payment.refunding_kurus), (payment.captured_kurus, Money::ZERO));
        let movements = store::payment::list_movements(database, payment.id).await.unwrap();
        let is_open = |state| matches!(state, MovementState::Wanted | MovementState::Sent);
        assert!(!movements.iter().any(|movement| is_open(movement.state)), "{movements:?}");
    }
}

async fn a_card_pays_and_the_money_is_taken_when_the_restaurant_says_yes(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    diner.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;

    let placed = diner.post("/carts/checkout", json!({ "payment_method": "credit_card" })).await.json();
    let cart = diner.get("/carts/get").await.json();
    step(&owner, &placed, "accept", json!({})).await;
    later(&fixture, 1).await;
    let accepted = read(&diner, &placed).await;
    step(&owner, &placed, "deliver", json!({})).await;
    later(&fixture, 1).await;

    assert_eq!((status(&placed), cart), (("placed", "authorised"), json!([])));
    assert_eq!((&placed["payment"]["provider"], &placed["payment"]["amount"]), (&json!("sandbox"), &json!(222.9)));
    assert_eq!((status(&accepted), &accepted["payment"]["captured"]), (("accepted", "captured"), &json!(222.9)));
    assert_eq!(fixture.provider(&placed).await.captured.kurus(), 22_290);
    fixture.balance(&placed).await;
}

async fn a_card_that_is_declined_pays_nothing_and_leaves_the_cart(fixture: Fixture) {
    let (diner, mut kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    fixture.change(&mut kitchen, |catalog| catalog.terms.slot_capacity = Some(1)).await;
    fixture.clock.advance(Duration::from_secs(2));
    diner.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;
    let keyed = diner.with_header("idempotency-key", "one");
    let body = || json!({ "payment_method": "credit_card", "payment": { "token": "declined" } });

    let first = keyed.post("/carts/checkout", body()).await;
    let again = keyed.post("/carts/checkout", body()).await;
    let failed = only(&diner).await;
    let unnamed = [diner.post("/carts/checkout", body()).await, diner.post("/carts/checkout", body()).await];
    let orders = diner.get("/carts/orders").await.json().as_array().unwrap().len();
    let with_cash = diner.post("/carts/checkout", json!({ "payment_method": "cash" })).await;

    for refused in [&first, &again, &unnamed[0], &unnamed[1]] {
        assert_eq!((refused.status, refused.code()), (402, "PAYMENT_DECLINED".to_owned()));
    }
    assert_eq!((status(&failed), failed["timeline"].as_array().unwrap().len()), (("payment_failed", "declined"), 2));
    assert_eq!(orders, 3);
    // What the order had of the slot is there again, and so is the cart.
    assert_eq!(with_cash.status, 200, "{}", with_cash.text);
    later(&fixture, 61).await;
    assert_eq!(fixture.provider(&failed).await.state, FoundState::Declined);
    fixture.balance(&failed).await;
}

async fn whoever_has_to_say_yes_does_so_on_a_page_and_comes_back(fixture: Fixture) {
    for (token, ends) in [("3ds_ok", ("placed", "authorised")), ("3ds_fail", ("payment_failed", "declined"))] {
        let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
        let asked = pay(&diner, &kitchen, token).await.json();
        let page = asked["payment"]["redirect_url"].as_str().unwrap().to_owned();
        let board = fixture.client().manager(kitchen.catalog.owner_id);
        let board = board.get(&format!("/carts/restaurants/{}/orders", kitchen.id)).await.json();
        let anybody = fixture.client();

        let shown = anybody.get(&page).await;
        fixture.clock.advance(Duration::from_secs(5 * 60));
        let back = anybody.send(Ask::post(&format!("{page}/return"), json!({ "result": "paid, I swear" }))).await;
        let twice = anybody.send(Ask::post(&format!("{page}/return"), json!({}))).await;
        let after = read(&diner, &asked).await;
        let said = anybody.get(&page).await;

        assert_eq!((status(&asked), board), (("awaiting_payment", "requires_action"), json!([])), "{token}");
        assert!(shown.text.contains("<button") && !said.text.contains("<button"), "{token}");
        assert_eq!((back.status, back.header("location"), twice.status), (303, page.as_str(), 303));
        assert_eq!(status(&after), ends, "{token}");
        if ends.0 == "placed" {
            // What it took to pay is not the kitchen's time.
            let times = [&after["target_at"], &after["answer_by"]];
            assert!(times[0].as_str() > asked["target_at"].as_str() && times[1].as_str() > asked["answer_by"].as_str());
        }
        fixture.balance(&asked).await;
    }
}

async fn whoever_never_says_yes_has_ordered_nothing(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let (left, called_off) = (pay(&diner, &kitchen, "3ds_ok").await.json(), fixture.diner().await);
    let cancelled = pay(&called_off, &kitchen, "3ds_ok").await.json();
    step(&called_off, &cancelled, "cancel", json!({})).await;

    later(&fixture, 10 * 60 - 1).await;
    let before = status(&read(&diner, &left).await).0.to_owned();
    later(&fixture, 1).await;
    later(&fixture, 1).await;
    let page = left["payment"]["redirect_url"].as_str().unwrap();
    fixture.client().send(Ask::post(&format!("{page}/return"), json!({}))).await;
    later(&fixture, 1).await;

    let (left, cancelled) = (read(&diner, &left).await, read(&called_off, &cancelled).await);
    assert_eq!((before.as_str(), status(&left)), ("awaiting_payment", ("payment_failed", "released")));
    assert_eq!(status(&cancelled), ("cancelled", "released"));
    for order in [&left, &cancelled] {
        assert_eq!(fixture.provider(order).await.state, FoundState::Voided);
        fixture.balance(order).await;
    }
}

async fn what_nobody_answered_is_checked_and_never_asked_twice(fixture: Fixture) {
    for (token, ends) in [("slow_ok", ("placed", "authorised")), ("slow_lost", ("payment_failed", "released"))] {
        let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
        let asked = pay(&diner, &kitchen, token).await;
        let again = pay(&diner, &kitchen, token).await;
        assert_eq!((asked.status, status(&asked.json())), (200, ("awaiting_payment", "processing")), "{token}");
        assert_eq!(asked.json()["public_id"], again.json()["public_id"]);

        later(&fixture, 2).await;
        let soon = read(&diner, &asked.json()).await;
        for _ in 0..6 {
            later(&fixture, 12).await;
        }
        let after = read(&diner, &asked.json()).await;

        assert_eq!(status(&soon).0 == "placed", token == "slow_ok", "{token}");
        assert_eq!(status(&after), ends, "{token}");
    }
}

async fn a_notice_is_heard_once_however_early_and_often_it_comes(fixture: Fixture) {
    for token in ["webhook_first", "webhook_twice"] {
        let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
        let placed = pay(&diner, &kitchen, token).await.json();
        assert_eq!((status(&placed), placed["version"].as_i64()), (("placed", "authorised"), Some(2)), "{token}");
    }
    let notice = json!({ "event_id": fixture.context.sources.uuid(), "payment_id": fixture.context.sources.uuid() });
    let forger = fixture.client().with_header(SIGNATURE, &"00".repeat(32));
    let forged = forger.post("/carts/payments/webhook", notice.clone()).await;
    let unsigned = fixture.client().post("/carts/payments/webhook", notice).await;

    for refused in [forged, unsigned] {
        assert_eq!((refused.status, refused.code()), (400, "INVALID_SIGNATURE".to_owned()));
    }
}

async fn money_is_let_go_of_where_it_was_not_taken_and_given_back_where_it_was(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let mut orders = Vec::new();
    for (token, takes) in [("ok", false), ("ok", true), ("refund_slow", true)] {
        let diner = fixture.diner().await;
        let placed = pay(&diner, &kitchen, token).await.json();
        if takes {
            step(&owner, &placed, "accept", json!({})).await;
            later(&fixture, 1).await;
        }
        let by_owner = if takes { "cancel" } else { "reject" };
        step(&owner, &placed, by_owner, json!({ "reason": "sold_out" })).await;
        later(&fixture, 1).await;
        orders.push((diner, placed));
    }
    for _ in 0..3 {
        later(&fixture, 61).await;
    }

    let mut seen = Vec::new();
    for (diner, placed) in &orders {
        let after = read(diner, placed).await;
        let found = fixture.provider(placed).await;
        seen.push((status(&after).1.to_owned(), found.state, found.captured.kurus(), found.refunds.len()));
        assert_eq!(after["payment"]["refunded"], after["payment"]["captured"]);
        fixture.balance(placed).await;
    }
    let released = |state, captured, refunds| ("released".to_owned(), state, captured, refunds);
    assert_eq!(
        seen,
        [
            released(FoundState::Voided, 0, 0),
            released(FoundState::Authorised, 22_290, 1),
            released(FoundState::Authorised, 22_290, 1),
        ]
    );
}

async fn a_card_that_gives_no_money_after_all_ends_the_order(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let placed = pay(&diner, &kitchen, "capture_fails").await.json();
    step(&owner, &placed, "accept", json!({})).await;

    later(&fixture, 1).await;
    later(&fixture, 1).await;

    let after = read(&diner, &placed).await;
    assert_eq!((status(&after), &after["reason"]), (("cancelled", "released"), &json!("payment_refused")));
    assert_eq!(after["timeline"].as_array().unwrap().last().unwrap()["by"], "system");
    assert_eq!(fixture.provider(&placed).await.state, FoundState::Voided);
    fixture.balance(&placed).await;
}

async fn an_admin_gives_back_no_more_than_was_taken(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let admin = fixture.client().admin(fixture.new_user());
    let placed = pay(&diner, &kitchen, "ok").await.json();
    let early = step(&admin, &placed, "refund", json!({})).await;
    step(&owner, &placed, "deliver", json!({})).await;
    step(&owner, &placed, "accept", json!({})).await;
    later(&fixture, 1).await;
    step(&owner, &placed, "deliver", json!({})).await;

    let refunds = (0..6).map(|number| refund(&admin, &placed, number, json!({ "amount": 50.0 })));
    let some: Vec<u16> = join_all(refunds).await.iter().map(|answer| answer.status).collect();
    let wrong = step(&admin, &placed, "refund", json!({ "amount": -1 })).await;
    let rest = refund(&admin, &placed, 7, json!({})).await;
    let again = refund(&admin, &placed, 7, json!({})).await;
    let nothing = refund(&admin, &placed, 8, json!({})).await;
    for _ in 0..6 {
        later(&fixture, 2).await;
    }

    assert_eq!((early.status, early.code()), (409, "NOTHING_TO_REFUND".to_owned()));
    assert_eq!(some.iter().filter(|status| **status == 200).count(), 4, "{some:?}");
    assert_eq!([wrong.status, rest.status, nothing.status], [422, 200, 409]);
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
    let after = read(&diner, &placed).await;
    assert_eq!((&after["status"], &after["payment"]["refunded"]), (&json!("delivered"), &json!(222.9)));
    assert_eq!(fixture.provider(&placed).await.refunds.len(), 5);
    fixture.balance(&placed).await;
}

/// Between the commit of the order and the answer of the provider.
async fn a_process_that_dies_while_it_asks_leaves_nothing_behind(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    for (before, token) in ["slow_ok", "slow_lost"].into_iter().enumerate() {
        let is_written = async {
            loop {
                let orders = diner.get("/carts/orders").await.json();
                if orders.as_array().unwrap().len() > before {
                    // What is slow has come to the provider by then, and what is lost never does.
                    let found = fixture.carts.sandbox.check(payment_id(&orders[0])).await.unwrap();
                    if token == "slow_lost" || found.is_some() {
                        return;
                    }
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = pay(&diner, &kitchen, token) => panic!("it was answered: {}", answer.text),
            () = is_written => {}
        }
    }
    let another = fixture.another_process().await;

    for _ in 0..8 {
        later(&another, 11).await;
    }

    let orders = diner.get("/carts/orders").await.json();
    let ends: Vec<_> = orders.as_array().unwrap().iter().map(status).collect();
    assert_eq!(ends, [("payment_failed", "released"), ("placed", "authorised")]);
}

async fn whoever_pays_in_two_tabs_pays_once(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let another = fixture.another_process().await;
    let asked = pay(&diner, &kitchen, "3ds_ok").await.json();
    let path = format!("{}/return", asked["payment"]["redirect_url"].as_str().unwrap());

    let clients = [fixture.client(), another.client(), fixture.client(), another.client()];
    let back = join_all(clients.iter().map(|client| client.send(Ask::post(&path, json!({}))))).await;

    assert!(back.iter().all(|answer| answer.status == 303));
    let after = read(&diner, &asked).await;
    assert_eq!((status(&after), after["timeline"].as_array().unwrap().len()), (("placed", "authorised"), 2));
    fixture.balance(&asked).await;
}
