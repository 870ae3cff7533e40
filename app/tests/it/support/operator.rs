//! Whoever runs a platform: with the program at hand beside the server, and an admin's account.

use reqwest::Method;
use serde_json::Value;

use super::{Answer, Diner, Ended, Platform, Tokens, run_program};

/// An admin who is signed in, and sits at the server's terminal.
pub(crate) struct Operator {
    admin: Diner,
    tokens: Tokens,
    platform: Platform,
}

impl Operator {
    pub(crate) async fn of(platform: &Platform) -> Self {
        let admin = Diner::new(platform, "yonetici@example.com");
        let create = ["admin", "create", &admin.email, "--password-stdin"];
        let made = run_program(&platform.data(), &create, &format!("{}\n", admin.password)).await;
        assert_eq!(made.code, Some(0), "{made:?}");
        platform.notice_other_processes();
        let tokens = admin.login().await.tokens();
        Self { admin, tokens, platform: platform.clone() }
    }

    /// Signs in again, because hours have passed.
    pub(crate) async fn sign_in(&mut self) {
        self.tokens = self.admin.login().await.tokens();
    }

    /// The id of the account.
    pub(crate) fn id(&self) -> String {
        self.platform.claims(&self.tokens.access)["sub"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.admin.get_as(&self.tokens, path).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.admin.post_as(&self.tokens, path, body).await
    }

    /// Sends a request that has no body.
    pub(crate) async fn press(&self, path: &str) -> Answer {
        self.admin.send(Method::POST, path, Some(&self.tokens.access), None).await
    }

    /// The dead letters of one page.
    pub(crate) async fn letters(&self, query: &str) -> Vec<Value> {
        let page = self.get(&format!("/admin/dead-letters{query}")).await;
        page.json()["items"].as_array().unwrap_or_else(|| panic!("no page: {}", page.text)).clone()
    }

    /// Runs the program beside the server.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Ended {
        run_program(&self.platform.data(), arguments, "").await
    }
}
