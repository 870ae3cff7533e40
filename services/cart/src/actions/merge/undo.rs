//! A merge is undone: both carts are what they were before, with what came since.

use contracts::UserId;

use super::finish::{self, guest_of};
use super::write::OpenMerge;
use super::{MAX_ATTEMPTS, RETENTION};
use crate::anonymous::AnonymousError;
use crate::error::CartError;
use crate::model::MergeId;
use crate::model::anonymous::{AnonymousCart, CartId, Returned};
use crate::state::Carts;
use crate::store;
use crate::store::line::Line;
use crate::store::merge::Merge;

/// What an undone merge has left.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undone {
    pub(crate) merge_id: MergeId,
    pub(crate) anonymous_cart_id: CartId,
    /// Lines that went back there.
    pub(crate) returned: usize,
    /// The user's cart.
    pub(crate) lines: Vec<Line>,
}

/// Undoes the user's merge of this id. Where it is undone already, answers the user's cart as it is.
pub(crate) async fn undo_merge(carts: &Carts, user_id: UserId, id: MergeId) -> Result<Undone, CartError> {
    for _ in 0..MAX_ATTEMPTS {
        let merge = find(&carts.context.database, user_id, id).await?;
        let guest = check_age(carts, &merge)?;
        if merge.undone_at.is_none() {
            check_place(carts, &merge, &guest).await?;
        }
        let is_checked = merge.settled_at.is_some();
        let open = OpenMerge::begin(carts, user_id, merge.anonymous_cart_id).await?;
        if let Some(unfinished) = open.unfinished().await? {
            drop(open);
            finish::finish(carts, &unfinished).await?;
            continue;
        }
        let merge = find(&open.tx, user_id, id).await?;
        if merge.undone_at.is_none() && !is_checked {
            // It was finished meanwhile, and something may stand in the way of what goes back.
            continue;
        }
        let (merge, lines) =
            if merge.undone_at.is_some() { (merge, open.into_lines()) } else { undo(open, merge).await? };
        if let Err(error) = finish::finish(carts, &merge).await {
            tracing::warn!(%error, "what an undone merge had taken is not back yet; a sweep tries again");
        }
        let (merge_id, anonymous_cart_id) = (merge.id, merge.anonymous_cart_id);
        return Ok(Undone { merge_id, anonymous_cart_id, returned: guest.guest_lines().len(), lines });
    }
    Err(AnonymousError::Unavailable.into())
}

async fn undo(open: OpenMerge, merge: Merge) -> Result<(Merge, Vec<Line>), CartError> {
    // Undoing that one brings back what it has found, which may be what this one has made.
    for later in store::merge::list_later(&open.tx, &merge).await? {
        if crate::model::is_found(&merge.before.0, &merge.result.lines, &later.before.0) {
            return Err(CartError::UndoLaterFirst(later.id));
        }
    }
    let lines = crate::model::undo(&merge.before.0, &merge.result.lines, &open.lines())?;
    open.undo(merge, lines).await
}

async fn find(database: &impl database::Connection, user_id: UserId, id: MergeId) -> Result<Merge, CartError> {
    store::merge::find(database, id, user_id).await?.ok_or(CartError::MergeNotFound)
}

/// What was merged, unless that is too long ago.
fn check_age(carts: &Carts, merge: &Merge) -> Result<AnonymousCart, CartError> {
    let is_old = merge.merged_at < carts.context.now() - RETENTION;
    guest_of(merge)?.filter(|_| !is_old).ok_or(CartError::UndoTooLate)
}

/// Refuses to undo where what goes back into the anonymous cart has no place beside what is there by now.
async fn check_place(carts: &Carts, merge: &Merge, guest: &AnonymousCart) -> Result<(), CartError> {
    let standing = carts.anonymous.find_standing(merge.anonymous_cart_id).await?;
    let returned = Returned { guest: guest.clone(), returned_as: guest.created_at };
    let has_place = standing.is_none_or(|standing| returned.has_place(&standing.cart));
    if has_place || merge.settled_at.is_none() { Ok(()) } else { Err(CartError::NoPlaceForUndo) }
}
