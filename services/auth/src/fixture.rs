//! What the tests of this service stand on: the whole service on ports of its own, once on every database, and somebody
//! who reads the mails.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod ask;
mod outage;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::middleware::from_fn;
use axum::{Extension, Router};
use bus::{Bus, BusUrl, Consumer, HearError, Heard, Hears};
use clock::{ManualClock, SeededRandom, Sources};
use contracts::{EmailEvent, MailMessage, Secret, UserCreated};
use database::{Database, DatabaseUrl, Postgres, Vault, WriteTransaction};
use ephemeral::Embedded;
use kit::access::{Guard, TokenKeys};
use kit::{Context, render_problems};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::servers::postgres::{TestDatabase, fresh_database};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::state::Auth;
use crate::{MIGRATIONS, Settings, actions, api};

pub(crate) use ask::{Answer, Ask};
pub(crate) use outage::Outage;

/// Fit for every address of the tests.
pub(crate) const PASSWORD: &str = "mavi balina 42";

/// The service, and a clock that stands at noon of 2 March 2026.
pub(crate) struct Fixture {
    pub(crate) auth: Arc<Auth>,
    pub(crate) clock: ManualClock,
    pub(crate) ephemeral: Outage,
    router: Router,
    bus: Bus,
    told: Told,
    place: Arc<Place>,
}

/// Where the database and the ephemeral store of a fixture stand.
struct Place {
    folder: TempDir,
    postgres: Option<TestDatabase>,
}

/// What other services heard.
#[derive(Clone, Default)]
struct Told {
    mails: Arc<Mutex<Vec<EmailEvent>>>,
    users: Arc<Mutex<Vec<UserCreated>>>,
}

/// A session, as its client holds it.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) cookie: Option<String>,
}

/// Runs `test` on a fresh fixture of each database.
pub(crate) async fn on_every_database(test: impl AsyncFn(Fixture)) {
    on_every_database_with(&settings(), test).await;
}

/// The same with other settings.
pub(crate) async fn on_every_database_with(settings: &Settings, test: impl AsyncFn(Fixture)) {
    test(Fixture::on(Place::on(None), settings.clone()).await).await;
    if let Some(postgres) = fresh_postgres().await {
        test(Fixture::on(Place::on(Some(postgres)), settings.clone()).await).await;
    }
}

/// The service on a database in which the first platform left what `sql` makes; none where servers are not wanted.
pub(crate) async fn fresh_first_platform(sql: &str) -> Option<Fixture> {
    let postgres = fresh_database("empty", async |_| ()).await?;
    postgres.execute(sql).await;
    Some(Fixture::on(Place::on(Some(postgres)), settings()).await)
}

/// A database with all tables; none where servers are not wanted.
async fn fresh_postgres() -> Option<TestDatabase> {
    fresh_database("auth", async |template| {
        let database = open(&postgres_url(template), Sources::system()).await;
        migrate(&database).await;
        database.close().await.unwrap();
    })
    .await
}

fn postgres_url(place: &TestDatabase) -> DatabaseUrl {
    DatabaseUrl::Postgres(Postgres::local(place.port(), "postgres", place.name()))
}

async fn open(url: &DatabaseUrl, sources: Sources) -> Database {
    Database::connect(url, sources, Vault::new(b"a root key for tests")).await.unwrap()
}

async fn migrate(database: &Database) {
    database.migrate(bus::MIGRATIONS).await.unwrap();
    database.migrate(MIGRATIONS).await.unwrap();
}

impl Place {
    fn on(postgres: Option<TestDatabase>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), postgres }
    }

    fn url(&self) -> DatabaseUrl {
        let sqlite = || DatabaseUrl::Sqlite(self.folder.path().join("test.db"));
        self.postgres.as_ref().map_or_else(sqlite, postgres_url)
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        access_lifetime: Duration::from_secs(15 * 60),
        refresh_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
        token_keys: TokenKeys::Published,
        login_attempts: 5,
        login_window: Duration::from_secs(15 * 60),
        hash_threads: 2,
        secure_cookies: false,
    }
}

impl Fixture {
    async fn on(place: Place, settings: Settings) -> Self {
        let clock = ManualClock::at("2026-03-02T12:00:00Z".parse().unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(7));
        let ephemeral = Outage::of(Embedded::open(&place.folder.path().join("ephemeral"), sources.clone()).unwrap());
        Self::beside(Arc::new(place), clock, sources, ephemeral, settings).await
    }

    /// The service once more, as another process runs it over the same state. Mails are read by the first one.
    pub(crate) async fn replica(&self) -> Self {
        self.replica_by(self.clock.clone()).await
    }

    /// The same where the clock is ahead.
    pub(crate) async fn replica_ahead(&self, by: Duration) -> Self {
        self.replica_by(ManualClock::at(self.auth.context.now() + by)).await
    }

    async fn replica_by(&self, clock: ManualClock) -> Self {
        let sources = Sources::new(clock.clone(), SeededRandom::new(8));
        let (place, settings) = (Arc::clone(&self.place), self.auth.settings.clone());
        Self::beside(place, clock, sources, self.ephemeral.clone(), settings).await
    }

