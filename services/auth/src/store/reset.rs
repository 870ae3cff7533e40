//! `reset:<digest of a token>`, sealed: the address that the token was mailed to. Which token of an account is good, the
//! account knows.

use std::error::Error;

use contracts::{EmailAddress, RESET_LINK_TTL};
use ephemeral::{EphemeralError, Result};
use kit::Context;

use crate::model::one_time_token::TokenDigest;

const SEALED_FOR: &str = "auth reset";

pub(crate) async fn put(context: &Context, token: &TokenDigest, email: &EmailAddress) -> Result<()> {
    let sealed = context.database.vault().seal(SEALED_FOR, email.as_str().as_bytes());
    context.ephemeral.put(&token_key(token), &sealed, RESET_LINK_TTL).await
}

/// The address that the token was mailed to.
pub(crate) async fn find_email(context: &Context, token: &TokenDigest) -> Result<Option<EmailAddress>> {
    let key = token_key(token);
    let Some(sealed) = context.ephemeral.get(&key).await? else { return Ok(None) };
    let foreign = |reason: &dyn Error| EphemeralError::foreign(&key, reason);
    let email = context.database.vault().open(SEALED_FOR, &sealed).map_err(|tampered| foreign(&tampered))?;
    String::from_utf8_lossy(&email).parse().map(Some).map_err(|error| foreign(&error))
}

/// Forgets the token.
pub(crate) async fn forget(context: &Context, token: &TokenDigest) -> Result<()> {
    context.ephemeral.remove(&token_key(token)).await
}

fn token_key(token: &TokenDigest) -> String {
    format!("reset:{token}")
}
