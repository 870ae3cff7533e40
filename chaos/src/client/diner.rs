//! What a client does that is hungry: it fills a cart without an account, lets it go into that of its account, orders, pays, and
//! sometimes calls the order off.

use std::time::Duration;

use rand::RngExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Client;
use crate::cart_promise::{CartCheck, CartPromise, Units, units};
use crate::http_client::{Answer, Step, Wish};
use crate::kitchen::Menu;
use crate::ledger::Tokens;

const BY_CARD: &str = "credit_card";
const METHODS: [&str; 4] = [BY_CARD, BY_CARD, "cash", "pos"];
/// All cards of the sandbox; the one that simply pays comes as often as some others together.
const CARDS: [&str; 13] = [
    "ok",
    "ok",
    "ok",
    "ok",
    "declined",
    "3ds_ok",
    "3ds_fail",
    "slow_ok",
    "slow_lost",
    "webhook_first",
    "webhook_twice",
    "capture_fails",
    "refund_slow",
];
/// Whoever can't pay for so long calls the order off.
const PAYMENT_TIMEOUT: Duration = Duration::from_secs(20);
/// How often it is asked meanwhile what has become of it.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

impl Client {
    /// Orders what a cart holds that was begun without an account, and sometimes something more.
    pub(super) async fn dine(&mut self, tokens: &Tokens, menu: &Menu) -> Step<()> {
        let cart = self.fill_cart(tokens, menu).await?;
        if !cart.is_empty() {
            self.order_cart(tokens, &cart).await?;
        }
        if self.random.random_bool(0.3) {
            let (meal, quantity) = self.choose(menu);
            let order = self.new_order(json!({ "items": [{ "meal_id": meal, "quantity": quantity }] }));
            let placed = self.order(tokens, &order, quantity).await?;
            self.follow(tokens, &order, placed).await?;
        }
        Some(())
    }

    /// What the account's cart holds, once an anonymous one has gone into it.
    async fn fill_cart(&mut self, tokens: &Tokens, menu: &Menu) -> Step<Units> {
        let wipes = self.ledger.promises().wipes;
        let (guest_cart, mut promise) = (self.sources.uuid().to_string(), CartPromise::default());
        for _ in 0..self.random.random_range(1..=4) {
            let (meal, quantity) = self.choose(menu);
            let item = json!({
                "cart_id": guest_cart, "restaurant_id": menu.restaurant, "meal_id": meal, "quantity": quantity,
            });
            // More each time it is sent, but for its key.
            let key = self.http.new_key();
            let (status, body) = self.http.request(Wish::post("/carts/anonymous/add", &item).under(&key)).await?;
            self.expect(status == StatusCode::OK, || format!("an anonymous cart answered {status}: {body}"))?;
            promise.add_guest(&meal, quantity);
        }
        if self.random.random_bool(0.4) {
            let (meal, quantity) = self.choose(menu);
            let item = json!({ "restaurant_id": menu.restaurant, "meal_id": meal, "quantity": quantity });
            self.expect_done(tokens, "/carts/add", &item).await?;
            promise.set_own(&meal, quantity);
        }
        self.merge(tokens, &guest_cart).await?;
        let found = self.own_cart(tokens).await?;
        let was_wiped = self.ledger.promises().wipes > wipes;
        match promise.check(&found, was_wiped) {
            CartCheck::Whole => {}
            CartCheck::LostByWipe => self.ledger.promises().lost_by_wipe.carts += 1,
            CartCheck::Wrong(complaint) => self.expect(false, || complaint)?,
        }
        Some(found)
    }

    /// Some of a meal.
    fn choose(&mut self, menu: &Menu) -> (String, i64) {
        let meal = menu.meals[self.random.random_range(0..menu.meals.len())].clone();
        (meal, self.random.random_range(1..=3))
    }

    /// Lets the anonymous cart go into that of the account, sometimes with a way back between.
    async fn merge(&mut self, tokens: &Tokens, guest_cart: &str) -> Step<()> {
        let merge = self.merge_once(tokens, guest_cart).await?;
        if let Some(merge) = merge.filter(|_| self.random.random_bool(0.25)) {
            self.expect_done(tokens, &format!("/carts/merges/{merge}/undo"), &json!({})).await?;
            self.merge_once(tokens, guest_cart).await?;
        }
        Some(())
    }

    /// Which merge it was, where there was anything to merge.
    async fn merge_once(&mut self, tokens: &Tokens, guest_cart: &str) -> Step<Option<String>> {
        let asked = json!({ "anonymous_cart_id": guest_cart });
        let merged = self.expect_done(tokens, "/carts/anonymous/merge", &asked).await?;
        let merge = merged["merge_id"].as_str().map(ToOwned::to_owned);
        self.ledger.promises().merges += u64::from(merge.is_some());
        Some(merge)
    }

    async fn own_cart(&mut self, tokens: &Tokens) -> Step<Units> {
        let (status, body) = self.http.request(Wish::get("/carts/get").by(&tokens.access)).await?;
        self.expect(status == StatusCode::OK, || format!("a cart answered {status}: {body}"))?;
        Some(units(&body))
    }

