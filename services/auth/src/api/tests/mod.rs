//! The routes as clients use them, on the whole service.

mod bad_input;
mod browser;
mod enumeration;
mod journey;
mod limits;
mod mail_pages;
mod mail_requests;
mod operator;
mod outage;
mod password;
mod peers;
mod refresh;
mod registration;
mod replicas;
mod sessions;

use crate::fixture::{Ask, Fixture};

impl Fixture {
    /// The status of a request that needs a session.
    async fn status_of(&self, access: &str) -> u16 {
        self.ask(Ask::get("/auth/me").bearer(access)).await.status
    }

    /// The kinds of the events of the session's user, newest first.
    async fn events(&self, access: &str) -> Vec<String> {
        self.answer_mail_requests().await;
        let answer = self.ask(Ask::get("/auth/events?limit=100").bearer(access)).await;
        let events = answer.json()["items"].as_array().unwrap().clone();
        events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    }
}
