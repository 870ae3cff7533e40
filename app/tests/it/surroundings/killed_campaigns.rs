//! A process that is killed while a campaign becomes mails and these leave. Each follower who agreed gets one; two, or none, only where
//! it is written down that nobody knows, and newcomers are let in meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clock::Sources;
use kit::commercial_hours;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::sqlite::SqliteFile;
use testkit::{ReceivedMail, Server, SmtpSink};

use super::fleet::{self, Fleet};
use super::process::Process;
use crate::support::{PROGRAM, at_last, http_client, read};

const OPERATOR: &str = "liman@example.com";
const PASSWORD: &str = "gizli deniz feneri 42";
/// A kill comes within this time, while all the mails of a campaign take a second or two.
const KILL_WINDOW: Duration = Duration::from_millis(700);
/// Longer than it takes until what a killed process held is free again.
const STALLED: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// A campaign leaves as fast as the process can.
const SETTINGS: [(&str, &str); 6] = [
    ("MAILS_PER_SECOND", "100000"),
    ("COMMERCIAL_MAILS_PER_SECOND", "1000"),
    ("MAILS_PER_DOMAIN_PER_SECOND", "100000"),
    ("SENDER_TITLE", "Lezzetlimanı Gıda A.Ş."),
    ("SENDER_MERSIS", "0123456789012345"),
    ("SENDER_CONTACT", "iletisim@example.com"),
];

/// What a fleet has of its own.
const IN_THIS_MACHINE: [(&str, &str); 3] =
    [("EMAIL_HOST", "127.0.0.1"), ("EMAIL_TLS", "none"), ("EMAIL_FROM", OPERATOR)];

/// What is killed, what stays beside it, what the mails come to, and who runs all that.
struct Rig {
    /// Killed in turns.
    killed: Vec<Server>,
    /// The processes that nobody kills, with their services; none where one process is all. The first one is auth, whose keys the
    /// others wait for.
    beside: Vec<(&'static str, Server)>,
    store: Store,
    operator: String,
    sources: Sources,
    _folders: Vec<TempDir>,
}

/// Where the state is, and what the mails come to.
enum Store {
    Embedded { file: PathBuf, mails: SmtpSink },
    Servers(Box<Fleet>),
}

/// How the platform is divided.
#[derive(Clone, Copy)]
enum Division {
    Embedded,
    OneProcess,
    Fleet,
}

impl Store {
    async fn execute(&self, sql: &str) {
        match self {
            Self::Embedded { file, .. } => SqliteFile::open(file).await.unwrap().execute(sql).await.unwrap(),
            Self::Servers(fleet) => fleet.database.execute(sql).await,
        }
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Embedded { file, .. } => SqliteFile::open(file).await.unwrap().texts(sql).await.unwrap(),
            Self::Servers(fleet) => fleet.database.texts(sql).await,
        }
    }

    fn mails(&self) -> Vec<ReceivedMail> {
        match self {
            Self::Embedded { mails, .. } => mails.mails(),
            Self::Servers(fleet) => fleet.mails.mails(),
        }
    }
}

impl Rig {
    /// None in a run without servers, where it needs them.
    async fn start(division: Division, followers: usize) -> Option<Self> {
        let mut rig = match division {
            Division::Embedded => Self::embedded().await,
            Division::OneProcess => Self::on_servers(&[fleet::ALL], &[]).await?,
            Division::Fleet => {
                let killed = ["user", "notification", "notification"];
                Self::on_servers(&killed, &["auth", "address", "restaurant"]).await?
            }
        };
        let ahead = until_the_hours(&rig.sources);
        rig.killed = rig.killed.into_iter().map(|server| server.ahead_by(ahead).unwrap()).collect();
        rig.beside = rig.beside.into_iter().map(|(name, server)| (name, server.ahead_by(ahead).unwrap())).collect();
        for server in rig.servers() {
            server.start().await.unwrap();
        }
        let create = ["admin", "create", OPERATOR, "--password-stdin"];
        rig.server("auth").run(&create, &format!("{PASSWORD}\n")).await.unwrap();
        rig.operator = rig.sign_in().await;
        rig.fill(followers).await;
        Some(rig)
    }

    /// Gets the operator a token, which may have to be done again where a run takes long.
    async fn sign_in(&self) -> String {
        let login = json!({ "email": OPERATOR, "password": PASSWORD });
        let login = http_client().post(self.server("auth").url("/auth/login")).json(&login);
        read(login).await.tokens().access
    }

