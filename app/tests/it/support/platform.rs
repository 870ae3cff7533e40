//! A platform that a test starts, moves through time, starts again and observes from outside.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::Bus;
use clock::{Clock, SeededRandom, Sources, Timestamp};
use data_encoding::BASE64URL_NOPAD;
use database::Database;
use futures_util::future::join_all;
use lezzetlimani::platform::App;
use lezzetlimani::services::{ServedBy, ServiceName, Services};
use lezzetlimani::telemetry;
use metrics_exporter_prometheus::PrometheusHandle;
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;
use testkit::servers::postgres::TestDatabase;
use testkit::{ReceivedMail, SmtpSink, TIMEOUT, at_last};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::diner::{Answer, read};
use super::http::http_client;
use super::size::{Process, Servers, Size};
use super::time::Time;

/// A running platform; clones are the same one. The last one to be dropped leaves nothing behind.
#[derive(Clone)]
pub(crate) struct Platform(Arc<Running>);

struct Running {
    members: Vec<Member>,
    /// How many requests were sent.
    turns: AtomicUsize,
    place: Place,
    stop: CancellationToken,
}

/// One process of it, which is a task here.
struct Member {
    services: Services,
    base: String,
    page_paths: Vec<&'static str>,
    database: Database,
    /// Gone once it is stopped: consumers hold the ports that a next start takes.
    life: Mutex<Option<Life>>,
}

/// A running process.
struct Life {
    task: JoinHandle<()>,
    bus: Bus,
}

/// What stays over a restart.
#[derive(Clone)]
struct Place {
    time: Time,
    size: Arc<Size>,
    /// Beyond those that every platform under test has.
    settings: Vec<(&'static str, String)>,
    folder: Arc<TempDir>,
    mails: Arc<SmtpSink>,
    /// How many processes were started; each has a seed of its own, or they would make the same ids.
    starts: Arc<AtomicU64>,
}

impl Platform {
    /// A platform in one process with an empty data folder, at the first noon of 2026, as soon as it is ready.
    pub(crate) async fn start() -> Self {
        Self::start_counting(telemetry::count_nothing()).await
    }

    /// The same, whose `/metrics` shows `counts`.
    pub(crate) async fn start_counting(counts: PrometheusHandle) -> Self {
        Self::start_at(Place::of(Size::Embedded, &[]).await, counts).await
    }

    /// The same, set as `settings` say besides.
    pub(crate) async fn start_set(settings: &[(&'static str, &str)], counts: PrometheusHandle) -> Self {
        Self::start_at(Place::of(Size::Embedded, settings).await, counts).await
    }

    /// A platform in one process on servers, with this database.
    pub(crate) async fn on(database: TestDatabase) -> Self {
        let size = Size::one_process(database).await;
        Self::start_at(Place::of(size, &[]).await, telemetry::count_nothing()).await
    }

    /// Stops it in order.
    pub(crate) async fn stop(&self) {
        self.0.stop.cancel();
        for member in &self.0.members {
            let life = member.life.lock().unwrap().take();
            life.expect("a platform is stopped once").task.await.unwrap();
        }
    }

    /// Stops it in order and starts it again on the same data folder, as a new release would.
    pub(crate) async fn restart(self) -> Self {
        self.stop().await;
        Self::start_at(self.0.place.clone(), telemetry::count_nothing()).await
    }

    async fn start_at(place: Place, counts: PrometheusHandle) -> Self {
        super::logs::capture();
        let stop = CancellationToken::new();
        let processes = place.size.processes();
        let members = processes.iter().map(|process| Member::start(&place, process, counts.clone(), &stop));
        let members = join_all(members).await;
        let platform = Self(Arc::new(Running { members, turns: AtomicUsize::new(0), place, stop }));
        platform.is_ready().await;
        platform
    }

    /// Returns when each process is ready: a young one refuses searches, and tokens until it knows of revocations.
    async fn is_ready(&self) {
        for url in self.urls_everywhere("/health/ready") {
            at_last(&format!("{url} is ready"), async || {
                let answer = read(http_client().get(&url)).await;
                (answer.status == StatusCode::OK).then_some(())
            })
            .await;
        }
    }

    /// The address of `path` at one of the processes that serve it, each in its turn.
    pub(crate) fn url(&self, path: &str) -> String {
        let serving: Vec<&Member> = self.0.members.iter().filter(|member| serves(member, path)).collect();
        let turn = self.0.turns.fetch_add(1, Ordering::Relaxed);
        format!("{}{path}", serving[turn % serving.len()].base)
    }

    /// The addresses of `path` at all processes that serve it.
    pub(crate) fn urls(&self, path: &str) -> Vec<String> {
        let serving = self.0.members.iter().filter(|member| serves(member, path));
        serving.map(|member| format!("{}{path}", member.base)).collect()
    }

    /// The addresses of `path`, which every process serves.
    pub(crate) fn urls_everywhere(&self, path: &str) -> Vec<String> {
        self.0.members.iter().map(|member| format!("{}{path}", member.base)).collect()
    }

    /// The paths of all pages of its processes, as they were routed.
    pub(crate) fn page_paths(&self) -> Vec<&'static str> {
        self.0.members.iter().flat_map(|member| member.page_paths.iter().copied()).collect()
    }

    /// What its clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.place.time.now()
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, duration: Duration) {
        self.0.place.time.advance(duration);
    }

