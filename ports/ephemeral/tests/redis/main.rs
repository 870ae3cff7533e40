//! The adapter for Redis keeps the contract on every topology, and what only a store elsewhere has to keep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod harness;
mod outages;
mod partitions;
mod peers;
mod refusals;
mod scripted;
mod topologies;
