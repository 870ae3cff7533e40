//! What the tests of this service stand on.

use std::ops::Deref;
use std::sync::Arc;

use contracts::{UserCreated, UserId};
use kit::FieldValue;
use kit::testing::{Client, Engine, TestPorts};

use crate::events::Listener;
use crate::model::{BornDate, Gender, ProfileDetails};
use crate::state::User;
use crate::{MIGRATIONS, api};

/// Ports with the tables of this service.
pub(crate) struct Fixture(TestPorts);

impl Fixture {
    pub(crate) async fn on(engine: Engine) -> Option<Self> {
        Some(Self(TestPorts::fresh(engine, &[MIGRATIONS]).await?.beside_auth().await))
    }

    /// On a database in which the first platform left what `sql` makes; none where servers are not wanted.
    pub(crate) async fn with_first_platform(sql: &str) -> Option<Self> {
        Some(Self(TestPorts::with_first_platform(sql, &[MIGRATIONS]).await?.beside_auth().await))
    }

    pub(crate) fn user(&self) -> Arc<User> {
        User::new(self.context.clone())
    }

    pub(crate) fn client(&self) -> Client {
        Client::anonymous(api::routes(&self.user()), &self.context)
    }

    pub(crate) async fn deliver(&self, event: UserCreated) {
        self.0.deliver(&Listener::new(self.user()), event).await.unwrap();
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

impl Deref for Fixture {
    type Target = TestPorts;

    fn deref(&self) -> &TestPorts {
        &self.0
    }
}
