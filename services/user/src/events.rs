//! What this service hears, and which action each event calls.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Consumer, HearError, Heard, Hears};
use contracts::{CampaignAnnounced, CampaignCounted, CatalogChanged, ConsentChanged, UserCreated};
use database::WriteTransaction;

use crate::actions::{account, campaigns, consent, restaurants};
use crate::state::User;

/// The service as a reader of topics.
pub(crate) fn consumer(user: &Arc<User>) -> Consumer {
    let listener = || Listener::new(user.clone());
    Consumer::named("user")
        .hears::<UserCreated>(listener())
        .hears::<CatalogChanged>(listener())
        .hears::<ConsentChanged>(listener())
        .hears::<CampaignAnnounced>(listener())
        .hears::<CampaignCounted>(listener())
}

/// The ears of the service.
pub(crate) struct Listener {
    user: Arc<User>,
}

impl Listener {
    pub(crate) fn new(user: Arc<User>) -> Self {
        Self { user }
    }
}

#[async_trait]
impl Hears<UserCreated> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<UserCreated>) -> Result<(), HearError> {
        account::create_account(tx, &heard.event).await
    }

    async fn after_commit(&self, heard: &Heard<UserCreated>) -> Result<(), HearError> {
        account::await_profile(&self.user, heard.event.user_id).await
    }
}

#[async_trait]
impl Hears<CatalogChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<CatalogChanged>) -> Result<(), HearError> {
        restaurants::keep_restaurant(tx, &heard.event).await
    }
}

#[async_trait]
impl Hears<ConsentChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<ConsentChanged>) -> Result<(), HearError> {
        consent::keep_consent(tx, heard).await
    }
}

#[async_trait]
impl Hears<CampaignAnnounced> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<CampaignAnnounced>) -> Result<(), HearError> {
        campaigns::keep_campaign(tx, heard).await
    }
}

#[async_trait]
impl Hears<CampaignCounted> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<CampaignCounted>) -> Result<(), HearError> {
        campaigns::keep_counts(tx, &heard.event).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::{actions, store};
    use contracts::{Locale, UserId};
    use kit::on_every_database;

    on_every_database! {
        Fixture:
        hearing_of_a_user_twice_equals_hearing_once,
        a_message_of_the_first_platform_is_enough,
        a_user_with_a_profile_is_not_waited_for,
    }

    fn ayse(user_id: UserId) -> UserCreated {
        let email = "ayse@example.com".parse().unwrap();
        UserCreated { user_id, email: Some(email), locale: Some(Locale::En), created_at: None }
    }

    async fn hearing_of_a_user_twice_equals_hearing_once(fixture: Fixture) {
        let user_id = fixture.new_user();

        fixture.deliver(ayse(user_id)).await;
        fixture.deliver(UserCreated { locale: Some(Locale::Tr), ..ayse(user_id) }).await;

        let account = store::account::find(&fixture.context.database, user_id).await.unwrap().unwrap();
        assert_eq!(account.locale, Locale::En);
        assert_eq!(account.email.unwrap().as_str(), "ayse@example.com");
        assert_eq!(fixture.pending_key(user_id).await.as_deref(), Some("1"));
    }

    async fn a_message_of_the_first_platform_is_enough(fixture: Fixture) {
        let user_id = fixture.new_user();

        let event = serde_json::from_value(serde_json::json!({ "user_id": user_id })).unwrap();
        fixture.deliver(event).await;

        let account = store::account::find(&fixture.context.database, user_id).await.unwrap().unwrap();
        assert_eq!((account.email, account.locale), (None, Locale::Tr));
        assert_eq!(account.created_at, fixture.context.now());
    }

    async fn a_user_with_a_profile_is_not_waited_for(fixture: Fixture) {
        let user_id = fixture.new_user();
        fixture.deliver(ayse(user_id)).await;
        actions::complete_registration(&fixture.user, user_id, Fixture::details()).await.unwrap();

        fixture.deliver(ayse(user_id)).await;

        assert_eq!(fixture.pending_key(user_id).await, None);
    }
}
