//! What the tests of this service stand on.

use std::ops::Deref;
use std::sync::Arc;

use contracts::{UserCreated, UserId};
use database::Migrations;
use kit::FieldValue;
use kit::testing::{Client, Engine, TestPorts, deliver, heard};

use crate::events::Listener;
use crate::model::{BornDate, Gender, ProfileDetails};
use crate::state::User;
use crate::{MIGRATIONS, api};

const TABLES: &[Migrations] = &[MIGRATIONS];

/// Ports with the tables of this service.
pub(crate) struct Fixture(TestPorts);

impl Fixture {
    pub(crate) async fn on(engine: Engine) -> Option<Self> {
        Some(Self::over(TestPorts::fresh(engine, TABLES).await?).await)
    }

    /// On a database in which the first platform left what `sql` makes; none where servers are not wanted.
    pub(crate) async fn with_first_platform(sql: &str) -> Option<Self> {
        Some(Self::over(TestPorts::with_first_platform(sql, TABLES).await?).await)
    }

    async fn over(ports: TestPorts) -> Self {
        ports.publish_revocations().await;
        Self(ports)
    }

    /// The service.
    pub(crate) fn user(&self) -> Arc<User> {
        User::new(self.context.clone())
    }

    /// Somebody before the routes of this service.
    pub(crate) fn client(&self) -> Client {
        let (routes, _) = api::routes(&self.user()).split_for_parts();
        Client::anonymous(routes, &self.context)
    }

    pub(crate) async fn deliver(&self, event: UserCreated) {
        let listener = Listener::new(self.user());
        deliver(&self.context.database, &listener, &heard(&self.context, event)).await.unwrap();
    }

    /// What peers of the first platform see of a user who may complete a profile.
    pub(crate) async fn pending_key(&self, user_id: UserId) -> Option<String> {
        let value = self.context.ephemeral.get(&format!("pending_user:{user_id}")).await.unwrap();
        value.map(|value| String::from_utf8(value).unwrap())
    }

    /// What Ayşe gives of herself.
    pub(crate) fn details() -> ProfileDetails {
        ProfileDetails {
            full_name: "Ayşe Yılmaz".parse().unwrap(),
            born_date: BornDate::parse("1990-05-17".to_owned()).unwrap(),
            gender: Gender::Female,
            phone: "0532 123 45 67".parse().unwrap(),
        }
    }
}

impl Deref for Fixture {
    type Target = TestPorts;

    fn deref(&self) -> &TestPorts {
        &self.0
    }
}
