//! What a search costs over HTTP as the town grows, beside what the databases offer for it over the same folded text; and how
//! soon a process finds what another one has committed.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clock::Sources;
use database::{Database, DatabaseUrl, Vault};
use reqwest::StatusCode;
use serde_json::Value;

use crate::client::Client;
use crate::load::{Samples, count};
use crate::platform::Platform;
use crate::plot::{Series, svg};
use crate::process::resident_megabytes;
use crate::report::{Row, Target};
use crate::servers::Servers;
use crate::store::{self, Peer};
use crate::town::{DISHES, QUERIES};

/// Sizes of the town, and how long the slowest twentieth of searches may take, in milliseconds.
const TOWNS: [(usize, f64); 5] = [(1_000, 10.0), (3_000, 10.0), (10_000, 10.0), (30_000, 30.0), (100_000, 30.0)];
const ROUNDS: usize = 3;
/// Restaurants that are written at once.
const CHUNK: usize = 500;
const FILTERS: [&str; 3] = ["", "&city=Bursa", "&min_rating=0.25&max_delivery=0.5"];
/// By rank, by rating, by what the way costs. The peers sort by rating.
const ORDERS: [&str; 3] = ["", BY_RATING, "&sort_by=delivery_fee"];
const BY_RATING: &str = "&sort_by=rating&sort_order=desc";
/// The town from which a peer is compared.
const COMPARED_FROM: usize = 10_000;
const DEAREST: &str = "ka le mo ri tu şe çı gö ba du fi ya";
const DEAREST_ROUNDS: usize = 10;
/// How long those may take, in milliseconds: as long as nobody else notices.
const MOST_DEAREST: f64 = 150.0;
const CHANGES: u64 = 200;
/// How long a change may take until another process finds it, in milliseconds.
const MOST_DELAY: f64 = 400.0;
const TIMEOUT: Duration = Duration::from_secs(300);

/// What is measured in which town, and where the pictures go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent<'a> {
    /// The size of the greatest.
    pub(crate) restaurants: usize,
    /// A picture of the growth is written into this folder.
    pub(crate) pictures: Option<&'a Path>,
}

/// In one process on SQLite, beside FTS5 with trigrams.
pub(crate) async fn embedded(platform: &mut Platform, extent: Extent<'_>) -> Result<Vec<Row>> {
    let database = open(&DatabaseUrl::Sqlite(platform.server.folder().join("lezzetlimani.db"))).await?;
    let folder = tempfile::tempdir()?;
    let peer = Peer::Fts5(open(&DatabaseUrl::Sqlite(folder.path().join("peer.db"))).await?);
    measure("SQLite", platform, &database, &peer, extent).await
}

/// In one process on Postgres, beside `pg_trgm` with a GIN index.
pub(crate) async fn on_servers(binary: &Path, servers: &Servers, extent: Extent<'_>) -> Result<Vec<Row>> {
    servers.make_database("search").await?;
    let mut platform = Platform::on(binary, servers.environment_of_one_process("search", 3)).await?;
    let database = servers.open_to_fill("search").await?;
    servers.make_database("search_peer").await?;
    let peer = Peer::Trigrams(servers.open_to_fill("search_peer").await?);
    measure("Postgres", &mut platform, &database, &peer, extent).await
}

