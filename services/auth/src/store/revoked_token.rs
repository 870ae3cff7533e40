//! `blacklist:<jti>`: revoked access tokens, as peers of the first platform look them up. Only tokens under a secret that is
//! shared with peers stand here.

use std::time::Duration;

use contracts::keys;
use ephemeral::Result;
use kit::Context;

/// Refuses the token `jti` at peers for `life`.
pub(crate) async fn put(context: &Context, jti: &str, life: Duration) -> Result<()> {
    context.ephemeral.put(&keys::revoked_token(jti), b"1", life).await
}
