//! What the service can do: one function per ability, each with a transaction of its own.

mod account;
mod favorites;
mod health;
mod import_first_platform;
mod preferences;
mod profile;

pub(crate) use account::*;
pub(crate) use favorites::*;
pub(crate) use health::*;
pub use import_first_platform::*;
pub(crate) use preferences::*;
pub(crate) use profile::*;
