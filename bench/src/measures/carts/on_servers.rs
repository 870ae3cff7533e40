//! On Redis, by the cart service alone: beside bare routes that ask Redis the same, and by three processes at once.

use std::iter;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testkit::Server;

use super::shelf::Shelf;
use super::shopper::{Act, Audit, Ledger, Shopper, Turn};
use super::{CLIENTS, KEPT, LINES, MOST_WAIT, open_restaurant};
use crate::bare::{Bare, BareServer};
use crate::load::{Samples, Work, count};
use crate::platform::Platform;
use crate::process::cpu_time;
use crate::report::{Row, Target};
use crate::rounds::Rounds;
use crate::servers::Servers;

const PROCESSES: usize = 3;
const ROUNDS: usize = 7;
const TURN: Duration = Duration::from_secs(2);

pub(crate) async fn on_servers(binary: &Path, servers: &Servers) -> Result<Vec<Row>> {
    let platform = Platform::auth_alone(binary, servers).await?;
    let mut fleet = vec![platform.another(servers, "cart").await?];
    fleet[0].start().await?;
    for number in 1..PROCESSES {
        let mut replica = platform.replica(servers, "cart", number)?;
        replica.start().await?;
        fleet.push(replica);
    }
    open_restaurant(&servers.open_to_fill("cart").await?).await?;
    let bare = BareServer::start(Bare::Carts, servers).await?;
    let mut rows = adds_and_reads(&platform, &fleet, &bare).await?;
    rows.push(kept(&platform, &fleet[0], servers).await?);
    Ok(rows)
}

/// One side, and what it came to.
struct Side {
    shoppers: Vec<Shopper>,
    /// Whose processor time counts.
    process: Option<u32>,
    times: Samples,
    by_processor: Work,
}

impl Side {
    async fn new(urls: &[String], shelves: Vec<Arc<Shelf>>, process: Option<u32>) -> Result<Self> {
        let shoppers = Shopper::some(urls, shelves).await?;
        Ok(Self { shoppers, process, times: Samples::default(), by_processor: Work::default() })
    }

    async fn act(&mut self, act: Act) -> Result<Work> {
        let spent = |process: Option<u32>| process.map_or(Ok(Duration::ZERO), cpu_time);
        let before = spent(self.process)?;
        let Turn { work, mut times } = Shopper::act_for(&mut self.shoppers, act, TURN).await?;
        self.by_processor += Work { done: work.done, took: spent(self.process)? - before };
        self.times.append(&mut times);
        Ok(work)
    }

    fn forget(&mut self) {
        (self.times, self.by_processor) = (Samples::default(), Work::default());
    }

    fn wait(&self, what: &str) -> Result<Row> {
        let detail = format!("p99 of {}, {CLIENTS} clients; median {:.1?}", self.times.len(), self.times.median()?);
        Ok(Row::milliseconds(format!("Redis: adds to {what}, p99"), self.times.percentile(99)?, MOST_WAIT, detail))
    }
}

