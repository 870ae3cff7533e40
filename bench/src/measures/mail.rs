//! How long after its answer the mail of a registration is at the mail server, at five registrations a second.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clock::Timestamp;

use crate::load::Samples;
use crate::platform::Platform;
use crate::report::Row;

const REGISTRATIONS: usize = 150;
const PAUSE: Duration = Duration::from_millis(200);
const TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

pub(crate) async fn after_register(platform: &Platform) -> Result<Row> {
    let waits = waits(platform).await?;
    let detail = format!("{} mails, median {:.1?}", waits.len(), waits.median()?);
    Ok(Row::milliseconds("mail after register, p99", waits.percentile(99)?, 50.0, detail))
}

/// How long each mail took; one that arrives before the answer is read counts as no wait.
pub(crate) async fn waits(platform: &Platform) -> Result<Samples> {
    let mut answered: Vec<(String, Timestamp)> = Vec::with_capacity(REGISTRATIONS);
    let begun = platform.sources.now();
    for turn in 1..=u32::try_from(REGISTRATIONS)? {
        let email = platform.client.register().await?;
        answered.push((email, platform.sources.now()));
        platform.sources.sleep_until(begun + PAUSE * turn).await;
    }
    let last = platform.sources.now() + TIMEOUT;
    for (email, _) in &answered {
        while !platform.mails.has_mail_to(email) {
            ensure!(platform.sources.now() < last, "no mail came for {email}");
            platform.sources.sleep(POLL).await;
        }
    }

    // Others may have got mails meanwhile, and many.
    let mails = platform.mails.mails();
    let came: HashMap<&str, Timestamp> =
        mails.iter().flat_map(|mail| mail.to.iter().map(|to| (to.as_str(), mail.received_at))).collect();
    let mut waits = Samples::default();
    for (email, answered_at) in &answered {
        let received_at = came.get(email.as_str()).context("a mail that came is gone")?;
        waits.add((*received_at - answered_at).to_std().unwrap_or_default());
    }
    Ok(waits)
}
