//! Carts of those who are not signed in: whoever knows the id of one may read and change it.

mod asked;
mod body;
mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{ETAG, HeaderName};
use axum::response::{IntoResponse, Response};
use kit::{Admin, Client, IdempotencyKey, Json, Problem};

use crate::actions;
use crate::anonymous::{AnonymousError, AskedChange};
use crate::error::CartError;
use crate::model::anonymous::{CartId, CartRefusal, Change, Changed, ETag as CartETag, Standing};
use crate::state::Carts;

pub(super) use asked::Condition;
use asked::{AskedCart, AskedDays, AskedLine};
use body::{
    AddAnonymousItem, CartValidity, CleanedUp, CleanupStats, ExtendedCart, GeneratedCartId, UpdateAnonymousItem,
};
use view::AnonymousCartBody;

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Makes up an id for a cart, which nobody can guess. Nothing is kept.
#[utoipa::path(
    post,
    path = "/carts/anonymous/generate-id",
    tag = "cart",
    responses((status = 200, description = "An id that nobody has", body = GeneratedCartId))
)]
pub(super) async fn generate_cart_id(State(carts): State<Arc<Carts>>) -> Answered<GeneratedCartId> {
    let cart_id = CartId::random(carts.context.sources.bytes()).text();
    Answered(GeneratedCartId { cart_id, message: "New cart ID generated" })
}

/// Adds to a cart, which is made by that. Sent again for the same cart with the same `Idempotency-Key`, it adds nothing, as long
/// as no sixteen others came between and no cart service of the first platform has written the cart.
#[utoipa::path(
    post,
    path = "/carts/anonymous/add",
    tag = "cart",
    params(
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the cart that the client has seen"),
        IdempotencyKey
    ),
    request_body = AddAnonymousItem,
    responses(
        (
            status = 200,
            description = "The cart right afterwards",
            body = AnonymousCartBody,
            headers(
                ("ETag" = String, description = "Names this state of the cart"),
                ("Idempotent-Replayed" = bool, description = "`true` where an earlier request has added it")
            )
        ),
        (status = 400, description = "The cart holds meals of another restaurant, or the body is no JSON object"),
        (status = 409, description = "What stands there is no cart that can be read"),
        (status = 412, description = "The cart has changed; `cart` is the present one, and `etag` names it"),
        (status = 422, description = "A field is wrong, there is no such meal, or the cart or its line is full"),
        (status = 429, description = "Too many carts were made from this network"),
        (status = 503, description = "The cart can't be reached, or too many change it"),
    )
)]
pub(super) async fn add_anonymous_item(
    State(carts): State<Arc<Carts>>,
    client: Client,
    Condition(if_match): Condition,
    key: Option<IdempotencyKey>,
    Json(body): Json<AddAnonymousItem>,
) -> Result<Response, Problem> {
    let (id, item) = body.item(key.as_ref())?;
    let id = id.unwrap_or_else(|| CartId::random(carts.context.sources.bytes()));
    let asked = AskedChange { change: Change::Add(item), if_match, network: client.network().to_string() };
    change(&carts, id, asked).await
}

/// A cart with what its meals cost now and whether they can be had.
#[utoipa::path(
    get,
    path = "/carts/anonymous/{cart_id}",
    tag = "cart",
    params(("cart_id" = uuid::Uuid, Path, description = "The cart")),
    responses(
        (
            status = 200,
            description = "The cart",
            body = AnonymousCartBody,
            headers(("ETag" = String, description = "Names this state of the cart"))
        ),
        (status = 404, description = "There is no such cart"),
        (status = 409, description = "What stands there is no cart that can be read"),
        (status = 429, description = "Too many carts that are not there were asked for from this network"),
        (status = 503, description = "The cart can't be reached"),
    )
)]
pub(super) async fn find_anonymous_cart(
    State(carts): State<Arc<Carts>>,
    client: Client,
    AskedCart(id): AskedCart,
) -> Result<Response, Problem> {
    let found = actions::anonymous::find(&carts, id, &client.network().to_string()).await?;
    let body = AnonymousCartBody::of(&carts, &found).await?;
    Ok(answer(&found, body))
}

