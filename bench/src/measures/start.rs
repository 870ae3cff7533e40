//! How long a start takes until the server is ready.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::load::Samples;
use crate::platform::Platform;
use crate::report::Row;

const STARTS: usize = 10;

/// The slowest of several starts over the data that the bench made, after a stop and after a kill by turns.
pub(crate) async fn until_ready(platform: &mut Platform) -> Result<Row> {
    let mut starts = Samples::default();
    for turn in 0..STARTS {
        if turn % 2 == 0 {
            ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
        } else {
            platform.server.kill().await?;
        }
        let begun = Instant::now();
        platform.server.start().await?;
        starts.add(begun.elapsed());
    }
    let detail = format!("slowest of {}, half of them after kill -9; median {:.1?}", starts.len(), starts.median()?);
    Ok(Row::milliseconds("start until ready", starts.percentile(100)?, 1_000.0, detail))
}
