//! The routes as clients use them, on the whole service.

mod bad_input;
mod description;
mod enumeration;
mod journey;
mod limits;
mod mail_requests;
mod operator;
mod outage;
mod pages;
mod password;
mod peers;
mod refresh;
mod registration;
mod replicas;
mod sessions;
