//! Checkouts and lists, as the tables fill with the orders of years.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use database::Database;
use testkit::Server;

use super::CLIENTS;
use super::crowd::Crowd;
use super::kitchen::{Kitchen, make_owner, open_kitchens};
use super::lists::Lists;
use crate::diner::Diner;
use crate::platform::Platform;
use crate::report::{Row, Target};
use crate::servers::Servers;
use crate::store::cart;
use crate::store::orders::{self, History};

/// On SQLite there are so many times fewer.
const FEWER_ON_SQLITE: u64 = 10;
const TURNS: usize = 5;
/// Of the rate beside the fewest orders, in per cent.
const LEAST_LEFT: f64 = 80.0;

/// The server of carts with its database, and who comes there.
struct Shop<'a> {
    name: &'static str,
    server: &'a mut Server,
    carts: Database,
    /// Those who order, and then the one who runs the kitchens.
    diners: Vec<Diner>,
}

/// What was measured beside so many orders.
struct Step {
    orders: u64,
    rate: f64,
    slowest: Duration,
}

/// In one process on SQLite, which also sends the mails.
pub(crate) async fn grow_embedded(platform: &mut Platform, most: u64) -> Result<Vec<Row>> {
    let carts = platform.database().await?;
    let diners = open(platform, &carts, &carts).await?;
    Shop { name: "SQLite", server: &mut platform.server, carts, diners }.grow(most / FEWER_ON_SQLITE).await
}

/// By the cart service alone, on Redis and Postgres.
pub(crate) async fn grow_on_servers(binary: &Path, servers: &Servers, most: u64) -> Result<Vec<Row>> {
    let mut platform = Platform::auth_alone(binary, servers).await?;
    let mut cart = platform.another(servers, "cart").await?;
    cart.start().await?;
    let carts = servers.open_to_fill("cart").await?;
    let diners = open(&platform, &servers.open_to_fill("auth").await?, &carts).await?;
    platform.stop_mailer().await?;
    Shop { name: "Postgres", server: &mut cart, carts, diners }.grow(most).await
}

/// Lets diners and an owner sign up, their accounts in one database and their carts in another.
async fn open(platform: &Platform, accounts: &Database, carts: &Database) -> Result<Vec<Diner>> {
    let mut diners = platform.diners(CLIENTS + 1).await?;
    let owner = make_owner(accounts, diners.pop().context("nobody signed up")?).await?;
    open_kitchens(carts, &owner, &diners).await?;
    diners.push(owner);
    Ok(diners)
}

impl Shop<'_> {
    /// Lets everybody order beside a hundredth of so many orders, a tenth, and all of them; then reads lists.
    async fn grow(mut self, most: u64) -> Result<Vec<Row>> {
        let (regular, busy) = (self.diners[0].user_id().await?.0, Kitchen::new(0).restaurant);
        let history = History { regular, busy, most, until: self.carts.sources().now() };
        let (mut steps, mut filled) = (Vec::new(), 0);
        for orders in [most / 100, most / 10, most] {
            ensure!(self.server.stop().await?.success(), "the server did not stop in order");
            orders::add_orders(&self.carts, &history, filled + 1..=orders).await?;
            filled = orders;
            self.server.start().await?;
            self.refresh().await?;
            steps.push(self.step(orders).await?);
        }
        let mut rows = self.rows(&steps);
        let lists = Lists { name: self.name, orders: most, newest: orders::newest(&self.carts).await?, busy };
        let (regular, owner) = self.diners.first().zip(self.diners.last()).context("nobody signed up")?;
        rows.extend(lists.read(&self.server.url(""), owner, regular).await?);
        Ok(rows)
    }

    /// It takes longer to fill tables than a token opens anything.
    async fn refresh(&mut self) -> Result<()> {
        let mut refreshed = Vec::with_capacity(self.diners.len());
        for diner in self.diners.drain(..) {
            refreshed.push(diner.refresh().await?);
        }
        self.diners = refreshed;
        Ok(())
    }

    async fn step(&self, orders: u64) -> Result<Step> {
        let process = self.server.process_id().context("the carts are not running")?;
        let mut crowd = Crowd::new((&self.server.url(""), process), &self.diners[..CLIENTS], None).await?;
        let mut rates = Vec::with_capacity(TURNS);
        // The first turn is not counted.
        for turn in 0..=TURNS {
            cart::renew_mailboxes(&self.carts).await?;
            let work = crowd.order().await?;
            if turn == 0 {
                crowd.forget();
            } else {
                rates.push(work.per_second());
            }
        }
        rates.sort_by(f64::total_cmp);
        Ok(Step { orders, rate: rates[TURNS / 2], slowest: crowd.p99()? })
    }

    /// The rates beside that of the first step.
    fn rows(&self, steps: &[Step]) -> Vec<Row> {
        let first = &steps[0];
        let row = |step: &Step| {
            let detail = format!(
                "median of {TURNS} turns of {CLIENTS} clients; {:.0}/s (p99 {:.0?}), beside {} {:.0}/s (p99 {:.0?})",
                step.rate, step.slowest, first.orders, first.rate, first.slowest
            );
            let what = format!("{}: checkouts beside {} orders", self.name, step.orders);
            Row::new(what, 100.0 * step.rate / first.rate, "% of few", Target::AtLeast(LEAST_LEFT), detail)
        };
        steps[1..].iter().map(row).collect()
    }
}
