//! Records `UserCreated` for accounts that came from the first platform, as for any new account.

use bus::outbox;
use contracts::UserCreated;
use database::Database;

use crate::error::AuthError;
use crate::store;

/// Accounts whose events are recorded with one transaction.
const BATCH: u64 = 100;

/// Finds nothing almost always.
pub(crate) async fn record_copied(database: &Database) -> Result<(), AuthError> {
    loop {
        let tx = database.begin_read_committed().await?;
        let accounts = store::unrecorded_account::take(&tx, BATCH).await?;
        if accounts.is_empty() {
            return Ok(());
        }
        for account in &accounts {
            outbox::record(&tx, &UserCreated::from(account)).await?;
        }
        tx.commit().await?;
    }
}
