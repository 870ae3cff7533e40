//! `reset:<digest of a token>`, sealed, and `reset:newest:<address>`, the one token of an address that is still good.

use std::time::Duration;

use contracts::EmailAddress;
use ephemeral::Result;
use kit::Context;

use super::expiring::{foreign, remove};
use crate::model::address_digest::AddressDigest;
use crate::model::one_time_token::TokenDigest;

/// How long a link in a mail works.
const LIFE: Duration = Duration::from_secs(15 * 60);
const SEALED_FOR: &str = "auth reset";

/// A request for a new password.
pub(crate) struct Reset<'a> {
    pub(crate) email: &'a EmailAddress,
    pub(crate) address: &'a AddressDigest,
    pub(crate) token: &'a TokenDigest,
}

/// Makes `reset` the only one of its address.
pub(crate) async fn put(context: &Context, reset: &Reset<'_>) -> Result<()> {
    let sealed = context.database.vault().seal(SEALED_FOR, reset.email.as_str().as_bytes());
    context.ephemeral.put(&token_key(reset.token), &sealed, LIFE).await?;
    context.ephemeral.put(&newest_key(reset.address), reset.token.as_str().as_bytes(), LIFE).await
}

/// The address that the token was mailed to.
pub(crate) async fn find_email(context: &Context, token: &TokenDigest) -> Result<Option<EmailAddress>> {
    let key = token_key(token);
    let Some(sealed) = context.ephemeral.get(&key).await? else { return Ok(None) };
    let email = context.database.vault().open(SEALED_FOR, &sealed).map_err(|tampered| foreign(&key, &tampered))?;
    String::from_utf8_lossy(&email).parse().map(Some).map_err(|error| foreign(&key, &error))
}

/// Whether no later token was mailed to the address.
pub(crate) async fn is_newest(context: &Context, address: &AddressDigest, token: &TokenDigest) -> Result<bool> {
    let newest = context.ephemeral.get(&newest_key(address)).await?;
    Ok(newest.is_some_and(|newest| newest == token.as_str().as_bytes()))
}

/// Forgets the token.
pub(crate) async fn forget(context: &Context, token: &TokenDigest) -> Result<()> {
    remove(context.ephemeral.as_ref(), &token_key(token)).await
}

fn token_key(token: &TokenDigest) -> String {
    format!("reset:{token}")
}

fn newest_key(address: &AddressDigest) -> String {
    format!("reset:newest:{address}")
}
