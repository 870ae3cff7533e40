//! Holds what stands there against what was promised: after each fault as far as it was acknowledged by then, and in the
//! end all of it.

mod conclusion;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use anyhow::Result;
use clock::{Sources, Timestamp};
use reqwest::StatusCode;
use serde_json::json;

use super::witness::Witness;
use crate::http_client::Doors;
use crate::ledger::{Ledger, Tokens};
use crate::limits::Limits;
pub(crate) use conclusion::Totals;

/// For so long a revoked access token would still be good.
const TOKEN_TTL: Duration = Duration::from_secs(14 * 60);
/// So many sessions that ended before are asked again after each fault.
const ASKED_AGAIN: usize = 10;

/// Judges one run.
pub(crate) struct Judge {
    ledger: Ledger,
    witness: Witness,
    doors: Doors,
    limits: Limits,
    http: reqwest::Client,
    sources: Sources,
    /// How many verifications and ended sessions have been checked.
    seen: (usize, usize),
    /// Ended sessions whose access tokens have not expired.
    ended: VecDeque<(Timestamp, Tokens)>,
    /// Users of transactions that stayed open for a minute.
    late_users: HashSet<String>,
}

impl Judge {
    pub(crate) fn new(ledger: Ledger, witness: Witness, doors: Doors, limits: Limits) -> Self {
        Self {
            ledger,
            witness,
            doors,
            limits,
            http: reqwest::Client::new(),
            sources: Sources::system(),
            seen: (0, 0),
            ended: VecDeque::new(),
            late_users: HashSet::new(),
        }
    }

    /// Checks everything that was acknowledged since the last time.
    pub(crate) async fn check(&mut self, occasion: &str, late_users: Vec<String>) -> Result<()> {
        self.late_users.extend(late_users);
        let (verified, ended) = {
            let promises = self.ledger.promises();
            (promises.verified[self.seen.0..].to_vec(), promises.ended[self.seen.1..].to_vec())
        };
        self.seen = (self.seen.0 + verified.len(), self.seen.1 + ended.len());
        self.check_verified(occasion, &verified).await?;
        self.check_ended(occasion, ended).await
    }

    /// Every acknowledged verification has one account, and soon one user.
    async fn check_verified(&self, occasion: &str, verified: &[String]) -> Result<()> {
        let accounts = self.witness.accounts(verified).await?;
        for email in verified {
            let count = accounts.get(email).map_or(0, Vec::len);
            if count != 1 {
                self.complain(format!("{occasion}: {email} has {count} accounts"));
            }
        }
        let limit = self.limits.catch_up();
        let deadline = self.sources.now() + limit;
        loop {
            let users = self.witness.users(verified).await?;
            let missing: Vec<&String> = verified.iter().filter(|email| !users.contains(*email)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            if self.sources.now() > deadline {
                self.complain(format!("{occasion}: no user after {limit:?} for {missing:?}"));
                return Ok(());
            }
            self.sources.sleep(Duration::from_millis(50)).await;
        }
    }

    /// No token of an ended session opens anything, at any replica; some that ended before are asked again.
    async fn check_ended(&mut self, occasion: &str, ended: Vec<Tokens>) -> Result<()> {
        let now = self.sources.now();
        let again = self.ended.iter().rev().step_by(7).take(ASKED_AGAIN).map(|(_, tokens)| tokens.clone());
        let asked: Vec<Tokens> = ended.iter().cloned().chain(again).collect();
        self.ended.extend(ended.into_iter().map(|tokens| (now, tokens)));
        while self.ended.pop_front_if(|(at, _)| *at + TOKEN_TTL < now).is_some() {}
        let deadline = now + self.limits.spread();
        for tokens in &asked {
            while let Some(complaint) = self.opens_anything(tokens).await {
                if self.sources.now() > deadline {
                    self.complain(format!("{occasion}: {complaint}"));
                    break;
                }
                self.sources.sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    async fn opens_anything(&self, tokens: &Tokens) -> Option<String> {
        let at = |path: &'static str| self.doors.serving(path).iter().map(move |door| format!("{door}{path}"));
        for url in at("/auth/me").chain(at("/users/me")) {
            let request = self.http.get(&url).bearer_auth(&tokens.access);
            if let Some(answer) = refuses(request).await {
                return Some(format!("{url} answers {answer} to the access token of an ended session"));
            }
        }
        for door in self.doors.serving("/auth/refresh") {
            let body = json!({ "refresh_token": tokens.refresh });
            if let Some(answer) = refuses(self.http.post(format!("{door}/auth/refresh")).json(&body)).await {
                return Some(format!("{door}/auth/refresh answers {answer} to an ended session"));
            }
        }
        None
    }

    fn complain(&self, complaint: String) {
        self.ledger.promises().broken.push(complaint);
    }
}

/// What was answered instead of 401.
async fn refuses(request: reqwest::RequestBuilder) -> Option<String> {
    match request.send().await {
        Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED => None,
        Ok(answer) => Some(answer.status().to_string()),
        Err(error) => Some(error.to_string()),
    }
}
