//! What happened to a user's account.

use contracts::UserId;
use kit::PageRequest;

use crate::error::AuthError;
use crate::state::Auth;
use crate::store;
use crate::store::security_event::SecurityEvent;

/// One more than the page holds, if there is one.
pub(crate) async fn list_events(auth: &Auth, user: UserId, page: PageRequest) -> Result<Vec<SecurityEvent>, AuthError> {
    Ok(store::security_event::list(&auth.context.database, user, page).await?)
}
