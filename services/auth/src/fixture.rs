//! What the tests of this service stand on: the whole service on ports of its own, and everybody who hears what it records.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, BusUrl, Consumer};
use contracts::{EmailEvent, UserCreated};
use kit::access::{Guard, TokenKeys};
use kit::testing::{Client, Collected, Engine, TestPorts, hear_all};
use serde_json::json;

use crate::state::Auth;
use crate::{MIGRATIONS, Settings, actions, api};

pub(crate) use kit::testing::{Answer, Ask};

/// Fit for every address of the tests.
pub(crate) const PASSWORD: &str = "mavi balina 42";

/// The service on ports of its own.
pub(crate) struct Fixture {
    pub(crate) auth: Arc<Auth>,
    ports: TestPorts,
    client: Client,
    pub(crate) bus: Bus,
    pub(crate) mails: Collected<EmailEvent>,
    users: Collected<UserCreated>,
}

/// A session, as its client holds it.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) cookie: Option<String>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        access_ttl: Duration::from_secs(15 * 60),
        refresh_ttl: Duration::from_secs(30 * 24 * 60 * 60),
        token_keys: TokenKeys::Published,
        login_attempts: 5,
        login_window: Duration::from_secs(15 * 60),
        hash_threads: 2,
        secure_cookies: false,
    }
}

impl Fixture {
    pub(crate) async fn on(engine: Engine) -> Option<Self> {
        Self::with(engine, settings()).await
    }

    /// With other settings.
    pub(crate) async fn with(engine: Engine, settings: Settings) -> Option<Self> {
        Some(Self::over(TestPorts::fresh(engine, &[MIGRATIONS]).await?, settings).await)
    }

    /// On a database in which the first platform left what `sql` makes; none where servers are not wanted.
    pub(crate) async fn with_first_platform(sql: &str) -> Option<Self> {
        Some(Self::over(TestPorts::with_first_platform(sql, &[MIGRATIONS]).await?, settings()).await)
    }

    /// The service once more, as another process runs it over the same state. Mails are read by the first one.
    pub(crate) async fn replica(&self) -> Self {
        Self::over(self.ports.replica().await, self.auth.settings.clone()).await
    }

    pub(crate) async fn over(ports: TestPorts, settings: Settings) -> Self {
        let context = ports.context.clone();
        let guard = Guard::new(context.ephemeral.clone(), context.sources.clone(), &settings.token_keys);
        let auth = Auth::new(context.clone(), guard.clone(), settings).await.unwrap();
        actions::keys::follow(&auth).await.unwrap();
        actions::sweep::sweep(&auth).await.unwrap();
        guard.prepare().await.unwrap();
        let (mails, users) = (Collected::default(), Collected::default());
        let consumer = Consumer::named("reader").hears::<EmailEvent>(mails.clone()).hears::<UserCreated>(users.clone());
        let bus = Bus::open(&BusUrl::Embedded, context.database.clone(), vec![consumer]).await.unwrap();
        Self { client: Client::before(api::routes(&auth), guard, &context), auth, ports, bus, mails, users }
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        self.client.send(ask).await
    }

    /// The mails that were requested since the last look.
    pub(crate) async fn mails(&self) -> Vec<EmailEvent> {
        self.listen().await;
        self.mails.take()
    }

    /// The users whose events were recorded since the last call.
    pub(crate) async fn users(&self) -> Vec<UserCreated> {
        self.listen().await;
        self.users.take()
    }

    async fn listen(&self) {
        self.answer_mail_requests().await;
        hear_all(&self.bus).await;
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
        let newest = mails.iter().rev().find_map(|mail| mail.message.token());
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
}

impl Held {
    pub(crate) fn by(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), cookie: answer.cookie() }
    }
}

impl Deref for Fixture {
    type Target = TestPorts;

    fn deref(&self) -> &TestPorts {
        &self.ports
    }
}
