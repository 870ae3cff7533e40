//! `pending_user:<user id>`: tells the user service that a profile may be completed.

use std::time::Duration;

use contracts::UserId;
use ephemeral::Result;
use kit::Context;

const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) async fn put(context: &Context, user: UserId) -> Result<()> {
    context.ephemeral.put(&format!("pending_user:{user}"), b"1", LIFE).await
}
