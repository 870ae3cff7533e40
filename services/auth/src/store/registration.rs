//! `register:<id>` (sealed), `verify:<digest of its token>`, and `registrations:<address>`, the list of those that wait.

use ephemeral::{EphemeralError, Result, parse_json};
use kit::Context;

use crate::model::address_digest::AddressDigest;
use crate::model::one_time_token::TokenDigest;
use crate::model::registration::{Registration, RegistrationId, TTL, Waiting};

const SEALED_FOR: &str = "auth registration";

/// Keeps `registration` for another day, and lets its tokens find it.
pub(crate) async fn put(context: &Context, registration: &Registration) -> Result<()> {
    let plain = serde_json::to_vec(registration).expect("ids, texts and times are JSON");
    let sealed = context.database.vault().seal(SEALED_FOR, &plain);
    context.ephemeral.put(&record_key(registration.id), &sealed, TTL).await?;
    let id = registration.id.to_string();
    for token in &registration.tokens {
        context.ephemeral.put(&token_key(token), id.as_bytes(), TTL).await?;
    }
    Ok(())
}

pub(crate) async fn find(context: &Context, id: RegistrationId) -> Result<Option<Registration>> {
    let key = record_key(id);
    let Some(sealed) = context.ephemeral.get(&key).await? else { return Ok(None) };
    let plain = context.database.vault().open(SEALED_FOR, &sealed);
    let plain = plain.map_err(|tampered| EphemeralError::foreign(&key, &tampered))?;
    parse_json(&key, &plain).map(Some)
}

/// The registration that the token proves.
pub(crate) async fn find_by_token(context: &Context, token: &TokenDigest) -> Result<Option<Registration>> {
    let key = token_key(token);
    let Some(id) = context.ephemeral.get(&key).await? else { return Ok(None) };
    let id = String::from_utf8_lossy(&id).parse().map_err(|error| EphemeralError::foreign(&key, &error))?;
    Ok(find(context, id).await?.filter(|registration| registration.tokens.contains(token)))
}

/// Lets `token` find nothing any more.
pub(crate) async fn forget_token(context: &Context, token: &TokenDigest) -> Result<()> {
    context.ephemeral.remove(&token_key(token)).await
}

pub(crate) async fn remove_with_tokens(context: &Context, id: RegistrationId) -> Result<()> {
    for token in find(context, id).await?.map_or_else(Vec::new, |registration| registration.tokens) {
        forget_token(context, &token).await?;
    }
    context.ephemeral.remove(&record_key(id)).await
}

/// The registrations of the address, oldest first.
pub(crate) async fn waiting(context: &Context, address: &AddressDigest) -> Result<Waiting> {
    Ok(context.ephemeral.get_json(&list_key(address)).await?.unwrap_or_default())
}

/// Adds `id` to the registrations of the address, and says which had to leave for it.
pub(crate) async fn join(
    context: &Context,
    address: &AddressDigest,
    id: RegistrationId,
) -> Result<Vec<RegistrationId>> {
    let mut left = Vec::new();
    let join = |list: Option<Waiting>| {
        let (list, evicted) = list.unwrap_or_default().join(id);
        left = evicted;
        Some(list)
    };
    context.ephemeral.update(&list_key(address), TTL, join).await?;
    Ok(left)
}

/// Keeps the list of the address for another day.
pub(crate) async fn keep_list(context: &Context, address: &AddressDigest) -> Result<()> {
    context.ephemeral.update(&list_key(address), TTL, |list: Option<Waiting>| list).await
}

/// Forgets that anybody waited for the address.
pub(crate) async fn forget_list(context: &Context, address: &AddressDigest) -> Result<()> {
    context.ephemeral.remove(&list_key(address)).await
}

fn record_key(id: RegistrationId) -> String {
    format!("register:{id}")
}

fn token_key(token: &TokenDigest) -> String {
    format!("verify:{token}")
}

fn list_key(address: &AddressDigest) -> String {
    format!("registrations:{address}")
}