/// Changes a line. A meal with options has more than one line: a path that names the meal means the one without options, or
/// the only one; a `line_id` means its line.
#[utoipa::path(
    patch,
    path = "/carts/anonymous/{cart_id}/items/{meal_id}",
    tag = "cart",
    params(
        ("cart_id" = uuid::Uuid, Path, description = "The cart"),
        ("meal_id" = String, Path, description = "The meal, or the `line_id` of a line"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the cart that the client has seen"),
    ),
    request_body = UpdateAnonymousItem,
    responses(
        (
            status = 200,
            description = "The cart right afterwards",
            body = AnonymousCartBody,
            headers(("ETag" = String, description = "Names this state of the cart"))
        ),
        (status = 404, description = "There is no such cart, or no such line in it"),
        (status = 409, description = "The meal has several lines, which `lines` names; or what stands there is no cart"),
        (status = 412, description = "The cart has changed; `cart` is the present one, and `etag` names it"),
        (status = 429, description = "Too many carts that are not there were asked for from this network"),
        (status = 503, description = "The cart can't be reached, or too many change it"),
    )
)]
pub(super) async fn update_anonymous_item(
    State(carts): State<Arc<Carts>>,
    client: Client,
    AskedLine(id, line): AskedLine,
    Condition(if_match): Condition,
    Json(body): Json<UpdateAnonymousItem>,
) -> Result<Response, Problem> {
    let change_of_line = Change::Update(line, body.change()?);
    let asked = AskedChange { change: change_of_line, if_match, network: client.network().to_string() };
    change(&carts, id, asked).await
}

/// Takes a line away, if it stands there.
#[utoipa::path(
    delete,
    path = "/carts/anonymous/{cart_id}/items/{meal_id}",
    tag = "cart",
    params(
        ("cart_id" = uuid::Uuid, Path, description = "The cart"),
        ("meal_id" = String, Path, description = "The meal, or the `line_id` of a line"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the cart that the client has seen"),
    ),
    responses(
        (
            status = 200,
            description = "The cart right afterwards",
            body = AnonymousCartBody,
            headers(("ETag" = String, description = "Names this state of the cart"))
        ),
        (status = 404, description = "There is no such cart"),
        (status = 409, description = "The meal has several lines, which `lines` names; or what stands there is no cart"),
        (status = 412, description = "The cart has changed; `cart` is the present one, and `etag` names it"),
        (status = 429, description = "Too many carts that are not there were asked for from this network"),
        (status = 503, description = "The cart can't be reached, or too many change it"),
    )
)]
pub(super) async fn remove_anonymous_item(
    State(carts): State<Arc<Carts>>,
    client: Client,
    AskedLine(id, line): AskedLine,
    Condition(if_match): Condition,
) -> Result<Response, Problem> {
    let asked = AskedChange { change: Change::Remove(line), if_match, network: client.network().to_string() };
    change(&carts, id, asked).await
}

/// Takes all lines away. The empty cart stays for a day.
#[utoipa::path(
    delete,
    path = "/carts/anonymous/{cart_id}/clear",
    tag = "cart",
    params(
        ("cart_id" = uuid::Uuid, Path, description = "The cart"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the cart that the client has seen"),
    ),
    responses(
        (
            status = 200,
            description = "The empty cart",
            body = AnonymousCartBody,
            headers(("ETag" = String, description = "Names this state of the cart"))
        ),
        (status = 404, description = "There is no such cart"),
        (status = 409, description = "What stands there is no cart that can be read"),
        (status = 412, description = "The cart has changed; `cart` is the present one, and `etag` names it"),
        (status = 429, description = "Too many carts that are not there were asked for from this network"),
        (status = 503, description = "The cart can't be reached, or too many change it"),
    )
)]
pub(super) async fn clear_anonymous_cart(
    State(carts): State<Arc<Carts>>,
    client: Client,
    AskedCart(id): AskedCart,
    Condition(if_match): Condition,
) -> Result<Response, Problem> {
    let asked = AskedChange { change: Change::Clear, if_match, network: client.network().to_string() };
    change(&carts, id, asked).await
}

/// Whether there is such a cart, for a client that has kept its id.
#[utoipa::path(
    get,
    path = "/carts/anonymous/{cart_id}/validate",
    tag = "cart",
    params(("cart_id" = uuid::Uuid, Path, description = "The cart")),
    responses(
        (status = 200, description = "Whether there is", body = CartValidity),
        (status = 429, description = "Too many carts that are not there were asked for from this network"),
        (status = 503, description = "The cart can't be reached"),
    )
)]
pub(super) async fn validate_anonymous_cart(
    State(carts): State<Arc<Carts>>,
    client: Client,
    AskedCart(id): AskedCart,
) -> Result<Answered<CartValidity>, Problem> {
    let without = |exists| CartValidity::without_cart(id, exists);
    match actions::anonymous::find(&carts, id, &client.network().to_string()).await {
        Ok(Changed { cart, .. }) => Ok(Answered(CartValidity::of(&cart))),
        Err(CartError::Anonymous(AnonymousError::Refused(CartRefusal::NoCart))) => Ok(Answered(without(false))),
        Err(CartError::Anonymous(AnonymousError::Refused(CartRefusal::Unreadable(_)))) => Ok(Answered(without(true))),
        Err(error) => Err(error.into()),
    }
}

