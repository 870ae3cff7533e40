//! For tests: the service over a database of its own and a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use bus::{HearError, Heard, Hears};
use clock::{ManualClock, SeededRandom, Sources, Timestamp};
use contracts::{Asked, EmailEvent, Locale, MailMessage, Secret};
use database::{Database, DatabaseError, DatabaseUrl, Postgres, Vault};
use ephemeral::Embedded;
use kit::Context;
use tempfile::TempDir;
use testkit::servers::postgres::{TestDatabase, fresh_database};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::events::Listener;
use crate::mailer::Mailer;
use crate::settings::{Settings, Smtp, Tls, Transport};
use crate::store::mail::{Model, State};
use crate::{Links, MIGRATIONS, sender, store};

/// A data folder with everything that the service stands on.
pub(crate) struct Fixture {
    pub(crate) clock: ManualClock,
    pub(crate) context: Context,
    url: DatabaseUrl,
    /// Deleted with the fixture.
    _folder: TempDir,
    _postgres: Option<TestDatabase>,
}

/// The service's tasks while they run.
pub(crate) struct Running {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// No wait in a test takes longer unless something is broken.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// Runs `test` on a fresh fixture of each database.
pub(crate) async fn on_every_database(test: impl AsyncFn(Fixture)) {
    test(Fixture::new().await).await;
    let migrated = fresh_database("notification", async |template| {
        let database = open(&postgres_url(template), &Sources::system(), 7).await;
        database.close().await.unwrap();
    });
    if let Some(postgres) = migrated.await {
        test(Fixture::on(tempfile::tempdir().unwrap(), Some(postgres)).await).await;
    }
}

fn postgres_url(place: &TestDatabase) -> DatabaseUrl {
    DatabaseUrl::Postgres(Postgres::local(place.port(), "postgres", place.name()))
}

impl Fixture {
    /// On SQLite, for what does not touch the database in ways of its own.
    pub(crate) async fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap(), None).await
    }

    async fn on(folder: TempDir, postgres: Option<TestDatabase>) -> Self {
        let sqlite = || DatabaseUrl::Sqlite(folder.path().join("test.db"));
        let url = postgres.as_ref().map_or_else(sqlite, postgres_url);
        let clock = ManualClock::at(Timestamp::from_timestamp(1_700_000_000, 0).unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(1));
        let context =
            Context { database: open(&url, &sources, 7).await, ephemeral: ephemeral(folder.path(), &sources), sources };
        Self { clock, context, url, _folder: folder, _postgres: postgres }
    }

    /// The same database, as another process has it open.
    pub(crate) async fn replica(&self) -> Context {
        let sources = Sources::new(self.clock.clone(), SeededRandom::new(2));
        let database = open(&self.url, &sources, 7).await;
        Context { database, sources, ..self.context.clone() }
    }

    /// The same database, as a process with another secret key sees it.
    pub(crate) async fn with_another_key(&self) -> Context {
        let database = open(&self.url, &self.context.sources, 8).await;
        Context { database, ..self.context.clone() }
    }

    /// The service with the built-in mailbox.
    pub(crate) fn with_mailbox(&self) -> Arc<Mailer> {
        Mailer::new(self.context.clone(), &settings(Transport::Mailbox)).unwrap()
    }

    /// The service with a mail server on this machine.
    pub(crate) fn with_server(&self, port: u16) -> Arc<Mailer> {
        self.with_settings(&settings(server(port)))
    }

    pub(crate) fn with_settings(&self, settings: &Settings) -> Arc<Mailer> {
        Mailer::new(self.context.clone(), settings).unwrap()
    }

    /// Delivers a new event with `message` for ayse@example.com, a millisecond after the one before.
    pub(crate) async fn ask_for(&self, mailer: &Arc<Mailer>, message: MailMessage) {
        self.clock.advance(Duration::from_millis(1));
        deliver(mailer, self.context.sources.uuid(), event(message)).await.unwrap();
    }

    /// A new event with `message`, as the bus hands it over.
    pub(crate) fn heard(&self, message: MailMessage) -> Heard<EmailEvent> {
        Heard { id: self.context.sources.uuid(), recorded_at: self.context.now(), event: event(message) }
    }

    /// All mails, oldest first.
    pub(crate) async fn mails(&self) -> Vec<Model> {
        store::mail::all(&self.context.database).await.unwrap()
    }

    /// The states of all mails, oldest first.
    pub(crate) async fn states(&self) -> Vec<State> {
        self.mails().await.into_iter().map(|mail| mail.state).collect()
    }

    /// Returns when the mails stand in `states`.
    pub(crate) async fn wait_for_states(&self, states: &[State]) {
        self.wait_until(|mails| mails.iter().map(|mail| mail.state).eq(states.iter().copied())).await;
    }

    /// Returns when `is_so` of all mails, oldest first.
    pub(crate) async fn wait_until(&self, is_so: impl Fn(&[Model]) -> bool) {
        let clock = Sources::system();
        let deadline = clock.now() + TIMEOUT;
        while !is_so(&self.mails().await) {
            assert!(clock.now() < deadline, "{:?} is not what the test waits for", self.states().await);
            clock.sleep(Duration::from_millis(5)).await;
        }
    }

    /// Lets time pass, `step` at each look at all mails, until it is so.
    pub(crate) async fn wait_while_time_passes(&self, step: Duration, is_so: impl Fn(&[Model]) -> bool) {
        let look = |mails: &[Model]| {
            self.clock.advance(step);
            is_so(mails)
        };
        self.wait_until(look).await;
    }
}

