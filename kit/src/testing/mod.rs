//! What the tests of every service stand on: ports of their own on either database, a clock that stands still, a switch for
//! outages, tasks, and a client. All of it panics where it can't go on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod ask;
mod body;
mod client;
mod deliver;
mod events;
mod facts;
mod fixture;
mod html;
mod in_front;
mod outage;
mod ports;
mod recorded;
mod routes;
mod running;
mod wait;

pub use ask::{Answer, Ask, faults};
pub use body::changed;
pub use client::Client;
pub use deliver::{deliver, heard};
pub use events::{EventReader, ReadEvent};
pub use html::{Tag, policy_faults, tags};
pub use in_front::{Front, InFront};
pub use outage::Outage;
pub use ports::{Engine, TestPorts};
pub use recorded::{Collected, Recorded, hear_all};
pub use routes::routes_of;
pub use running::RunningTasks;
pub use wait::{TIMEOUT, at_last};
