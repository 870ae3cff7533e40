//! Dead letters of the relay that an operator replayed: they are recorded once more.

use database::{Database, Result};

use super::NAME;
use crate::store::inbox::{self, Entry};
use crate::store::{outbox, parked};

/// Events returned in one round.
const BATCH: u64 = 100;

/// Puts what was replayed at the end of the log.
pub(super) async fn return_replayed(database: &Database) -> Result<()> {
    for row in parked::upcoming(database, NAME, database.sources().now(), BATCH).await? {
        let tx = database.begin_locked(&parked::turn(NAME, &row.delivery)).await?;
        parked::delete(&tx, row.seq).await?;
        parked::release_first(&tx, NAME, &row.delivery).await?;
        // If it is refused again, that is another dead letter.
        inbox::forget(&tx, Entry { consumer: NAME, event: row.delivery.id }).await?;
        outbox::append(&tx, &row.delivery);
        outbox::announce(&tx, &row.delivery.topic);
        tx.commit().await?;
    }
    Ok(())
}
