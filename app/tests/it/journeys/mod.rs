//! The first journey of the platform, over HTTP, as people walk it.

mod bad_input;
mod identity;
mod poison;
mod refresh;
mod sign_in;
mod whole;
