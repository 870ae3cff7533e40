//! What the tests of this service stand on.

mod campaigns;

use std::sync::Arc;

use bus::Hears;
use contracts::{Event, UserCreated, UserId};
use kit::FieldValue;
use kit::testing::{Client, TestPorts};
use web::{CookieScheme, PageSettings};

use crate::events::Listener;
use crate::model::{BornDate, Gender, ProfileDetails};
use crate::state::User;
use crate::{MIGRATIONS, Settings, api};

pub(crate) use campaigns::{address_of, announced};

/// The service on ports of its own.
pub(crate) struct Fixture {
    ports: TestPorts,
    pub(crate) user: Arc<User>,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

impl Fixture {
    async fn over(ports: TestPorts) -> Self {
        let ports = ports.beside_auth().await;
        Self { user: User::new(ports.context.clone(), Settings::default()), ports }
    }

    pub(crate) fn client(&self) -> Client {
        Client::anonymous(api::routes(&self.user), &self.context)
    }

    /// Somebody before the pages of the service of whom nothing is known.
    pub(crate) fn stranger(&self) -> Client {
        let segments = vec!["favoriler", "profil", "restoran", "tercihler"];
        let settings = PageSettings { cookies: CookieScheme::Http, segments };
        Client::anonymous(web::dress(api::pages::pages(&self.user).into_router(), settings), &self.context)
    }

    /// The user as a reader of pages, in a browser with these cookies besides.
    pub(crate) fn reader(&self, user_id: UserId, cookies: &str) -> Client {
        self.stranger().user(user_id).in_browser(cookies)
    }

    pub(crate) async fn deliver(&self, event: UserCreated) {
        self.hear(event).await;
    }

    pub(crate) async fn hear<E: Event>(&self, event: E)
    where
        Listener: Hears<E>,
    {
        self.ports.deliver(&Listener::new(self.user.clone()), event).await.unwrap();
    }

    /// What peers of the first platform see of a user who may complete a profile.
    pub(crate) async fn pending_key(&self, user_id: UserId) -> Option<String> {
        let value = self.context.ephemeral.get(&format!("pending_user:{user_id}")).await.unwrap();
        value.map(|value| String::from_utf8(value).unwrap())
    }

    /// What Ayşe gives of herself.
    pub(crate) fn details() -> ProfileDetails {
        let (full_name, phone) = ("Ayşe Yılmaz".parse().unwrap(), "0532 123 45 67".parse().unwrap());
        let born_date = BornDate::parse("1990-05-17".to_owned()).unwrap();
        ProfileDetails { full_name, born_date, gender: Gender::Female, phone }
    }
}
