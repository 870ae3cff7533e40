//! How many a campaign of a restaurant would reach, as user counts them.

use bus::HearError;
use contracts::AudienceCounted;
use database::WriteTransaction;

use crate::store;

/// Keeps the count unless a newer one is known; the transaction is the event's.
pub(crate) async fn keep_audience(tx: &WriteTransaction, event: AudienceCounted) -> Result<(), HearError> {
    Ok(store::audience::keep(tx, event.into()).await?)
}
