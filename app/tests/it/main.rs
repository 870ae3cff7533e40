//! What people and operators see of the platform, through its outermost doors.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
// The whole platform is one future within the future of a test.
#![recursion_limit = "256"]

mod admin;
mod command_line;
mod connections;
mod data_folder;
mod demo;
mod descriptions;
mod every_route;
mod first_journey;
mod full_disk;
mod growth;
mod journeys;
mod operations;
mod pages;
mod settings;
mod shutdown;
mod spans;
mod support;
mod surroundings;
