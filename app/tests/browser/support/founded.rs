//! A town on servers, founded through the API as everybody does it: two restaurants that take orders around the clock, and a diner.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use lezzetlimani::services::ServiceName;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;
use testkit::{Gateway, Server, SmtpSink, at_last, free_port};

use super::town::{Account, PROGRAM, link, until_day};

const PASSWORD: &str = "gizli deniz feneri 42";
/// Restaurants, with what each of them has.
const RESTAURANTS: [(&str, &[&str]); 2] =
    [("Çıpa Kebap", &["Urfa Şiş", "Soğuk Çay"]), ("Fener Çorbacısı", &["Kelle Paça"])];

/// How a platform on servers is divided, behind its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Division {
    OneProcess,
    /// A process of each service.
    Fleet,
}

/// Processes on Postgres, Redis and Kafka, with a database and topics that nobody else uses.
pub(super) struct Founded {
    mails: SmtpSink,
    /// By what each of them serves, or by the first service where one serves all.
    processes: BTreeMap<ServiceName, Server>,
    gateway: Gateway,
    /// By how much their clock is ahead of ours.
    pub(super) ahead: Duration,
    _database: TestDatabase,
    _redis: RedisServer,
    _folder: TempDir,
}

impl Founded {
    /// One without anybody in it yet; none in a run without servers.
    pub(super) async fn start(division: Division, settings: &[(&str, &str)]) -> Option<Self> {
        let (kafka, database) = (shared::kafka()?, fresh_database("empty", async |_| {}).await?);
        let (redis, mails) = (RedisServer::start().await.unwrap(), SmtpSink::start().await.unwrap());
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
        let topics = format!("browser-{}-", database.name());
        let environment = [
            ("DATABASE_URL", database.url()),
            ("REDIS_URL", redis.url()),
            ("KAFKA_BROKERS", kafka),
            ("KAFKA_TOPIC_PREFIX", topics.clone()),
            ("SECRET_KEY", "a root key that all processes share".to_owned()),
            ("SERVER_HOST", "127.0.0.1".to_owned()),
            ("TRUSTED_PROXIES", "127.0.0.1/32".to_owned()),
            ("EMAIL_HOST", "127.0.0.1".to_owned()),
            ("EMAIL_PORT", mails.port().to_string()),
            ("EMAIL_TLS", "none".to_owned()),
            ("EMAIL_FROM", "liman@example.com".to_owned()),
            ("PUBLIC_URL", format!("http://127.0.0.1:{port}")),
            ("SENDER_TITLE", "Lezzetlimanı Gıda A.Ş.".to_owned()),
            ("SENDER_MERSIS", "0123456789012345".to_owned()),
            ("SENDER_CONTACT", "iletisim@example.com".to_owned()),
            ("RUST_LOG", "warn".to_owned()),
        ];
        let ahead = until_day();
        let process = |name: &str| {
            let group = [("KAFKA_GROUP_ID", format!("{topics}{name}"))];
            let environment = environment.iter().chain(&group).map(|(name, value)| (*name, &**value));
            let environment: Vec<_> = environment.chain(settings.iter().copied()).collect();
            let server = Server::new(Path::new(PROGRAM), &folder.path().join(name), &environment).unwrap();
            server.ahead_by(ahead.as_secs().try_into().unwrap()).unwrap()
        };
        let processes = match division {
            Division::OneProcess => vec![(ServiceName::Auth, process("all"))],
            Division::Fleet => {
                let alone = |name: ServiceName| (name, process(name.as_str()).serving(name.as_str()));
                ServiceName::all().iter().map(|&name| alone(name)).collect()
            }
        };
        let mut processes: BTreeMap<_, _> = processes.into_iter().collect();
        for process in processes.values_mut() {
            process.start().await.unwrap();
        }
        let all = &processes[&ServiceName::Auth];
        let upstreams = ServiceName::all().iter().map(|name| (name.as_str(), processes.get(name).unwrap_or(all)));
        let gateway = Gateway::open(port, upstreams).await.unwrap();
        Some(Self { mails, processes, gateway, ahead, _database: database, _redis: redis, _folder: folder })
    }

