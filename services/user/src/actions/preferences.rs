//! Preferences: the user's language, and whether commercial mail is welcome.

use contracts::UserId;
use database::{Connection, WriteTransaction};

use super::consent;
use crate::error::UserError;
use crate::model::{CommercialMail, CommercialMailAnswer, ConsentRequest, Preferences, PreferencesChange};
use crate::state::User;
use crate::store;

/// What the user prefers; the language of the registration until another one is chosen.
pub(crate) async fn find_preferences(user: &User, user_id: UserId) -> Result<Preferences, UserError> {
    read(&user.context.database, user_id).await
}

/// How often somebody agrees on one day: each answer is kept for good. A refusal is taken at any time.
const MOST_CONSENTS_A_DAY: i64 = 20;

/// Changes what `change` names and leaves the rest; `request` is kept with an answer about commercial mail.
pub(crate) async fn update_preferences(
    user: &User,
    user_id: UserId,
    change: PreferencesChange,
    request: ConsentRequest,
) -> Result<Preferences, UserError> {
    let tx = store::preferences::begin_write(&user.context.database, user_id).await?;
    if let Some(locale) = change.locale {
        store::preferences::save_locale(&tx, user_id, locale).await?;
    }
    if let Some(answer) = change.commercial_mail {
        answer_commercial_mail(&tx, user_id, answer, request).await?;
    }
    let preferences = read(&tx, user_id).await?;
    tx.commit().await?;
    Ok(preferences)
}

/// Keeps the answer; one that changes something also for whoever has to prove it, and for those who mail.
async fn answer_commercial_mail(
    tx: &WriteTransaction,
    user_id: UserId,
    answer: CommercialMailAnswer,
    request: ConsentRequest,
) -> Result<(), UserError> {
    let before = store::preferences::claim(tx, user_id).await?.commercial_mail;
    let after = before.clone().answered(answer, tx.now());
    if let CommercialMail::Granted { .. } = &after
        && after != before
    {
        kit::count_write(tx, "consent", user_id, MOST_CONSENTS_A_DAY).await??;
    }
    store::preferences::save_commercial_mail(tx, user_id, after.clone()).await?;
    if (after.is_granted(), after.at()) != (before.is_granted(), before.at()) {
        consent::record_answer(tx, user_id, &after, request).await?;
    }
    if after.is_granted() != before.is_granted() {
        consent::mark_changed(tx, user_id).await?;
    }
    Ok(())
}

async fn read(database: &impl Connection, user_id: UserId) -> Result<Preferences, UserError> {
    let account = store::account::find(database, user_id).await?;
    let saved = store::preferences::find(database, user_id).await?;
    let registered = account.map(|account| account.locale);
    Ok(Preferences { locale: saved.locale.or(registered).unwrap_or_default(), commercial_mail: saved.commercial_mail })
}
