//! The routes as clients use them, on the whole service.

mod bad_input;
mod enumeration;
mod journey;
mod limits;
mod operator;
mod outage;
mod pages;
mod password;
mod refresh;
mod registration;
mod sessions;
