//! The restaurant where clients order: opened by whoever runs it, who then answers what stands on the board and moves it on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clock::{Sources, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::Server;
use testkit::order_books::OrderDatabase;
use tokio_util::sync::CancellationToken;

use crate::http_client::{HttpClient, Step, Wish};
use crate::ledger::Ledger;

const EMAIL: &str = "mutfak@example.com";
const PASSWORD: &str = "gizli deniz feneri 42";
/// That of nobody else.
const NETWORK: &str = "10.210.0.7";
const MEALS: [(&str, f64); 4] =
    [("Ayran", 35.5), ("Mercimek çorbası", 90.0), ("Adana kebap", 240.0), ("Künefe", 129.9)];
/// Orders that are moved in one round.
const BOARD: usize = 20;

/// How long it may take until carts know of the restaurant.
const OPENING_TIMEOUT: Duration = Duration::from_secs(120);
/// How long it may take in the end until no order waits and no money is on its way. A card that nobody answers for is given up
/// after ten minutes, and what its provider is asked in vain it is asked again each five minutes.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// How long whoever runs it rests between two rounds.
const ROUND_INTERVAL: Duration = Duration::from_millis(200);
/// They sign in again after so long, before their token expires.
const SESSION_WINDOW: Duration = Duration::from_secs(10 * 60);

/// What can be ordered, and where.
#[derive(Debug)]
pub(crate) struct Menu {
    pub(crate) restaurant: String,
    pub(crate) meals: Vec<String>,
}

/// Whoever runs the restaurant.
pub(crate) struct Kitchen {
    http: HttpClient,
    ledger: Ledger,
    random: StdRng,
    sources: Sources,
    /// Since when they are signed in, and the token.
    session: Option<(Timestamp, String)>,
    menu: Arc<Menu>,
}

/// How orders are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hours {
    /// In any way.
    Open,
    /// To their end.
    Closing,
}

impl Kitchen {
    /// Opens the restaurant, on a platform whose accounts `auth` keeps; returns when carts know of it.
    pub(crate) async fn open(auth: &Server, http: HttpClient, (ledger, seed): (Ledger, u64)) -> Result<Self> {
        let create = ["admin", "create", EMAIL, "--password-stdin"];
        auth.run(&create, &format!("{PASSWORD}\n")).await.context("nobody can run a restaurant")?;
        let menu = Arc::new(Menu { restaurant: String::new(), meals: Vec::new() });
        let (random, sources) = (StdRng::seed_from_u64(seed), Sources::system());
        let mut kitchen = Self { http, ledger, random, sources, session: None, menu };
        let Some(menu) = kitchen.write_menu().await else {
            bail!("no restaurant can be opened: {:?}", kitchen.ledger.promises().broken);
        };
        kitchen.menu = Arc::new(menu);
        kitchen.wait_until_known().await?;
        Ok(kitchen)
    }

    pub(crate) fn menu(&self) -> Arc<Menu> {
        Arc::clone(&self.menu)
    }

    /// Moves orders until `stop`, and finishes the round under way.
    pub(crate) async fn work(mut self, stop: CancellationToken) -> Self {
        while !stop.is_cancelled() {
            let open = self.make_round(Hours::Open).await;
            if open.is_none_or(|open| open < BOARD) {
                stop.run_until_cancelled(self.sources.sleep(ROUND_INTERVAL)).await;
            }
        }
        self
    }

    /// Leads each order to its end, until none is open and no money is on its way; complains where that takes too long.
    pub(crate) async fn close(&mut self, orders: &OrderDatabase) -> Result<()> {
        let deadline = self.sources.now() + CLOSING_TIMEOUT;
        loop {
            let open = self.make_round(Hours::Closing).await;
            let under_way = orders.under_way().await?;
            if open == Some(0) && under_way == 0 {
                return Ok(());
            }
            if self.sources.now() > deadline {
                let complaint = format!("{under_way} orders and movements of money are open after {CLOSING_TIMEOUT:?}");
                self.ledger.promises().broken.push(complaint);
                return Ok(());
            }
            self.sources.sleep(ROUND_INTERVAL).await;
        }
    }

