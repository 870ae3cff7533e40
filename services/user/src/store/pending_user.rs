//! `pending_user:<user id>`: the user may complete a profile. auth sets it as well, and peers of the first platform read it.

use contracts::{UserId, keys};
use ephemeral::Result;
use kit::Context;

pub(crate) async fn put(context: &Context, user_id: UserId) -> Result<()> {
    context.ephemeral.put(&keys::pending_user(user_id), b"1", keys::PENDING_USER_TTL).await
}

/// Whether the key is set; as for peers, to any value that is not empty.
pub(crate) async fn is_set(context: &Context, user_id: UserId) -> Result<bool> {
    Ok(context.ephemeral.get(&keys::pending_user(user_id)).await?.is_some_and(|value| !value.is_empty()))
}

pub(crate) async fn remove(context: &Context, user_id: UserId) -> Result<()> {
    context.ephemeral.remove(&keys::pending_user(user_id)).await
}
