//! Whether auth can do its work: its database takes writes and the ephemeral store answers.

use kit::access::JWKS_KEY;

use crate::error::AuthError;
use crate::state::Auth;

pub(crate) async fn check_health(auth: &Auth) -> Result<(), AuthError> {
    auth.context.database.probe().await?;
    auth.context.ephemeral.get(JWKS_KEY).await?;
    Ok(())
}
