//! What the tests of this service stand on.

mod browser;
mod kitchen;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bus::{HearError, Hears};
use contracts::{Catalog, Event, Locale, UserCreated};
use kit::testing::{Client, TestPorts};
use web::{CookieScheme, PageSettings};

use crate::events::Listener;
use crate::state::Carts;
use crate::{MIGRATIONS, api};

pub(crate) use browser::{Browser, value};
pub(crate) use kitchen::{Kitchen, meal};

/// Ports with the tables of this service.
pub(crate) struct Fixture {
    ports: TestPorts,
    pub(crate) carts: Arc<Carts>,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

impl Fixture {
    async fn over(ports: TestPorts) -> Self {
        let ports = ports.beside_auth().await;
        Self { carts: Carts::new(ports.context.clone()), ports }
    }

    pub(crate) fn client(&self) -> Client {
        let settings = PageSettings {
            cookies: CookieScheme::Http,
            segments: vec!["adresler", "mutfak", "odeme", "restoran", "sepet", "siparis", "siparisler"],
        };
        let pages = web::dress(api::pages::pages(&self.carts).into_router(), settings);
        Client::anonymous(pages.merge(Router::from(api::routes(&self.carts))), &self.context)
    }

    /// Somebody with an account.
    pub(crate) fn ayse(&self) -> Client {
        self.client().user(self.new_user())
    }

    /// Somebody with an account whose address is known.
    pub(crate) async fn diner(&self) -> Client {
        let user_id = self.new_user();
        let email = Some(format!("{user_id}@example.com").parse().unwrap());
        self.hear(UserCreated { user_id, email, locale: Some(Locale::Tr), created_at: None }).await.unwrap();
        self.client().user(user_id)
    }

    /// A browser before the pages of the service.
    pub(crate) fn browser(&self) -> Browser {
        Browser::before(self.client())
    }

    /// The browser of who is signed in as `user`.
    pub(crate) fn browser_of(&self, user: &Client) -> Browser {
        let browser = self.browser();
        browser.sign_in(user);
        browser
    }

    /// Another process of the service, on the same state.
    pub(crate) async fn another_process(&self) -> Self {
        Self::over(self.ports.replica().await).await
    }

    /// Another one whose clock is ahead.
    pub(crate) async fn process_ahead(&self, by: Duration) -> Self {
        Self::over(self.ports.replica_ahead(by).await).await
    }

    pub(crate) async fn hear<E: Event>(&self, event: E) -> Result<(), HearError>
    where
        Listener: Hears<E>,
    {
        self.deliver(&Listener::new(self.carts.clone()), event).await
    }

    /// A restaurant of which the service has heard.
    pub(crate) async fn kitchen(&self, name: &str) -> Kitchen {
        let kitchen = Kitchen::new(self, name);
        self.hear(kitchen.event()).await.unwrap();
        kitchen
    }

    /// What the restaurant is after `change`, as everybody hears.
    pub(crate) async fn change(&self, kitchen: &mut Kitchen, change: impl FnOnce(&mut Catalog)) {
        change(&mut kitchen.catalog);
        kitchen.version += 1;
        self.hear(kitchen.event()).await.unwrap();
    }
}