/// Keeps a cart for so many days after each write, from now on. An empty one is kept for a day.
#[utoipa::path(
    post,
    path = "/carts/anonymous/{cart_id}/extend",
    tag = "cart",
    params(
        ("cart_id" = uuid::Uuid, Path, description = "The cart"),
        ("days" = Option<u16>, Query, nullable = false, minimum = 1, maximum = 365, description = "How many; 30 when left out"),
    ),
    responses(
        (
            status = 200,
            description = "It is kept",
            body = ExtendedCart,
            headers(("ETag" = String, description = "Names this state of the cart"))
        ),
        (status = 404, description = "There is no such cart"),
        (status = 409, description = "What stands there is no cart that can be read"),
        (status = 422, description = "The id is none, or the days are none of 1 to 365"),
        (status = 429, description = "Too many carts of this network are kept for longer than 30 days, or too many were asked for that are not there"),
        (status = 503, description = "The cart can't be reached, or too many change it"),
    )
)]
pub(super) async fn extend_anonymous_cart(
    State(carts): State<Arc<Carts>>,
    client: Client,
    AskedCart(id): AskedCart,
    AskedDays(days): AskedDays,
) -> Result<Response, Problem> {
    let asked = AskedChange { change: Change::Extend(days), if_match: None, network: client.network().to_string() };
    match actions::anonymous::change(&carts, id, asked).await {
        Ok(Changed { cart, etag, .. }) => {
            let message = format!("Cart expiry extended by {days} days");
            let body = ExtendedCart { message, cart_id: id.text(), expires_at: cart.expires_at() };
            Ok(([(ETAG, header_of(&etag))], Answered(body)).into_response())
        }
        Err(CartError::Anonymous(AnonymousError::Refused(CartRefusal::NoCart))) => Err(Problem::not_found(
            "CART_NOT_FOUND",
            "Sepet bulunamadı ya da süresi uzatılamadı.",
            "Cart not found or extension failed",
        )),
        Err(error) => Err(error.into()),
    }
}

/// Does nothing, for carts expire by themselves. It stands here for who calls it on the first platform.
#[utoipa::path(
    post,
    path = "/carts/anonymous/cleanup",
    tag = "cart",
    security(("bearer" = ["admin"])),
    responses((status = 200, description = "There was nothing to do", body = CleanedUp))
)]
pub(super) async fn clean_up_anonymous_carts(_: Admin) -> Answered<CleanedUp> {
    Answered(CleanedUp { message: "Cleaned up 0 expired carts", stats: CleanupStats::default() })
}

/// Where the cart has changed, the problem shows what it is now.
async fn change(carts: &Carts, id: CartId, asked: AskedChange) -> Result<Response, Problem> {
    match actions::anonymous::change(carts, id, asked).await {
        Ok(changed) => {
            // The change has happened, whether or not its prices are known.
            let body = AnonymousCartBody::of(carts, &changed).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "a cart is answered without prices");
                AnonymousCartBody::without_prices(&changed)
            });
            Ok(answer(&changed, body))
        }
        Err(CartError::Anonymous(AnonymousError::Refused(CartRefusal::Changed(standing)))) => {
            Err(precondition_failed(carts, &standing).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn precondition_failed(carts: &Carts, standing: &Standing) -> Result<Problem, CartError> {
    let problem = Problem::from(CartError::from(AnonymousError::from(CartRefusal::Changed(standing.clone()))));
    let Some(present) = standing.unchanged() else { return Ok(problem) };
    let cart = AnonymousCartBody::of(carts, &present).await?;
    Ok(problem.with("cart", &cart).with("etag", &present.etag.header()))
}

fn answer(changed: &Changed, body: AnonymousCartBody) -> Response {
    let is_repeat = changed.is_repeat.then_some((REPLAYED, HeaderValue::from_static("true")));
    let mut response = ([(ETAG, header_of(&changed.etag))], Answered(body)).into_response();
    response.headers_mut().extend(is_repeat);
    response
}

fn header_of(etag: &CartETag) -> HeaderValue {
    HeaderValue::try_from(etag.header()).expect("hex digits in quotes are a header")
}
