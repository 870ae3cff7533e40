//! Events as the bus hands them over.

use bus::{HearError, Heard, Hears};
use contracts::Event;
use database::{Database, DatabaseError};

use crate::Context;

/// A new event, as the bus hands it over.
pub fn heard<E: Event>(context: &Context, event: E) -> Heard<E> {
    Heard { id: context.sources.uuid(), recorded_at: context.now(), event }
}

/// Delivers `heard` as the bus does: its effect in a transaction, again while others are faster with the same row, and then
/// what follows the commit.
///
/// # Errors
/// The consumer failed.
pub async fn deliver<E: Event>(
    database: &Database,
    consumer: &impl Hears<E>,
    heard: &Heard<E>,
) -> Result<(), HearError> {
    while let Err(error) = hear(database, consumer, heard).await {
        if !matches!(error, HearError::Database(DatabaseError::Unavailable(_))) {
            return Err(error);
        }
    }
    consumer.after_commit(heard).await
}

async fn hear<E: Event>(database: &Database, consumer: &impl Hears<E>, heard: &Heard<E>) -> Result<(), HearError> {
    let tx = database.begin_write().await?;
    consumer.hear(&tx, heard).await?;
    Ok(tx.commit().await?)
}
