//! What nobody asks for any more.

use std::time::Duration;

use crate::error::CartError;
use crate::state::Carts;
use crate::store;

use super::{merge, payments};

/// How often it is forgotten.
pub(crate) const TRIM_INTERVAL: Duration = merge::TRIM_INTERVAL;
/// A slot is over by then, wherever its restaurant is.
const SLOT_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// Forgets merges, slots that are over, and notices that nobody sends again.
pub(crate) async fn trim(carts: &Carts) -> Result<(), CartError> {
    merge::trim(carts).await?;
    payments::trim_notices(carts).await?;
    let tx = carts.context.database.begin_read_committed().await?;
    store::slot::trim(&tx, tx.now() - SLOT_RETENTION).await?;
    Ok(tx.commit().await?)
}
