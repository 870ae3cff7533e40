//! Opens a session for whoever knows an address and its password.

use contracts::{EmailAddress, UserId};

use super::notice::{Notice, notify};
use super::session::{self, SignedIn};
use super::{Visitor, audit, revocation};
use crate::error::AuthError;
use crate::model::hashing::{Busy, Failure, PasswordCheck, PasswordHash};
use crate::model::password::TypedPassword;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;
use crate::store::limits::{Reservation, WhenAway};

/// What somebody typed.
pub(crate) struct Credentials {
    pub(crate) email: EmailAddress,
    pub(crate) password: TypedPassword,
}

/// An account whose password was right.
struct Proven {
    account: Account,
    rehash: Option<PasswordHash>,
}

pub(crate) async fn login(auth: &Auth, credentials: Credentials, visitor: &Visitor) -> Result<SignedIn, AuthError> {
    let account = store::account::find_by_email(&auth.context.database, &credentials.email).await?;
    // Asked before a place is taken, which an error would keep.
    let failure = match store::account::any_imported(&auth.context.database).await? {
        true => Failure::CostsBothKinds,
        false => Failure::CostsOneHash,
    };
    let reservation = reserve(auth, &credentials.email, account.as_ref(), visitor).await?;
    let user_id = account.as_ref().map(|account| account.id);
    match prove(auth, account, credentials.password, failure).await {
        Ok(Some(proven)) => {
            auth.limits.succeed(&reservation).await;
            sign_in(auth, proven, visitor).await
        }
        Ok(None) => refuse(auth, user_id, visitor).await,
        Err(busy) => {
            auth.limits.give_back(&reservation).await;
            Err(busy.into())
        }
    }
}

/// Takes a place in the limits before anything is hashed. Who was here before on this device has a limit of their own.
async fn reserve(
    auth: &Auth,
    email: &EmailAddress,
    account: Option<&Account>,
    visitor: &Visitor,
) -> Result<Reservation, AuthError> {
    let address = auth.address_key.digest(email);
    let attempt = auth.context.sources.uuid();
    let known = match visitor.device {
        Some(device) => {
            // Asked for nobody too, so that the time reveals nothing.
            let user = account.map_or(UserId(uuid::Uuid::nil()), |account| account.id);
            store::session::knows_device(&auth.context.database, user, device).await?.then_some(device)
        }
        None => None,
    };
    let slots = match known {
        Some(device) => auth.password_limit().known_device(&address, device, attempt),
        None => auth.password_limit().stranger(&address, &visitor.origin.network, attempt),
    };
    Ok(auth.limits.reserve(slots, WhenAway::CountHere).await?)
}

/// The same work whether there is an account or not, whether it is locked, and whatever kind of hash it has.
async fn prove(
    auth: &Auth,
    account: Option<Account>,
    password: TypedPassword,
    failure: Failure,
) -> Result<Option<Proven>, Busy> {
    let hash = account.as_ref().map(|account| &account.password_hash);
    let verdict = auth.hasher.verify_at_the_door(password, hash, failure).await?;
    match (verdict, account) {
        (PasswordCheck::Right { rehash }, Some(account)) if !account.is_locked() => {
            Ok(Some(Proven { account, rehash }))
        }
        (PasswordCheck::Right { .. } | PasswordCheck::Wrong, _) => Ok(None),
    }
}

async fn refuse(auth: &Auth, user_id: Option<UserId>, visitor: &Visitor) -> Result<SignedIn, AuthError> {
    let tx = auth.context.database.begin_write().await?;
    audit(&tx, SecurityEventKind::LoginRefused, user_id, Some(&visitor.origin)).await?;
    tx.commit().await?;
    Err(AuthError::InvalidCredentials)
}

async fn sign_in(auth: &Auth, proven: Proven, visitor: &Visitor) -> Result<SignedIn, AuthError> {
    let tx = store::account::begin_write(&auth.context.database, proven.account.id).await?;
    let account = store::account::find(&tx, proven.account.id).await?;
    // While the password was being checked, it may have been changed, or the account locked.
    let unchanged =
        account.filter(|account| account.password_hash == proven.account.password_hash && !account.is_locked());
    let Some(account) = unchanged else {
        drop(tx);
        return refuse(auth, Some(proven.account.id), visitor).await;
    };
    if let Some(rehash) = &proven.rehash {
        store::account::set_rehash(&tx, account.id, rehash).await?;
    }
    let is_new_device = match visitor.device {
        Some(device) if store::session::knows_device(&tx, account.id, device).await? => false,
        Some(_) | None => store::session::any_of_user(&tx, account.id).await?,
    };
    let ended = revocation::make_room(&tx, account.id).await?;
    let session = session::open(&tx, &account, visitor).await?;
    audit(&tx, SecurityEventKind::Login, Some(account.id), Some(&visitor.origin)).await?;
    if is_new_device {
        notify(&tx, &account, Notice::NewDevice, &visitor.origin).await?;
    }
    tx.commit().await?;
    if !ended.is_empty() {
        revocation::publish(auth, &ended).await;
    }
    session::remember(auth, &account, &session).await;
    session::signed_in(auth, account.role, &session)
}
