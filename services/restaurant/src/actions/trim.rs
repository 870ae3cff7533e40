//! Forgets addresses that nobody names any more and of which nothing is known.

use std::time::Duration;

use contracts::AddressId;
use database::{Database, Result};
use uuid::Uuid;

use crate::store;

/// How often it is worth the reads.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Rows that one transaction goes through.
const BATCH: u64 = 500;

/// Deletes them. Nothing comes back by a late event: such a row holds no version that an event is compared with. What is known of
/// an address stays, also that it was deleted.
pub(crate) async fn trim(database: &Database) -> Result<()> {
    let mut after = AddressId(Uuid::nil());
    loop {
        let tx = database.begin_read_committed().await?;
        let unknown = store::address::list_unknown(&tx, after, BATCH).await?;
        let Some(last) = unknown.last() else { return Ok(()) };
        after = *last;
        let named = store::restaurant::named_addresses(&tx, unknown.clone()).await?;
        let nobodys: Vec<_> = unknown.into_iter().filter(|id| !named.contains(id)).collect();
        // SQLite plans a change of none of them as a walk through all.
        if !nobodys.is_empty() {
            store::address::delete_unknown(&tx, nobodys).await?;
            tx.commit().await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::on_every_database;
    use serde_json::json;

    use super::*;
    use crate::fixture::Fixture;

    on_every_database! {
        Fixture:
        addresses_that_nobody_names_and_nothing_is_known_of_are_forgotten,
        what_was_deleted_stays_deleted_after_a_trim,
        a_row_that_was_forgotten_is_missed_by_nobody,
    }

    async fn count(fixture: &Fixture, ids: &[AddressId]) -> usize {
        store::address::list(&fixture.context.database, ids.to_vec()).await.unwrap().len()
    }

    async fn addresses_that_nobody_names_and_nothing_is_known_of_are_forgotten(fixture: Fixture) {
        let (meral, path) = fixture.open_restaurant(json!({})).await;
        // More than one transaction goes through.
        let mut ids = Vec::new();
        let tx = fixture.context.database.begin_write().await.unwrap();
        for _ in 0..=BATCH {
            let id = AddressId(tx.sources().uuid());
            store::address::claim(&tx, id).await.unwrap();
            ids.push(id);
        }
        tx.commit().await.unwrap();
        meral.client.put(&path, json!({ "address_id": ids[7] })).await;
        let deleted = meral.create(json!({ "address_id": ids[8] })).await;
        meral.client.delete(&deleted).await;

        trim(&fixture.context.database).await.unwrap();

        assert_eq!((count(&fixture, &ids).await, count(&fixture, &[ids[7], meral.address_id]).await), (1, 2));
    }

    async fn what_was_deleted_stays_deleted_after_a_trim(fixture: Fixture) {
        let (meral, path) = fixture.open_restaurant(json!({})).await;
        fixture.deliver(meral.deletion(2)).await.unwrap();
        meral.client.delete(&path).await;

        trim(&fixture.context.database).await.unwrap();
        fixture.deliver(meral.address(1)).await.unwrap();

        let late = meral.create(json!({})).await;
        assert_eq!(meral.client.get(&late).await.json()["draft_reason"], "ADDRESS_UNKNOWN");
    }

    async fn a_row_that_was_forgotten_is_missed_by_nobody(fixture: Fixture) {
        let meral = fixture.manager();
        let deleted = meral.create(json!({})).await;
        meral.client.delete(&deleted).await;
        trim(&fixture.context.database).await.unwrap();
        assert_eq!(count(&fixture, &[meral.address_id]).await, 0);

        let path = meral.create(json!({})).await;
        fixture.deliver(meral.address(1)).await.unwrap();

        assert_eq!(fixture.client().get(&path).await.status, 200);
    }
}
