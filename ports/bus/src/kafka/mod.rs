//! Kafka as the log that events travel on between processes.
//!
//! The relay's records are written by the publisher, consumers read through a subscription. What keeps order and counts
//! effects stands outside: in the relay, the runner and the inbox. Nothing here waits for Kafka at start.

mod client;
mod clients;
mod cluster;
mod connection_health;
mod description;
mod envelope;
mod first_contact;
mod lag;
mod member;
mod producer;
mod progress;
mod publisher;
mod rewind;
mod source;
mod start;
mod strangers;

pub(crate) use clients::{Clients, Reader};
pub(crate) use cluster::Cluster;
pub use connection_health::Transport;
pub use description::{Compression, Groups, Kafka, OffsetReset, Sasl, SaslMechanism, Security, Topics};
pub(crate) use lag::Lag;
pub(crate) use publisher::Publisher;
pub(crate) use rewind::remembered_since;
