//! Whether the service can answer.

use kit::Context;

use crate::error::UserError;

/// Whether its database takes writes.
pub(crate) async fn check_health(context: &Context) -> Result<(), UserError> {
    Ok(context.database.probe().await?)
}
