//! The open sessions of a user.

use contracts::UserId;
use kit::PageRequest;

use crate::error::AuthError;
use crate::model::rotation::CHECKPOINT_AGE;
use crate::state::Auth;
use crate::store;
use crate::store::session::{Open, Session};

/// One more than the page holds, if there is one.
pub(crate) async fn list_sessions(auth: &Auth, user: UserId, page: PageRequest) -> Result<Vec<Session>, AuthError> {
    let now = auth.context.now();
    // The ledger hears of a use a day late at worst.
    let open = Open { now, used_since: now - auth.settings.refresh_ttl - CHECKPOINT_AGE };
    Ok(store::session::list_open(&auth.context.database, user, open, page).await?)
}
