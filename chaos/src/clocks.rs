//! How far the clock of our processes jumps, and that it does.

use anyhow::{Context, Result, ensure};
use chrono::DateTime;
use clock::Sources;
use rand::RngExt;
use rand::rngs::StdRng;
use testkit::Server;

/// How far, in seconds.
const HOUR: i64 = 3_600;
/// How far ahead all is due that orders and their money still wait for when the clock was ahead meanwhile: ten minutes for a card
/// or an answer, and some more.
pub(crate) const CLOSING: i64 = HOUR + 900;
/// What may pass between the answer and its check.
const SLACK: i64 = 120;

/// An hour ahead or behind.
pub(crate) fn any_jump(random: &mut StdRng) -> i64 {
    if random.random_bool(0.5) { HOUR } else { -HOUR }
}

/// Fails unless `server` shows a time that is ahead by `seconds`: without the library that shows it one, nothing jumps. A
/// time that went back says nothing, for a server gives an answer the newest second that it has seen.
pub(crate) async fn ensure_jumped(server: &Server, seconds: i64) -> Result<()> {
    if seconds < 0 {
        return Ok(());
    }
    let answer = reqwest::get(server.url("/health/live")).await?;
    let date = answer.headers().get("date").context("an answer has no date")?.to_str()?;
    let ahead = (DateTime::parse_from_rfc2822(date)?.to_utc() - Sources::system().now()).num_seconds();
    ensure!(
        (ahead - seconds).abs() < SLACK,
        "a clock is ahead by {ahead} s, not by {seconds} s: is faketime installed?"
    );
    Ok(())
}
