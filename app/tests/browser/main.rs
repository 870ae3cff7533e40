//! What readers see and do in a browser: a real one, before the built program with the town of its demo.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod journeys;
mod pages;
mod support;
