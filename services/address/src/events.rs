//! What this service hears, and which action each event calls.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Consumer, HearError, Heard, Hears};
use contracts::AddressChanged;
use database::WriteTransaction;

use crate::actions::cached;
use crate::model::AddressOwner;
use crate::state::Addresses;

/// The service as a reader of topics.
pub(crate) fn consumer(addresses: &Arc<Addresses>) -> Consumer {
    Consumer::named("address_cache").hears::<AddressChanged>(Listener::new(addresses.clone()))
}

/// The ears of the service.
pub(crate) struct Listener {
    addresses: Arc<Addresses>,
}

impl Listener {
    pub(crate) fn new(addresses: Arc<Addresses>) -> Self {
        Self { addresses }
    }
}

#[async_trait]
impl Hears<AddressChanged> for Listener {
    /// The table has it already: the service has written it itself.
    async fn hear(&self, _: &WriteTransaction, _: &Heard<AddressChanged>) -> Result<(), HearError> {
        Ok(())
    }

    async fn after_commit(&self, heard: &Heard<AddressChanged>) -> Result<(), HearError> {
        let AddressChanged { id, entity_type, entity_id, .. } = heard.event;
        cached::forget(&self.addresses, id, AddressOwner { entity_type, entity_id }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use kit::on_every_database;
    use serde_json::json;

    on_every_database! {
        Fixture:
        hearing_of_a_change_heals_what_its_writer_left_cached,
        hearing_of_a_change_waits_for_the_store,
    }

    async fn hearing_of_a_change_heals_what_its_writer_left_cached(fixture: Fixture) {
        let (ayse, id) = fixture.with_a_home().await;
        let path = format!("/addresses/{id}");
        ayse.get(&path).await;
        ayse.get("/addresses").await;
        // A writer that dies right behind its commit forgets nothing in the store.
        fixture.ephemeral.begin();
        ayse.put(&path, json!({ "title": "Yeni" })).await;
        fixture.ephemeral.end();
        let old = [ayse.get(&path).await.json(), ayse.get("/addresses").await.json()[0].clone()];

        for event in fixture.recorded().await {
            fixture.deliver(event).await.unwrap();
        }

        let new = [ayse.get(&path).await.json(), ayse.get("/addresses").await.json()[0].clone()];
        assert_eq!(old.map(|address| address["title"].clone()), ["Ev", "Ev"]);
        assert_eq!(new.map(|address| address["title"].clone()), ["Yeni", "Yeni"]);
    }

    async fn hearing_of_a_change_waits_for_the_store(fixture: Fixture) {
        fixture.with_a_home().await;
        let event = fixture.recorded().await.remove(0);

        fixture.ephemeral.begin();
        let away = fixture.deliver(event.clone()).await;
        fixture.ephemeral.end();
        let there = fixture.deliver(event).await;

        assert!(matches!(away, Err(HearError::Failed(_))), "{away:?}");
        assert!(there.is_ok(), "{there:?}");
    }
}
