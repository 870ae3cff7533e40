//! Accounts for a demo: their passwords are new at each start, and without a demo nobody can use them.

use contracts::{EmailAddress, Role, Secret, UserId};
use database::Database;

use super::admin::{hash, insert, of_operator};
use super::revocation;
use crate::error::AuthError;
use crate::store;
use crate::store::account::Account;

/// Makes a demo account of `email`, or gives the one of an earlier demo its new password. Call it after the service was
/// built, which withdraws what earlier demos left behind.
///
/// # Errors
/// [`AuthError::AddressTaken`] when the address belongs to a real account, or the database failed.
pub async fn seed(database: &Database, email: EmailAddress, password: Secret, role: Role) -> Result<UserId, AuthError> {
    let hash = hash(database, &email, &password).await?;
    let tx = database.begin_write().await?;
    let user_id = match store::account::find_by_email(&tx, &email).await? {
        None => insert(&tx, Account { is_demo: true, ..of_operator(&tx, email, role, hash) }).await?,
        Some(account) if account.is_demo => {
            store::account::set_password(&tx, account.id, &hash).await?;
            store::account::set_role(&tx, account.id, role).await?;
            store::account::set_locked(&tx, account.id, None).await?;
            account.id
        }
        Some(_) => return Err(AuthError::AddressTaken),
    };
    tx.commit().await?;
    Ok(user_id)
}

/// Locks what an earlier demo left behind; its passwords were shown on a terminal.
pub(crate) async fn withdraw(database: &Database) -> Result<(), AuthError> {
    for account in store::account::open_demo_accounts(database).await? {
        let tx = store::account::begin_write(database, account.id).await?;
        store::account::set_locked(&tx, account.id, Some(tx.now())).await?;
        revocation::revoke_all(&tx, account.id).await?;
        tx.commit().await?;
    }
    Ok(())
}
