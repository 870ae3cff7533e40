//! What nobody asks for any more.

use std::time::Duration;

use super::merge;
use crate::error::CartError;
use crate::state::Carts;
use crate::store;

/// How often it is forgotten.
pub(crate) const TRIM_INTERVAL: Duration = merge::TRIM_INTERVAL;
/// A slot is over by then, wherever its restaurant is.
const SLOT_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// How long notices are known, so that none is heard twice.
const NOTICE_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Rows that one transaction deletes, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// Forgets merges, slots that are over, and notices that nobody sends again.
pub(crate) async fn trim(carts: &Carts) -> Result<(), CartError> {
    merge::trim(carts).await?;
    while trim_notices(carts).await? == BATCH {}
    while trim_slots(carts).await? == BATCH {}
    Ok(())
}

async fn trim_notices(carts: &Carts) -> Result<u64, CartError> {
    let tx = carts.context.database.begin_read_committed().await?;
    let rows = store::payment::trim_notices(&tx, tx.now() - NOTICE_RETENTION, BATCH).await?;
    tx.commit().await?;
    Ok(rows)
}

async fn trim_slots(carts: &Carts) -> Result<u64, CartError> {
    let tx = carts.context.database.begin_read_committed().await?;
    let rows = store::slot::trim(&tx, tx.now() - SLOT_RETENTION, BATCH).await?;
    tx.commit().await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use contracts::RestaurantId;
    use kit::on_every_database;

    use super::*;
    use crate::fixture::Fixture;

    on_every_database! {
        Fixture: slots_that_are_over_are_forgotten_some_at_a_time
    }

    async fn slots_that_are_over_are_forgotten_some_at_a_time(fixture: Fixture) {
        let (database, now) = (&fixture.context.database, fixture.context.now());
        let (here, there) =
            (RestaurantId(fixture.context.sources.uuid()), RestaurantId(fixture.context.sources.uuid()));
        let slots = |count: u64| (0..count).map(|quarter| now - TimeDelta::minutes(15 * quarter.cast_signed()));
        let tx = database.begin_write().await.unwrap();
        for slot in slots(BATCH + 100) {
            store::slot::take(&tx, (here, slot), 1).await.unwrap();
            store::slot::take(&tx, (there, slot), 1).await.unwrap();
        }
        tx.commit().await.unwrap();

        let first = trim_slots(&fixture.carts).await.unwrap();
        trim(&fixture.carts).await.unwrap();

        let window = (now - TimeDelta::days(365), now + TimeDelta::days(1));
        let left = store::slot::list_full(database, there, window, 1).await.unwrap();
        assert_eq!(first, BATCH);
        // Those of the day before stay: 96 quarters of an hour, and the one at its beginning.
        assert_eq!((left.len(), left.into_iter().min()), (97, Some(now - TimeDelta::days(1))));
    }
}
