//! What it costs to list one's addresses, beside a bare route that checks the same token and asks Postgres the same; and what the
//! cache spares a read of one address.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};

use crate::bare::{Bare, BareServer};
use crate::client::Client;
use crate::diner::Diner;
use crate::lean_client::LeanClient;
use crate::load::{Samples, Work, keep_busy};
use crate::platform::Platform;
use crate::process::cpu_time;
use crate::report::{Row, Target};
use crate::rounds::Rounds;
use crate::servers::Servers;

const DINERS: usize = 16;
/// Of each diner.
const ADDRESSES: usize = 5;
const ROUNDS: usize = 7;
const TURN: Duration = Duration::from_secs(2);
/// Reads of each address, with and without the cache.
const READS: usize = 10;

/// By the address service alone, on Redis and Postgres.
pub(crate) async fn on_servers(binary: &Path, servers: &Servers) -> Result<Vec<Row>> {
    let platform = Platform::auth_alone(binary, servers).await?;
    let mut addresses = platform.another(servers, "address").await?;
    addresses.start().await?;
    let (url, process) = (addresses.url(""), addresses.process_id().context("the addresses are not running")?);
    let bare = BareServer::start(Bare::Addresses, servers).await?;
    let diners = platform.diners(DINERS).await?;
    let homes = write_down(&Client::new(&url)?, &diners).await?;

    let mut ours = Side { readers: readers(&url, &diners).await?, process, spent: Work::default() };
    let mut theirs =
        Side { readers: readers(bare.url(), &diners).await?, process: bare.process_id()?, spent: Work::default() };
    let mut rounds = Rounds::default();
    // The first round is not counted.
    for round in 0..=ROUNDS {
        let (theirs, ours) = (theirs.list().await?, ours.list().await?);
        if round > 0 {
            rounds.add(ours, theirs);
        }
    }
    let [ours_spent, theirs_spent] = [&ours, &theirs].map(|side| side.spent.per_second());
    let detail = format!(
        "median of {ROUNDS} rounds; {:.0}/s of {:.0}/s; per processor second {:.0} %, {ours_spent:.0} of {theirs_spent:.0}; \
         {} readers of {ADDRESSES} addresses",
        rounds.ours.per_second(),
        rounds.theirs.per_second(),
        100.0 * ours_spent / theirs_spent,
        2 * DINERS
    );
    let list = Row::new("list of addresses", rounds.median(), "% of bare", Target::AtLeast(60.0), detail);
    Ok(vec![list, cached(servers, &homes, [&url, bare.url()]).await?])
}

/// An address, and who may read it.
struct Home {
    id: String,
    bearer: String,
}

async fn write_down(client: &Client, diners: &[Diner]) -> Result<Vec<Home>> {
    let mut homes = Vec::new();
    for diner in diners {
        for number in 0..ADDRESSES {
            let bearer = diner.bearer();
            let body = json!({
                "title": format!("Ev {number}"), "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
                "full_address": "Caferağa Mah. Moda Caddesi 12, Kadıköy", "zip_code": "34710", "apartment": "Deniz",
                "floor": "3", "door_number": "7", "latitude": 40.9819, "longitude": 29.0256, "is_default": number == 0,
            });
            let answer = client.post("/addresses", &body, &[("authorization", &bearer)]).await?;
            ensure!(answer.status() == 201, "an address was answered {}", answer.status());
            let written: Value = answer.json().await?;
            homes.push(Home { id: written["id"].as_str().context("an address without an id")?.to_owned(), bearer });
        }
    }
    Ok(homes)
}

struct Side {
    readers: Vec<Reader>,
    process: u32,
    /// With the processor time of the server.
    spent: Work,
}

struct Reader {
    client: LeanClient,
    bearer: String,
}

async fn readers(url: &str, diners: &[Diner]) -> Result<Vec<Reader>> {
    let mut readers = Vec::new();
    for diner in diners.iter().chain(diners) {
        readers.push(Reader { client: LeanClient::connect(url).await?, bearer: diner.bearer() });
    }
    Ok(readers)
}

impl Side {
    async fn list(&mut self) -> Result<Work> {
        let before = cpu_time(self.process)?;
        let list = |mut reader: Reader| async move {
            let answer = reader.client.get("/addresses", &[("authorization", &reader.bearer)]).await?;
            ensure!(answer.status == 200, "a list was answered {}", answer.status);
            Ok(reader)
        };
        let (rested, work) = keep_busy(std::mem::take(&mut self.readers), TURN, list).await?;
        self.readers = rested;
        self.spent += Work { done: work.done, took: cpu_time(self.process)? - before };
        Ok(work)
    }
}

/// Reads each address while the cache has it, while it has not, and by the bare route, one client after the other.
async fn cached(servers: &Servers, homes: &[Home], [url, bare_url]: [&str; 2]) -> Result<Row> {
    let (mut ours, mut bare) = (LeanClient::connect(url).await?, LeanClient::connect(bare_url).await?);
    let mut redis = redis::Client::open(servers.redis.url())?.get_multiplexed_async_connection().await?;
    let (mut cached, mut uncached, mut asked) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..READS {
        for home in homes {
            forget(&mut redis, home).await?;
            uncached.add(read(&mut ours, home).await?);
            cached.add(read(&mut ours, home).await?);
            asked.add(read(&mut bare, home).await?);
        }
    }
    let (with, without) = (cached.median()?, uncached.median()?);
    let detail = format!(
        "median {with:.1?} beside {without:.1?} where the cache has nothing and is filled; {:.1?} by a bare route on Postgres",
        asked.median()?
    );
    let share = 100.0 * with.as_secs_f64() / without.as_secs_f64();
    Ok(Row::new("cached read of an address", share, "% uncached", Target::AtMost(50.0), detail))
}

async fn forget(redis: &mut MultiplexedConnection, home: &Home) -> Result<()> {
    let forgotten: u32 = redis::cmd("DEL").arg(format!("cache:address:{}", home.id)).query_async(redis).await?;
    ensure!(forgotten <= 1, "one key was {forgotten}");
    Ok(())
}

async fn read(client: &mut LeanClient, home: &Home) -> Result<Duration> {
    let begun = Instant::now();
    let answer = client.get(&format!("/addresses/{}", home.id), &[("authorization", &home.bearer)]).await?;
    ensure!(answer.status == 200, "an address was answered {}", answer.status);
    Ok(begun.elapsed())
}
