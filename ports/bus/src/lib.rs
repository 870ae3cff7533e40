//! The port for events: outbox, inbox, consumers, parking and dead letters.
//!
//! Services cannot publish; they record an event with their open transaction ([`outbox::record`]). Delivery is at least
//! once on the wire and exactly once in effect: the inbox row, the handler's writes and the events that it records commit
//! together. Events of one key keep their order, also while one of them is retried.

mod announced;
mod bus;
mod consumer;
pub mod dead_letters;
mod delivery;
mod embedded;
pub mod fan_out;
mod heard_until;
mod kafka;
mod log;
mod maintenance;
mod measures;
mod migrations;
mod model;
pub mod outbox;
mod real_time;
mod relay;
pub mod rewind;
mod runner;
mod secrets;
mod source;
mod status;
mod store;
mod text;
mod trace;

#[cfg(feature = "contract")]
pub mod contract;

pub use bus::{Bus, BusUrl, OpenError};
pub use consumer::{Consumer, HearError, Heard, Hears};
pub use heard_until::HeardUntil;
pub use kafka::{Compression, Groups, Kafka, OffsetReset, Sasl, SaslMechanism, Security, Topics, Transport};
pub use migrations::MIGRATIONS;
pub use status::{ConsumerLag, ConsumerStatus, Status, TopicStatus};
pub use trace::TraceParent;
