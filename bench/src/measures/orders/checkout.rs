//! Checkouts in few tables: how many a second, beside the bare statements, and with one coupon for everybody.

use std::path::Path;

use anyhow::{Context, Result};
use database::Database;

use super::CLIENTS;
use super::crowd::Crowd;
use super::kitchen::{make_owner, open_kitchens};
use crate::bare::{Bare, BareServer};
use crate::diner::Diner;
use crate::load::Work;
use crate::platform::Platform;
use crate::report::{Row, Target};
use crate::rounds::Rounds;
use crate::servers::Servers;
use crate::store;

const ROUNDS: usize = 7;
const COUPON: &str = "LIMAN10";
/// Checkouts a second.
const LEAST_EMBEDDED: f64 = 150.0;
const LEAST_ON_SERVERS: f64 = 300.0;
/// As percentages of the bare rate, and of the rate without a coupon.
const LEAST_OF_BARE: f64 = 60.0;
const LEAST_WITH_COUPON: f64 = 25.0;

/// In one process on SQLite, which also sends the mails.
pub(crate) async fn embedded(platform: &Platform) -> Result<Vec<Row>> {
    let database = platform.database().await?;
    let diners = open(platform, &database, &database).await?;
    let server = (platform.server.url(""), platform.process_id()?);
    let mut plain = Crowd::new((&server.0, server.1), &diners, None).await?;
    let mut with_coupon = Crowd::new((&server.0, server.1), &diners, Some(COUPON)).await?;

    let mut coupons = Rounds::default();
    // The first round is not counted.
    for round in 0..=ROUNDS {
        store::cart::renew_mailboxes(&database).await?;
        let ours = plain.order().await?;
        store::cart::renew_mailboxes(&database).await?;
        let with = with_coupon.order().await?;
        if round == 0 {
            plain.forget();
        } else {
            coupons.add(with, ours);
        }
    }
    Ok(vec![
        rate("embedded", coupons.theirs, &plain, LEAST_EMBEDDED),
        plain.slowest("embedded")?,
        of_coupon("embedded", &coupons),
    ])
}

/// By the cart service alone, on Redis and Postgres, beside a bare route that sends Postgres the same.
pub(crate) async fn on_servers(binary: &Path, servers: &Servers) -> Result<Vec<Row>> {
    let mut platform = Platform::auth_alone(binary, servers).await?;
    let mut cart = platform.another(servers, "cart").await?;
    cart.start().await?;
    let accounts = servers.open_to_fill("auth").await?;
    let diners = open(&platform, &accounts, &servers.open_to_fill("cart").await?).await?;
    platform.stop_mailer().await?;
    let bare = BareServer::start(Bare::Orders, servers).await?;
    let (url, process) = (cart.url(""), cart.process_id().context("the carts are not running")?);
    let mut plain = Crowd::new((&url, process), &diners, None).await?;
    let mut with_coupon = Crowd::new((&url, process), &diners, Some(COUPON)).await?;
    let mut theirs = Crowd::new((bare.url(), bare.process_id()?), &diners, None).await?;

    let (mut beside_bare, mut coupons) = (Rounds::default(), Rounds::default());
    // The first round is not counted.
    for round in 0..=ROUNDS {
        let (bare, ours) = (theirs.order().await?, plain.order().await?);
        let with = with_coupon.order().await?;
        if round == 0 {
            plain.forget();
            theirs.forget();
        } else {
            beside_bare.add(ours, bare);
            coupons.add(with, ours);
        }
    }
    let [ours, bare] = [&plain, &theirs].map(Crowd::per_processor_second);
    let detail = format!(
        "median of {ROUNDS} rounds; {:.0}/s of {:.0}/s; per processor second {:.0} %, {ours:.0} of {bare:.0}; {CLIENTS} clients",
        beside_bare.ours.per_second(),
        beside_bare.theirs.per_second(),
        100.0 * ours / bare
    );
    Ok(vec![
        Row::new("Postgres: checkouts", beside_bare.median(), "% of bare", Target::AtLeast(LEAST_OF_BARE), detail),
        rate("Postgres", beside_bare.ours, &plain, LEAST_ON_SERVERS),
        plain.slowest("Postgres")?,
        of_coupon("Postgres", &coupons),
    ])
}

/// Lets diners sign up with their kitchens and a coupon, their accounts in one database and their carts in another.
async fn open(platform: &Platform, accounts: &Database, carts: &Database) -> Result<Vec<Diner>> {
    let mut diners = platform.diners(CLIENTS + 1).await?;
    let owner = make_owner(accounts, diners.pop().context("nobody signed up")?).await?;
    open_kitchens(carts, &owner, &diners).await?;
    store::cart::add_coupon(carts, COUPON).await?;
    Ok(diners)
}

fn rate(name: &str, work: Work, crowd: &Crowd, least: f64) -> Row {
    let detail = format!(
        "{} in {:.1?}, {CLIENTS} clients; {:.0} per processor second",
        work.done,
        work.took,
        crowd.per_processor_second()
    );
    Row::new(format!("{name}: checkouts a second"), work.per_second(), "/s", Target::AtLeast(least), detail)
}

fn of_coupon(name: &str, rounds: &Rounds) -> Row {
    let (with, plain) = (rounds.ours.per_second(), rounds.theirs.per_second());
    let detail = format!("median of {ROUNDS} rounds; {with:.0}/s of {plain:.0}/s; the same coupon for all");
    let what = format!("{name}: checkouts with one coupon");
    Row::new(what, rounds.median(), "% of plain", Target::AtLeast(LEAST_WITH_COUPON), detail)
}
