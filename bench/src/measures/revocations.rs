//! What very many sessions that end together cost: to publish their ends, whoever asks meanwhile, and a process that starts
//! beside them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clock::Sources;
use database::{Database, DatabaseUrl, Vault};
use reqwest::StatusCode;
use testkit::Server;
use testkit::filling::Filling;

use crate::client::Client;
use crate::diner::Diner;
use crate::load::{Samples, count};
use crate::platform::Platform;
use crate::process::resident_megabytes;
use crate::report::{Row, Target};
use crate::servers::Servers;
use crate::store;

/// Published a second, so that a million are published within the life of an access token.
const LEAST_RATE: f64 = 1_200.0;
/// How long a request may take meanwhile, in milliseconds.
const MOST_WAIT: f64 = 50.0;
/// How long a process may take until it is ready, in seconds.
const MOST_START: f64 = 10.0;
/// The same where it has to publish all of them once more.
const MOST_START_EMBEDDED: f64 = 120.0;
/// What a process may hold for each, in bytes.
const MOST_MEMORY: f64 = 300.0;
/// What Redis may hold for each in the feed, in bytes.
const MOST_FEED: f64 = 200.0;
/// Requests before anything has ended.
const IDLE: u32 = 1_000;
/// Requests between two looks at the ledger.
const BETWEEN: u32 = 50;
const PAUSE: Duration = Duration::from_millis(2);
/// Long before an access token expires.
const FRESH: Duration = Duration::from_secs(5 * 60);
const TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// A start, until it was ready.
struct Start {
    took: Duration,
    megabytes: f64,
}

/// What was seen of the publisher.
struct Published {
    took: Duration,
    idle: Samples,
    meanwhile: Samples,
    megabytes: [f64; 2],
}

/// In one process, which holds everything: it is started again beside what it has published.
pub(crate) async fn embedded(platform: &mut Platform, sessions: u64) -> Result<Vec<Row>> {
    let database = open(&DatabaseUrl::Sqlite(platform.server.folder().join("lezzetlimani.db"))).await?;
    let diner = diner(platform).await?;
    platform.server.kill().await?;
    let without = start(&mut platform.server).await?;
    let published = publish(platform, &database, diner, sessions).await?;
    platform.server.kill().await?;
    let with = start(&mut platform.server).await?;
    rows("embedded", sessions, &published, start_row("embedded", sessions, &[without, with], MOST_START_EMBEDDED))
}

/// auth publishes over Redis from a ledger on Postgres; the user service starts beside it.
pub(crate) async fn on_servers(platform: &mut Platform, servers: &Servers, sessions: u64) -> Result<Vec<Row>> {
    let database = servers.open_to_fill("auth").await?;
    let diner = diner(platform).await?;
    let mut other = platform.another(servers, "user").await?;
    // The first start makes the tables.
    start(&mut other).await?;
    other.kill().await?;
    let without = start(&mut other).await?;
    other.kill().await?;
    let published = publish(platform, &database, diner, sessions).await?;
    let with = start(&mut other).await?;
    let each = (with.megabytes - without.megabytes) * 1_048_576.0 / count(sessions);
    let holds = format!("{:.0} MB when ready, {:.0} MB beside none", with.megabytes, without.megabytes);
    let started = start_row("on servers", sessions, &[without, with], MOST_START);
    let mut rows = rows("on servers", sessions, &published, started)?;
    rows.push(Row::new("on servers: memory for an ended session", each, "bytes", Target::AtMost(MOST_MEMORY), holds));
    let feed: f64 = servers.redis.cli(&["MEMORY", "USAGE", "feed:revocations", "SAMPLES", "0"])?.trim().parse()?;
    let detail = format!("{:.0} MB of the feed of {sessions}", feed / 1e6);
    let each = feed / count(sessions);
    rows.push(Row::new("on servers: Redis for an ended session", each, "bytes", Target::AtMost(MOST_FEED), detail));
    Ok(rows)
}

