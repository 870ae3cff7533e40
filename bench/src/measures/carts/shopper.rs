//! Somebody who adds to carts and knows what was answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::shelf::{Place, Shelf};
use crate::lean_client::LeanClient;
use crate::load::{Samples, Work, keep_busy};

pub(super) struct Shopper {
    client: LeanClient,
    shelf: Arc<Shelf>,
    /// Units of each cart.
    answered: HashMap<Uuid, u64>,
    /// Units that may be there, or may not: of those who were told to come again, and of the last add of all.
    unanswered: HashMap<Uuid, u64>,
    times: Samples,
}

/// What a turn of all of them came to.
pub(super) struct Turn {
    pub(super) work: Work,
    pub(super) times: Samples,
}

/// What they do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// One more unit.
    Add,
    /// The last unit once more, where adds change nothing.
    AddAgain,
    /// The cart of the last unit.
    Read,
}

/// What became of an add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Added,
    /// It may have been added, or may not.
    TooBusy,
}

impl Shopper {
    /// So many at the servers at `urls`, in turn, each with its shelf.
    pub(super) async fn some(urls: &[String], shelves: impl IntoIterator<Item = Arc<Shelf>>) -> Result<Vec<Self>> {
        let mut shoppers = Vec::new();
        for (shelf, url) in shelves.into_iter().zip(urls.iter().cycle()) {
            let client = LeanClient::connect(url).await?;
            let (answered, unanswered, times) = (HashMap::new(), HashMap::new(), Samples::default());
            shoppers.push(Self { client, shelf, answered, unanswered, times });
        }
        Ok(shoppers)
    }

    /// Lets all of them act as fast as they are answered.
    pub(super) async fn act_for(shoppers: &mut Vec<Self>, act: Act, time: Duration) -> Result<Turn> {
        let each = move |mut shopper: Self| async move {
            shopper.act(act).await?;
            Ok(shopper)
        };
        let (rested, work) = keep_busy(std::mem::take(shoppers), time, each).await?;
        *shoppers = rested;
        let mut times = Samples::default();
        for shopper in shoppers {
            times.append(&mut shopper.times);
        }
        Ok(Turn { work, times })
    }

    /// Lets all of them add until their shelves are full, or until they are not answered.
    pub(super) async fn add_to_the_end(shoppers: Vec<Self>) -> Result<Vec<Self>> {
        let mut at_work: JoinSet<Self> = shoppers
            .into_iter()
            .map(|mut shopper| async move {
                while shopper.add().await.is_ok_and(|is_added| is_added) {}
                shopper
            })
            .collect();
        let mut ended = Vec::new();
        while let Some(shopper) = at_work.join_next().await {
            ended.push(shopper?);
        }
        Ok(ended)
    }

    async fn act(&mut self, act: Act) -> Result<()> {
        let begun = Instant::now();
        match act {
            Act::Add => ensure!(self.add().await?, "the shelf is full"),
            Act::AddAgain => ensure!(self.send(self.shelf.last()).await? == Sent::Added, "a bare route is too busy"),
            Act::Read => drop(self.read(self.shelf.last().cart).await?),
        }
        self.times.add(begun.elapsed());
        Ok(())
    }

    /// Whether there was room.
    async fn add(&mut self) -> Result<bool> {
        let Some(place) = self.shelf.next() else { return Ok(false) };
        *self.unanswered.entry(place.cart).or_default() += 1;
        if self.send(place).await? == Sent::Added {
            *self.unanswered.entry(place.cart).or_default() -= 1;
            *self.answered.entry(place.cart).or_default() += 1;
        }
        Ok(true)
    }

    async fn send(&mut self, Place { cart, meal, network }: Place) -> Result<Sent> {
        let restaurant = Shelf::RESTAURANT;
        let body = format!(r#"{{"cart_id":"{cart}","restaurant_id":"{restaurant}","meal_id":"{meal}","quantity":1}}"#);
        let from = network.to_string();
        let answer = self.client.post("/carts/anonymous/add", &body, &[("x-forwarded-for", &from)]).await?;
        match answer.status {
            200 => Ok(Sent::Added),
            503 => Ok(Sent::TooBusy),
            other => bail!("an add answered {other}: {}", String::from_utf8_lossy(answer.body)),
        }
    }

    async fn read(&mut self, cart: Uuid) -> Result<&[u8]> {
        let answer = self.client.get(&format!("/carts/anonymous/{cart}"), &[]).await?;
        ensure!(answer.status == 200, "cart {cart} answered {}", answer.status);
        Ok(answer.body)
    }
}

/// What is known of the units of each cart.
#[derive(Debug, Default)]
pub(super) struct Ledger(HashMap<Uuid, Units>);

#[derive(Debug, Default, Clone, Copy)]
struct Units {
    answered: u64,
    unanswered: u64,
}

/// What was found beside what was answered.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Audit {
    pub(super) answered: u64,
    /// Told to come again, or not answered at all.
    pub(super) unanswered: u64,
    pub(super) lost: u64,
    /// More than anybody has asked for.
    pub(super) surplus: u64,
}

impl std::ops::AddAssign for Audit {
    fn add_assign(&mut self, more: Self) {
        self.answered += more.answered;
        self.unanswered += more.unanswered;
        self.lost += more.lost;
        self.surplus += more.surplus;
    }
}

impl Ledger {
    pub(super) fn of(shoppers: &[Shopper]) -> Self {
        let mut ledger = HashMap::<Uuid, Units>::new();
        for shopper in shoppers {
            for (cart, units) in &shopper.answered {
                ledger.entry(*cart).or_default().answered += units;
            }
            for (cart, units) in &shopper.unanswered {
                ledger.entry(*cart).or_default().unanswered += units;
            }
        }
        Self(ledger)
    }

    /// Counts what is there.
    pub(super) async fn audit(&self, url: &str) -> Result<Audit> {
        let (mut client, mut audit) = (LeanClient::connect(url).await?, Audit::default());
        for (cart, units) in &self.0 {
            let found = units_of(&mut client, *cart).await?;
            audit.answered += units.answered;
            audit.unanswered += units.unanswered;
            audit.lost += units.answered.saturating_sub(found);
            audit.surplus += found.saturating_sub(units.answered + units.unanswered);
        }
        Ok(audit)
    }

    /// Fails unless all is there that was answered, and nothing that nobody has asked for.
    pub(super) async fn check(&self, url: &str) -> Result<Audit> {
        let audit = self.audit(url).await?;
        let Audit { answered, lost, surplus, .. } = audit;
        ensure!(lost == 0 && surplus == 0, "of {answered} units {lost} are lost, and {surplus} are there twice");
        Ok(audit)
    }
}

/// None where there is no cart.
async fn units_of(client: &mut LeanClient, cart: Uuid) -> Result<u64> {
    let answer = client.get(&format!("/carts/anonymous/{cart}"), &[]).await?;
    if answer.status == 404 {
        return Ok(0);
    }
    ensure!(answer.status == 200, "a cart answered {}", answer.status);
    let found: Value = serde_json::from_slice(answer.body)?;
    found["item_count"].as_u64().context("a cart without a count")
}
