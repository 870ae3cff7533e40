//! How long a mail that somebody waits for takes while a campaign leaves as fast as it can, through the same connections.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clock::{Clock, SystemClock};
use contracts::MailClass;
use database::Database;
use kit::commercial_hours;

use super::mail;
use crate::platform::Platform;
use crate::report::Row;
use crate::servers::Servers;
use crate::store;

/// More than leave while others are waited for.
const CAMPAIGN: usize = 200_000;
/// More than can leave.
const NO_RATE: &str = "1000000";
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Slower ones are too late for somebody who waits before a form, in milliseconds.
const MOST: f64 = 1_000.0;

/// On SQLite.
pub(crate) async fn embedded(binary: &Path) -> Result<Row> {
    let mut platform = Platform::ahead(binary, environment(), until_the_hours()?).await?;
    let database = platform.database().await?;
    measure("SQLite", &mut platform, &database).await
}

/// On Postgres.
pub(crate) async fn on_servers(binary: &Path, servers: &Servers) -> Result<Row> {
    servers.make_database("mail_beside").await?;
    let environment = [servers.environment_of_one_process("mail_beside", 7), environment()].concat();
    let mut platform = Platform::ahead(binary, environment, until_the_hours()?).await?;
    let database = servers.open_to_fill("mail_beside").await?;
    measure("Postgres", &mut platform, &database).await
}

fn environment() -> Vec<(&'static str, String)> {
    let rates = ["MAILS_PER_SECOND", "COMMERCIAL_MAILS_PER_SECOND", "MAILS_PER_DOMAIN_PER_SECOND"];
    let identity = [
        ("SENDER_TITLE", "Lezzetlimanı Gıda A.Ş."),
        ("SENDER_MERSIS", "0123456789012345"),
        ("SENDER_CONTACT", "iletisim@example.com"),
    ];
    let rates = rates.into_iter().map(|name| (name, NO_RATE));
    rates.chain(identity).map(|(name, value)| (name, value.to_owned())).collect()
}

/// Seconds from now on until commercial mail may leave, and goes on to for as long as this takes.
fn until_the_hours() -> Result<u32> {
    let now = SystemClock.now();
    let opening = commercial_hours::opens_for(HOUR, now);
    Ok(opening.map_or(Ok(0), |opening| u32::try_from((opening - now).num_seconds()))? + 60)
}

async fn measure(name: &str, platform: &mut Platform, database: &Database) -> Result<Row> {
    // Only a mail that waits has a content that others can be made of.
    platform.mails.go_down().await;
    platform.client.register().await?;
    ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
    store::mail::repeat_waiting(database, CAMPAIGN, MailClass::Commercial).await?;
    platform.mails.come_back().await?;
    platform.server.start().await?;
    platform.mails.wait_for(100, Duration::from_secs(30)).await.context("the campaign does not leave")?;

    let (before, begun) = (platform.mails.count(), SystemClock.now());
    let waits = mail::waits(platform).await?;
    let (left, took) = (platform.mails.count() - before - waits.len(), SystemClock.now() - begun);
    ensure!(before + left < CAMPAIGN, "the campaign was over before the others were sent");

    let rate = left / usize::try_from(took.num_seconds())?.max(1);
    let median = waits.median()?;
    let detail = format!("{} mails, median {median:.1?}; {rate} of the campaign left a second meanwhile", waits.len());
    Ok(Row::milliseconds(
        format!("mail beside a campaign that leaves, {name}, p99"),
        waits.percentile(99)?,
        MOST,
        detail,
    ))
}
