//! Addresses: one's own, and where restaurants are.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::EntityType;
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Owner, Problem};

use crate::actions::{self, Asked};
use crate::error::AddressError;
use crate::model::Writer;
use crate::state::Addresses;

use super::asked::{AskedId, AskedType};
use super::body::{AddressBody, CreateAddress, UpdateAddress};

/// What a key of a client stands for.
const SCOPE: &str = "address creation";

/// The addresses that the caller has written: homes, or with `entity_type` `RESTAURANT` those of restaurants.
#[utoipa::path(
    get,
    path = "/addresses",
    tag = "address",
    security(("bearer" = ["owner"])),
    params(("entity_type" = Option<EntityType>, Query, nullable = false, description = "Of which kind; `USER` when left out")),
    responses(
        (status = 200, description = "The addresses, oldest first", body = [AddressBody]),
    )
)]
pub(super) async fn list_addresses(
    State(addresses): State<Arc<Addresses>>,
    owner: Owner,
    AskedType(entity_type): AskedType,
) -> Result<Answered<Vec<AddressBody>>, Problem> {
    let entity_type = entity_type.unwrap_or(EntityType::User);
    let list = actions::list_addresses(&addresses, owner.user_id, entity_type).await?;
    Ok(Answered(list.into_iter().map(AddressBody::from).collect()))
}

/// Writes down an address of the caller's, or with `entity_type` `RESTAURANT` one for a restaurant, which managers and admins do.
/// Sent again with the same `Idempotency-Key` within a day, the same request writes no second one.
#[utoipa::path(
    post,
    path = "/addresses",
    tag = "address",
    security(("bearer" = ["owner"])),
    params(
        ("entity_type" = Option<EntityType>, Query, nullable = false, description = "Of which kind; else the body says it"),
        IdempotencyKey
    ),
    request_body = CreateAddress,
    responses(
        (
            status = 201,
            description = "The address is written down",
            body = AddressBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request wrote it down"))
        ),
        (status = 403, description = "Another user is named, or the caller is no manager"),
        (status = 409, description = "The list is full"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn create_address(
    State(addresses): State<Arc<Addresses>>,
    Language(language): Language,
    owner: Owner,
    AskedType(entity_type): AskedType,
    key: Option<IdempotencyKey>,
    Json(body): Json<CreateAddress>,
) -> Result<Answer, Problem> {
    owner.check(&body.user_id)?;
    let (entity_type, parts) = body.parts(entity_type)?;
    let vault = addresses.context.database.vault();
    let asked = (entity_type, &parts);
    let request = key.map(|key| Request::new(vault, SCOPE, (owner.user_id, Key::Sent(&key)), &asked));
    let new = actions::CreateAddress { writer: writer(owner), entity_type, parts };
    let answer = actions::create_address(&addresses, request, new, |address| {
        Answer::json(StatusCode::CREATED, language, &AddressBody::from(address.clone()))
    });
    Ok(answer.await?)
}

/// One address. That of a restaurant is for everybody, a home for its owner alone, whoever else asks.
#[utoipa::path(
    get,
    path = "/addresses/{id}",
    tag = "address",
    security((), ("bearer" = ["owner"])),
    params(
        ("id" = String, Path, description = "The address", min_length = 1),
        ("entity_type" = Option<EntityType>, Query, nullable = false, description = "Of which kind it is; any when left out")
    ),
    responses(
        (status = 200, description = "The address", body = AddressBody),
        (status = 401, description = "The caller is not signed in, and it is no restaurant's"),
        (status = 403, description = "It is another's home"),
        (status = 404, description = "There is no such address"),
    )
)]
pub(super) async fn find_address(
    State(addresses): State<Arc<Addresses>>,
    owner: Result<Owner, Problem>,
    AskedId(id): AskedId,
    AskedType(entity_type): AskedType,
) -> Result<Answered<AddressBody>, Problem> {
    let reader = owner.as_ref().ok().map(|owner| owner.user_id);
    let found = match id {
        Some(id) => actions::find_address(&addresses, Asked { id, entity_type }, reader).await,
        None => Err(AddressError::NotFound),
    };
    match (found, owner) {
        // To strangers what is not there is as what is not theirs, unless they ask for what would be for everybody.
        (Err(AddressError::NotFound | AddressError::NotYours), Err(refusal))
            if entity_type != Some(EntityType::Restaurant) =>
        {
            Err(refusal)
        }
        (found, _) => Ok(Answered(found?.into())),
    }
}

/// Changes the fields that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/addresses/{id}",
    tag = "address",
    security(("bearer" = ["owner"])),
    params(
        ("id" = String, Path, description = "The address", min_length = 1),
        ("entity_type" = Option<EntityType>, Query, nullable = false, description = "Of which kind it is; any when left out")
    ),
    request_body = UpdateAddress,
    responses(
        (status = 200, description = "The address as it is now", body = AddressBody),
        (status = 403, description = "It is not the caller's, or there is no such address, or another user is named"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_address(
    State(addresses): State<Arc<Addresses>>,
    owner: Owner,
    AskedId(id): AskedId,
    AskedType(entity_type): AskedType,
    Json(body): Json<UpdateAddress>,
) -> Result<Answered<AddressBody>, Problem> {
    owner.check(&body.user_id)?;
    let change = body.change()?;
    let id = id.ok_or(AddressError::NotYours)?;
    let address = actions::update_address(&addresses, writer(owner), Asked { id, entity_type }, change).await?;
    Ok(Answered(address.into()))
}

/// Deletes an address.
#[utoipa::path(
    delete,
    path = "/addresses/{id}",
    tag = "address",
    security(("bearer" = ["owner"])),
    params(
        ("id" = String, Path, description = "The address", min_length = 1),
        ("entity_type" = Option<EntityType>, Query, nullable = false, description = "Of which kind it is; any when left out")
    ),
    responses(
        (status = 200, description = "The address as it was", body = AddressBody),
        (status = 403, description = "It is not the caller's, or there is no such address, or another user is named"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn delete_address(
    State(addresses): State<Arc<Addresses>>,
    owner: Owner,
    AskedId(id): AskedId,
    AskedType(entity_type): AskedType,
) -> Result<Answered<AddressBody>, Problem> {
    let id = id.ok_or(AddressError::NotYours)?;
    let address = actions::delete_address(&addresses, writer(owner), Asked { id, entity_type }).await?;
    Ok(Answered(address.into()))
}

fn writer(Owner { user_id, role }: Owner) -> Writer {
    Writer { user_id, role }
}
