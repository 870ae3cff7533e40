//! A mailbox was proven: the user exists here too.

use bus::HearError;
use contracts::{UserCreated, UserId};
use database::WriteTransaction;

use super::consent;
use crate::state::User;
use crate::store;
use crate::store::account::Account;

/// Makes the user's row, once; the transaction is the event's. Whoever has answered about commercial mail before their mailbox was
/// known is published now.
pub(crate) async fn create_account(tx: &WriteTransaction, event: &UserCreated) -> Result<(), HearError> {
    let known = store::account::find(tx, event.user_id).await?.and_then(|account| account.email);
    let account = Account {
        id: event.user_id,
        email: event.email.clone(),
        locale: event.locale.unwrap_or_default(),
        created_at: event.created_at.unwrap_or(tx.now()),
    };
    store::account::insert(tx, account).await?;
    if let Some(email) = event.email.clone().filter(|_| known.is_none()) {
        let preferences = store::preferences::find(tx, event.user_id).await?;
        consent::publish(tx, event.user_id, email, &preferences.commercial_mail).await?;
    }
    Ok(())
}

/// Lets peers of the first platform know that the user may complete a profile, unless that is done.
///
/// The profile is looked for after the key is set: whoever completes it meanwhile removes the key after the commit, so
/// one of the two sees the other's work and no key outlives the completion.
pub(crate) async fn await_profile(user: &User, user_id: UserId) -> Result<(), HearError> {
    store::pending_user::put(&user.context, user_id).await.map_err(anyhow::Error::from)?;
    if store::profile::find(&user.context.database, user_id).await?.is_some() {
        store::pending_user::remove(&user.context, user_id).await.map_err(anyhow::Error::from)?;
    }
    Ok(())
}
