//! Claims: who tries a mail, and what came of it.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

use super::{ActiveModel, Claim, Column, Entity, Fate, State, Tried, ended};

/// Claims a due mail until `until`; false if somebody else has just done so.
pub(crate) async fn claim(tx: &WriteTransaction, claim: Claim, now: Timestamp, until: Timestamp) -> Result<bool> {
    let update = Entity::update_many()
        .set(ActiveModel {
            state: Set(State::Claimed),
            claim: Set(Some(claim.claim)),
            claimed_by: Set(Some(claim.process)),
            next_at: Set(Some(until)),
            ..Default::default()
        })
        .filter(Column::Id.eq(claim.mail))
        .filter(Column::NextAt.lte(now));
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// Notes that the server is about to get the mail; false if the claim was lost.
pub(crate) async fn hand_off(tx: &WriteTransaction, claim: Claim, until: Timestamp) -> Result<bool> {
    update_claimed(
        tx,
        claim,
        ActiveModel { state: Set(State::HandedOff), next_at: Set(Some(until)), ..Default::default() },
    )
    .await
}

/// Gives back what `process` holds under `claim`, if anything.
pub(crate) async fn let_go(tx: &WriteTransaction, process: Uuid, claim: Uuid, now: Timestamp) -> Result<()> {
    let row = ActiveModel {
        state: Set(State::Pending),
        claim: Set(None),
        claimed_by: Set(None),
        next_at: Set(Some(now)),
        ..Default::default()
    };
    let held = Entity::update_many().set(row).filter(Column::ClaimedBy.eq(process)).filter(Column::Claim.eq(claim));
    held.exec(tx).await?;
    Ok(())
}

/// Writes what became of the mail, and gives the claim back; false if it was lost.
pub(crate) async fn conclude(tx: &WriteTransaction, claim: Claim, fate: Fate, tried: Tried) -> Result<bool> {
    let row = ActiveModel {
        attempts: Set(tried.attempts.cast_signed()),
        ambiguities: Set(tried.ambiguities.cast_signed()),
        last_reply: Set(Some(tried.reply)),
        refusal: Set(tried.refusal),
        claim: Set(None),
        claimed_by: Set(None),
        ..Default::default()
    };
    let row = match fate {
        Fate::Waits { until } => ActiveModel { state: Set(State::Pending), next_at: Set(Some(until)), ..row },
        Fate::Ends { state, at } => ended(row, state, at),
    };
    update_claimed(tx, claim, row).await
}

async fn update_claimed(tx: &WriteTransaction, claim: Claim, row: ActiveModel) -> Result<bool> {
    let update = Entity::update_many().set(row).filter(Column::Id.eq(claim.mail)).filter(Column::Claim.eq(claim.claim));
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// The processes that hold claims which have not ended by `now`, but for `this` one.
pub(crate) async fn other_claimants(connection: &impl Connection, this: Uuid, now: Timestamp) -> Result<Vec<Uuid>> {
    let others = Entity::find().filter(Column::ClaimedBy.is_not_null()).filter(Column::ClaimedBy.ne(this));
    let others = others.filter(Column::NextAt.gt(now));
    Ok(others.select_only().column(Column::ClaimedBy).distinct().into_tuple().all(connection).await?)
}

/// Makes every claim of `process` end now, and says how many. Those that have ended keep their place.
pub(crate) async fn end_claims_of(tx: &WriteTransaction, process: Uuid, now: Timestamp) -> Result<u64> {
    let update = Entity::update_many()
        .set(ActiveModel { next_at: Set(Some(now)), ..Default::default() })
        .filter(Column::ClaimedBy.eq(process))
        .filter(Column::NextAt.gt(now));
    Ok(update.exec(tx).await?.rows_affected)
}

/// Makes every claim end now: of processes that are gone.
pub(crate) async fn end_claims(tx: &WriteTransaction, now: Timestamp) -> Result<u64> {
    let update = Entity::update_many()
        .set(ActiveModel { next_at: Set(Some(now)), ..Default::default() })
        .filter(Column::ClaimedBy.is_not_null());
    Ok(update.exec(tx).await?.rows_affected)
}