    async fn beside(
        place: Arc<Place>,
        clock: ManualClock,
        sources: Sources,
        ephemeral: Outage,
        settings: Settings,
    ) -> Self {
        let database = open(&place.url(), sources.clone()).await;
        migrate(&database).await;
        let context =
            Context { database: database.clone(), ephemeral: Arc::new(ephemeral.clone()), sources: sources.clone() };
        let guard = Guard::new(Arc::new(ephemeral.clone()), sources, &settings.token_keys);
        let auth = Arc::new(Auth::new(context, guard.clone(), settings).await.unwrap());
        actions::keys::follow(&auth).await.unwrap();
        actions::sweep::sweep(&auth).await.unwrap();
        guard.prepare().await.unwrap();
        let (routes, _) = api::routes(Arc::clone(&auth)).split_for_parts();
        let told = Told::default();
        let reader = Consumer::named("reader").hears::<EmailEvent>(told.clone()).hears::<UserCreated>(told.clone());
        Self {
            auth,
            clock,
            ephemeral,
            router: routes.layer(from_fn(render_problems)).layer(Extension(guard)),
            bus: Bus::open(&BusUrl::Embedded, database, vec![reader]).await.unwrap(),
            told,
            place,
        }
    }

    /// Runs statements on the fixture's Postgres.
    pub(crate) async fn execute(&self, sql: &str) {
        self.place.postgres.as_ref().expect("the fixture is on Postgres").execute(sql).await;
    }

    /// Lets time pass, so that what happens next sorts behind what happened before.
    pub(crate) fn a_moment_later(&self) {
        self.clock.advance(Duration::from_millis(1));
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        let response = self.router.clone().oneshot(ask.into_request()).await.unwrap();
        Answer::of(response).await
    }

    /// The mails that were requested since the last look.
    pub(crate) async fn mails(&self) -> Vec<EmailEvent> {
        self.listen().await;
        std::mem::take(&mut self.told.mails.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The users that were told since the last look.
    pub(crate) async fn users(&self) -> Vec<UserCreated> {
        self.listen().await;
        std::mem::take(&mut self.told.users.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn listen(&self) {
        self.answer_mail_requests().await;
        self.hear().await;
    }

    /// How many mails were requested by now, before anybody looks into those that were only asked for.
    pub(crate) async fn recorded_mails(&self) -> usize {
        self.hear().await;
        self.told.mails.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    async fn hear(&self) {
        tokio::select! {
            () = self.bus.run(CancellationToken::new()) => unreachable!("nobody stops it"),
            idle = self.bus.idle() => idle.unwrap(),
        }
    }

    /// What the service does soon after somebody asked for a mail.
    pub(crate) async fn answer_mail_requests(&self) {
        actions::answer_mail_requests::answer_mail_requests(&self.auth).await.unwrap();
    }

    /// Registers `email` and gives back the token of its mail.
    pub(crate) async fn register(&self, email: &str, password: &str) -> String {
        let answer = self.ask(Ask::post("/auth/register", json!({"email": email, "password": password}))).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        self.mailed_token().await
    }

    /// The token of the newest mail that has one.
    pub(crate) async fn mailed_token(&self) -> String {
        let mails = self.mails().await;
        let newest = mails.iter().rev().find_map(|mail| token(&mail.message));
        newest.expect("a mail with a token was requested").expose().to_owned()
    }

    /// Makes an account and gives back its first session.
    pub(crate) async fn sign_up(&self, email: &str) -> Held {
        let token = self.register(email, PASSWORD).await;
        let answer = self.ask(Ask::post("/auth/verify-email", json!({ "token": token }))).await;
        Held::by(&answer)
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.a_moment_later();
        self.ask(Ask::post("/auth/login", json!({"email": email, "password": password}))).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.ask(Ask::post("/auth/refresh", json!({ "refresh_token": token }))).await
    }

    /// The status of a request that needs a session.
    pub(crate) async fn status_of(&self, access: &str) -> u16 {
        self.ask(Ask::get("/auth/me").bearer(access)).await.status
    }

    /// The kinds of the events of the session's user, newest first.
    pub(crate) async fn events(&self, access: &str) -> Vec<String> {
        self.answer_mail_requests().await;
        let answer = self.ask(Ask::get("/auth/events?limit=100").bearer(access)).await;
        let events = answer.json()["items"].as_array().unwrap().clone();
        events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    }
}

impl Held {
    pub(crate) fn by(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), cookie: answer.cookie() }
    }
}

fn token(message: &MailMessage) -> Option<&Secret> {
    match message {
        MailMessage::Verification { token, .. } | MailMessage::PasswordReset { token, .. } => Some(token),
        MailMessage::AlreadyRegistered { .. }
        | MailMessage::PasswordChanged { .. }
        | MailMessage::SessionRevoked { .. }
        | MailMessage::NewDevice { .. }
        | MailMessage::Discount { .. } => None,
    }
}

/// The code of a problem.
pub(crate) fn code(answer: &Answer) -> String {
    answer.json().get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[async_trait]
impl Hears<EmailEvent> for Told {
    async fn hear(&self, _: &WriteTransaction, heard: &Heard<EmailEvent>) -> Result<(), HearError> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(heard.event.clone());
        Ok(())
    }
}

#[async_trait]
impl Hears<UserCreated> for Told {
    async fn hear(&self, _: &WriteTransaction, heard: &Heard<UserCreated>) -> Result<(), HearError> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner).push(heard.event.clone());
        Ok(())
    }
}
