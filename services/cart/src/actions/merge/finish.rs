//! What a merge has taken goes from the anonymous cart, also where the process that merged it has died.

use std::time::Duration;

use uuid::Uuid;

use super::RETENTION;
use crate::anonymous::{AnonymousError, AskedChange};
use crate::error::CartError;
use crate::model::MergeId;
use crate::model::anonymous::{CartRefusal, Change};
use crate::state::Carts;
use crate::store;
use crate::store::merge::Merge;

/// How often it is looked after merges that nobody has finished.
pub(crate) const FINISH_INTERVAL: Duration = Duration::from_secs(60);
pub(crate) const TRIM_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Merges that one query reads, or one transaction deletes.
const BATCH: u64 = 100;

/// Finishes the merge. Done twice, also by two at once, it takes nothing more.
pub(super) async fn finish(carts: &Carts, merge: &Merge) -> Result<(), CartError> {
    let change = Change::Take(merge.id, merge.base.clone());
    let asked = AskedChange { change, if_match: None, network: String::new() };
    match carts.anonymous.change(merge.anonymous_cart_id, asked).await {
        Ok(_) | Err(AnonymousError::Refused(CartRefusal::NoCart)) => {}
        // A peer takes it for an absent cart: none of the units that went are there.
        Err(AnonymousError::Refused(CartRefusal::Unreadable(_))) => {
            tracing::warn!("what stands where a cart was merged is no cart");
        }
        Err(error) => return Err(error.into()),
    }
    let tx = carts.context.database.begin_read_committed().await?;
    store::merge::finish(&tx, merge.id).await?;
    Ok(tx.commit().await?)
}

/// Finishes all merges that are not. One that can't be keeps no other waiting; the first failure is answered.
pub(crate) async fn finish_merges(carts: &Carts) -> Result<(), CartError> {
    let (mut after, mut outcome) = (MergeId(Uuid::nil()), Ok(()));
    loop {
        let unsettled = store::merge::list_unsettled(&carts.context.database, after, BATCH).await?;
        let Some(last) = unsettled.last() else { return outcome };
        after = last.id;
        for merge in &unsettled {
            outcome = outcome.and(finish(carts, merge).await);
        }
    }
}

/// Forgets merges that are finished and older than anybody asks for.
pub(crate) async fn trim(carts: &Carts) -> Result<(), CartError> {
    loop {
        let tx = carts.context.database.begin_read_committed().await?;
        let old = store::merge::list_old(&tx, tx.now() - RETENTION, BATCH).await?;
        if old.is_empty() {
            return Ok(());
        }
        store::merge::delete(&tx, old).await?;
        tx.commit().await?;
    }
}
