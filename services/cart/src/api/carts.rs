//! The caller's cart.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use kit::{Json, Owner, Problem};
use uuid::Uuid;

use crate::actions;
use crate::error::CartError;
use crate::state::Carts;

use super::body::{AddCartItem, CurrentCartBody, ItemBody, MessageBody, UpdateCartItem};

/// What a path names: a meal, or a line; `None` where nothing is called so.
type Named = Result<Path<Uuid>, PathRejection>;

/// Puts a meal into the caller's cart, or makes the line of the same meal with the same options there as it is wanted: sent twice
/// it is there once. A cart has meals of one restaurant.
#[utoipa::path(
    post,
    path = "/carts/add",
    tag = "cart",
    security(("bearer" = ["owner"])),
    request_body = AddCartItem,
    responses(
        (status = 200, description = "The line as it is now", body = ItemBody),
        (status = 400, description = "The cart has meals of another restaurant: `conflict` says of both, and what can be done"),
        (status = 422, description = "The restaurant has no such meal, or options don't fit, or the cart is full"),
    )
)]
pub(super) async fn add_item(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
    Json(body): Json<AddCartItem>,
) -> Result<Answered<ItemBody>, Problem> {
    owner.check(&body.user_id)?;
    let line = actions::add_item(&carts, owner.user_id, body.item()?).await?;
    Ok(Answered(line.into()))
}

/// The lines of the caller's cart, oldest first.
#[utoipa::path(
    get,
    path = "/carts/get",
    tag = "cart",
    security(("bearer" = ["owner"])),
    responses((status = 200, description = "The lines", body = [ItemBody]))
)]
pub(super) async fn list_items(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
) -> Result<Answered<Vec<ItemBody>>, Problem> {
    let lines = actions::list_items(&carts, owner.user_id).await?;
    Ok(Answered(lines.into_iter().map(ItemBody::from).collect()))
}

/// The caller's cart with its prices as the restaurant published them last, and which lines can't be had, and why.
#[utoipa::path(
    get,
    path = "/carts/current",
    tag = "cart",
    security(("bearer" = ["owner"])),
    responses((status = 200, description = "The cart, which may be empty", body = CurrentCartBody))
)]
pub(super) async fn current_cart(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
) -> Result<Answered<CurrentCartBody>, Problem> {
    let cart = actions::current_cart(&carts, owner.user_id).await?;
    Ok(Answered(CurrentCartBody::of(owner.user_id, cart)))
}

/// Takes a line out of the caller's cart. One that is not there is out already.
#[utoipa::path(
    delete,
    path = "/carts/remove/{meal_id}",
    tag = "cart",
    security(("bearer" = ["owner"])),
    params(("meal_id" = String, Path, description = "The meal, or the `line_id` of one of its lines", min_length = 1)),
    responses(
        (status = 200, description = "It is out", body = MessageBody),
        (status = 409, description = "The meal has several lines, each with other options: `lines`"),
    )
)]
pub(super) async fn remove_item(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
    named: Named,
) -> Result<Answered<MessageBody>, Problem> {
    if let Ok(Path(name)) = named {
        actions::remove_item(&carts, owner.user_id, name).await?;
    }
    Ok(Answered(MessageBody::new("Item removed from cart")))
}

/// Takes all lines out of the caller's cart.
#[utoipa::path(
    delete,
    path = "/carts/clear",
    tag = "cart",
    security(("bearer" = ["owner"])),
    responses((status = 200, description = "The cart is empty", body = MessageBody))
)]
pub(super) async fn clear_cart(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
) -> Result<Answered<MessageBody>, Problem> {
    actions::clear_cart(&carts, owner.user_id).await?;
    Ok(Answered(MessageBody::new("Cart cleared")))
}

/// Changes a line of the caller's cart.
#[utoipa::path(
    patch,
    path = "/carts/update/{meal_id}",
    tag = "cart",
    security(("bearer" = ["owner"])),
    params(("meal_id" = String, Path, description = "The meal, or the `line_id` of one of its lines", min_length = 1)),
    request_body = UpdateCartItem,
    responses(
        (status = 200, description = "The line as it is now", body = ItemBody),
        (status = 404, description = "The cart has no such line"),
        (status = 409, description = "The meal has several lines, each with other options: `lines`"),
    )
)]
pub(super) async fn update_item(
    State(carts): State<Arc<Carts>>,
    owner: Owner,
    named: Named,
    Json(body): Json<UpdateCartItem>,
) -> Result<Answered<ItemBody>, Problem> {
    owner.check(&body.user_id)?;
    let change = body.change()?;
    let Path(name) = named.map_err(|_| CartError::ItemNotFound)?;
    let line = actions::update_item(&carts, owner.user_id, name, change).await?;
    Ok(Answered(line.into()))
}
