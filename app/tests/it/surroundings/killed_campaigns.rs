//! A process that is killed while a campaign becomes mails and these leave. Each follower who agreed gets one; two, or none, only where
//! it is written down that nobody knows, and newcomers are let in meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use clock::Sources;
use kit::commercial_hours;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::sqlite::SqliteFile;
use testkit::{Server, SmtpSink};

use crate::support::{PROGRAM, at_last, http_client, read, run_program};

const PASSWORD: &str = "gizli deniz feneri 42";
/// A kill comes within this time, while all the mails of a campaign take a second or two.
const KILL_WINDOW: Duration = Duration::from_millis(700);
/// A campaign leaves as fast as the process can.
const SETTINGS: [(&str, &str); 9] = [
    ("EMAIL_HOST", "127.0.0.1"),
    ("EMAIL_TLS", "none"),
    ("EMAIL_FROM", "liman@example.com"),
    ("MAILS_PER_SECOND", "100000"),
    ("COMMERCIAL_MAILS_PER_SECOND", "1000"),
    ("MAILS_PER_DOMAIN_PER_SECOND", "100000"),
    ("SENDER_TITLE", "Lezzetlimanı Gıda A.Ş."),
    ("SENDER_MERSIS", "0123456789012345"),
    ("SENDER_CONTACT", "iletisim@example.com"),
];

/// The server, what its mails come to, and who runs it.
struct Rig {
    server: Server,
    mails: SmtpSink,
    operator: String,
    sources: Sources,
    folder: TempDir,
}

impl Rig {
    async fn start(followers: usize) -> Self {
        let (folder, mails, sources) =
            (tempfile::tempdir().unwrap(), SmtpSink::start().await.unwrap(), Sources::system());
        let data = folder.path().join("data");
        let create = ["admin", "create", "liman@example.com", "--password-stdin"];
        let made = run_program(&data, &create, &format!("{PASSWORD}\n")).await;
        assert_eq!(made.code, Some(0), "{made:?}");
        let port = mails.port().to_string();
        let environment = [&SETTINGS[..], &[("EMAIL_PORT", port.as_str())]].concat();
        let server = Server::new(Path::new(PROGRAM), &data, &environment).unwrap();
        let mut server = server.ahead_by(until_the_hours(&sources)).unwrap();
        server.start().await.unwrap();
        let login = json!({ "email": "liman@example.com", "password": PASSWORD });
        let operator = read(http_client().post(server.url("/auth/login")).json(&login)).await.tokens().access;
        let rig = Self { server, mails, operator, sources, folder };
        rig.fill(followers).await;
        rig
    }

    async fn database(&self) -> SqliteFile {
        SqliteFile::open(&self.folder.path().join("data").join("lezzetlimani.db")).await.unwrap()
    }

    /// As many accounts that have agreed and follow a cuisine, in ten domains.
    async fn fill(&self, followers: usize) {
        let then = "'2026-01-01T00:00:00+00:00'";
        let mut database = self.database().await;
        for statement in [
            format!(
                "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {followers}) \
                 INSERT INTO user_account (id, email, locale, created_at) \
                 SELECT randomblob(16), 'u' || number || '@d' || (number % 10) || '.example.com', 'tr', {then} FROM numbers"
            ),
            "INSERT INTO user_preferences (user_id, commercial_granted, commercial_at, commercial_text_version) \
             SELECT id, TRUE, created_at, '2026-01' FROM user_account WHERE email LIKE 'u%@d%.example.com'"
                .to_owned(),
            "INSERT INTO user_favorite (user_id, kind, name, created_at, subject) \
             SELECT id, 'cuisine', 'kebap', created_at, 'kebap' FROM user_account WHERE email LIKE 'u%@d%.example.com'"
                .to_owned(),
        ] {
            database.execute(&statement).await.unwrap();
        }
    }

    async fn made(&self, path: &str, body: Value) -> String {
        let request = http_client().post(self.server.url(path)).bearer_auth(&self.operator).json(&body);
        let answer = read(request).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path}: {}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Opens a restaurant, and lets it announce a campaign at once.
    async fn announce(&self) -> String {
        let place = json!({
            "title": "Çıpa", "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
            "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
        });
        let address = self.made("/addresses?entity_type=RESTAURANT", place).await;
        let body = json!({
            "name": "Çıpa", "address_id": address, "opening_hours": { "monday": "10:00-22:00" }, "cuisines": ["Kebap"],
        });
        let restaurant = self.made("/restaurants", body).await;
        let now = self.sources.now() + Duration::from_secs(until_the_hours(&self.sources).into());
        let campaign = json!({
            "title": "Yaz indirimi", "description": "Her şey yarı fiyatına.", "restaurant_id": restaurant,
            "start_date": now, "end_date": now + Duration::from_secs(9 * 24 * 60 * 60),
        });
        self.made("/campaigns", campaign).await
    }

    /// Lets somebody register, who gets their mail whatever else there is to send, and kills the process at some time.
    async fn kill(&mut self, number: usize) {
        let newcomer = format!("yeni{number}@example.com");
        let body = json!({ "email": newcomer, "password": PASSWORD });
        let registered = read(http_client().post(self.server.url("/auth/register")).json(&body)).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.text);
        self.sources.sleep(KILL_WINDOW.mul_f64(self.sources.fraction())).await;
        self.server.kill().await.unwrap();
        self.server.start().await.unwrap();
        let has_mail = || self.mails.mails().iter().any(|mail| mail.to.contains(&newcomer)).then_some(());
        at_last("the newcomer has their mail", async || has_mail()).await;
    }

    /// What is known of the campaign once nothing of it is under way; until then more and more of it leaves.
    async fn report(&self, campaign: &str, followers: usize) -> Value {
        let url = self.server.url(&format!("/admin/campaigns/{campaign}"));
        let mut sent = 0;
        loop {
            let report = at_last("more mails of the campaign have left", async || {
                let answer = read(http_client().request(Method::GET, &url).bearer_auth(&self.operator)).await;
                let report = (answer.status == StatusCode::OK).then(|| answer.json())?;
                (report["sent"].as_u64()? > sent).then_some(report)
            })
            .await;
            sent = report["sent"].as_u64().unwrap();
            if report["state"] == "ended" && sent >= followers as u64 {
                return report;
            }
        }
    }

    /// Whose mail may have come twice, or not at all, as it says itself.
    async fn in_doubt(&self) -> BTreeSet<String> {
        let query =
            "SELECT recipient FROM notification_mail WHERE is_commercial AND (ambiguities > 0 OR state = 'ambiguous')";
        self.database().await.texts(query).await.unwrap().into_iter().collect()
    }

    /// How many mails of a campaign came for each.
    fn received(&self) -> BTreeMap<String, usize> {
        let mut received = BTreeMap::new();
        let commercial = self.mails.mails().into_iter().filter(|mail| mail.header("list-unsubscribe").is_some());
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
    survive(2_000, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; run it by hand when campaigns or mails were changed"]
async fn a_campaign_reaches_a_hundred_thousand_once_over_two_hundred_kills() {
    survive(100_000, 200).await;
}

async fn survive(followers: usize, kills: usize) {
    let mut rig = Rig::start(followers).await;
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
    rig.server.stop().await.unwrap();
}
