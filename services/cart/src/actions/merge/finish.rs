//! What a merge has taken goes from the anonymous cart, and back there when it is undone, also where the process has died that
//! did it.

use std::time::Duration;

use clock::Timestamp;
use uuid::Uuid;

use super::{MAX_ATTEMPTS, MERGE_RETENTION, RETENTION};
use crate::anonymous::{AnonymousError, AskedChange};
use crate::error::CartError;
use crate::model::MergeId;
use crate::model::anonymous::{AnonymousCart, CartId, CartRefusal, Change, Changed, IfMatch, Rest, Returned, Taken};
use crate::state::Carts;
use crate::store;
use crate::store::absorbed::AbsorbedCart;
use crate::store::merge::Merge;

/// How often merges are finished that nobody has.
pub(crate) const FINISH_INTERVAL: Duration = Duration::from_secs(60);
pub(crate) const TRIM_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Merges that one query reads, or one transaction deletes.
const BATCH: u64 = 100;

/// Finishes the merge, and its undoing. Done twice, also by two at once, it takes and gives nothing more.
pub(super) async fn finish(carts: &Carts, merge: &Merge) -> Result<(), CartError> {
    if merge.settled_at.is_none() {
        take_once(carts, merge).await?;
    }
    match (merge.undone_at, merge.returned_at) {
        (Some(_), None) => give_back(carts, merge).await,
        (_, Some(_)) | (None, None) => Ok(()),
    }
}

/// Takes what the merge has taken from the anonymous cart, if it is still there.
async fn take_once(carts: &Carts, merge: &Merge) -> Result<(), CartError> {
    take(carts, merge, merge.base.clone()).await?;
    let tx = carts.context.database.begin_read_committed().await?;
    store::merge::mark_taken(&tx, merge.id).await?;
    Ok(tx.commit().await?)
}

/// What went into a cart by `merge` stands there once more: somebody has read it before, or the store was restored. It goes;
/// where the merge was undone it stays, as a cart that can be merged.
pub(super) async fn take_again(carts: &Carts, merge: &Merge) -> Result<(), CartError> {
    let base = merge.base.clone();
    take(carts, merge, if merge.undone_at.is_some() { base.nothing() } else { base }).await
}

async fn take(carts: &Carts, merge: &Merge, taken: Taken) -> Result<(), CartError> {
    take_from(carts, merge.anonymous_cart_id, (merge.id, taken)).await
}

/// A cart of which somebody has read that it is part of another one. Where it stands there nevertheless, because the store was
/// restored, it becomes one that can be merged: nobody knows any more what of it is elsewhere, and nothing is to be lost.
pub(super) async fn part_from_absorbed(carts: &Carts, absorbed: &AnonymousCart) -> Result<(), CartError> {
    let nobodys = MergeId(carts.context.sources.uuid());
    take_from(carts, absorbed.id, (nobodys, absorbed.taken(Rest::Empty).nothing())).await
}

