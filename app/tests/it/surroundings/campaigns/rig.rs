//! A platform with followers who have agreed to mails, in the hours in which these may leave.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clock::Sources;
use kit::commercial_hours;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::sqlite::SqliteFile;
use testkit::{Server, SmtpSink};

use crate::support::{PROGRAM, at_last, http_client, read};
use crate::surroundings::fleet::{self, Fleet};
use crate::surroundings::process::Process;

const OPERATOR: &str = "liman@example.com";
const PASSWORD: &str = "gizli deniz feneri 42";
/// Longer than it takes until what a killed process held is free again.
const STALLED: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
const HOUR: Duration = Duration::from_secs(60 * 60);
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
pub(super) struct Rig {
    /// Killed in turns, or else those of this release that are alike.
    pub(super) killed: Vec<Server>,
    /// The processes that nobody kills, with their services; none where one process is all. The first one is auth, whose keys the
    /// others wait for.
    pub(super) beside: Vec<(&'static str, Server)>,
    pub(super) store: Store,
    operator: String,
    pub(super) sources: Sources,
    _folders: Vec<TempDir>,
}

/// Where the state is, and what the mails come to.
pub(super) enum Store {
    Embedded { file: PathBuf, mails: SmtpSink },
    Servers(Box<Fleet>),
}

/// How the platform is divided.
pub(super) enum Division {
    Embedded,
    OneProcess,
    Fleet,
    /// A fleet whose second notification service is this program of an older release.
    Upgrade(PathBuf),
}

/// What the older release is called among those that nobody kills.
pub(super) const OLDER: &str = "older notification";

impl Store {
    async fn execute(&self, sql: &str) {
        match self {
            Self::Embedded { file, .. } => SqliteFile::open(file).await.unwrap().execute(sql).await.unwrap(),
            Self::Servers(fleet) => fleet.database.execute(sql).await,
        }
    }

    pub(super) async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Embedded { file, .. } => SqliteFile::open(file).await.unwrap().texts(sql).await.unwrap(),
            Self::Servers(fleet) => fleet.database.texts(sql).await,
        }
    }

    /// Where the mails come.
    pub(super) fn sink(&self) -> &SmtpSink {
        match self {
            Self::Embedded { mails, .. } => mails,
            Self::Servers(fleet) => &fleet.mails,
        }
    }
}

