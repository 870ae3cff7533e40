//! What keeps mails from nobody any more.

use std::time::Duration;

use super::expand::RESTAURANT_WINDOW;
use crate::error::UserError;
use crate::state::User;
use crate::store;

/// How often it is forgotten.
pub(crate) const TRIM_INTERVAL: Duration = Duration::from_secs(10 * 60);
/// Rows that one transaction deletes, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// Forgets who was mailed of which restaurant so long ago that they may be again.
pub(crate) async fn trim(user: &User) -> Result<(), UserError> {
    while trim_mails(user).await? == BATCH {}
    Ok(())
}

async fn trim_mails(user: &User) -> Result<u64, UserError> {
    let tx = user.context.database.begin_read_committed().await?;
    let rows = store::campaign_mail::trim(&tx, tx.now() - RESTAURANT_WINDOW, BATCH).await?;
    tx.commit().await?;
    Ok(rows)
}