async fn take_from(carts: &Carts, cart_id: CartId, (merge_id, taken): (MergeId, Taken)) -> Result<(), CartError> {
    match change(carts, cart_id, Change::Take(merge_id, taken), None).await {
        Ok(_) | Err(AnonymousError::Refused(CartRefusal::NoCart)) => Ok(()),
        // A peer takes it for an absent cart: none of the units that went are there.
        Err(AnonymousError::Refused(CartRefusal::Unreadable(_))) => {
            tracing::warn!("what stands where a cart was merged is no cart");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

async fn change(
    carts: &Carts,
    cart_id: CartId,
    change: Change,
    if_match: Option<IfMatch>,
) -> Result<Changed, AnonymousError> {
    let asked = AskedChange { change, if_match, network: String::new() };
    carts.anonymous.change(cart_id, asked).await
}

/// Puts back what the merge had taken.
async fn give_back(carts: &Carts, merge: &Merge) -> Result<(), CartError> {
    let Some(returned) = returned(merge)? else { return Ok(()) };
    for _ in 0..MAX_ATTEMPTS {
        let standing = match carts.anonymous.find_standing(merge.anonymous_cart_id).await {
            Err(AnonymousError::Refused(CartRefusal::Unreadable(_))) if is_given_up(carts, merge) => {
                tracing::warn!("what an undone merge had taken has no way back: what stands there is no cart");
                return mark_returned(carts, merge).await;
            }
            standing => standing?,
        };
        // Read behind that. Else it may have gone back and into a cart again meanwhile, and the key would look as it did before.
        if is_returned(carts, merge).await? {
            return Ok(());
        }
        // Where the store was restored, or a peer has written what it had read before, what goes back stands there already.
        if let Some(standing) = &standing
            && let Some(earlier) = find_merged(carts, merge, standing).await?
        {
            let base = earlier.base.clone();
            let is_this = earlier.id == merge.id;
            take(carts, &earlier, if earlier.undone_at.is_some() && !is_this { base.nothing() } else { base }).await?;
            continue;
        }
        if let Some(standing) = standing.as_ref().filter(|standing| standing.cart.created_at != returned.returned_as) {
            absorb(carts, merge, standing.cart.created_at).await?;
        }
        let unchanged = IfMatch::exactly(standing.as_ref().map(|standing| &standing.etag));
        match change(carts, merge.anonymous_cart_id, Change::Return(Box::new(returned.clone())), Some(unchanged)).await
        {
            Err(AnonymousError::Refused(CartRefusal::Changed(_))) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return mark_returned(carts, merge).await,
        }
    }
    Err(AnonymousError::Unavailable.into())
}

/// Whether it has been tried for as long as an undo is possible.
fn is_given_up(carts: &Carts, merge: &Merge) -> bool {
    merge.undone_at.is_some_and(|undone_at| undone_at < carts.context.now() - RETENTION)
}

async fn mark_returned(carts: &Carts, merge: &Merge) -> Result<(), CartError> {
    let tx = carts.context.database.begin_read_committed().await?;
    store::merge::mark_returned(&tx, merge.id).await?;
    Ok(tx.commit().await?)
}

/// A merge of the state that stands there.
async fn find_merged(carts: &Carts, merge: &Merge, standing: &Changed) -> Result<Option<Merge>, CartError> {
    let state = (&standing.etag, standing.cart.created_at);
    Ok(store::merge::find_of_base(&carts.context.database, merge.anonymous_cart_id, state).await?)
}

/// Writes down that the cart goes into the one that has again what was taken, before it does: whoever has read it before must not
/// merge it behind that.
async fn absorb(carts: &Carts, merge: &Merge, created_at: Timestamp) -> Result<(), CartError> {
    let (anonymous_cart_id, merge_id) = (merge.anonymous_cart_id, merge.id);
    let tx = carts.context.database.begin_read_committed().await?;
    store::absorbed::insert(&tx, AbsorbedCart { anonymous_cart_id, created_at, merge_id }).await?;
    Ok(tx.commit().await?)
}

async fn is_returned(carts: &Carts, merge: &Merge) -> Result<bool, CartError> {
    let now = store::merge::find(&carts.context.database, merge.id, merge.user_id).await?;
    Ok(now.is_none_or(|now| now.returned_at.is_some()))
}

/// What is to go back into the anonymous cart; `None` where the merge is not undone.
fn returned(merge: &Merge) -> Result<Option<Returned>, CartError> {
    let guest = guest_of(merge)?;
    Ok(guest.zip(merge.returned_as).map(|(guest, returned_as)| Returned { guest, returned_as }))
}

/// The anonymous cart that was merged; `None` where the release before merged it.
pub(super) fn guest_of(merge: &Merge) -> Result<Option<AnonymousCart>, CartError> {
    let read = |guest: &str| AnonymousCart::read(merge.anonymous_cart_id, guest.as_bytes());
    let guest = merge.guest.as_deref().map(read).transpose();
    Ok(guest.map_err(|unreadable| AnonymousError::from(CartRefusal::from(unreadable)))?)
}

/// Finishes all merges that are not, and what was undone. One that can't be, or can't be read, keeps no other waiting; the first
/// failure is answered.
pub(crate) async fn finish_merges(carts: &Carts) -> Result<(), CartError> {
    let (mut after, mut outcome) = (MergeId(Uuid::nil()), Ok(()));
    loop {
        let unfinished = store::merge::list_unfinished(&carts.context.database, after, BATCH).await?;
        let Some(last) = unfinished.last() else { return outcome };
        after = *last;
        for id in unfinished {
            outcome = outcome.and(finish_one(carts, id).await);
        }
    }
}

async fn finish_one(carts: &Carts, id: MergeId) -> Result<(), CartError> {
    match store::merge::find_of_anyone(&carts.context.database, id).await? {
        Some(merge) => finish(carts, &merge).await,
        None => Ok(()),
    }
}

/// Forgets merges that are finished and older than anybody asks for.
pub(crate) async fn trim(carts: &Carts) -> Result<(), CartError> {
    loop {
        let tx = carts.context.database.begin_read_committed().await?;
        let old = store::merge::list_old(&tx, tx.now() - MERGE_RETENTION, BATCH).await?;
        if old.is_empty() {
            return Ok(());
        }
        store::merge::delete(&tx, old).await?;
        tx.commit().await?;
    }
}
