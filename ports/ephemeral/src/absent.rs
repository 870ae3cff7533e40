//! The ephemeral port of a process that has none: a command beside a server, or notification or restaurant without
//! `REDIS_URL`.

use std::time::Duration;

use crate::{Count, EphemeralError, EphemeralStore, Expiring, Followed, Members, Position, Result, Swap, Window};
use async_trait::async_trait;

/// Answers everything with the reason why it can't; to its callers that is a store that is away.
#[derive(Debug, Clone, Copy)]
pub struct Absent;

fn absent<T>() -> Result<T> {
    Err(EphemeralError::Absent)
}

#[async_trait]
impl EphemeralStore for Absent {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>> {
        absent()
    }

    async fn put(&self, _: &str, _: &[u8], _: Duration) -> Result<()> {
        absent()
    }

    async fn swap(&self, _: &str, _: Option<&[u8]>, _: Option<Expiring<'_>>) -> Result<Swap> {
        absent()
    }

    async fn count(&self, _: &str, _: &[u8], _: Window) -> Result<Count> {
        absent()
    }

    async fn uncount(&self, _: &str, _: Members<'_>) -> Result<()> {
        absent()
    }

    async fn append(&self, _: &str, _: &[u8], _: Duration) -> Result<Position> {
        absent()
    }

    async fn follow(&self, _: &str, _: Position, _: Duration) -> Result<Followed> {
        absent()
    }

    async fn incarnation(&self) -> Result<String> {
        absent()
    }

    fn connections(&self) -> u64 {
        0
    }
}
