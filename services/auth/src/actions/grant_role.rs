//! An admin changes what somebody may do.

use contracts::{Role, UserId};

use super::admin::change_role;
use super::role_version;
use crate::error::AuthError;
use crate::model::origin::Origin;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;

/// Gives the account `role`, and answers it as it is then. Its sessions learn of it at their next refresh; one within
/// a second may miss it at another process.
pub(crate) async fn grant_role(auth: &Auth, id: UserId, role: Role, origin: &Origin) -> Result<Account, AuthError> {
    let tx = store::account::begin_write(&auth.context.database, id).await?;
    let account = store::account::find(&tx, id).await?.ok_or(AuthError::UnknownAccount)?;
    change_role(&tx, &account, role, Some(origin)).await?;
    tx.commit().await?;
    role_version::forget(auth);
    Ok(Account { role, ..account })
}
