//! The town of the demo, whose kitchens leave all orders to their managers.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use testkit::{Server, at_last};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_lezzetlimani");
/// A diner, three managers and an admin.
const ACCOUNTS: usize = 5;

/// A demo that runs. It is gone once this is dropped.
pub(crate) struct Town {
    server: Server,
    accounts: Vec<Account>,
    client: reqwest::Client,
    _folder: TempDir,
}

/// By which somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Town {
    /// Opens one, and returns once everything in it can be found.
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = [("DEMO_KITCHENS", "false"), ("RUST_LOG", "warn")];
        let server = Server::new(Path::new(PROGRAM), &folder.path().join("data"), &environment).unwrap();
        let mut server = server.demonstrating();
        server.start().await.unwrap();
        let accounts = at_last("the accounts are shown", async || {
            let accounts = accounts_in(&server.said().unwrap());
            (accounts.len() == ACCOUNTS).then_some(accounts)
        });
        let accounts = accounts.await;
        // A client that trusts what the machine trusts reads all of its certificates first.
        let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
        let town = Self { server, accounts, client, _folder: folder };
        at_last("the whole town is there", async || (town.restaurants().await.len() == 24).then_some(())).await;
        town
    }

    /// Where pages stand.
    pub(crate) fn base(&self) -> String {
        self.server.url("")
    }

    pub(crate) fn diner(&self) -> &Account {
        self.account("demo@")
    }

    /// Who runs Çıpa Kebap, which takes orders around the clock.
    pub(crate) fn manager(&self) -> &Account {
        self.account("manager@")
    }

    fn account(&self, beginning: &str) -> &Account {
        self.accounts.iter().find(|account| account.email.starts_with(beginning)).unwrap()
    }

    /// All restaurants, as the API answers them; none while they are still being read.
    async fn restaurants(&self) -> Vec<Value> {
        let listed = self.client.get(self.server.url("/restaurants?limit=100")).send().await.unwrap();
        if listed.status().is_success() { listed.json().await.unwrap() } else { Vec::new() }
    }

    /// The id of the restaurant with this name.
    pub(crate) async fn restaurant(&self, name: &str) -> String {
        let restaurants = self.restaurants().await;
        let found = restaurants.iter().find(|restaurant| restaurant["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// The id of the dish with this name there.
    pub(crate) async fn dish(&self, restaurant: &str, name: &str) -> String {
        let url = self.server.url(&format!("/meals/restaurant/{restaurant}"));
        let meals: Vec<Value> = self.client.get(url).send().await.unwrap().json().await.unwrap();
        let found = meals.iter().find(|meal| meal["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// The path and query of the link in the newest mail to `email`.
    pub(crate) async fn mailed_link(&self, email: &str) -> String {
        let url = self.server.url(&format!("/mailbox/messages?to={email}"));
        let mails = at_last("the mail is in the mailbox", async || {
            let mails = self.client.get(&url).send().await.unwrap().text().await.unwrap();
            mails.contains("/auth/verify-email?token=").then_some(mails)
        });
        let mails = mails.await;
        let start = mails.find("/auth/verify-email?token=").unwrap();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "/-?=_.~%".contains(c);
        mails[start..].chars().take_while(|c| is_part(*c)).collect()
    }
}

/// The accounts that a demo has shown.
fn accounts_in(said: &str) -> Vec<Account> {
    let lines = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let shown = lines.filter_map(|words| match words[..] {
        [_, email, "password", password] => Some(Account { email: email.to_owned(), password: password.to_owned() }),
        _ => None,
    });
    shown.collect()
}