impl Rig {
    /// None in a run without servers, where it needs them.
    pub(super) async fn start(division: Division, followers: usize) -> Option<Self> {
        let mut rig = match division {
            Division::Embedded => Self::embedded().await,
            Division::OneProcess => Self::on_servers(&[fleet::ALL], &[]).await?,
            Division::Fleet => {
                let killed = ["user", "notification", "notification"];
                Self::on_servers(&killed, &["auth", "address", "restaurant"]).await?
            }
            Division::Upgrade(older) => {
                let mut rig = Self::on_servers(&["notification"], &["auth", "address", "restaurant", "user"]).await?;
                rig.add(OLDER, |fleet| fleet.process_of(&older, "notification", &SETTINGS));
                rig
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

    /// Puts another process of a fleet beside the others, which is called `name`.
    fn add(&mut self, name: &'static str, process: impl FnOnce(&Fleet) -> Process) {
        let Store::Servers(fleet) = &self.store else { unreachable!("one process is all there is") };
        let Process { server, folder } = process(fleet);
        self.beside.push((name, server));
        self._folders.push(folder);
    }

    fn of(killed: Vec<Server>, beside: Vec<(&'static str, Server)>, store: Store, folders: Vec<TempDir>) -> Self {
        Self { killed, beside, store, operator: String::new(), sources: Sources::system(), _folders: folders }
    }

    /// Who answers for `service`.
    pub(super) fn server(&self, service: &str) -> &Server {
        self.beside.iter().find(|(name, _)| *name == service).map_or(&self.killed[0], |(_, server)| server)
    }

    pub(super) fn servers(&mut self) -> impl Iterator<Item = &mut Server> {
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
    pub(super) async fn announce(&self) -> String {
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

    /// Lets somebody ask for an account.
    pub(super) async fn register(&self, newcomer: &str) {
        let body = json!({ "email": newcomer, "password": PASSWORD });
        let registered = read(http_client().post(self.server("auth").url("/auth/register")).json(&body)).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.text);
    }

    /// Returns once the mail has come that lets them in. One that a killed process was about to send waits until that process is missed,
    /// and is tried again a while later: nobody knows whether it left.
    pub(super) async fn mailed(&self, newcomer: &str) {
        let came = async {
            while !self.store.sink().has_mail_to(newcomer) {
                self.sources.sleep(POLL_INTERVAL).await;
            }
        };
        if tokio::time::timeout(STALLED, came).await.is_err() {
            panic!("{newcomer} never got their mail: {}", self.known_of(newcomer).await);
        }
    }

    /// What stands of a newcomer's mail, and where the logs of all processes are kept.
    async fn known_of(&self, newcomer: &str) -> String {
        let mail = format!(
            "SELECT state || ', ' || attempts || ' tries, ' || ambiguities || ' in doubt, next ' || coalesce(next_at, recorded_at) \
             FROM notification_mail WHERE recipient = '{newcomer}'"
        );
        let unheard = "SELECT consumer || ' parked ' || topic || ': ' || reason FROM bus_parked";
        let known = [self.store.texts(&mail).await, self.store.texts(unheard).await].concat();
        let folder = tempfile::tempdir().unwrap().keep();
        for (number, server) in self.beside.iter().map(|(_, server)| server).chain(&self.killed).enumerate() {
            std::fs::copy(server.log(), folder.join(format!("{number}.log"))).unwrap();
        }
        format!("{known:?}, {}", folder.display())
    }

    /// What is known of the campaign as soon as that is what `is_done` waits for; until then more and more of it is queued, or leaves.
    pub(super) async fn report(&self, campaign: &str, is_done: impl Fn(&Value) -> bool) -> Value {
        let url = self.server("user").url(&format!("/admin/campaigns/{campaign}"));
        let (mut moved, mut last_at, mut token) = (0, self.sources.now(), self.operator.clone());
        loop {
            let answer = read(http_client().request(Method::GET, &url).bearer_auth(&token)).await;
            if answer.status == StatusCode::UNAUTHORIZED {
                token = self.sign_in().await;
                continue;
            }
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            let report = answer.json();
            if is_done(&report) {
                return report;
            }
            let more = report["queued"].as_u64().unwrap() + report["sent"].as_u64().unwrap();
            if more > moved {
                (moved, last_at) = (more, self.sources.now());
            }
            assert!(
                (self.sources.now() - last_at).to_std().unwrap_or_default() < STALLED,
                "nothing of it moves any more: {report}"
            );
            self.sources.sleep(POLL_INTERVAL).await;
        }
    }

    /// The same once nothing of it is under way.
    pub(super) async fn report_at_the_end(&self, campaign: &str, followers: usize) -> Value {
        let has_left = |report: &Value| report["sent"].as_u64().unwrap() >= followers as u64;
        self.report(campaign, |report| report["state"] == "ended" && has_left(report)).await
    }

    /// Whose mail may have come twice, or not at all, as it says itself.
    pub(super) async fn in_doubt(&self) -> BTreeSet<String> {
        let query =
            "SELECT recipient FROM notification_mail WHERE is_commercial AND (ambiguities > 0 OR state = 'ambiguous')";
        self.store.texts(query).await.into_iter().collect()
    }

    /// Those who have got none, or more than one, though nobody has said that this may be.
    pub(super) async fn wrong(&self, followers: usize) -> Vec<(usize, String)> {
        let (received, in_doubt) = (self.received(), self.in_doubt().await);
        let all = (1..=followers).map(|number| format!("u{number}@d{}.example.com", number % 10));
        all.map(|to| (received.get(&to).copied().unwrap_or_default(), to))
            .filter(|(count, to)| *count != 1 && !in_doubt.contains(to))
            .collect()
    }

    /// How many mails of a campaign came for each.
    fn received(&self) -> BTreeMap<String, usize> {
        let mut received = BTreeMap::new();
        let commercial = self.store.sink().mails().into_iter().filter(|mail| mail.header("list-unsubscribe").is_some());
        for to in commercial.flat_map(|mail| mail.to) {
            *received.entry(to).or_default() += 1;
        }
        received
    }
}

/// Seconds from now on until commercial mail may leave, and goes on to for as long as this takes.
fn until_the_hours(sources: &Sources) -> u32 {
    let now = sources.now();
    let opening = commercial_hours::opens_for(HOUR, now);
    opening.map_or(0, |opening| (opening - now).num_seconds().try_into().unwrap()) + 60
}
