//! In one process that holds all that it needs.

use std::iter;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::shelf::Shelf;
use super::shopper::{Act, Audit, Ledger, Shopper};
use super::{CLIENTS, KEPT, LINES, MOST_WAIT, QUIET, open_restaurant};
use crate::load::{Samples, Work};
use crate::platform::Platform;
use crate::process::{cpu_time, resident_megabytes};
use crate::report::{Row, Target};

const TURNS: usize = 3;
const TURN: Duration = Duration::from_secs(4);
const LEAST_ADDS: f64 = 5_000.0;
const KILLS: u32 = 5;
const BEFORE_A_KILL: Duration = Duration::from_millis(1_500);

pub(crate) async fn embedded(platform: &mut Platform) -> Result<Vec<Row>> {
    open_restaurant(&platform.database().await?).await?;
    // Before there are others.
    let kept = kept(platform).await?;
    let mut rows = adds(platform).await?;
    rows.push(killed(platform).await?);
    rows.push(kept);
    Ok(rows)
}

/// Each of the clients with carts of its own, and all of them with the same one.
async fn adds(platform: &Platform) -> Result<Vec<Row>> {
    let url = platform.server.url("");
    let mut rows = Vec::new();
    let own: Vec<_> = iter::repeat_with(|| Shelf::new(&platform.sources)).take(CLIENTS).collect();
    let same = vec![Shelf::new(&platform.sources); CLIENTS];
    for (what, shelves) in [("different carts", own), ("one cart", same)] {
        let mut shoppers = Shopper::some(std::slice::from_ref(&url), shelves).await?;
        Shopper::act_for(&mut shoppers, Act::Add, TURN / 4).await?;
        let (mut rates, mut times, mut spent) = (Vec::new(), Samples::default(), Work::default());
        for _ in 0..TURNS {
            let before = cpu_time(platform.process_id()?)?;
            let mut turn = Shopper::act_for(&mut shoppers, Act::Add, TURN).await?;
            spent += Work { done: turn.work.done, took: cpu_time(platform.process_id()?)? - before };
            rates.push(turn.work.per_second());
            times.append(&mut turn.times);
        }
        rates.sort_by(f64::total_cmp);
        let Audit { answered, unanswered, .. } = Ledger::of(&shoppers).check(&url).await?;
        let units = format!("{answered} units answered and found, {unanswered} refused for now");
        let rate = spent.per_second();
        let detail = format!("{CLIENTS} clients, median of {TURNS} turns; {rate:.0} per processor second; {units}");
        rows.push(Row::new(
            format!("embedded: adds to {what} a second"),
            rates[TURNS / 2],
            "/s",
            Target::AtLeast(LEAST_ADDS),
            detail,
        ));
        let detail = format!("p99 of {}, median {:.1?}", times.len(), times.median()?);
        rows.push(Row::milliseconds(
            format!("embedded: adds to {what}, p99"),
            times.percentile(99)?,
            MOST_WAIT,
            detail,
        ));
    }
    Ok(rows)
}

/// Kills the server while all add, half of them to the same cart, and counts.
async fn killed(platform: &mut Platform) -> Result<Row> {
    let mut all = Audit::default();
    for _ in 0..KILLS {
        let (url, same) = (platform.server.url(""), Shelf::new(&platform.sources));
        let shelf = |number| if number % 2 == 0 { same.clone() } else { Shelf::new(&platform.sources) };
        let shoppers = Shopper::some(std::slice::from_ref(&url), (0..CLIENTS).map(shelf)).await?;
        let sources = platform.sources.clone();
        let kill = async {
            sources.sleep(BEFORE_A_KILL).await;
            anyhow::Ok(platform.server.kill().await?)
        };
        let (shoppers, ()) = tokio::try_join!(Shopper::add_to_the_end(shoppers), kill)?;
        platform.server.start().await?;
        all += Ledger::of(&shoppers).audit(&url).await?;
    }
    ensure!(all.answered > 0, "nothing was answered before a kill");
    ensure!(all.surplus == 0, "{} units are there that nobody has asked for", all.surplus);
    let detail = format!("of {} answered, over {KILLS} kills amid adds of {CLIENTS} clients", all.answered);
    let lost = u32::try_from(all.lost)?;
    Ok(Row::new("embedded: units lost by kill -9", f64::from(lost), "units", Target::AtMost(0.0), detail))
}

/// What carts take of a process, and of its disk.
async fn kept(platform: &mut Platform) -> Result<Row> {
    let folder = platform.server.folder().join("ephemeral");
    let before = restarted(platform).await?;
    let disk = bytes_below(&folder)?;
    let shelf = Shelf::of_small_carts(&platform.sources, KEPT, LINES);
    let shoppers = Shopper::some(&[platform.server.url("")], vec![shelf; CLIENTS]).await?;
    let shoppers = Shopper::add_to_the_end(shoppers).await?;
    platform.sources.sleep(QUIET).await;
    let worked = resident_megabytes(platform.process_id()?)?;
    let Audit { answered, .. } = Ledger::of(&shoppers).check(&platform.server.url("")).await?;
    ensure!(answered == KEPT * LINES, "{answered} units were answered");
    let after = restarted(platform).await?;
    let detail = format!(
        "{KEPT} carts of {LINES} lines: {after:.0} MB beside {before:.0} MB after a start, {worked:.0} MB right after \
         they were filled; {} MB of disk",
        bytes_below(&folder)?.saturating_sub(disk) / 1_000_000
    );
    Ok(Row::new(format!("embedded: memory of {KEPT} carts"), after - before, "MB", Target::None, detail))
}

/// What the server holds right after a start.
async fn restarted(platform: &mut Platform) -> Result<f64> {
    ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
    platform.server.start().await?;
    platform.sources.sleep(QUIET).await;
    resident_megabytes(platform.process_id()?)
}

fn bytes_below(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