    async fn embedded() -> Self {
        let (folder, mails) = (tempfile::tempdir().unwrap(), SmtpSink::start().await.unwrap());
        let data = folder.path().join("data");
        let port = mails.port().to_string();
        let environment = [&SETTINGS[..], &IN_THIS_MACHINE, &[("EMAIL_PORT", port.as_str())]].concat();
        let killed = vec![Server::new(Path::new(PROGRAM), &data, &environment).unwrap()];
        let store = Store::Embedded { file: data.join("lezzetlimani.db"), mails };
        Self::of(killed, Vec::new(), store, vec![folder])
    }

    async fn on_servers(killed: &[&str], beside: &[&'static str]) -> Option<Self> {
        let fleet = Fleet::prepare().await?;
        let mut folders = Vec::new();
        let mut process = |service: &str| {
            // A member of that name is back at once, and Kafka need not miss it first.
            let name = format!("{service}-{}", folders.len());
            let settings = [&SETTINGS[..], &[("KAFKA_GROUP_INSTANCE_ID", name.as_str())]].concat();
            let Process { server, folder } = fleet.process_with(service, &settings);
            folders.push(folder);
            server
        };
        let killed = killed.iter().map(|service| process(service)).collect();
        let others = beside.iter().map(|service| (*service, process(service))).collect();
        Some(Self::of(killed, others, Store::Servers(Box::new(fleet)), folders))
    }

    fn of(killed: Vec<Server>, beside: Vec<(&'static str, Server)>, store: Store, folders: Vec<TempDir>) -> Self {
        Self { killed, beside, store, operator: String::new(), sources: Sources::system(), _folders: folders }
    }

    /// Who answers for `service`.
    fn server(&self, service: &str) -> &Server {
        self.beside.iter().find(|(name, _)| *name == service).map_or(&self.killed[0], |(_, server)| server)
    }

    fn servers(&mut self) -> impl Iterator<Item = &mut Server> {
        self.beside.iter_mut().map(|(_, server)| server).chain(&mut self.killed)
    }

    /// As many accounts that have agreed and follow a cuisine, in ten domains.
    async fn fill(&self, followers: usize) {
        let id = match &self.store {
            Store::Embedded { .. } => "randomblob(16)",
            Store::Servers(_) => "gen_random_uuid()",
        };
        let then = "'2026-01-01T00:00:00+00:00'";
        for statement in [
            format!(
                "INSERT INTO user_account (id, email, locale, created_at) \
                 WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {followers}) \
                 SELECT {id}, 'u' || number || '@d' || (number % 10) || '.example.com', 'tr', {then} FROM numbers"
            ),
            "INSERT INTO user_preferences (user_id, commercial_granted, commercial_at, commercial_text_version) \
             SELECT id, TRUE, created_at, '2026-01' FROM user_account WHERE email LIKE 'u%@d%.example.com'"
                .to_owned(),
            "INSERT INTO user_favorite (user_id, kind, name, created_at, subject) \
             SELECT id, 'cuisine', 'kebap', created_at, 'kebap' FROM user_account WHERE email LIKE 'u%@d%.example.com'"
                .to_owned(),
        ] {
            self.store.execute(&statement).await;
        }
    }

    async fn made(&self, service: &str, path: &str, body: Value) -> String {
        let request = || http_client().post(self.server(service).url(path)).bearer_auth(&self.operator).json(&body);
        let made = at_last("what is made is made", async || {
            let answer = read(request()).await;
            (answer.status == StatusCode::CREATED).then(|| answer.json()["id"].as_str().unwrap().to_owned())
        });
        made.await
    }

    /// Opens a restaurant, and lets it announce a campaign at once.
    async fn announce(&self) -> String {
        let place = json!({
            "title": "Çıpa", "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
            "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
        });
        let address = self.made("address", "/addresses?entity_type=RESTAURANT", place).await;
        let body = json!({
            "name": "Çıpa", "address_id": address, "opening_hours": { "monday": "10:00-22:00" }, "cuisines": ["Kebap"],
        });
        let restaurant = self.made("restaurant", "/restaurants", body).await;
        let now = self.sources.now() + Duration::from_secs(until_the_hours(&self.sources).into());
        let campaign = json!({
            "title": "Yaz indirimi", "description": "Her şey yarı fiyatına.", "restaurant_id": restaurant,
            "start_date": now, "end_date": now + Duration::from_secs(9 * 24 * 60 * 60),
        });
        self.made("restaurant", "/campaigns", campaign).await
    }

    /// Lets somebody register, who gets their mail whatever else there is to send, and kills a process at some time.
    async fn kill(&mut self, number: usize) {
        let newcomer = format!("yeni{number}@example.com");
        let body = json!({ "email": newcomer, "password": PASSWORD });
        let registered = read(http_client().post(self.server("auth").url("/auth/register")).json(&body)).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.text);
        self.sources.sleep(KILL_WINDOW.mul_f64(self.sources.fraction())).await;
        let turn = number % self.killed.len();
        let killed = &mut self.killed[turn];
        killed.kill().await.unwrap();
        killed.start().await.unwrap();
        let has_mail = || self.store.mails().iter().any(|mail| mail.to.contains(&newcomer)).then_some(());
        at_last("the newcomer has their mail", async || has_mail()).await;
    }

    /// What is known of the campaign once nothing of it is under way; until then more and more of it leaves.
    async fn report(&self, campaign: &str, followers: usize) -> Value {
        let url = self.server("user").url(&format!("/admin/campaigns/{campaign}"));
        let (mut sent, mut last_at, mut token) = (0, self.sources.now(), self.operator.clone());
        loop {
            let answer = read(http_client().request(Method::GET, &url).bearer_auth(&token)).await;
            if answer.status == StatusCode::UNAUTHORIZED {
                token = self.sign_in().await;
                continue;
            }
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            let report = answer.json();
            let more = report["sent"].as_u64().unwrap();
            if report["state"] == "ended" && more >= followers as u64 {
                return report;
            }
            if more > sent {
                (sent, last_at) = (more, self.sources.now());
            }
            assert!(
                (self.sources.now() - last_at).to_std().unwrap_or_default() < STALLED,
                "nothing leaves any more: {report}"
            );
            self.sources.sleep(POLL_INTERVAL).await;
        }
    }

    /// Whose mail may have come twice, or not at all, as it says itself.
    async fn in_doubt(&self) -> BTreeSet<String> {
        let query =
            "SELECT recipient FROM notification_mail WHERE is_commercial AND (ambiguities > 0 OR state = 'ambiguous')";
        self.store.texts(query).await.into_iter().collect()
    }

    /// How many mails of a campaign came for each.
    fn received(&self) -> BTreeMap<String, usize> {
        let mut received = BTreeMap::new();
        let commercial = self.store.mails().into_iter().filter(|mail| mail.header("list-unsubscribe").is_some());
        for to in commercial.flat_map(|mail| mail.to) {
            *received.entry(to).or_default() += 1;
        }
        received
    }
}

/// Seconds from now on until commercial mail may leave, and goes on to for as long as this takes.
fn until_the_hours(sources: &Sources) -> u32 {
    let (now, hour) = (sources.now(), Duration::from_secs(60 * 60));
    let opening = [now, now + hour].into_iter().find_map(commercial_hours::opens_at);
    opening.map_or(0, |opening| (opening - now).num_seconds().try_into().unwrap()) + 60
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_reaches_each_once_whoever_is_killed() {
    survive(Division::Embedded, 2_000, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_of_a_fleet_reaches_each_once_whoever_is_killed() {
    survive(Division::Fleet, 2_000, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; run it by hand when campaigns or mails were changed"]
async fn a_campaign_reaches_a_hundred_thousand_once_over_two_hundred_kills() {
    survive(Division::Embedded, 100_000, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; run it by hand when campaigns or mails were changed"]
async fn a_campaign_on_servers_reaches_a_hundred_thousand_once_over_two_hundred_kills() {
    survive(Division::OneProcess, 100_000, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; run it by hand when campaigns or mails were changed"]
async fn a_campaign_of_a_fleet_reaches_a_hundred_thousand_once_over_two_hundred_kills() {
    survive(Division::Fleet, 100_000, 200).await;
}

#[expect(clippy::print_stdout, reason = "whoever lets it run for long wants to see what happened")]
async fn survive(division: Division, followers: usize, kills: usize) {
    let Some(mut rig) = Rig::start(division, followers).await else { return };
    let campaign = rig.announce().await;
    for number in 0..kills {
        rig.kill(number).await;
    }
    let report = rig.report(&campaign, followers).await;

    let (received, in_doubt) = (rig.received(), rig.in_doubt().await);
    let all = (1..=followers).map(|number| format!("u{number}@d{}.example.com", number % 10));
    let wrong: Vec<_> = all
        .map(|to| (received.get(&to).copied().unwrap_or_default(), to))
        .filter(|(count, to)| *count != 1 && !in_doubt.contains(to))
        .collect();
    assert_eq!(wrong, Vec::new(), "{report}");
    assert!(in_doubt.len() < followers / 10, "{} mails are in doubt", in_doubt.len());
    println!("{followers} followers, {kills} kills: {} mails in doubt", in_doubt.len());
    for server in rig.servers() {
        server.stop().await.unwrap();
    }
}
