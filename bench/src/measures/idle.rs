//! The memory that the server holds while nobody asks it anything.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use clock::Sources;
use testkit::Server;

use crate::platform::Platform;
use crate::process::resident_megabytes;
use crate::report::{Row, Target};

const QUIET: Duration = Duration::from_secs(5);

/// Before the first request.
pub(crate) async fn of_a_fresh_start(platform: &Platform) -> Result<Row> {
    memory("idle memory, fresh", platform).await
}

/// After everything else that was measured.
pub(crate) async fn after_all_that(platform: &Platform) -> Result<Row> {
    memory("idle memory, after the load", platform).await
}

/// With all services and the demo's town, before the first request.
pub(crate) async fn of_the_demo(binary: &Path) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(binary, &folder.path().join("data"), &[])?.demonstrating();
    server.start().await?;
    Sources::system().sleep(QUIET).await;
    let megabytes = resident_megabytes(server.process_id().context("the server is not running")?)?;
    let detail = format!("resident after {QUIET:?} of quiet, all services");
    Ok(Row::new("idle memory with the demo town", megabytes, "MB", Target::AtMost(90.0), detail))
}

async fn memory(what: &'static str, platform: &Platform) -> Result<Row> {
    platform.sources.sleep(QUIET).await;
    let megabytes = resident_megabytes(platform.process_id()?)?;
    Ok(Row::new(what, megabytes, "MB", Target::AtMost(60.0), format!("resident after {QUIET:?} of quiet")))
}
