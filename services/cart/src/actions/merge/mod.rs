//! An anonymous cart goes into that of the user who has signed in: all of it, once.
//!
//! The user's cart and what was taken are committed together; what was taken goes from the anonymous cart behind that. What
//! others add there meanwhile stays there.

mod finish;
mod undo;
mod write;

#[cfg(test)]
mod tests;

use std::time::Duration;

use contracts::UserId;

use super::catalog;
use crate::anonymous::AnonymousError;
use crate::error::CartError;
use crate::model::anonymous::{AnonymousCart, CartId, CartRefusal, Changed, ETag, IfMatch, Unreadable};
use crate::model::{
    ConflictSide, GuestLine, KeptLine, MergeId, MergeRefusal, MergeResult, MergeStrategy, RestaurantConflict,
    WantedLine,
};
use crate::state::Carts;
use crate::store;
use crate::store::merge::Merge;

pub(crate) use finish::{FINISH_INTERVAL, TRIM_INTERVAL, finish_merges, trim};
pub(crate) use undo::{Undone, undo_merge};

use write::OpenMerge;

/// How long a merge is answered again, and can be undone.
const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it is known. For the second half it is said that it was too long ago.
const MERGE_RETENTION: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// So often an earlier merge of the cart is finished first.
const MAX_ATTEMPTS: u32 = 4;

/// What somebody wants merged.
#[derive(Debug, Clone)]
pub(crate) struct AskedMerge {
    pub(crate) cart_id: CartId,
    pub(crate) strategy: MergeStrategy,
    /// The preview that it must be.
    pub(crate) if_match: Option<IfMatch>,
    pub(crate) run: Run,
    /// Where the client is.
    pub(crate) network: String,
}

/// Whether it is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    Preview,
    Merge,
}

/// What a merge did, or would do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Merged {
    /// The anonymous cart is empty, or there is none.
    Nothing,
    Preview(ETag, MergeResult),
    Done(MergeId, MergeResult),
}

/// Merges the cart, or answers what this user's last merge of it did where nothing has come into it since.
pub(crate) async fn merge_cart(carts: &Carts, user_id: UserId, asked: AskedMerge) -> Result<Merged, CartError> {
    for _ in 0..MAX_ATTEMPTS {
        let find = carts.anonymous.find(asked.cart_id);
        let found = match carts.anonymous.unless_guessed(&asked.network, asked.cart_id, find).await {
            Err(AnonymousError::Refused(CartRefusal::NoCart)) => None,
            found => Some(found?).filter(|found| !found.cart.lines.is_empty()),
        };
        let Some(found) = found else {
            // What an undone merge gives back is not there yet where a process died that undid it.
            match store::merge::find_unfinished(&carts.context.database, asked.cart_id).await? {
                None => return repeat(carts, user_id, &asked).await,
                Some(unfinished) => finish::finish(carts, &unfinished).await?,
            }
            continue;
        };
        let open = OpenMerge::begin(carts, user_id, asked.cart_id).await?;
        if let Some(unfinished) = open.unfinished().await? {
            drop(open);
            finish::finish(carts, &unfinished).await?;
            continue;
        }
        let state = (&found.etag, found.cart.created_at);
        if let Some(earlier) = store::merge::find_of_base(&open.tx, asked.cart_id, state).await? {
            drop(open);
            finish::take_again(carts, &earlier).await?;
            continue;
        }
        if store::absorbed::is_absorbed(&open.tx, asked.cart_id, found.cart.created_at).await? {
            drop(open);
            finish::part_from_absorbed(carts, &found.cart).await?;
            continue;
        }
        return merge(carts, open, &found, &asked).await;
    }
    Err(AnonymousError::Unavailable.into())
}

async fn merge(carts: &Carts, open: OpenMerge, found: &Changed, asked: &AskedMerge) -> Result<Merged, CartError> {
    let guest = guest_lines(&found.cart)?;
    let etag = open.etag(&found.etag, asked.strategy);
    if asked.if_match.as_ref().is_some_and(|condition| !condition.matches(Some(&etag))) {
        let user_id = open.user_id;
        drop(open);
        return repeat(carts, user_id, asked).await;
    }
    let before = open.before();
    let plan = match asked.strategy.plan(&before, &guest) {
        Ok(plan) => plan,
        Err(MergeRefusal::TooManyLines) => return Err(CartError::TooManyLines),
        Err(MergeRefusal::OtherRestaurant) => {
            drop(open);
            return Err(conflict(carts, &before, &guest).await?);
        }
    };
    if asked.run == Run::Preview {
        return Ok(Merged::Preview(etag, open.preview(plan)));
    }
    let merge = open.write(plan, found, asked, etag).await?;
    if let Err(error) = finish::finish(carts, &merge).await {
        tracing::warn!(%error, "a merged cart is not finished yet; a sweep tries again");
    }
    Ok(Merged::Done(merge.id, merge.result))
}

/// What this user's last merge of the cart was answered with, if that is what is asked for.
async fn repeat(carts: &Carts, user_id: UserId, asked: &AskedMerge) -> Result<Merged, CartError> {
    let cutoff = carts.context.now() - RETENTION;
    let last = store::merge::find_last(&carts.context.database, (asked.cart_id, user_id), cutoff).await?;
    match (last, &asked.if_match) {
        (Some(Merge { id, result, etag, .. }), Some(condition)) if condition.matches(Some(&etag)) => {
            Ok(Merged::Done(id, result))
        }
        (_, Some(_)) => Err(CartError::MergeChanged),
        (Some(Merge { id, result, .. }), None) if asked.run == Run::Merge => Ok(Merged::Done(id, result)),
        (_, None) => Ok(Merged::Nothing),
    }
}

fn guest_lines(cart: &AnonymousCart) -> Result<Vec<GuestLine>, CartError> {
    match cart.guest_lines() {
        // Its restaurant is none that we could know.
        none if none.is_empty() => Err(AnonymousError::from(CartRefusal::from(Unreadable)).into()),
        lines => Ok(lines),
    }
}

/// What is to be asked: what stands in the user's cart, and what would instead.
async fn conflict(carts: &Carts, before: &[KeptLine], guest: &[GuestLine]) -> Result<CartError, CartError> {
    let guest: Vec<KeptLine> = guest.iter().map(|guest| guest.line.clone()).collect();
    let conflict = RestaurantConflict::new(side(carts, before).await?, side(carts, &guest).await?);
    Ok(CartError::DifferentRestaurant(Box::new(conflict)))
}

async fn side(carts: &Carts, lines: &[KeptLine]) -> Result<ConflictSide, CartError> {
    let wanted: Vec<WantedLine<'_>> = lines.iter().map(WantedLine::from).collect();
    let restaurant_id = lines.first().expect("only carts with lines are of two restaurants").restaurant_id;
    let item_count = wanted.iter().map(|line| line.quantity).sum();
    Ok(ConflictSide::of(restaurant_id, item_count, catalog::price(carts, Some(restaurant_id), &wanted).await?))
}