    /// Moves each order that stands on the board, or leaves it; how many stood there.
    async fn make_round(&mut self, hours: Hours) -> Step<usize> {
        let path = format!("/carts/restaurants/{}/orders?limit={BOARD}", self.menu.restaurant);
        let board = self.ask(&path, None).await?;
        let is_board = board.0 == StatusCode::OK && board.1.is_array();
        self.ledger.expect(is_board, || format!("the board answered {}: {}", board.0, board.1))?;
        let open = board.1.as_array().map(Vec::as_slice).unwrap_or_default();
        for order in open {
            let share = self.random.random::<f64>();
            if let Some(step) = next_step(order["status"].as_str().unwrap_or_default(), hours, share) {
                self.step(order, step).await?;
            }
        }
        Some(open.len())
    }

    /// The order may have moved on meanwhile.
    async fn step(&mut self, order: &Value, step: &str) -> Step<()> {
        let path = format!("/carts/orders/{}/{step}", order["public_id"].as_str().unwrap_or_default());
        // Each step takes what it knows of that.
        let body = json!({ "eta_minutes": 40, "minutes": 10, "reason": "too_busy" });
        let (status, answer) = self.ask(&path, Some(&body)).await?;
        if answer["code"] == "ORDER_STATE_CHANGED" || answer["code"] == "DELAYED_TOO_OFTEN" {
            return Some(());
        }
        let is_moved = status == StatusCode::OK && self.ledger.promises().orders.note_state(&answer);
        self.ledger.expect(is_moved, || format!("{path} answered {status}: {answer}"))
    }

    /// Writes the restaurant down, which is always open, and its menu.
    async fn write_menu(&mut self) -> Option<Menu> {
        let place = json!({
            "title": "Mutfak", "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
            "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
        });
        let address = self.write("/addresses?entity_type=RESTAURANT", &place).await?;
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let hours: BTreeMap<_, _> = days.map(|day| (day, "00:00-24:00")).into_iter().collect();
        let restaurant = json!({
            "name": "Mutfak", "address_id": address, "opening_hours": hours, "min_order": 0, "delivery_fee": 9.9,
            "prep_time_min": 25,
        });
        let restaurant = self.write("/restaurants", &restaurant).await?;
        let mut meals = Vec::new();
        for (name, price) in MEALS {
            let meal = json!({ "restaurant_id": restaurant, "name": name, "price": price });
            meals.push(self.write("/meals", &meal).await?);
        }
        Some(Menu { restaurant, meals })
    }

    /// The id of what was written down.
    async fn write(&mut self, path: &str, body: &Value) -> Option<String> {
        let (status, written) = self.ask(path, Some(body)).await?;
        let id = written["id"].as_str().filter(|_| status == StatusCode::CREATED);
        self.ledger.expect(id.is_some(), || format!("{path} answered {status}: {written}"))?;
        id.map(ToOwned::to_owned)
    }

    /// Returns once a cart shows each meal as one that can be ordered.
    async fn wait_until_known(&mut self) -> Result<()> {
        let deadline = self.sources.now() + OPENING_TIMEOUT;
        let cart = self.sources.uuid().to_string();
        for meal in self.menu().meals.clone() {
            let item = json!({ "cart_id": cart, "restaurant_id": self.menu.restaurant, "meal_id": meal });
            // A copy of the menu without the meal refuses it, and none at all does not.
            while self.ask("/carts/anonymous/add", Some(&item)).await.is_none_or(|(status, _)| status != StatusCode::OK)
            {
                self.wait(deadline).await?;
            }
        }
        let path = format!("/carts/anonymous/{cart}");
        loop {
            let (_, shown) = self.ask(&path, None).await.context("no cart can be seen")?;
            if shown["unavailable_count"] == 0 && shown["restaurant"]["accepts_orders"] == true {
                return Ok(());
            }
            self.wait(deadline).await?;
        }
    }