    /// Where pages stand.
    pub(super) fn base(&self) -> String {
        self.gateway.url("")
    }

    /// Opens the restaurants, and lets a diner register. Answers with their accounts once everything can be found.
    pub(super) async fn furnish(&self, client: &Client) -> Vec<Account> {
        let account = |email: &str| Account { email: email.to_owned(), password: PASSWORD.to_owned() };
        let (manager, diner) = (account("manager@example.com"), account("demo@example.com"));
        let create = ["admin", "create", manager.email.as_str(), "--password-stdin"];
        self.processes[&ServiceName::Auth].run(&create, &format!("{PASSWORD}\n")).await.unwrap();
        let credentials = json!({ "email": manager.email, "password": PASSWORD });
        let signed_in = self.post(client, ("/auth/login", None), &credentials).await;
        let access = signed_in["access_token"].as_str().unwrap();
        let mut meals = Vec::new();
        for restaurant in RESTAURANTS {
            meals.push(self.open_restaurant(client, access, restaurant).await);
        }
        let access = self.register(client, &diner).await;
        // As the demo's diner, who has begun to choose.
        self.post(client, ("/carts/add", Some(&access)), &meals[0]).await;
        vec![manager, diner]
    }

    /// Answers with what a basket takes of its first dish.
    async fn open_restaurant(&self, client: &Client, access: &str, (name, dishes): (&str, &[&str])) -> Value {
        let post = async |path: &str, body: Value| {
            let created = self.post(client, (path, Some(access)), &body).await;
            created["id"].as_str().unwrap().to_owned()
        };
        let place = json!({
            "title": name, "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
            "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
        });
        let address = post("/addresses?entity_type=RESTAURANT", place).await;
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let hours: BTreeMap<_, _> = days.map(|day| (day, "00:00-24:00")).into_iter().collect();
        let restaurant = json!({ "name": name, "address_id": address, "opening_hours": hours });
        let restaurant = post("/restaurants", restaurant).await;
        let mut items = Vec::new();
        for dish in dishes {
            let meal = post("/meals", json!({ "restaurant_id": restaurant, "name": dish, "price": 140.5 })).await;
            // The cart hears of it last.
            let item = json!({ "restaurant_id": restaurant, "meal_id": meal });
            self.post(client, ("/carts/anonymous/add", None), &item).await;
            items.push(item);
        }
        let found = self.gateway.url(&format!("/restaurants/search?query={}", dishes[0]));
        at_last("the restaurant is found", async || {
            let found: Value = client.get(&found).send().await.ok()?.json().await.ok()?;
            (found["restaurants"][0]["name"] == name).then_some(())
        })
        .await;
        items.swap_remove(0)
    }

    /// Answers with the access token of the new account.
    async fn register(&self, client: &Client, account: &Account) -> String {
        let credentials = json!({ "email": account.email, "password": account.password });
        self.post(client, ("/auth/register", None), &credentials).await;
        let find = async || self.find_mail(&account.email, "/auth/verify-email");
        let (_, link) = at_last("the mail with the link is there", find).await;
        let (_, token) = link.split_once("token=").unwrap();
        let signed_in = self.post(client, ("/auth/verify-email", None), &json!({ "token": token })).await;
        signed_in["access_token"].as_str().unwrap().to_owned()
    }

    /// What `path` answers as soon as it takes `body`: services of a fleet hear of one another when they can.
    async fn post(&self, client: &Client, (path, access): (&str, Option<&str>), body: &Value) -> Value {
        let url = self.gateway.url(path);
        at_last(&format!("{path} takes {body}"), async || {
            let request = client.post(&url).json(body);
            let request = access.into_iter().fold(request, RequestBuilder::bearer_auth);
            request.send().await.ok()?.error_for_status().ok()?.json().await.ok()
        })
        .await
    }

    /// What the newest mail to `email` with a link to `path` is about, and that link.
    pub(super) fn find_mail(&self, email: &str, path: &str) -> Option<(String, String)> {
        let mails = self.mails.mails().into_iter().rev();
        let mut of_reader = mails.filter(|mail| mail.to.iter().any(|to| to == email));
        of_reader.find_map(|mail| Some((mail.header("Subject")?, link(&mail.text(), path)?)))
    }
}