async fn measure(
    name: &str,
    platform: &mut Platform,
    database: &Database,
    peer: &Peer,
    Extent { restaurants: greatest, pictures }: Extent<'_>,
) -> Result<Vec<Row>> {
    let (mut rows, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut filled = 0;
    peer.prepare().await?;
    for (restaurants, most) in TOWNS.into_iter().filter(|(restaurants, _)| *restaurants <= greatest) {
        ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
        for first in (filled..restaurants).step_by(CHUNK) {
            let numbers = first..restaurants.min(first + CHUNK);
            store::add_to_town(database, numbers.clone()).await?;
            peer.add(numbers).await?;
        }
        filled = restaurants;
        store::analyze(database).await?;
        peer.analyze().await?;
        let ready = start(platform).await?;

        let searches = search(&platform.client).await?;
        let of_peer = search_peer(peer).await?;
        let (p95, peer_p95) = (searches.all.percentile(95)?, of_peer.percentile(95)?);
        let detail = format!(
            "{DISHES} dishes each; median {:.1?}, p99 {:.1?}; ready after {ready:.1?}, {:.0} MB",
            searches.all.median()?,
            searches.all.percentile(99)?,
            resident_megabytes(platform.process_id()?)?,
        );
        rows.push(Row::milliseconds(format!("{name}: search among {restaurants}, p95"), p95, most, detail));
        let (dearest, detail) = (dearest(&platform.client).await?, format!("median of {DEAREST_ROUNDS}: {DEAREST}"));
        rows.push(Row::milliseconds(
            format!("{name}: dearest words among {restaurants}"),
            dearest,
            MOST_DEAREST,
            detail,
        ));
        rows.extend(beside(name, peer, restaurants, &searches.by_rating, &of_peer)?);
        let point = |time: Duration| (count(restaurants as u64), time.as_secs_f64() * 1e3);
        ours.push(point(p95));
        theirs.push(point(peer_p95));
    }
    rows.push(freshness(name, platform, database).await?);
    if let Some(folder) = pictures {
        let lines = [
            Series { name: "ours, over HTTP".to_owned(), points: ours },
            Series { name: peer.name().to_owned(), points: theirs },
        ];
        let picture = svg(&format!("Search, p95, on {name}"), "restaurants, 30 meals each", "ms", &lines);
        std::fs::write(folder.join(format!("search-{}.svg", name.to_lowercase())), picture)?;
    }
    Ok(rows)
}

/// A peer beside ours, which answers with whole restaurants over HTTP; it finds the numbers of rows, in the process that asks.
fn beside(name: &str, peer: &Peer, restaurants: usize, ours: &Samples, theirs: &Samples) -> Result<Option<Row>> {
    let (ours, theirs) = (ours.median()?, theirs.median()?);
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    let detail = format!("median by rating, unfiltered: {theirs:.1?} beside {ours:.1?} with HTTP and whole rows");
    let what = format!("{name}: {} among {restaurants}", peer.name());
    // In a small town nearly all of ours is HTTP and rows.
    let is_compared = restaurants >= COMPARED_FROM;
    Ok(is_compared.then(|| Row::new(what, ratio, "× ours", Target::AtLeast(1.0), detail)))
}

async fn open(url: &DatabaseUrl) -> Result<Database> {
    let sources = Sources::system();
    let vault = Vault::new(&sources.bytes::<32>());
    Ok(Database::connect(url, sources, vault).await?)
}

/// Starts the server and waits for as long as it reads all restaurants.
async fn start(platform: &mut Platform) -> Result<Duration> {
    let begun = Instant::now();
    platform.server.launch()?;
    while !platform.client.get("/health/ready", &[]).await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
        ensure!(begun.elapsed() < TIMEOUT, "the server is not ready");
        platform.sources.sleep(Duration::from_millis(20)).await;
    }
    Ok(begun.elapsed())
}

/// How long ours took.
#[derive(Default)]
struct Searches {
    all: Samples,
    /// Those that the peer does, too.
    by_rating: Samples,
}

async fn search(client: &Client) -> Result<Searches> {
    let mut searches = Searches::default();
    // The first round does not count.
    for round in 0..=ROUNDS {
        for query in QUERIES {
            for filter in FILTERS {
                for order in ORDERS {
                    let begun = Instant::now();
                    find(client, &format!("{}{filter}{order}", escaped(query))).await?;
                    let took = begun.elapsed();
                    if round > 0 {
                        searches.all.add(took);
                    }
                    if round > 0 && filter.is_empty() && order == BY_RATING && is_for_peers(query) {
                        searches.by_rating.add(took);
                    }
                }
            }
        }
    }
    Ok(searches)
}

/// Words with which so many others begin that they cost the most of any that were found.
async fn dearest(client: &Client) -> Result<Duration> {
    let mut samples = Samples::default();
    for _ in 0..DEAREST_ROUNDS {
        let begun = Instant::now();
        find(client, &escaped(DEAREST)).await?;
        samples.add(begun.elapsed());
    }
    samples.median()
}

async fn search_peer(peer: &Peer) -> Result<Samples> {
    let mut samples = Samples::default();
    for round in 0..=ROUNDS {
        for query in QUERIES.into_iter().filter(|query| is_for_peers(query)) {
            let begun = Instant::now();
            peer.search(query).await?;
            if round > 0 {
                samples.add(begun.elapsed());
            }
        }
    }
    Ok(samples)
}

/// Trigrams of fewer than three letters there are none.
fn is_for_peers(query: &str) -> bool {
    query.chars().count() > 2
}

async fn find(client: &Client, parameters: &str) -> Result<u64> {
    let answer = client.get(&format!("/restaurants/search?query={parameters}"), &[]).await?;
    ensure!(answer.status() == StatusCode::OK, "a search answered {}", answer.status());
    let found: Value = answer.json().await?;
    found["total"].as_u64().context("no total")
}

fn escaped(query: &str) -> String {
    query.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// From the commit of another process until a search finds it, at any time between two polls.
async fn freshness(name: &str, platform: &Platform, database: &Database) -> Result<Row> {
    let mut samples = Samples::default();
    for change in 0..CHANGES {
        let [pause] = platform.sources.bytes();
        platform.sources.sleep(Duration::from_millis(u64::from(pause))).await;
        let word = format!("tazelik{change:04}");
        store::rename_in_town(database, usize::try_from(change)?, &word).await?;
        let committed = Instant::now();
        while find(&platform.client, &word).await? == 0 {
            ensure!(committed.elapsed() < TIMEOUT, "{word} is never found");
        }
        samples.add(committed.elapsed());
    }
    let detail = format!("median {:.0?}, {CHANGES} changes by another process", samples.median()?);
    Ok(Row::milliseconds(format!("{name}: a change is found, p99"), samples.percentile(99)?, MOST_DELAY, detail))
}
