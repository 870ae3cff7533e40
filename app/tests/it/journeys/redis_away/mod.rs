//! Redis goes away in the middle of traffic and comes back: what waits, what goes on, and that nothing is lost.

mod ended_sessions;
mod hanging;
mod outage;
mod pending;
mod rolled_back;
mod sessions;
mod wiped;

pub(super) use outage::sign_in_an_admin;
