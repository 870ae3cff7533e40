//! The anonymous cart of somebody who has signed in goes into their own, and out of it again.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use contracts::{MealId, RestaurantId, UserId};
use kit::{Claim, Client, Faults, Field, Json, Owner, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actions;
use crate::actions::merge::{AskedMerge, Merged, Run, Undone};
use crate::error::CartError;
use crate::model::anonymous::CartId;
use crate::model::{
    AdjustedLine, ChosenOption, LineId, MergeId, MergeResult, MergeStrategy, Note, Options, ResultLine,
};
use crate::state::Carts;
use crate::store::line::Line;

use super::anonymous::Condition;

/// Which cart is to go into the caller's, and how.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct MergeCart {
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Claim,
    /// The cart from before signing in.
    #[serde(default)]
    #[schema(required, value_type = uuid::Uuid)]
    anonymous_cart_id: Field<CartId>,
    /// `add_quantities`, or left out: what stands in the caller's cart stays. `replace`: it goes.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "add_quantities")]
    merge_strategy: Field<MergeStrategy>,
    /// Whether only the result is wanted; nothing is changed then. Its `etag`, sent as `If-Match`, makes the merge be exactly that.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    dry_run: Field<bool>,
}

/// What was merged, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MergedCart)]
pub(super) struct MergedBody {
    #[schema(example = "Successfully merged 2 items to user cart")]
    message: String,
    /// The lines of the caller's cart afterwards; none where there was nothing to merge.
    user_cart_items: Vec<MergedItemBody>,
    /// Lines of the anonymous cart.
    merged_items_count: usize,
    /// Those of them that stood in both carts.
    conflicts_resolved: usize,
    /// Lines that hold fewer than both carts together.
    adjusted: Vec<AdjustedLine>,
    /// `null` where nothing was merged.
    merge_id: Option<MergeId>,
    /// Names the preview, for `If-Match`; `null` where it is none.
    etag: Option<String>,
}

/// A line of the caller's cart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MergedCartItem)]
struct MergedItemBody {
    /// `null` in a preview where the line is new.
    id: Option<i64>,
    meal_id: MealId,
    restaurant_id: RestaurantId,
    quantity: i16,
    #[schema(value_type = String)]
    note: Note,
    schedule_date: Option<DateTime<Utc>>,
    line_id: LineId,
    #[schema(value_type = Vec<ChosenOption>)]
    options: Options,
}

/// Puts all lines of an anonymous cart into the caller's, and takes them out there: all or nothing, once. Sent again, it is
/// answered as before for 24 hours, as long as nothing has come into the anonymous cart since.
#[utoipa::path(
    post,
    path = "/carts/anonymous/merge",
    tag = "cart",
    security(("bearer" = ["owner"])),
    params(("If-Match" = Option<String>, Header, description = "The `etag` of the preview that the merge must be")),
    request_body = MergeCart,
    responses(
        (status = 200, description = "What was merged, or would be; zeros where the anonymous cart is empty or not there", body = MergedBody),
        (status = 400, description = "The caller's cart has meals of another restaurant, and nothing was changed: `conflict` says of both"),
        (status = 409, description = "What stands there is no cart that can be read"),
        (status = 412, description = "One of the carts has changed since the preview"),
        (status = 422, description = "A field is wrong, or both carts together have too many lines"),
        (status = 429, description = "Too many carts that are not there were asked for from this network"),
        (status = 503, description = "The cart can't be reached, or too many change it"),
    )
)]
pub(super) async fn merge_cart(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
    client: Client,
    Condition(if_match): Condition,
    Json(body): Json<MergeCart>,
) -> Result<Answered<MergedBody>, Problem> {
    owner.check(&body.user_id)?;
    let mut faults = Faults::default();
    let cart_id = faults.required("anonymous_cart_id", body.anonymous_cart_id);
    let strategy = faults.unless_null("merge_strategy", body.merge_strategy).unwrap_or_default();
    let is_preview = faults.unless_null("dry_run", body.dry_run).unwrap_or_default();
    let Some(cart_id) = cart_id else {
        return Err(faults.check().expect_err("a field that is missing left a fault"));
    };
    faults.check()?;
    let run = if is_preview { Run::Preview } else { Run::Merge };
    let network = client.network().to_string();
    let asked = AskedMerge { cart_id, strategy, if_match, run, network };
    Ok(Answered(actions::merge::merge_cart(&carts, owner.user_id, asked).await?.into()))
}

