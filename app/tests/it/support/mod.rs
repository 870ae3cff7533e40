//! The platform under test, in each of its sizes: tasks of this process, real HTTP, a real mail server and a clock that a
//! test sets forward.

mod counts;
mod desk;
mod diner;
mod http;
pub(crate) mod logs;
mod operator;
mod platform;
mod program;
pub(crate) mod server;
mod size;
pub(crate) mod statements;
mod time;
mod topics;

pub(crate) use counts::Counts;
pub(crate) use desk::{Desk, free_port};
pub(crate) use diner::{Answer, Diner, Tokens, read, token_in};
pub(crate) use http::{built, http_client};
pub(crate) use operator::Operator;
pub(crate) use platform::{Platform, in_every_size, in_every_size_on_servers, in_every_size_set};
pub(crate) use program::{Ended, PROGRAM, run_program};
pub(crate) use size::Servers;
pub(crate) use testkit::{TIMEOUT, at_last, in_time};
pub(crate) use topics::topic_names;
