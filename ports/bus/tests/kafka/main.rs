//! Kafka keeps the promises of the port, and speaks with members of the first platform as they do among themselves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod connection;
mod contract;
#[path = "../support/mod.rs"]
mod databases;
mod deliveries;
mod first_contact;
mod lag;
mod outage;
mod peers;
mod rebalance;
mod refusals;
mod restore;
mod start;
mod strangers;
mod support;
mod wire;
