//! Refreshes per second of processor time that the server spends on them.

use std::time::Duration;

use anyhow::Result;

use crate::diner::Diner;
use crate::load::{count, keep_busy};
use crate::platform::Platform;
use crate::process::cpu_time;
use crate::report::{Row, Target};

const TIME: Duration = Duration::from_secs(8);

/// Each diner refreshes a session of its own as fast as it is answered.
pub(crate) async fn per_cpu_second(platform: &Platform, diners: &mut Vec<Diner>) -> Result<Row> {
    let id = platform.process_id()?;
    let before = cpu_time(id)?;
    let (refreshed, work) = keep_busy(std::mem::take(diners), TIME, Diner::refresh).await?;
    let spent = cpu_time(id)? - before;
    *diners = refreshed;

    let rate = count(work.done) / spent.as_secs_f64();
    let detail = format!("{} in {spent:.1?} of processor time, {:.0}/s of the clock", work.done, work.per_second());
    Ok(Row::new("refresh per processor second", rate, "1/s", Target::AtLeast(2_000.0), detail))
}