    /// The cart goes with its order, and stays with a card that pays nothing.
    async fn order_cart(&mut self, tokens: &Tokens, cart: &Units) -> Step<()> {
        let order = self.new_order(json!({}));
        let placed = self.order(tokens, &order, cart.values().sum()).await?;
        let is_by_card = order["payment_method"] == BY_CARD;
        let left = match (placed.0, placed.1["status"].as_str()) {
            (StatusCode::PAYMENT_REQUIRED, _) => Some(cart.clone()),
            (_, status) if !is_by_card || status == Some("placed") => Some(Units::new()),
            // It goes once the card has paid.
            _ => None,
        };
        if let Some(left) = left {
            let found = self.own_cart(tokens).await?;
            self.expect(found == left, || format!("a cart holds {found:?} behind its order, instead of {left:?}"))?;
        }
        self.follow(tokens, &order, placed).await
    }

    /// The order with a way to pay, and with its key as its note.
    fn new_order(&mut self, mut order: Value) -> Value {
        let mut any = |words: &[&'static str]| words[self.random.random_range(0..words.len())];
        order["payment_method"] = any(&METHODS).into();
        order["payment"] = json!({ "token": any(&CARDS) });
        order["fulfilment"] = any(&["delivery", "pickup"]).into();
        order["note"] = self.http.new_key().into();
        order
    }

    /// Orders so many units, sometimes twice: that is the same order.
    async fn order(&mut self, tokens: &Tokens, order: &Value, units: i64) -> Step<Answer> {
        let placed = self.check_out(tokens, order, units).await?;
        if self.random.random_bool(0.2) {
            let again = self.check_out(tokens, order, units).await?;
            // A card may have been declined behind an answer that did not reach us.
            let is_same = again.0 == StatusCode::PAYMENT_REQUIRED || again.1["id"] == placed.1["id"];
            self.expect(is_same, || format!("an order was repeated and is another: {placed:?}, {again:?}"))?;
        }
        Some(placed)
    }

    async fn check_out(&mut self, tokens: &Tokens, order: &Value, units: i64) -> Step<Answer> {
        let key = order["note"].as_str().unwrap_or_default();
        let (status, body) =
            self.http.request(Wish::post("/carts/checkout", order).by(&tokens.access).under(key)).await?;
        let is_answered = {
            let mut promises = self.ledger.promises();
            // A clock that jumped left orders without an answer, for which the restaurant takes a break.
            if body["code"] == "RESTAURANT_PAUSED" && promises.jumps > 0 {
                return None;
            }
            promises.orders.note_checkout((key, units), (status, &body))
        };
        self.expect(is_answered, || format!("a checkout answered {status}: {body}"))?;
        Some((status, body))
    }

    /// Pays on the card's page, where it has one, and sometimes calls the order off.
    async fn follow(&mut self, tokens: &Tokens, order: &Value, (status, placed): Answer) -> Step<()> {
        if status != StatusCode::OK {
            return Some(());
        }
        let path = format!("/carts/orders/{}", placed["public_id"].as_str().unwrap_or_default());
        let has_page = order["payment"]["token"].as_str().is_some_and(|card| card.starts_with("3ds"));
        if has_page && placed["status"] == "awaiting_payment" {
            return self.pay(tokens, &path, placed).await;
        }
        if self.random.random_bool(0.25) {
            return self.cancel(tokens, &path).await;
        }
        Some(())
    }

    /// Presses the button of the page until the card has answered, and calls the order off if it does not.
    async fn pay(&mut self, tokens: &Tokens, path: &str, mut order: Value) -> Step<()> {
        let deadline = self.sources.now() + PAYMENT_TIMEOUT;
        while order["status"] == "awaiting_payment" {
            if self.sources.now() > deadline {
                return self.cancel(tokens, path).await;
            }
            if let Some(payment) = order["payment"]["id"].as_str() {
                let page = format!("/carts/payments/{payment}/return");
                let (status, body) = self.http.request(Wish::post(&page, &json!({}))).await?;
                self.expect(status.is_success(), || format!("the page of a card answered {status}: {body}"))?;
            }
            let (status, body) = self.http.request(Wish::get(path).by(&tokens.access)).await?;
            self.expect_order((status, &body))?;
            order = body;
            self.sources.sleep(POLL_INTERVAL).await;
        }
        Some(())
    }

    /// It may be too late for that.
    async fn cancel(&mut self, tokens: &Tokens, path: &str) -> Step<()> {
        let (path, nothing) = (format!("{path}/cancel"), json!({}));
        let (status, body) = self.http.request(Wish::post(&path, &nothing).by(&tokens.access)).await?;
        if body["code"] == "ORDER_STATE_CHANGED" {
            return Some(());
        }
        self.expect_order((status, &body))
    }

    fn expect_order(&self, (status, body): (StatusCode, &Value)) -> Step<()> {
        let is_order = status == StatusCode::OK && self.ledger.promises().orders.note_state(body);
        self.expect(is_order, || format!("an order answered {status}: {body}"))
    }

    /// The answer to what has to succeed.
    async fn expect_done(&mut self, tokens: &Tokens, path: &str, body: &Value) -> Step<Value> {
        let (status, answer) = self.http.request(Wish::post(path, body).by(&tokens.access)).await?;
        self.expect(status == StatusCode::OK, || format!("{path} answered {status}: {answer}"))?;
        Some(answer)
    }
}
