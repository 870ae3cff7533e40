//! What the operator does to accounts at the command line, beside the running platform if need be.
//!
//! Only the database is written; the running platform's sweep publishes ended sessions about a second later.

use std::num::NonZeroUsize;

use anyhow::Context as _;
use bus::outbox;
use contracts::{Asked, EmailAddress, Locale, MailMessage, Role, Secret, UserCreated, UserId};
use database::{Database, WriteTransaction};
use kit::{Fault, FieldValue};

use super::{audit, mail, revocation};
use crate::error::AuthError;
use crate::model::hashing::{Hasher, PasswordHash};
use crate::model::origin::Origin;
use crate::model::password::Password;
use crate::model::security_event::SecurityEventKind;
use crate::store;
use crate::store::account::Account;

/// What [`create`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// A new account.
    New(UserId),
    /// The account that had the address is an administrator now, with the new password and without its old sessions.
    Promoted(UserId),
}

/// Makes an administrator of `email`, who signs in with `password`.
///
/// # Errors
/// [`AuthError::Unfit`] when the password may not be chosen, or the database failed.
pub async fn create(database: &Database, email: EmailAddress, password: Secret) -> Result<Created, AuthError> {
    let hash = hash(database, &email, &password).await?;
    let known = store::account::find_by_email(database, &email).await?;
    let tx = match &known {
        Some(account) => store::account::begin_write(database, account.id).await?,
        None => database.begin_write().await?,
    };
    let created = match known {
        Some(account) => {
            store::account::set_role(&tx, account.id, Role::Admin).await?;
            store::account::set_password(&tx, account.id, &hash).await?;
            revocation::revoke_all(&tx, account.id).await?;
            audit(&tx, SecurityEventKind::PasswordChanged, Some(account.id), None).await?;
            let asked = Asked { asked_at: Some(tx.now()), ..Asked::default() };
            mail(&tx, &account, MailMessage::PasswordChanged { asked }).await?;
            Created::Promoted(account.id)
        }
        None => Created::New(insert(&tx, of_operator(&tx, email, Role::Admin, hash)).await?),
    };
    let (Created::New(user_id) | Created::Promoted(user_id)) = created;
    audit(&tx, SecurityEventKind::RoleChanged, Some(user_id), None).await?;
    tx.commit().await?;
    Ok(created)
}

/// Lets the owner of the account do what `role` may. Its sessions learn of it at their next refresh; one within
/// a second may miss it.
///
/// # Errors
/// [`AuthError::UnknownAccount`], or the database failed.
pub async fn grant(database: &Database, email: &EmailAddress, role: Role) -> Result<(), AuthError> {
    let (tx, account) = begin(database, email).await?;
    change_role(&tx, &account, role, None).await?;
    Ok(tx.commit().await?)
}

/// Gives the account `role` with the open transaction, and records that unless it had it. Whoever has no origin sits at the
/// operator's terminal.
pub(super) async fn change_role(
    tx: &WriteTransaction,
    account: &Account,
    role: Role,
    origin: Option<&Origin>,
) -> Result<(), AuthError> {
    if account.role == role {
        return Ok(());
    }
    store::account::set_role(tx, account.id, role).await?;
    Ok(audit(tx, SecurityEventKind::RoleChanged, Some(account.id), origin).await?)
}

/// Keeps everybody out of the account, and ends its sessions.
///
/// # Errors
/// [`AuthError::UnknownAccount`], or the database failed.
pub async fn lock(database: &Database, email: &EmailAddress) -> Result<(), AuthError> {
    let (tx, account) = begin(database, email).await?;
    store::account::set_locked(&tx, account.id, Some(account.locked_at.unwrap_or(tx.now()))).await?;
    revocation::revoke_all(&tx, account.id).await?;
    audit(&tx, SecurityEventKind::Locked, Some(account.id), None).await?;
    Ok(tx.commit().await?)
}

/// Lets the owner of the account in again.
///
/// # Errors
/// [`AuthError::UnknownAccount`], or the database failed.
pub async fn unlock(database: &Database, email: &EmailAddress) -> Result<(), AuthError> {
    let (tx, account) = begin(database, email).await?;
    store::account::set_locked(&tx, account.id, None).await?;
    audit(&tx, SecurityEventKind::Unlocked, Some(account.id), None).await?;
    Ok(tx.commit().await?)
}

/// Ends all sessions of the account.
///
/// # Errors
/// [`AuthError::UnknownAccount`], or the database failed.
pub async fn sign_out(database: &Database, email: &EmailAddress) -> Result<(), AuthError> {
    let (tx, account) = begin(database, email).await?;
    revocation::revoke_all(&tx, account.id).await?;
    audit(&tx, SecurityEventKind::SignedOut, Some(account.id), None).await?;
    Ok(tx.commit().await?)
}

/// The account of `email`, with a transaction that has it to itself.
async fn begin(database: &Database, email: &EmailAddress) -> Result<(WriteTransaction, Account), AuthError> {
    let account = store::account::find_by_email(database, email).await?.ok_or(AuthError::UnknownAccount)?;
    let tx = store::account::begin_write(database, account.id).await?;
    let account = store::account::find(&tx, account.id).await?.ok_or(AuthError::UnknownAccount)?;
    Ok((tx, account))
}

/// An account that nobody registered.
pub(super) fn of_operator(tx: &WriteTransaction, email: EmailAddress, role: Role, hash: PasswordHash) -> Account {
    Account { role, ..Account::new(tx, email, hash, Locale::default()) }
}

pub(super) async fn insert(tx: &WriteTransaction, account: Account) -> Result<UserId, AuthError> {
    store::account::insert(tx, &account).await?;
    outbox::record(tx, &UserCreated::from(&account)).await?;
    Ok(account.id)
}

/// The hash of a password that the operator chose, under the same rules as everybody's.
pub(super) async fn hash(
    database: &Database,
    email: &EmailAddress,
    password: &Secret,
) -> Result<PasswordHash, AuthError> {
    let unfit = |(code, text)| AuthError::Unfit(Fault::new("password", code, text));
    let password = Password::parse(password.expose().to_owned()).map_err(unfit)?;
    password.check_against("password", email).map_err(AuthError::Unfit)?;
    let hasher = Hasher::start(NonZeroUsize::MIN, database.sources().clone()).context("no thread to hash with")?;
    Ok(hasher.hash(password).await?)
}
