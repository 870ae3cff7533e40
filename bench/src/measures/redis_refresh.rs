//! Refreshes of auth alone on Redis and Postgres, per second of its processor time, against the least that they can be.
//!
//! A refresh asks Redis twice, for the session's state and to replace it; each eighth also tells the ledger in Postgres, as
//! one transaction. The bare route asks Redis the same and signs the same, and has no ledger. Processor time is compared, not
//! the clock's: client, Redis and Postgres stand on the same cores, and what they take would hide what the server costs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use serde_json::json;

use crate::bare::{Bare, BareServer};
use crate::client::Client;
use crate::diner::Diner;
use crate::load::{Work, keep_busy};
use crate::platform::Platform;
use crate::process::cpu_time;
use crate::report::{Row, Target};
use crate::rounds::Rounds;
use crate::servers::Servers;

const DINERS: usize = 16;
const ROUNDS: usize = 8;
const TURN: Duration = Duration::from_secs(2);

/// Two rows, what it is for itself and against the bare route.
pub(crate) async fn against_a_bare_route(binary: &Path, servers: &Servers) -> Result<[Row; 2]> {
    let platform = Platform::auth_alone(binary, servers).await?;
    let mut diners = platform.diners(DINERS).await?;
    let bare = BareServer::start(Bare::Refresh, servers).await?;
    let mut askers = askers(servers, &Client::new(bare.url())?)?;
    ensure!(askers.len() == DINERS, "{} sessions stand in Redis", askers.len());

    // Not counted: connections are made, and Redis gets to know the script.
    turn(bare.process_id()?, &mut askers, ask).await?;
    turn(platform.process_id()?, &mut diners, Diner::refresh).await?;

    let (mut by_processor, mut by_clock) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let theirs = turn(bare.process_id()?, &mut askers, ask).await?;
        let ours = turn(platform.process_id()?, &mut diners, Diner::refresh).await?;
        by_processor.add(ours.by_processor, theirs.by_processor);
        by_clock.add(ours.by_clock, theirs.by_clock);
    }
    let (ours, theirs) = (by_processor.ours.per_second(), by_processor.theirs.per_second());
    let spent = format!("{} in {:.1?} of processor time", by_processor.ours.done, by_processor.ours.took);
    let detail = format!(
        "median of {ROUNDS} rounds; {ours:.0} of {theirs:.0} bare per processor second in all; by the clock {:.0} %, \
         {:.0}/s of {:.0}/s",
        by_clock.median(),
        by_clock.ours.per_second(),
        by_clock.theirs.per_second()
    );
    Ok([
        Row::new("refresh on Redis per processor second", ours, "1/s", Target::AtLeast(2_000.0), spent),
        Row::new("refresh on Redis", by_processor.median(), "% of bare", Target::AtLeast(70.0), detail),
    ])
}

/// What was done in a turn, once with the processor time of the server and once with the time that passed.
struct Turn {
    by_processor: Work,
    by_clock: Work,
}

/// Lets all `workers` do `task`, which keeps the server `process` busy.
async fn turn<W, F>(process: u32, workers: &mut Vec<W>, task: impl Fn(W) -> F) -> Result<Turn>
where
    W: Send + 'static,
    F: Future<Output = Result<W>> + Send + 'static,
{
    let before = cpu_time(process)?;
    let (rested, by_clock) = keep_busy(std::mem::take(workers), TURN, task).await?;
    *workers = rested;
    let by_processor = Work { done: by_clock.done, took: cpu_time(process)? - before };
    Ok(Turn { by_processor, by_clock })
}

/// Somebody who asks the bare route.
struct Asker {
    client: Client,
    session: String,
}

/// One for each session in Redis.
fn askers(servers: &Servers, client: &Client) -> Result<Vec<Asker>> {
    let keys = servers.redis.cli(&["KEYS", "refresh:*"])?;
    let sessions = keys.lines().filter_map(|key| key.strip_prefix("refresh:"));
    Ok(sessions.map(|session| Asker { client: client.clone(), session: session.to_owned() }).collect())
}

async fn ask(asker: Asker) -> Result<Asker> {
    let answer = asker.client.post("/auth/refresh", &json!({ "refresh_token": asker.session }), &[]).await?;
    ensure!(answer.status() == StatusCode::OK, "the bare route answered {}", answer.status());
    let _tokens: serde_json::Value = answer.json().await?;
    Ok(asker)
}
