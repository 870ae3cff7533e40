//! The platform under test, in each of its sizes: tasks of this process, real HTTP, a real mail server and a clock that a
//! test sets forward.

mod counts;
mod diner;
pub(crate) mod logs;
mod operator;
mod platform;
mod program;
mod size;
mod time;

pub(crate) use counts::Counts;
pub(crate) use diner::{Answer, Diner, Tokens, read, token_in};
pub(crate) use operator::Operator;
pub(crate) use platform::{Platform, in_every_size};
pub(crate) use program::{Ended, PROGRAM, run_program};