async fn adds_and_reads(platform: &Platform, fleet: &[Server], bare: &BareServer) -> Result<Vec<Row>> {
    let urls: Vec<String> = fleet.iter().map(|server| server.url("")).collect();
    let first = std::slice::from_ref(&urls[0]);
    let process = fleet[0].process_id().context("the carts are not running")?;
    let own: Vec<_> = iter::repeat_with(|| Shelf::new(&platform.sources)).take(CLIENTS).collect();
    let same = || vec![Shelf::new(&platform.sources); CLIENTS];
    let mut different = Side::new(first, own.clone(), Some(process)).await?;
    let mut theirs = Side::new(&[bare.url().to_owned()], own, Some(bare.process_id()?)).await?;
    let mut hot = Side::new(first, same(), None).await?;
    let mut hot_of_three = Side::new(&urls, same(), None).await?;

    let (mut adds, mut on_one, mut over_three, mut reads) =
        (Rounds::default(), Rounds::default(), Rounds::default(), Rounds::default());
    // The first round is not counted.
    for round in 0..=ROUNDS {
        let ours = different.act(Act::Add).await?;
        let bare = theirs.act(Act::AddAgain).await?;
        let one = hot.act(Act::Add).await?;
        let three = hot_of_three.act(Act::Add).await?;
        if round == 0 {
            for side in [&mut different, &mut theirs, &mut hot, &mut hot_of_three] {
                side.forget();
            }
        } else {
            adds.add(ours, bare);
            on_one.add(one, ours);
            over_three.add(three, ours);
        }
    }
    let mut all = Audit::default();
    for side in [&different, &hot, &hot_of_three] {
        all += Ledger::of(&side.shoppers).check(&urls[0]).await?;
    }
    let found = format!("of {} that were answered and found", all.answered);
    let unanswered = f64::from(u32::try_from(all.unanswered)?);
    let waits = [(&different, "different carts"), (&hot, "one cart"), (&hot_of_three, "one cart by three")];
    let waits: Vec<Row> = waits.iter().map(|(side, what)| side.wait(what)).collect::<Result<_>>()?;
    let mut rows = vec![
        share("adds to different carts", &adds, ("% of bare", 80.0), &beside_bare(&different, &theirs)),
        share("adds to one cart", &on_one, ("% of those", 90.0), "by one process"),
        share("adds to one cart by three processes", &over_three, ("% of those", 30.0), "a third of the clients each"),
    ];
    rows.extend(waits);
    rows.push(Row::new("Redis: adds told to come again", unanswered, "adds", Target::AtMost(0.0), found));

    for round in 0..=ROUNDS {
        let (ours, bare) = (different.act(Act::Read).await?, theirs.act(Act::Read).await?);
        if round == 0 {
            for side in [&mut different, &mut theirs] {
                side.forget();
            }
        } else {
            reads.add(ours, bare);
        }
    }
    rows.push(share("reads of carts", &reads, ("% of bare", 80.0), &beside_bare(&different, &theirs)));
    Ok(rows)
}

fn share(what: &str, rounds: &Rounds, (unit, least): (&'static str, f64), detail: &str) -> Row {
    let (ours, theirs) = (rounds.ours.per_second(), rounds.theirs.per_second());
    let detail = format!("median of {ROUNDS} rounds; {ours:.0}/s of {theirs:.0}/s; {detail}");
    Row::new(format!("Redis: {what}"), rounds.median(), unit, Target::AtLeast(least), detail)
}

fn beside_bare(ours: &Side, bare: &Side) -> String {
    let (ours, bare) = (ours.by_processor.per_second(), bare.by_processor.per_second());
    format!("per processor second {:.0} %, {ours:.0} of {bare:.0}", 100.0 * ours / bare)
}

/// What carts take of Redis.
async fn kept(platform: &Platform, server: &Server, servers: &Servers) -> Result<Row> {
    let before = used_memory(servers)?;
    let shelf = Shelf::of_small_carts(&platform.sources, KEPT, LINES);
    let shoppers = Shopper::some(&[server.url("")], vec![shelf; CLIENTS]).await?;
    let shoppers = Shopper::add_to_the_end(shoppers).await?;
    let taken = used_memory(servers)?.saturating_sub(before);
    let Audit { answered, .. } = Ledger::of(&shoppers).check(&server.url("")).await?;
    ensure!(answered == KEPT * LINES, "{answered} units were answered");
    let detail = format!("{KEPT} carts of {LINES} lines, {} bytes each with what counts them", taken / KEPT);
    Ok(Row::new(format!("Redis: memory of {KEPT} carts"), count(taken) / 1e6, "MB", Target::None, detail))
}

fn used_memory(servers: &Servers) -> Result<u64> {
    let said = servers.redis.cli(&["INFO", "memory"])?;
    let used = said.lines().find_map(|line| line.strip_prefix("used_memory:")).context("Redis tells no memory")?;
    Ok(used.trim().parse()?)
}
