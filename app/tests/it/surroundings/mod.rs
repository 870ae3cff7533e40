//! Surroundings that are not as they should be, as the operator of the built program sees them: a clear line in the log,
//! readiness that says why, and a process that goes on by itself once they are mended.

mod alone;
mod campaigns;
mod cart_replicas;
mod clocks;
mod default_names;
mod first_platform;
mod fleet;
mod gateway;
mod kafka;
mod killed_merges;
mod killed_orders;
mod killed_writer;
mod links;
mod peers;
mod postgres;
mod process;
mod redis;
mod schema;
mod silence;
