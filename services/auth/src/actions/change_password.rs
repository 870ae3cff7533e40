//! Changes the password of a signed-in user, ends all their sessions and opens a new one.

use contracts::{SessionId, UserId};

use super::notice::{Notice, notify};
use super::session::{self, SignedIn};
use super::{Visitor, audit, revocation};
use crate::error::AuthError;
use crate::model::hashing::{PasswordCheck, PasswordHash};
use crate::model::origin::Origin;
use crate::model::password::{Password, TypedPassword};
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;
use crate::store::limits::WhenAway;

/// The password that is, and the one that shall be.
pub(crate) struct PasswordChange {
    pub(crate) current: TypedPassword,
    pub(crate) new: Password,
}

/// Whose password is changed, and from which of their sessions.
pub(crate) struct Owner {
    pub(crate) user: UserId,
    pub(crate) session: Option<SessionId>,
}

pub(crate) async fn change_password(
    auth: &Auth,
    owner: &Owner,
    change: PasswordChange,
    origin: Origin,
) -> Result<SignedIn, AuthError> {
    let account = store::account::find(&auth.context.database, owner.user).await?.ok_or(AuthError::UnknownAccount)?;
    change.new.check_against("new_password", &account.email).map_err(AuthError::Unfit)?;
    check_current(auth, &account, change.current, &origin).await?;
    let hash = auth.hasher.hash(change.new).await?;
    let present = match owner.session {
        Some(session) => store::session::find(&auth.context.database, session).await?,
        None => None,
    };
    let visitor = Visitor { device: present.map(|session| session.device_id), origin };
    replace(auth, &account, &hash, &visitor).await
}

/// Guessing it from a stolen session is as limited as guessing it at the door.
async fn check_current(
    auth: &Auth,
    account: &Account,
    current: TypedPassword,
    origin: &Origin,
) -> Result<(), AuthError> {
    let address = auth.address_key.digest(&account.email);
    let slots = auth.password_limit().session_owner(&address, auth.context.sources.uuid());
    let reservation = auth.limits.reserve(slots, WhenAway::CountHere).await?;
    match auth.hasher.verify(current, &account.password_hash).await {
        Ok(PasswordCheck::Right { .. }) => {
            auth.limits.succeed(&reservation).await;
            Ok(())
        }
        Ok(PasswordCheck::Wrong) => {
            let tx = auth.context.database.begin_write().await?;
            audit(&tx, SecurityEventKind::PasswordChangeRefused, Some(account.id), Some(origin)).await?;
            tx.commit().await?;
            Err(AuthError::InvalidPassword)
        }
        Err(busy) => {
            auth.limits.give_back(&reservation).await;
            Err(busy.into())
        }
    }
}

async fn replace(
    auth: &Auth,
    checked: &Account,
    hash: &PasswordHash,
    visitor: &Visitor,
) -> Result<SignedIn, AuthError> {
    let tx = store::account::begin_write(&auth.context.database, checked.id).await?;
    let account = store::account::find(&tx, checked.id).await?.ok_or(AuthError::UnknownAccount)?;
    // Changed or locked since it was checked.
    if account.password_hash != checked.password_hash || account.is_locked() {
        return Err(AuthError::InvalidPassword);
    }
    store::account::set_password(&tx, account.id, hash).await?;
    let ended = revocation::revoke_all(&tx, account.id).await?;
    let session = session::open(&tx, &account, visitor).await?;
    audit(&tx, SecurityEventKind::PasswordChanged, Some(account.id), Some(&visitor.origin)).await?;
    notify(&tx, &account, Notice::PasswordChanged, &visitor.origin).await?;
    tx.commit().await?;
    revocation::publish(auth, &ended).await;
    session::remember(auth, &account, &session).await;
    session::signed_in(auth, account.role, &session)
}
