//! What the tests of this service stand on: the whole service on ports of its own, and what it records.

mod browser;
mod session;
mod settings;

use std::sync::Arc;

use axum::Router;
use contracts::{EmailEvent, UserCreated};
use kit::access::Guard;
use kit::testing::{Client, Recorded, TestPorts};
use web::PageSettings;

use crate::state::Auth;
use crate::{MIGRATIONS, Settings, actions, api};

pub(crate) use browser::Browser;
pub(crate) use kit::testing::{Answer, Ask};
pub(crate) use session::{Held, PASSWORD};
pub(crate) use settings::settings;

/// The service on ports of its own.
pub(crate) struct Fixture {
    pub(crate) auth: Arc<Auth>,
    ports: TestPorts,
    client: Client,
    pub(crate) recorded_mails: Recorded<EmailEvent>,
    recorded_users: Recorded<UserCreated>,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

impl Fixture {
    pub(crate) async fn over(ports: TestPorts) -> Self {
        Self::with(ports, settings()).await
    }

    /// With other settings.
    pub(crate) async fn with(ports: TestPorts, settings: Settings) -> Self {
        let context = ports.context.clone();
        let guard = Guard::new(context.ephemeral.clone(), context.sources.clone(), &settings.token_keys);
        let auth = Auth::new(context.clone(), guard.clone(), settings).await.unwrap();
        actions::keys::follow(&auth).await.unwrap();
        actions::sweep::sweep(&auth).await.unwrap();
        actions::role_version::poll(&auth).await.unwrap();
        guard.prepare().await.unwrap();
        let cookies = auth.settings.cookies;
        let segments = vec!["giris", "guvenlik", "kayit", "oturum", "parola", "liman"];
        let pages = web::dress(api::pages::pages(&auth).into_router(), PageSettings { cookies, segments });
        let client = Client::before(pages.merge(Router::from(api::routes(&auth))), guard, &context);
        let (recorded_mails, recorded_users) = (Recorded::of(&context).await, Recorded::of(&context).await);
        Self { auth, ports, client, recorded_mails, recorded_users }
    }

    /// The service once more, as another process runs it over the same state. Mails are read by the first one.
    pub(crate) async fn replica(&self) -> Self {
        self.replica_with(self.auth.settings.clone()).await
    }

    /// The same with other settings.
    pub(crate) async fn replica_with(&self, settings: Settings) -> Self {
        Self::with(self.ports.replica().await, settings).await
    }

    /// The mails that were requested since the last call.
    pub(crate) async fn mails(&self) -> Vec<EmailEvent> {
        self.answer_mail_requests().await;
        self.recorded_mails.take().await
    }

    /// The users whose events were recorded since the last call.
    pub(crate) async fn users(&self) -> Vec<UserCreated> {
        self.recorded_users.take().await
    }

    /// What the service does soon after somebody asked for a mail.
    pub(crate) async fn answer_mail_requests(&self) {
        actions::answer_mail_requests::answer_mail_requests(&self.auth).await.unwrap();
    }
}
