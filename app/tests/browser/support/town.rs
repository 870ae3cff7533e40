//! A town before browsers: that of the demo, whose kitchens leave all orders to their managers, or one that was founded on servers.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clock::{Sources, Timestamp};
use kit::commercial_hours;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Server, at_last};

use super::founded::{Division, Founded};

/// The built program.
pub(super) const PROGRAM: &str = env!("CARGO_BIN_EXE_lezzetlimani");
/// A diner, three managers and an admin.
const ACCOUNTS: usize = 5;
/// For so long nothing closes in a town that was opened by day.
const DAY_LEFT: Duration = Duration::from_secs(60 * 60);

/// A town that runs. It is gone once this is dropped.
pub(crate) struct Town {
    home: Home,
    accounts: Vec<Account>,
    client: reqwest::Client,
    /// How many orders were placed by programs.
    orders: AtomicU32,
}

/// What a town stands on.
enum Home {
    Demo(Box<Demo>),
    Servers(Box<Founded>),
}

/// A demo, in one process that holds all that it needs.
struct Demo {
    server: Server,
    /// By how much its clock is ahead of ours.
    ahead: Duration,
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
        Self::begin(Demo::new(&[])).await
    }

    /// The same with a front end of others at `origin`, which may call the API with credentials.
    pub(crate) async fn open_for(origin: &str) -> Self {
        Self::begin(Demo::new(&[("CORS_ORIGINS", origin)])).await
    }

    /// The same while commercial mail leaves, whatever the time is here.
    pub(crate) async fn open_by_day() -> Self {
        let ahead = until_day();
        let Demo { server, _folder, .. } = Demo::new(&[]);
        let server = server.ahead_by(ahead.as_secs().try_into().unwrap()).unwrap();
        Self::begin(Demo { server, ahead, _folder }).await
    }

    /// One on servers while commercial mail leaves; none in a run without them.
    pub(crate) async fn found(division: Division, settings: &[(&str, &str)]) -> Option<Self> {
        let (founded, client) = (Founded::start(division, settings).await?, client());
        let accounts = founded.furnish(&client).await;
        Some(Self { home: Home::Servers(Box::new(founded)), accounts, client, orders: AtomicU32::new(0) })
    }

    async fn begin(mut demo: Demo) -> Self {
        demo.server.start().await.unwrap();
        let accounts = at_last("the accounts are shown", async || {
            let accounts = accounts_in(&demo.server.said().unwrap());
            (accounts.len() == ACCOUNTS).then_some(accounts)
        });
        let accounts = accounts.await;
        let town = Self { home: Home::Demo(Box::new(demo)), accounts, client: client(), orders: AtomicU32::new(0) };
        at_last("the whole town is there", async || (town.restaurants().await.len() == 24).then_some(())).await;
        town
    }

    /// Ends a demo as `kill -9` does.
    pub(crate) async fn kill(&mut self) {
        self.demo().server.kill().await.unwrap();
    }

    /// Opens it again. Its accounts have other passwords then; whoever is signed in stays so.
    pub(crate) async fn open_again(&mut self) {
        self.demo().server.start().await.unwrap();
    }

    fn demo(&mut self) -> &mut Demo {
        match &mut self.home {
            Home::Demo(demo) => demo,
            Home::Servers(_) => panic!("only a demo is killed here"),
        }
    }

    /// What its clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = match &self.home {
            Home::Demo(demo) => demo.ahead,
            Home::Servers(founded) => founded.ahead,
        };
        Sources::system().now() + ahead
    }

    /// Where pages stand.
    pub(crate) fn base(&self) -> String {
        match &self.home {
            Home::Demo(demo) => demo.server.url(""),
            Home::Servers(founded) => founded.base(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base())
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
        let listed = self.client.get(self.url("/restaurants?limit=100")).send().await.unwrap();
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
        let url = self.url(&format!("/meals/restaurant/{restaurant}"));
        let meals: Vec<Value> = self.client.get(url).send().await.unwrap().json().await.unwrap();
        let found = meals.iter().find(|meal| meal["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// Signs somebody in as programs do, and answers their access token.
    pub(crate) async fn sign_in(&self, account: &Account) -> String {
        let credentials = json!({ "email": account.email, "password": account.password });
        let signed_in = self.client.post(self.url("/auth/login")).json(&credentials).send().await.unwrap();
        let signed_in: Value = signed_in.error_for_status().unwrap().json().await.unwrap();
        signed_in["access_token"].as_str().unwrap().to_owned()
    }

    /// The refresh token that follows `refresh` in the cookies of a browser with this device.
    pub(crate) async fn renew_session(&self, refresh: &str, device: &str) -> String {
        let cookies = format!("refresh={refresh}; device={device}");
        let request = self.client.get(self.url("/oturum/yenile?donus=%2Fguvenlik")).header("cookie", cookies);
        let answer = request.send().await.unwrap();
        let mut set = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let token = set.find_map(|line| line.strip_prefix("refresh=")?.split(';').next());
        token.unwrap().to_owned()
    }

    /// Leaves so many of each dish of the restaurant, and nothing else, in the basket of whoever has the access token.
    pub(crate) async fn fill_basket(&self, access: &str, restaurant: &str, dishes: &[(String, u32)]) {
        let clear = self.client.delete(self.url("/carts/clear")).bearer_auth(access);
        clear.send().await.unwrap().error_for_status().unwrap();
        for (dish, quantity) in dishes {
            let item = json!({ "restaurant_id": restaurant, "meal_id": dish, "quantity": quantity });
            let add = self.client.post(self.url("/carts/add")).bearer_auth(access).json(&item);
            add.send().await.unwrap().error_for_status().unwrap();
        }
    }

    /// Orders one of `dish`, to be picked up, for whoever has the access token.
    pub(crate) async fn order(&self, access: &str, dish: &str) -> Order {
        let items = json!([{ "meal_id": dish, "quantity": 1 }]);
        let order = json!({ "payment_method": "cash", "fulfilment": "pickup", "items": items });
        // Without a key of its own the same order once more would be the one that was placed.
        let key = format!("order-{}", self.orders.fetch_add(1, Ordering::Relaxed));
        let request = self.client.post(self.url("/carts/checkout")).header("idempotency-key", key);
        let request = request.bearer_auth(access).json(&order);
        let placed: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        let text = |name: &str| placed[name].as_str().unwrap().to_owned();
        Order { id: text("public_id"), code: text("code") }
    }

    /// What the newest mail to `email` with a link to `path` is about, and the path and query of that link.
    pub(crate) async fn mail(&self, email: &str, path: &str) -> (String, String) {
        let read = async || match &self.home {
            Home::Demo(_) => self.find_in_mailbox(email, path).await,
            Home::Servers(founded) => founded.find_mail(email, path),
        };
        at_last("the mail is there", read).await
    }

    async fn find_in_mailbox(&self, email: &str, path: &str) -> Option<(String, String)> {
        let url = self.url(&format!("/mailbox/messages?to={email}"));
        let mails: Vec<Value> = self.client.get(url).send().await.unwrap().json().await.unwrap();
        let about = |mail: &Value| mail["subject"].as_str().unwrap().to_owned();
        mails.iter().find_map(|mail| Some((about(mail), link(mail["text"].as_str().unwrap(), path)?)))
    }
}

impl Demo {
    fn new(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = [[("DEMO_KITCHENS", "false"), ("RUST_LOG", "warn")].as_slice(), settings].concat();
        let server = Server::new(Path::new(PROGRAM), &folder.path().join("data"), &environment).unwrap();
        Self { server: server.demonstrating(), ahead: Duration::ZERO, _folder: folder }
    }
}

/// How long it is until commercial mail leaves, and goes on to for as long as a test takes.
pub(super) fn until_day() -> Duration {
    let now = Sources::system().now();
    commercial_hours::opens_for(DAY_LEFT, now).map_or(Duration::ZERO, |opening| (opening - now).to_std().unwrap())
}

fn client() -> reqwest::Client {
    // One that trusts what the machine trusts reads all of its certificates first.
    reqwest::Client::builder().tls_certs_only([]).redirect(Policy::none()).build().unwrap()
}

/// The link to `path` with a token in the text of a mail, from its path on.
pub(super) fn link(text: &str, path: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "/-?=_.~%".contains(c);
    let start = text.find(&format!("{path}?token="))?;
    Some(text[start..].chars().take_while(|c| is_part(*c)).collect())
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
