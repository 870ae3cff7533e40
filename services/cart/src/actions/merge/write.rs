//! A merge within the transaction that has both carts to itself.

use contracts::UserId;
use database::WriteTransaction;

use super::AskedMerge;
use crate::error::CartError;
use crate::model::anonymous::{CartId, Changed, ETag};
use crate::model::{KeptLine, KeptLines, MergeId, MergePlan, MergeResult, MergeStrategy, PlannedLine, ResultLine};
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

    /// A merge of the anonymous cart, by whomever, that has to be finished before the next.
    pub(super) async fn unsettled(&self) -> Result<Option<Merge>, CartError> {
        Ok(store::merge::find_unsettled(&self.tx, self.cart_id).await?)
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
        let before = KeptLines(self.before());
        let result = self.write_lines(plan, asked.strategy).await?;
        let merge = Merge {
            id: MergeId(self.tx.sources().uuid()),
            anonymous_cart_id: self.cart_id,
            user_id: self.user_id,
            base_etag: found.etag.clone(),
            base: found.cart.taken(),
            before,
            etag,
            result,
            merged_at: self.tx.now(),
            settled_at: None,
        };
        store::merge::insert(&self.tx, merge.clone()).await?;
        let surplus = store::merge::list_surplus(&self.tx, self.user_id, (KEPT, SURPLUS)).await?;
        if !surplus.is_empty() {
            store::merge::delete(&self.tx, surplus).await?;
        }
        self.tx.commit().await?;
        Ok(merge)
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