pub(crate) fn are_sent(mails: &[Model]) -> bool {
    mails.iter().all(|mail| mail.state == State::Sent)
}

async fn open(url: &DatabaseUrl, sources: &Sources, key: u8) -> Database {
    let database = Database::connect(url, sources.clone(), Vault::new(&[key; 32])).await.unwrap();
    database.migrate(database::idempotency::MIGRATIONS).await.unwrap();
    database.migrate(bus::MIGRATIONS).await.unwrap();
    database.migrate(MIGRATIONS).await.unwrap();
    database
}

fn ephemeral(folder: &std::path::Path, sources: &Sources) -> Arc<Embedded> {
    Arc::new(Embedded::open(&folder.join("ephemeral"), sources.clone()).unwrap())
}

pub(crate) fn settings(transport: Transport) -> Settings {
    let links = Links { public_url: "http://localhost:8080".to_owned(), front_end: None };
    Settings::new(transport, "Lezzetlimanı <posta@example.com>", links)
}

pub(crate) fn server(port: u16) -> Transport {
    Transport::Smtp(Smtp { host: "127.0.0.1".to_owned(), port, tls: Tls::None, credentials: None, ca_file: None })
}

/// Delivers `event` as the bus does: heard and committed, as often as others are faster with the same row, then finished.
pub(crate) async fn deliver(mailer: &Arc<Mailer>, id: Uuid, event: EmailEvent) -> Result<(), HearError> {
    let hears = Listener::new(mailer.clone());
    let heard = Heard { id, recorded_at: mailer.context.now(), event };
    while let Err(error) = hear(&hears, mailer, &heard).await {
        if !matches!(error, HearError::Database(DatabaseError::Unavailable(_))) {
            return Err(error);
        }
    }
    hears.after_commit(&heard).await
}

async fn hear(hears: &Listener, mailer: &Mailer, heard: &Heard<EmailEvent>) -> Result<(), HearError> {
    let tx = mailer.context.database.begin_write().await?;
    hears.hear(&tx, heard).await?;
    Ok(tx.commit().await?)
}

pub(crate) fn event(message: MailMessage) -> EmailEvent {
    EmailEvent { to: "ayse@example.com".parse().unwrap(), locale: Locale::Tr, message }
}

pub(crate) fn verification() -> MailMessage {
    MailMessage::Verification { token: Secret::new("tok-en"), asked: Asked::default() }
}

pub(crate) fn discount() -> MailMessage {
    MailMessage::Discount { title: "Lahmacun".to_owned(), description: "Yalnızca bugün!".to_owned() }
}

impl Running {
    /// Starts the tasks of the service, as the app does.
    pub(crate) fn start(mailer: &Arc<Mailer>) -> Self {
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        for task in sender::tasks(mailer) {
            tasks.spawn((task.run)(stop.clone()));
        }
        Self { stop, tasks }
    }

    /// Stops them in order.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }

    /// Ends them as a crash does.
    pub(crate) async fn crash(mut self) {
        self.tasks.shutdown().await;
    }
}
