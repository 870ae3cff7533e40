//! Whether events flow: fresh registrations get their mail, and fresh verifications their user.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clock::{Sources, Timestamp};
use futures_util::future::join_all;
use testkit::SmtpSink;

use super::witness::Witness;
use crate::client::Client;
use crate::http_client::Doors;
use crate::ledger::Ledger;
use crate::limits::Limits;

/// So many at once, so that one slow partition does not go unnoticed.
const PROBES: u64 = 3;
/// Their networks are those of nobody else.
const FIRST_NUMBER: u64 = 200;

/// Clients that come only to read.
pub(crate) struct Flow {
    probes: Vec<Client>,
    failing: Client,
    witness: Witness,
    ledger: Ledger,
    limits: Limits,
    sources: Sources,
}

impl Flow {
    pub(crate) fn new(
        seed: u64,
        (doors, mails): (&Doors, &Arc<SmtpSink>),
        (ledger, witness): (&Ledger, &Witness),
        limits: Limits,
    ) -> Self {
        let client = |number| Client::new(number, seed + number, doors.clone(), mails.clone(), ledger.clone());
        Self {
            probes: (0..PROBES).map(|number| client(FIRST_NUMBER + number)).collect(),
            failing: client(FIRST_NUMBER + PROBES),
            witness: witness.clone(),
            ledger: ledger.clone(),
            limits,
            sources: Sources::system(),
        }
    }

    /// Returns how long after `since` everything flowed, unless it never did.
    pub(crate) async fn measure(&mut self, since: Timestamp) -> Result<Option<Duration>> {
        let (witness, sources) = (&self.witness, &self.sources);
        let all = join_all(self.probes.iter_mut().map(|probe| flows(probe, witness, sources)));
        match tokio::time::timeout(self.limits.flow(), all).await {
            Ok(outcomes) => outcomes.into_iter().collect::<Result<()>>()?,
            Err(_) => return Ok(None),
        }
        Ok(Some((sources.now() - since).to_std().unwrap_or_default()))
    }

    /// Complains if flow is delayed at this moment, by `cause`.
    pub(crate) async fn expect_undelayed(&mut self, cause: &str) -> Result<()> {
        let now = self.sources.now();
        let took = self.measure(now).await?;
        if took.is_none_or(|took| took > self.limits.recovery()) {
            let complaint = format!("{cause} delayed the others: {took:?}");
            self.ledger.promises().broken.push(complaint);
        }
        Ok(())
    }

    /// Complains if mails are delayed at this moment, by `cause`; new users may be.
    pub(crate) async fn expect_mails(&mut self, cause: &str) {
        let all = join_all(self.probes.iter_mut().map(prove_mailbox));
        let limit = self.limits.recovery();
        if tokio::time::timeout(limit, all).await.is_err() {
            self.ledger.promises().broken.push(format!("{cause} delayed mails by more than {limit:?}"));
        }
    }

    /// The address that [`Flow::register_failing`] takes next.
    pub(crate) fn next_failing_address(&self) -> String {
        self.failing.coming_address()
    }

    /// Registers the user whose key fails.
    pub(crate) async fn register_failing(&mut self) -> Option<String> {
        self.failing.prove_mailbox().await
    }
}

/// Returns when a fresh mailbox was proven and its user is there.
async fn flows(probe: &mut Client, witness: &Witness, sources: &Sources) -> Result<()> {
    let email = prove_mailbox(probe).await;
    while witness.users(std::slice::from_ref(&email)).await?.is_empty() {
        sources.sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn prove_mailbox(probe: &mut Client) -> String {
    loop {
        if let Some(email) = probe.prove_mailbox().await {
            return email;
        }
    }
}
