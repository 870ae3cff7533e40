//! `pending_user:<user id>`: says to the user service that a profile may be completed.

use contracts::{UserId, keys};
use ephemeral::Result;
use kit::Context;

pub(crate) async fn put(context: &Context, user_id: UserId) -> Result<()> {
    context.ephemeral.put(&keys::pending_user(user_id), b"1", keys::PENDING_USER_TTL).await
}
