//! A merge within the transaction that has both carts to itself.

use chrono::TimeDelta;
use contracts::UserId;
use database::WriteTransaction;

use super::AskedMerge;
use crate::anonymous::AnonymousError;
use crate::error::CartError;
use crate::model::anonymous::{CartId, CartRefusal, Changed, ETag, Rest};
use crate::model::{
    KeptLine, LineBefore, LinesBefore, MergeId, MergePlan, MergeResult, MergeStrategy, PlannedLine, ResultLine,
};
use crate::state::Carts;
use crate::store;
use crate::store::basket::Basket;
use crate::store::line::Line;
use crate::store::merge::Merge;

/// Finished merges of one user that are kept beside the new one, however many they make, and how many others go with each.
const KEPT: u64 = 19;
const SURPLUS: u64 = 20;

pub(super) struct OpenMerge {
    pub(super) tx: WriteTransaction,
    pub(super) user_id: UserId,
    cart_id: CartId,
    version: i64,
    lines: Vec<Line>,
}

impl OpenMerge {
    pub(super) async fn begin(carts: &Carts, user_id: UserId, cart_id: CartId) -> Result<Self, CartError> {
        let tx = store::basket::begin_merge(&carts.context.database, user_id, cart_id).await?;
        let version = store::basket::find(&tx, user_id).await?.map_or(0, |basket| basket.version);
        let lines = store::line::list(&tx, user_id).await?;
        Ok(Self { tx, user_id, cart_id, version, lines })
    }

    /// A merge of the anonymous cart, by whomever, that has to be finished before anything else becomes of that.
    pub(super) async fn unfinished(&self) -> Result<Option<Merge>, CartError> {
        Ok(store::merge::find_unfinished(&self.tx, self.cart_id).await?)
    }

    /// Names all that the result depends on.
    pub(super) fn etag(&self, base: &ETag, strategy: MergeStrategy) -> ETag {
        let parts = [base.as_str(), &self.user_id.to_string(), &self.version.to_string(), strategy.as_str()];
        ETag::of(parts.join(" ").as_bytes())
    }

    /// The user's cart as it is.
    pub(super) fn before(&self) -> Vec<KeptLine> {
        self.lines.iter().map(Line::kept).collect()
    }

    /// The same with the ids of the lines.
    pub(super) fn lines(&self) -> Vec<LineBefore> {
        self.lines.iter().map(|line| LineBefore { id: Some(line.id), line: line.kept() }).collect()
    }

    /// The lines, with nothing changed.
    pub(super) fn into_lines(self) -> Vec<Line> {
        self.lines
    }

    /// What [`OpenMerge::write`] would leave.
    pub(super) fn preview(&self, plan: MergePlan) -> MergeResult {
        let line = |PlannedLine { before, line }| ResultLine { id: before.map(|index| self.lines[index].id), line };
        MergeResult { lines: plan.lines.into_iter().map(line).collect(), counts: plan.counts }
    }

    /// Makes the plan true, with the record of it.
    pub(super) async fn write(
        self,
        plan: MergePlan,
        found: &Changed,
        asked: &AskedMerge,
        etag: ETag,
    ) -> Result<Merge, CartError> {
        let before = LinesBefore(self.lines());
        let guest = found.cart.text().map_err(|_| AnonymousError::from(CartRefusal::TooLong))?;
        let was_undone = store::merge::has_undone(&self.tx, self.cart_id).await?;
        let rest = if was_undone { Rest::Empty } else { Rest::Gone };
        let result = self.write_lines(plan, asked.strategy).await?;
        let merge = Merge {
            id: MergeId(self.tx.sources().uuid()),
            anonymous_cart_id: self.cart_id,
            user_id: self.user_id,
            base_etag: found.etag.clone(),
            base: found.cart.taken(rest),
            before,
            etag,
            result,
            merged_at: self.tx.now(),
            settled_at: None,
            guest: Some(guest),
            base_created_at: Some(found.cart.created_at),
            undone_at: None,
            returned_as: None,
            returned_at: None,
            cart_version: self.version + 1,
        };
        store::merge::insert(&self.tx, merge.clone()).await?;
        let surplus = store::merge::list_surplus(&self.tx, self.user_id, (KEPT, SURPLUS)).await?;
        if !surplus.is_empty() {
            store::merge::delete(&self.tx, surplus).await?;
        }
        self.tx.commit().await?;
        Ok(merge)
    }

    /// Makes the user's cart what it is to be without the merge, with the record of that.
    pub(super) async fn undo(self, merge: Merge, lines: Vec<LineBefore>) -> Result<(Merge, Vec<Line>), CartError> {
        for standing in &self.lines {
            if !lines.iter().any(|line| line.id == Some(standing.id)) {
                store::line::delete(&self.tx, standing.id).await?;
            }
        }
        let standing = store::basket::find(&self.tx, self.user_id).await?;
        let at = lines.first().map(|line| line.line.restaurant_id);
        if let Some(restaurant_id) = at.or(standing.map(|basket| basket.restaurant_id)) {
            let (version, updated_at) = (self.version + 1, self.tx.now());
            store::basket::put(&self.tx, Basket { user_id: self.user_id, restaurant_id, version, updated_at }).await?;
        }
        let mut left = Vec::with_capacity(lines.len());
        for LineBefore { id, line } in lines {
            let id = id.expect("what can be undone was kept with the ids of its lines");
            let after = Line::of(self.user_id, id, &line);
            match self.lines.iter().find(|standing| standing.id == id) {
                None => left.push(store::line::put_back(&self.tx, after).await?),
                Some(standing) => {
                    if after != *standing {
                        store::line::update(&self.tx, &after).await?;
                    }
                    left.push(after);
                }
            }
        }
        let earliest = store::merge::find_earliest(&self.tx, self.cart_id).await?.unwrap_or(merge.merged_at);
        let returned_as = earliest - TimeDelta::microseconds(1);
        store::merge::undo(&self.tx, merge.id, returned_as).await?;
        let merge = Merge { undone_at: Some(self.tx.now()), returned_as: Some(returned_as), ..merge };
        self.tx.commit().await?;
        Ok((merge, left))
    }

    async fn write_lines(&self, plan: MergePlan, strategy: MergeStrategy) -> Result<MergeResult, CartError> {
        if strategy == MergeStrategy::Replace {
            store::line::delete_all(&self.tx, self.user_id).await?;
        }
        let restaurant_id = plan.restaurant_id();
        let (version, updated_at) = (self.version + 1, self.tx.now());
        // Lines refer to it.
        store::basket::put(&self.tx, Basket { user_id: self.user_id, restaurant_id, version, updated_at }).await?;
        let mut lines = Vec::with_capacity(plan.lines.len());
        for PlannedLine { before, line } in plan.lines {
            let id = match before.map(|index| &self.lines[index]) {
                None => store::line::insert(&self.tx, Line::of(self.user_id, 0, &line)).await?.id,
                Some(before) => {
                    let after = Line::of(self.user_id, before.id, &line);
                    if after != *before {
                        store::line::update(&self.tx, &after).await?;
                    }
                    before.id
                }
            };
            lines.push(ResultLine { id: Some(id), line });
        }
        Ok(MergeResult { lines, counts: plan.counts })
    }
}
