//! Whether the service can answer.

use kit::Context;

use crate::error::UserError;
use crate::store;

/// Asks the database for something that always works.
pub(crate) async fn check_health(context: &Context) -> Result<(), UserError> {
    Ok(store::account::check_health(&context.database).await?)
}