async fn open(url: &DatabaseUrl) -> Result<Database> {
    let sources = Sources::system();
    let vault = Vault::new(&sources.bytes::<32>());
    Ok(Database::connect(url, sources, vault).await?)
}

async fn diner(platform: &Platform) -> Result<Diner> {
    platform.diners(1).await?.pop().context("nobody signed up")
}

/// Starts `server` and waits for as long as it takes.
async fn start(server: &mut Server) -> Result<Start> {
    let (client, sources) = (Client::new(&server.url(""))?, Sources::system());
    let begun = Instant::now();
    server.launch()?;
    while !client.get("/health/ready", &[]).await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
        ensure!(begun.elapsed() < TIMEOUT, "the server is not ready");
        sources.sleep(Duration::from_millis(5)).await;
    }
    let took = begun.elapsed();
    Ok(Start { took, megabytes: megabytes(server)? })
}

fn megabytes(server: &Server) -> Result<f64> {
    resident_megabytes(server.process_id().context("the server is not running")?)
}

/// Lets so many sessions end in the ledger, and waits until all of them are published.
async fn publish(platform: &mut Platform, database: &Database, mut diner: Diner, sessions: u64) -> Result<Published> {
    let (mut idle, mut meanwhile) = (Samples::default(), Samples::default());
    ask(platform, &diner, IDLE, &mut idle).await?;
    let before = megabytes(&platform.server)?;
    // Nobody else may write to SQLite while it takes that many.
    ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
    let filling = Filling { dialect: store::dialect(database), accounts: 1, now: platform.sources.now() };
    store::add_ended(database, &filling, sessions).await?;
    platform.server.start().await?;
    let begun = Instant::now();
    diner = diner.refresh().await?;
    let mut refreshed = Instant::now();
    while store::finds_any(database, Filling::FIND_UNPUBLISHED).await? {
        ensure!(begun.elapsed() < TIMEOUT, "what has ended is not published");
        if refreshed.elapsed() > FRESH {
            (diner, refreshed) = (diner.refresh().await?, Instant::now());
        }
        ask(platform, &diner, BETWEEN, &mut meanwhile).await?;
    }
    let took = begun.elapsed();
    Ok(Published { took, idle, meanwhile, megabytes: [before, megabytes(&platform.server)?] })
}

/// One request after the other, as somebody who is signed in.
async fn ask(platform: &Platform, diner: &Diner, times: u32, samples: &mut Samples) -> Result<()> {
    let bearer = diner.bearer();
    for _ in 0..times {
        let begun = Instant::now();
        let answer = platform.client.get("/auth/me", &[("authorization", &bearer)]).await?;
        samples.add(begun.elapsed());
        ensure!(answer.status() == StatusCode::OK, "/auth/me answered {}", answer.status());
        platform.sources.sleep(PAUSE).await;
    }
    Ok(())
}

fn start_row(place: &str, sessions: u64, [without, with]: &[Start; 2], most: f64) -> Row {
    let than = format!("beside {sessions} ended sessions; {:.2?} beside none", without.took);
    Row::new(format!("{place}: start until ready"), with.took.as_secs_f64(), "s", Target::AtMost(most), than)
}

fn rows(place: &str, sessions: u64, published: &Published, started: Row) -> Result<Vec<Row>> {
    let named = |what: &str| format!("{place}: {what}");
    let Published { took, idle, meanwhile, megabytes: [before, after] } = published;
    let rate = count(sessions) / took.as_secs_f64();
    let how = format!("{sessions} in {took:.1?}; the publisher held {before:.0} MB before and {after:.0} MB after");
    let p99 = meanwhile.percentile(99)?;
    let beside = format!("p99 of {}, beside {:.1?} when idle", meanwhile.len(), idle.percentile(99)?);
    Ok(vec![
        Row::new(named("ends published a second"), rate, "/s", Target::AtLeast(LEAST_RATE), how),
        Row::milliseconds(named("/auth/me meanwhile"), p99, MOST_WAIT, beside),
        started,
    ])
}
