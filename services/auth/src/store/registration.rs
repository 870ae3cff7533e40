//! `register:<id>` (sealed), `verify:<digest of its token>`, and `registrations:<address>`, the list of those that wait.

use ephemeral::{Expiring, Result, Swap};
use kit::Context;

use super::expiring::{foreign, parse, remove};
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
    let plain = context.database.vault().open(SEALED_FOR, &sealed).map_err(|tampered| foreign(&key, &tampered))?;
    parse(&key, &plain).map(Some)
}

/// The registration that the token proves.
pub(crate) async fn find_by_token(context: &Context, token: &TokenDigest) -> Result<Option<Registration>> {
    let key = token_key(token);
    let Some(id) = context.ephemeral.get(&key).await? else { return Ok(None) };
    let id = String::from_utf8_lossy(&id).parse().map_err(|error| foreign(&key, &error))?;
    Ok(find(context, id).await?.filter(|registration| registration.tokens.contains(token)))
}

/// Lets `token` find nothing any more.
pub(crate) async fn forget_token(context: &Context, token: &TokenDigest) -> Result<()> {
    remove(context.ephemeral.as_ref(), &token_key(token)).await
}

pub(crate) async fn remove_with_tokens(context: &Context, id: RegistrationId) -> Result<()> {
    for token in find(context, id).await?.map_or_else(Vec::new, |registration| registration.tokens) {
        forget_token(context, &token).await?;
    }
    remove(context.ephemeral.as_ref(), &record_key(id)).await
}

/// The registrations of the address, oldest first.
pub(crate) async fn waiting(context: &Context, address: &AddressDigest) -> Result<Waiting> {
    let key = list_key(address);
    context.ephemeral.get(&key).await?.map_or(Ok(Waiting::default()), |list| parse(&key, &list))
}

/// Adds `id` to the registrations of the address, and says which had to leave for it.
pub(crate) async fn join(
    context: &Context,
    address: &AddressDigest,
    id: RegistrationId,
) -> Result<Vec<RegistrationId>> {
    let key = list_key(address);
    let mut standing = context.ephemeral.get(&key).await?;
    loop {
        let list: Waiting = standing.as_deref().map_or(Ok(Waiting::default()), |list| parse(&key, list))?;
        let (list, evicted) = list.join(id);
        let list = serde_json::to_vec(&list).expect("ids are JSON");
        let new = Expiring { value: &list, ttl: TTL };
        match context.ephemeral.swap(&key, standing.as_deref(), Some(new)).await? {
            Swap::Done => return Ok(evicted),
            Swap::Found(other) => standing = other,
        }
    }
}

/// Keeps the list of the address for another day.
pub(crate) async fn keep_list(context: &Context, address: &AddressDigest) -> Result<()> {
    let key = list_key(address);
    let mut standing = context.ephemeral.get(&key).await?;
    while let Some(list) = standing {
        let same = Expiring { value: &list, ttl: TTL };
        match context.ephemeral.swap(&key, Some(&list), Some(same)).await? {
            Swap::Done => return Ok(()),
            Swap::Found(other) => standing = other,
        }
    }
    Ok(())
}

/// Forgets that anybody waited for the address.
pub(crate) async fn forget_list(context: &Context, address: &AddressDigest) -> Result<()> {
    remove(context.ephemeral.as_ref(), &list_key(address)).await
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
