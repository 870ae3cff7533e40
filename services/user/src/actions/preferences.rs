//! Preferences: the user's language, and whether commercial mail is welcome.

use contracts::UserId;
use database::Connection;

use crate::error::UserError;
use crate::model::{Preferences, PreferencesChange};
use crate::state::User;
use crate::store;

/// What the user prefers; the language of the registration until another one is chosen.
pub(crate) async fn find_preferences(user: &User, user_id: UserId) -> Result<Preferences, UserError> {
    read(&user.context.database, user_id).await
}

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_preferences(
    user: &User,
    user_id: UserId,
    change: PreferencesChange,
) -> Result<Preferences, UserError> {
    let tx = store::preferences::begin_write(&user.context.database, user_id).await?;
    if let Some(locale) = change.locale {
        store::preferences::save_locale(&tx, user_id, locale).await?;
    }
    if let Some(answer) = change.commercial_mail {
        let before = read(&tx, user_id).await?.commercial_mail;
        store::preferences::save_commercial_mail(&tx, user_id, before.answered(answer, tx.now())).await?;
    }
    let preferences = read(&tx, user_id).await?;
    tx.commit().await?;
    Ok(preferences)
}

async fn read(database: &impl Connection, user_id: UserId) -> Result<Preferences, UserError> {
    let account = store::account::find(database, user_id).await?;
    let saved = store::preferences::find(database, user_id).await?;
    let registered = account.map(|account| account.locale);
    Ok(Preferences { locale: saved.locale.or(registered).unwrap_or_default(), commercial_mail: saved.commercial_mail })
}
