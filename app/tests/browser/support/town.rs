//! The town of the demo, whose kitchens leave all orders to their managers.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clock::{Sources, Timestamp};
use kit::commercial_hours;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Server, at_last};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_lezzetlimani");
/// A diner, three managers and an admin.
const ACCOUNTS: usize = 5;
/// For so long nothing closes in a town that was opened by day.
const DAY_LEFT: Duration = Duration::from_secs(60 * 60);

/// A demo that runs. It is gone once this is dropped.
pub(crate) struct Town {
    server: Server,
    /// By how much its clock is ahead of ours.
    ahead: Duration,
    accounts: Vec<Account>,
    client: reqwest::Client,
    /// How many orders were placed by programs.
    orders: AtomicU32,
    _folder: TempDir,
}

/// An order as the board of its restaurant has it.
pub(crate) struct Order {
    pub(crate) id: String,
    /// What stands on its ticket.
    pub(crate) code: String,
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
        Self::new(&[]).begin().await
    }

    /// The same with a front end of others at `origin`, which may call the API with credentials.
    pub(crate) async fn open_for(origin: &str) -> Self {
        Self::new(&[("CORS_ORIGINS", origin)]).begin().await
    }

    /// The same while commercial mail leaves, whatever the time is here.
    pub(crate) async fn open_by_day() -> Self {
        let now = Sources::system().now();
        let opening = [now, now + DAY_LEFT].into_iter().find_map(commercial_hours::opens_at);
        let ahead = opening.map_or(Duration::ZERO, |opening| (opening - now).to_std().unwrap());
        let town = Self::new(&[]);
        let server = town.server.ahead_by(ahead.as_secs().try_into().unwrap()).unwrap();
        Self { server, ahead, ..town }.begin().await
    }

    fn new(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = [[("DEMO_KITCHENS", "false"), ("RUST_LOG", "warn")].as_slice(), settings].concat();
        let server = Server::new(Path::new(PROGRAM), &folder.path().join("data"), &environment).unwrap();
        // A client that trusts what the machine trusts reads all of its certificates first.
        let client = reqwest::Client::builder().tls_certs_only([]).redirect(Policy::none()).build().unwrap();
        let server = server.demonstrating();
        Self { server, ahead: Duration::ZERO, accounts: Vec::new(), client, orders: AtomicU32::new(0), _folder: folder }
    }

    async fn begin(mut self) -> Self {
        self.server.start().await.unwrap();
        let accounts = at_last("the accounts are shown", async || {
            let accounts = accounts_in(&self.server.said().unwrap());
            (accounts.len() == ACCOUNTS).then_some(accounts)
        });
        self.accounts = accounts.await;
        at_last("the whole town is there", async || (self.restaurants().await.len() == 24).then_some(())).await;
        self
    }

    /// Ends it as `kill -9` does.
    pub(crate) async fn kill(&mut self) {
        self.server.kill().await.unwrap();
    }

    /// Opens it again. Its accounts have other passwords then; whoever is signed in stays so.
    pub(crate) async fn open_again(&mut self) {
        self.server.start().await.unwrap();
    }

    /// What its clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        Sources::system().now() + self.ahead
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

    /// Signs somebody in as programs do, and answers their access token.
    pub(crate) async fn sign_in(&self, account: &Account) -> String {
        let credentials = json!({ "email": account.email, "password": account.password });
        let signed_in = self.client.post(self.server.url("/auth/login")).json(&credentials).send().await.unwrap();
        let signed_in: Value = signed_in.error_for_status().unwrap().json().await.unwrap();
        signed_in["access_token"].as_str().unwrap().to_owned()
    }

    /// The refresh token that follows `refresh` in the cookies of a browser with this device.
    pub(crate) async fn renew_session(&self, refresh: &str, device: &str) -> String {
        let cookies = format!("refresh={refresh}; device={device}");
        let request = self.client.get(self.server.url("/oturum/yenile?donus=%2Fguvenlik")).header("cookie", cookies);
        let answer = request.send().await.unwrap();
        let mut set = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let token = set.find_map(|line| line.strip_prefix("refresh=")?.split(';').next());
        token.unwrap().to_owned()
    }

    /// Orders one of `dish`, to be picked up, for whoever has the access token.
    pub(crate) async fn order(&self, access: &str, dish: &str) -> Order {
        let items = json!([{ "meal_id": dish, "quantity": 1 }]);
        let order = json!({ "payment_method": "cash", "fulfilment": "pickup", "items": items });
        // Without a key of its own the same order once more would be the one that was placed.
        let key = format!("order-{}", self.orders.fetch_add(1, Ordering::Relaxed));
        let request = self.client.post(self.server.url("/carts/checkout")).header("idempotency-key", key);
        let request = request.bearer_auth(access).json(&order);
        let placed: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        let text = |name: &str| placed[name].as_str().unwrap().to_owned();
        Order { id: text("public_id"), code: text("code") }
    }

    /// What the newest mail to `email` with a link to `path` is about, and the path and query of that link.
    pub(crate) async fn mail(&self, email: &str, path: &str) -> (String, String) {
        let url = self.server.url(&format!("/mailbox/messages?to={email}"));
        let link = format!("{path}?token=");
        let mail = at_last("the mail is in the mailbox", async || {
            let mails: Vec<Value> = self.client.get(&url).send().await.unwrap().json().await.unwrap();
            mails.into_iter().find(|mail| mail["text"].as_str().unwrap().contains(&link))
        });
        let mail = mail.await;
        let text = mail["text"].as_str().unwrap();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "/-?=_.~%".contains(c);
        let link = text[text.find(&link).unwrap()..].chars().take_while(|c| is_part(*c)).collect();
        (mail["subject"].as_str().unwrap().to_owned(), link)
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
