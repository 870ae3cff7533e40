//! The binary: command line, settings, ports, services, one router, one task set, one shutdown.
//!
//! A library so that tests run the platform in their own process, with a clock and randomness of theirs: see
//! [`platform::App`] and [`settings::Settings`]. What a service does is not decided here.

pub mod command_line;
mod commands;
mod data_folder;
mod demo;
mod disk;
mod end;
mod error;
mod file_handles;
pub mod platform;
pub mod services;
pub mod settings;
pub mod telemetry;
mod terminal;

pub use commands::main;
pub use error::{Error, Result};
