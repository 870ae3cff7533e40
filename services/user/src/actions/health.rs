//! Whether the service can answer.

use crate::error::UserError;
use crate::state::User;

/// Whether its database takes writes.
pub(crate) async fn check_health(user: &User) -> Result<(), UserError> {
    Ok(user.context.database.probe().await?)
}
