//! What a mail that somebody waits for costs beside commercial mails that are due: a thousand of them, and a million.
//!
//! Nobody says who sends those, so none of them leaves; a sender finds them all the same whenever it searches where it should not.

use std::path::Path;

use anyhow::Result;
use database::Database;

use super::mail;
use crate::platform::Platform;
use crate::report::{Row, Target};
use crate::servers::Servers;
use crate::store;

const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;
/// How much longer a mail may take beside many.
const MOST: f64 = 1.2;

/// On SQLite.
pub(crate) async fn embedded(platform: &Platform) -> Result<Vec<Row>> {
    let database = platform.database().await?;
    measure("SQLite", platform, &database).await
}

/// On Postgres.
pub(crate) async fn on_servers(binary: &Path, servers: &Servers) -> Result<Vec<Row>> {
    servers.make_database("mail_queue").await?;
    let platform = Platform::on(binary, servers.environment_of_one_process("mail_queue", 5)).await?;
    let database = servers.open_to_fill("mail_queue").await?;
    measure("Postgres", &platform, &database).await
}

async fn measure(name: &str, platform: &Platform, database: &Database) -> Result<Vec<Row>> {
    store::mail::add_due(database, 1..=FEW).await?;
    let few = mail::waits(platform).await?;
    store::mail::add_due(database, FEW + 1..=MANY).await?;
    let many = mail::waits(platform).await?;

    let (before, beside) = (few.median()?, many.median()?);
    let detail = format!("median {beside:.1?} beside {MANY}, {before:.1?} beside {FEW}");
    let ratio = beside.as_secs_f64() / before.as_secs_f64().max(f64::MIN_POSITIVE);
    let late = many.percentile(99)?;
    Ok(vec![
        Row::new(format!("mail beside a campaign, {name}"), ratio, "times", Target::AtMost(MOST), detail),
        Row::milliseconds(format!("the same, {name}, p99"), late, 1_000.0, format!("{} mails", many.len())),
    ])
}