/// What was undone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UndoneMerge)]
pub(super) struct UndoneBody {
    message: &'static str,
    merge_id: MergeId,
    /// The anonymous cart that has again what was merged.
    #[schema(value_type = uuid::Uuid)]
    anonymous_cart_id: String,
    /// Lines that go back there: now, or within a minute where it can't be reached at the moment.
    returned_items_count: usize,
    /// The lines of the caller's cart.
    user_cart_items: Vec<MergedItemBody>,
}

/// Undoes a merge of the last 24 hours: the caller's cart is what it was, and so is the anonymous one. What the merge has not
/// touched and what came since stay. Sent again, it has no further effect.
#[utoipa::path(
    post,
    path = "/carts/merges/{merge_id}/undo",
    tag = "cart",
    security(("bearer" = ["owner"])),
    params(("merge_id" = String, Path, description = "The `merge_id` of what was merged", min_length = 1)),
    responses(
        (status = 200, description = "The caller's cart without what was merged", body = UndoneBody),
        (status = 404, description = "The caller has no such merge"),
        (
            status = 409,
            description = "What was added to the caller's cart since would be lost: `lines`; or a later merge has to be undone \
                           first: `merge_id`; or what stands in the anonymous cart by now is no cart, or leaves no place for \
                           what would go back there. Nothing was changed"
        ),
        (status = 410, description = "The merge was more than 24 hours ago"),
        (status = 503, description = "The cart can't be reached, or too many change it"),
    )
)]
pub(super) async fn undo_merge(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
    named: Result<Path<Uuid>, PathRejection>,
) -> Result<Answered<UndoneBody>, Problem> {
    let Path(id) = named.map_err(|_| CartError::MergeNotFound)?;
    Ok(Answered(actions::merge::undo_merge(&carts, owner.user_id, MergeId(id)).await?.into()))
}

impl From<Undone> for UndoneBody {
    fn from(Undone { merge_id, anonymous_cart_id, returned, lines }: Undone) -> Self {
        let line = |line: Line| ResultLine { id: Some(line.id), line: line.kept() }.into();
        Self {
            message: "Merge undone",
            merge_id,
            anonymous_cart_id: anonymous_cart_id.text(),
            returned_items_count: returned,
            user_cart_items: lines.into_iter().map(line).collect(),
        }
    }
}

impl From<Merged> for MergedBody {
    fn from(merged: Merged) -> Self {
        match merged {
            Merged::Nothing => Self {
                message: "Anonymous cart is empty or not found".to_owned(),
                user_cart_items: Vec::new(),
                merged_items_count: 0,
                conflicts_resolved: 0,
                adjusted: Vec::new(),
                merge_id: None,
                etag: None,
            },
            Merged::Preview(etag, result) => Self { etag: Some(etag.header()), ..Self::of(result) },
            Merged::Done(id, result) => Self { merge_id: Some(id), ..Self::of(result) },
        }
    }
}

impl MergedBody {
    fn of(MergeResult { lines, counts }: MergeResult) -> Self {
        Self {
            message: format!("Successfully merged {} items to user cart", counts.merged),
            user_cart_items: lines.into_iter().map(MergedItemBody::from).collect(),
            merged_items_count: counts.merged,
            conflicts_resolved: counts.conflicts,
            adjusted: counts.adjusted,
            merge_id: None,
            etag: None,
        }
    }
}

impl From<ResultLine> for MergedItemBody {
    fn from(ResultLine { id, line }: ResultLine) -> Self {
        Self {
            id,
            meal_id: line.meal_id,
            restaurant_id: line.restaurant_id,
            quantity: line.quantity,
            line_id: LineId::of(line.meal_id, &line.options),
            note: line.note,
            schedule_date: line.schedule_date,
            options: line.options,
        }
    }
}
