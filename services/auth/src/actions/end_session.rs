//! Ends one session of the caller from another one.

use contracts::{SessionId, UserId};

use super::{audit, revocation};
use crate::error::AuthError;
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;

/// A session that has ended already is ended once more without complaint, for its first answer may have been lost.
pub(crate) async fn end_session(
    auth: &Auth,
    user: UserId,
    session: SessionId,
    origin: &Origin,
) -> Result<(), AuthError> {
    let tx = store::account::begin_write(&auth.context.database, user).await?;
    let own = store::session::find(&tx, session).await?.filter(|session| session.user_id == user);
    let own = own.ok_or(AuthError::UnknownSession)?;
    if store::session::revoke(&tx, session).await? {
        audit(&tx, SecurityEventKind::SessionEnded, Some(user), Some(origin)).await?;
    }
    tx.commit().await?;
    revocation::publish(auth, &[own]).await;
    Ok(())
}