    /// Lets the second pass after which the server polls for what another process did, such as the command line.
    pub(crate) fn notice_other_processes(&self) {
        self.advance(Duration::from_secs(1));
    }

    /// Returns when every event had its effect, or waits for its time.
    pub(crate) async fn idle(&self) {
        for member in &self.0.members {
            let bus = member.life.lock().unwrap().as_ref().expect("the platform runs").bus.clone();
            tokio::time::timeout(TIMEOUT, bus.idle()).await.expect("the consumers never rest").unwrap();
        }
    }

    /// Its database, for what is done to it from outside.
    pub(crate) fn database(&self) -> &Database {
        &self.0.members[0].database
    }

    /// Whether it stands on servers.
    pub(crate) fn has_servers(&self) -> bool {
        self.0.place.size.has_servers()
    }

    /// What it stands on, where that is servers.
    pub(crate) fn servers(&self) -> &Servers {
        self.0.place.size.servers()
    }

    /// The database of one process on servers, as the server's owner sees it.
    pub(crate) fn postgres(&self) -> &TestDatabase {
        self.0.place.size.database()
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        data(self.0.place.folder.path())
    }

    /// The `number`th mail of this kind to `email`, counted from 1, as soon as it is there.
    pub(crate) async fn mail(&self, email: &str, kind: &str, number: usize) -> ReceivedMail {
        let subjects = subjects_of(kind);
        let found = self.0.place.mails.find(TIMEOUT, |mails| {
            let of_kind = mails.iter().filter(|mail| mail.to.iter().any(|to| to == email));
            of_kind
                .filter(|mail| mail.header("subject").is_some_and(|subject| subjects.contains(&subject.as_str())))
                .nth(number - 1)
                .cloned()
        });
        let mail = found.await.unwrap_or_else(|| panic!("no {kind} mail number {number} came for {email}"));
        super::logs::remember_tokens(&mail.text());
        mail
    }

    /// The claims of a token, unchecked.
    pub(crate) fn claims(&self, token: &str) -> Value {
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap()
    }

    /// Sends a form as a page without JavaScript does.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        read(http_client().post(self.url(path)).form(fields)).await
    }
}

/// Walks `journey` through a fresh platform of each size.
pub(crate) async fn in_every_size(journey: impl AsyncFn(Platform)) {
    in_every_size_set(&[], journey).await;
}

