//! Whether the server still answers at once that it lives, while more log-ins come than it can hash.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::StatusCode;
use serde_json::json;

use crate::client::Client;
use crate::load::{Samples, keep_busy};
use crate::platform::Platform;
use crate::report::Row;

/// More than the hashing threads of a small machine and their queue hold.
const CLIENTS: usize = 300;
const TIME: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// Strangers guess passwords of accounts that don't exist, which costs the server a hash each; told to come again, they do.
pub(crate) async fn liveness_under_logins(platform: &Platform) -> Result<Row> {
    let busy = Arc::new(AtomicU64::new(0));
    let guessers = vec![(platform.client.clone(), busy.clone()); CLIENTS];
    let sources = platform.sources.clone();
    let storm = keep_busy(guessers, TIME, move |(client, busy)| {
        let sources = sources.clone();
        async move {
            if let Some(pause) = guess(&client).await? {
                busy.fetch_add(1, Ordering::Relaxed);
                sources.sleep(pause).await;
            }
            Ok((client, busy))
        }
    });
    let ((_, guesses), answers) = tokio::try_join!(storm, read(platform))?;

    let busy = busy.load(Ordering::Relaxed);
    let detail = format!(
        "{} looks, median {:.1?}; {} guesses, {busy} of them told to come again",
        answers.len(),
        answers.median()?,
        guesses.done
    );
    Ok(Row::milliseconds("/health/live in a login storm, p99", answers.percentile(99)?, 50.0, detail))
}

/// How long the server asks to wait, if it was too busy to try the guess.
async fn guess(client: &Client) -> Result<Option<Duration>> {
    let body = json!({ "email": client.new_address(), "password": "a guess that is wrong" });
    let answer = client.post("/auth/login", &body, &[]).await?;
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        let pause = answer.headers().get("retry-after").context("a 503 says not when to come again")?;
        return Ok(Some(Duration::from_secs(pause.to_str()?.parse()?)));
    }
    ensure!(answer.status() == StatusCode::BAD_REQUEST, "a wrong guess was answered {}", answer.status());
    Ok(None)
}

async fn read(platform: &Platform) -> Result<Samples> {
    let begun = Instant::now();
    let mut answers = Samples::default();
    while begun.elapsed() < TIME {
        let asked = Instant::now();
        let status = platform.client.get("/health/live", &[]).await?.status();
        answers.add(asked.elapsed());
        ensure!(status == StatusCode::OK, "/health/live answered {status}");
        platform.sources.sleep(PAUSE).await;
    }
    Ok(answers)
}
