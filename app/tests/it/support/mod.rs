//! The platform under test: all services in this process, a clock moved by hand, real HTTP and a real mail server.

mod diner;
pub(crate) mod logs;
mod platform;

pub(crate) use diner::{Answer, Diner, read, token_in};
pub(crate) use platform::Platform;
