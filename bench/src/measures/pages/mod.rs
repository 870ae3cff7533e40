//! How long readers wait for pages: at the server, among very many restaurants; in a browser of a phone, on this machine and far from it;
//! and until a page shows what has changed.

mod first_view;
mod news;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::browser::Browser;
use crate::client::Client;
use crate::diner::Diner;
use crate::load::Samples;
use crate::measures::orders::{Customer, Kitchen, make_owner, open_kitchens};
use crate::platform::Platform;
use crate::report::Row;
use crate::store;
use crate::town::TownRestaurant;

const RESTAURANTS: usize = 10_000;
/// Restaurants that are written at once.
const CHUNK: usize = 500;
/// Of each page.
const READS: usize = 200;
/// How long the slowest twentieth of answers may take, in milliseconds: lists of restaurants, and all other pages.
const MOST_LIST: f64 = 40.0;
const MOST: f64 = 20.0;

/// Who opens pages, and where.
struct Readers {
    diner: Diner,
    owner: Diner,
    kitchen: Kitchen,
}

/// In one process on SQLite.
pub(crate) async fn embedded(platform: &mut Platform) -> Result<Vec<Row>> {
    let database = platform.database().await?;
    ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
    for first in (0..RESTAURANTS).step_by(CHUNK) {
        store::add_to_town(&database, first..first + CHUNK).await?;
    }
    store::analyze(&database).await?;
    platform.server.start().await?;
    let readers = Readers::come(platform, &database).await?;

    let mut rows = at_the_server(&platform.client, &readers).await?;
    let browser = Browser::start(&platform.server.url("")).await?;
    rows.extend(first_view::of_pages(&browser, &readers).await?);
    rows.push(news::until_shown(&browser, &platform.server.url(""), &readers).await?);
    browser.close().await?;
    Ok(rows)
}

impl Readers {
    /// A diner with an order behind them and a full basket, and who runs the kitchen where they order.
    async fn come(platform: &Platform, database: &database::Database) -> Result<Self> {
        let mut diners = platform.diners(2).await?;
        let owner = make_owner(database, diners.pop().context("nobody signed up")?).await?;
        open_kitchens(database, &owner, &diners).await?;
        let (diner, kitchen) = (diners.pop().context("nobody signed up")?, Kitchen::new(0));
        Customer::new(&platform.server.url(""), &diner, &kitchen, None).await?.check_out().await?;
        for meal in kitchen.meals {
            let body = json!({ "restaurant_id": kitchen.restaurant, "meal_id": meal, "quantity": 2 });
            let added = platform.client.post("/carts/add", &body, &[("authorization", &diner.bearer())]).await?;
            ensure!(added.status() == StatusCode::OK, "an add answered {}", added.status());
        }
        Ok(Self { diner, owner, kitchen })
    }

    fn restaurant() -> String {
        format!("/restoran/{}", TownRestaurant::new(0).id)
    }
}

/// Each page again and again, as a browser asks for it: compressed, and by cookie.
async fn at_the_server(client: &Client, readers: &Readers) -> Result<Vec<Row>> {
    let restaurant = led_to(client, &Readers::restaurant()).await?;
    let dish = led_to(client, &format!("{}/{}", Readers::restaurant(), Uuid::from_u64_pair(0, 0))).await?;
    let board = format!("/mutfak/{}", readers.kitchen.restaurant);
    let (nobody, diner, owner) = (None, Some(&readers.diner), Some(&readers.owner));
    let pages = [
        ("first page", "/", nobody, MOST_LIST),
        ("search", "/?q=lahmacun", nobody, MOST_LIST),
        ("restaurant", &*restaurant, nobody, MOST),
        ("dish", &dish, nobody, MOST),
        ("campaigns", "/kampanyalar", nobody, MOST),
        ("basket", "/sepet", diner, MOST),
        ("checkout", "/odeme", diner, MOST),
        ("orders", "/siparisler", diner, MOST),
        ("addresses", "/adresler", diner, MOST),
        ("board", &board, owner, MOST),
    ];
    let mut rows = Vec::with_capacity(pages.len());
    for (name, path, reader, most) in pages {
        let (mut times, mut bytes) = (Samples::default(), 0);
        for _ in 0..READS {
            let begun = Instant::now();
            bytes = open(client, path, reader).await?;
            times.add(begun.elapsed());
        }
        let detail = format!("p95 of {READS}, median {:.1?}; {bytes} bytes, compressed", times.median()?);
        let what = format!("pages: {name} among {RESTAURANTS}, p95");
        rows.push(Row::milliseconds(what, times.percentile(95)?, most, detail));
    }
    Ok(rows)
}

/// The bytes of the page at `path`.
async fn open(client: &Client, path: &str, reader: Option<&Diner>) -> Result<usize> {
    let cookie = reader.map(|reader| format!("access={}", reader.access_token()));
    let cookie = cookie.as_deref().map(|cookie| ("cookie", cookie));
    let headers: Vec<_> = [("accept", "text/html"), ("accept-encoding", "gzip")].into_iter().chain(cookie).collect();
    let answer = client.get(path, &headers).await?;
    ensure!(answer.status() == StatusCode::OK, "{path} answered {}", answer.status());
    Ok(answer.bytes().await?.len())
}

/// Where a page by its id alone leads to: the client follows.
async fn led_to(client: &Client, path: &str) -> Result<String> {
    Ok(client.get(path, &[("accept", "text/html")]).await?.url().path().to_owned())
}