    async fn wait(&self, deadline: Timestamp) -> Result<()> {
        ensure!(self.sources.now() < deadline, "carts do not know of a restaurant after {OPENING_TIMEOUT:?}");
        self.sources.sleep(ROUND_INTERVAL).await;
        Ok(())
    }

    /// Posts what there is to post, signed in.
    async fn ask(&mut self, path: &str, body: Option<&Value>) -> Step<(StatusCode, Value)> {
        let access = self.access().await?;
        let wish = body.map_or_else(|| Wish::get(path), |body| Wish::post(path, body));
        let answer = self.http.request(wish.by(&access)).await;
        // A clock that jumps may make a token expire, or one of the future, in the moment in which it is made.
        let is_refused = answer.as_ref().is_none_or(|(status, _)| *status == StatusCode::UNAUTHORIZED);
        if is_refused {
            self.session = None;
        }
        answer.filter(|_| !is_refused || self.ledger.promises().jumps == 0)
    }

    async fn access(&mut self) -> Step<String> {
        let now = self.sources.now();
        let is_good = |(since, _): &(Timestamp, String)| now < *since + SESSION_WINDOW;
        if let Some((_, access)) = self.session.as_ref().filter(|session| is_good(session) && !self.http.has_jumped()) {
            return Some(access.clone());
        }
        self.http.begin_journey(NETWORK.to_owned());
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let (status, body) = self.http.request(Wish::post("/auth/login", &login)).await?;
        let access = body["access_token"].as_str().filter(|_| status == StatusCode::OK);
        self.ledger.expect(access.is_some(), || format!("login answered {status}: {body}"))?;
        self.session = access.map(|access| (now, access.to_owned()));
        access.map(ToOwned::to_owned)
    }
}

/// Which step an order makes next, if any; `share` is between 0 and 1.
fn next_step(status: &str, hours: Hours, share: f64) -> Option<&'static str> {
    let steps: &[(&str, f64)] = match (status, hours) {
        ("placed", Hours::Open) => &[("accept", 0.7), ("reject", 0.2)],
        ("accepted", Hours::Open) => {
            &[("prepare", 0.4), ("dispatch", 0.15), ("deliver", 0.15), ("delay", 0.05), ("cancel", 0.05)]
        }
        ("preparing", Hours::Open) => &[("dispatch", 0.5), ("deliver", 0.2), ("delay", 0.05), ("cancel", 0.05)],
        ("on_the_way", Hours::Open) => &[("deliver", 0.7), ("cancel", 0.05)],
        ("placed", Hours::Closing) => &[("accept", 1.0)],
        (_, Hours::Closing) => &[("deliver", 1.0)],
        (_, Hours::Open) => &[],
    };
    let mut left = share;
    steps
        .iter()
        .find(|(_, weight)| {
            left -= weight;
            left < 0.0
        })
        .map(|(step, _)| *step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_steps_and_now_and_then_none() {
        for status in ["placed", "accepted", "preparing", "on_the_way"] {
            let steps: Vec<_> =
                (0..100).map(|share| next_step(status, Hours::Open, f64::from(share) / 100.0)).collect();

            assert!(steps.contains(&None) && steps.iter().flatten().count() > 50, "{status}: {steps:?}");
        }
        assert_eq!(next_step("placed", Hours::Open, 0.69), Some("accept"));
        assert_eq!(next_step("placed", Hours::Open, 0.71), Some("reject"));
    }

    #[test]
    fn whoever_closes_leaves_nothing() {
        for share in [0.0, 0.5, 0.999] {
            assert_eq!(next_step("placed", Hours::Closing, share), Some("accept"));
            for status in ["accepted", "preparing", "on_the_way"] {
                assert_eq!(next_step(status, Hours::Closing, share), Some("deliver"));
            }
        }
    }
}
