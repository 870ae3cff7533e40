//! What every bus promises, as tests that each adapter runs unchanged: this suite is the definition of the port.

#![expect(clippy::unwrap_used, reason = "a clause that meets an error has failed")]

mod dead_letters;
mod effects;
mod events;
mod fan_outs;
mod maintenance;
mod parking;
mod refusals;
mod scene;
mod scribe;
mod secrets;
mod settling;

use std::time::Duration;

use async_trait::async_trait;
use database::Database;

use crate::BusUrl;

/// What an adapter brings to the suite.
#[async_trait]
pub trait Harness: Send + Sync + Sized {
    /// A bus that nobody has used, on a database with the tables of the bus.
    async fn fresh() -> Self;

    /// Where its events travel.
    fn url(&self) -> BusUrl;

    /// The database as this process has it open.
    fn database(&self) -> &Database;

    /// The database as another process opens it.
    async fn connect(&self) -> Database;

    /// Loses the connections as a process does that dies, and opens new ones.
    async fn reconnect(&mut self);

    /// Lets time pass.
    fn pass(&self, time: Duration);

    /// Sets the clock back.
    fn set_back(&self, time: Duration);

    /// Makes the next start deliver everything again that is still there.
    async fn rewind(&self);

    /// All bytes that the bus keeps on disk.
    fn at_rest(&self) -> Vec<u8>;
}

/// Runs every clause, each on a fresh bus.
pub async fn run_all<H: Harness>() {
    effects::run_all::<H>().await;
    parking::run_all::<H>().await;
    refusals::run_all::<H>().await;
    settling::run_all::<H>().await;
    dead_letters::run_all::<H>().await;
    secrets::run_all::<H>().await;
    maintenance::run_all::<H>().await;
    fan_outs::run_all::<H>().await;
}
