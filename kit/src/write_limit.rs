//! How often somebody may write on one day: each write leaves rows and an event, and what is deleted may leave a row for good.

use std::time::Duration;

use axum::http::StatusCode;
use contracts::UserId;
use database::{WriteTransaction, daily_write};

use crate::{Problem, Text};

/// Somebody has written as often as they may on this day; the next one begins after so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the writes of this day are used up")]
pub struct TooManyWrites(Duration);

/// Counts the write of this transaction as one of `writer`, who may make `limit` of them in `scope` on a day, by UTC. A write
/// that is not committed is not counted.
///
/// # Errors
/// The database failed.
pub async fn count_write(
    tx: &WriteTransaction,
    scope: &'static str,
    writer: UserId,
    limit: i64,
) -> database::Result<Result<(), TooManyWrites>> {
    let writes = daily_write::add(tx, scope, writer).await?;
    Ok(if writes.count > limit { Err(TooManyWrites(writes.until_tomorrow)) } else { Ok(()) })
}

impl From<TooManyWrites> for Problem {
    fn from(TooManyWrites(until_tomorrow): TooManyWrites) -> Self {
        let text = Text::new(
            "Bugün çok fazla değişiklik yaptınız; yarın devam edebilirsiniz.",
            "You have made too many changes today; go on tomorrow.",
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_WRITES", text).retry_after(until_tomorrow)
    }
}
