//! The account behind a token.

use contracts::UserId;

use crate::error::AuthError;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;

pub(crate) async fn me(auth: &Auth, user: UserId) -> Result<Account, AuthError> {
    store::account::find(&auth.context.database, user).await?.ok_or(AuthError::UnknownAccount)
}