/// The same, set as `settings` say besides.
pub(crate) async fn in_every_size_set(settings: &[(&'static str, &str)], journey: impl AsyncFn(Platform)) {
    for size in Size::all().await {
        journey(Platform::start_at(Place::of(size, settings).await, telemetry::count_nothing()).await).await;
    }
}

/// Walks `journey` through a fresh platform of each size that stands on servers, set as `settings` say besides.
pub(crate) async fn in_every_size_on_servers(settings: &[(&'static str, &str)], journey: impl AsyncFn(Platform)) {
    for size in Size::on_servers().await {
        journey(Platform::start_at(Place::of(size, settings).await, telemetry::count_nothing()).await).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Place {
    async fn of(size: Size, settings: &[(&'static str, &str)]) -> Self {
        let time = if size.has_servers() { Time::going() } else { Time::still() };
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mails = Arc::new(SmtpSink::start().await.unwrap());
        let settings = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { time, size: Arc::new(size), settings, folder, mails, starts: Arc::default() }
    }

    /// The settings that all processes have in common.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let every = [
            ("DATA_DIR", data(self.folder.path()).to_str().unwrap().to_owned()),
            ("SERVER_PORT", "0".to_owned()),
            ("TRUSTED_PROXIES", "127.0.0.1/32".to_owned()),
            ("EMAIL_HOST", "127.0.0.1".to_owned()),
            ("EMAIL_PORT", self.mails.port().to_string()),
            ("EMAIL_TLS", "none".to_owned()),
            ("EMAIL_FROM", "liman@example.com".to_owned()),
        ];
        every.into_iter().chain(self.settings.iter().cloned()).collect()
    }
}

impl Member {
    async fn start(place: &Place, process: &Process, counts: PrometheusHandle, stop: &CancellationToken) -> Self {
        let seed = place.starts.fetch_add(1, Ordering::Relaxed);
        let sources = Sources::new(place.time.clone(), SeededRandom::new(seed));
        let app = App::build(&process.settings(&place.settings()), sources, counts).await.unwrap();
        let (base, database, bus) =
            (format!("http://{}", app.address()), app.context().database.clone(), app.bus().clone());
        let page_paths = app.page_paths().to_vec();
        #[expect(clippy::disallowed_methods, reason = "a platform under test is a task of its test")]
        let task = tokio::task::spawn({
            let (stop, size) = (stop.clone(), place.size.clone());
            async move {
                app.run(stop).await.unwrap();
                // Its servers outlive it.
                drop(size);
            }
        });
        let life = Mutex::new(Some(Life { task, bus }));
        Self { services: process.services.clone(), base, page_paths, database, life }
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// Whether `path`, which some service has to serve, is asked of `member`; what every process answers is asked of auth.
fn serves(member: &Member, path: &str) -> bool {
    match ServedBy::of(path).unwrap_or_else(|| panic!("no service has {path}")) {
        ServedBy::Everyone => member.services.contains(ServiceName::Auth),
        ServedBy::Service(service) => member.services.contains(service),
    }
}

/// What a reader sees of a kind of mail, in either language.
fn subjects_of(kind: &str) -> [&'static str; 2] {
    match kind {
        "verification" => ["E-posta adresinizi doğrulayın", "Confirm your e-mail address"],
        "password_reset" => ["Yeni parolanızı belirleyin", "Choose your new password"],
        "already_registered" => ["Zaten bir hesabınız var", "You already have an account"],
        "password_changed" => ["Parolanız değiştirildi", "Your password was changed"],
        "session_revoked" => {
            ["Güvenliğiniz için bir oturumunuzu kapattık", "We ended one of your sessions to keep you safe"]
        }
        "new_device" => ["Hesabınıza yeni bir cihazdan giriş yapıldı", "A sign-in from a new device"],
        "campaign" => ["Kampanya: Yaz indirimi", "Campaign: Yaz indirimi"],
        "order_delivered" => ["Siparişiniz teslim edildi", "Your order was delivered"],
        unknown => panic!("no mail is called {unknown}"),
    }
}
