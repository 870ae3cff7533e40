//! `user_preferences`: what users chose. No row means that nothing was chosen yet.

use std::collections::HashMap;

use clock::Timestamp;
use contracts::{Locale, UserId};
use database::{Connection, Database, Result, WriteTransaction};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use crate::model::{CommercialMail, SavedPreferences, TextVersion};

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_preferences")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: UserId,
    locale: Option<Locale>,
    commercial_granted: Option<bool>,
    commercial_at: Option<Timestamp>,
    commercial_text_version: Option<TextVersion>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Begins a transaction that has the user's preferences to itself.
pub(crate) async fn begin_write(database: &Database, user_id: UserId) -> Result<WriteTransaction> {
    database.begin_locked(&format!("user preferences {user_id}")).await
}

/// What `user_id` has chosen.
pub(crate) async fn find(database: &impl Connection, user_id: UserId) -> Result<SavedPreferences> {
    let row = Entity::find_by_id(user_id).one(database).await?;
    Ok(row.map(SavedPreferences::from).unwrap_or_default())
}

/// What `user_id` has chosen, kept from others until the transaction ends.
pub(crate) async fn claim(tx: &WriteTransaction, user_id: UserId) -> Result<SavedPreferences> {
    let row = ActiveModel { user_id: Set(user_id), ..Default::default() };
    let same = OnConflict::column(Column::UserId).update_column(Column::UserId).to_owned();
    Ok(Entity::insert(row).on_conflict(same).exec_with_returning(tx).await?.into())
}

/// What those of these users have chosen that have chosen anything.
pub(crate) async fn list(database: &impl Connection, users: Vec<UserId>) -> Result<HashMap<UserId, SavedPreferences>> {
    let rows = Entity::find().filter(Column::UserId.is_in(users)).all(database).await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.into())).collect())
}

impl From<Model> for SavedPreferences {
    fn from(row: Model) -> Self {
        let text_version = row.commercial_text_version;
        let commercial_mail = match (row.commercial_granted, row.commercial_at, text_version) {
            (Some(true), Some(at), Some(text_version)) => CommercialMail::Granted { at, text_version },
            (Some(false), Some(at), text_version) => CommercialMail::Refused { at, text_version },
            // A consent that can't be proven is none.
            _ => CommercialMail::Unanswered,
        };
        Self { locale: row.locale, commercial_mail }
    }
}

/// Keeps the language and leaves the rest.
pub(crate) async fn save_locale(tx: &WriteTransaction, user_id: UserId, locale: Locale) -> Result<()> {
    let row = ActiveModel { user_id: Set(user_id), locale: Set(Some(locale)), ..Default::default() };
    let change = OnConflict::column(Column::UserId).update_column(Column::Locale).to_owned();
    Entity::insert(row).on_conflict(change).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps the answer about commercial mail and leaves the rest.
pub(crate) async fn save_commercial_mail(tx: &WriteTransaction, user_id: UserId, mail: CommercialMail) -> Result<()> {
    let (granted, at, text_version) = match mail {
        CommercialMail::Unanswered => (None, None, None),
        CommercialMail::Granted { at, text_version } => (Some(true), Some(at), Some(text_version)),
        CommercialMail::Refused { at, text_version } => (Some(false), Some(at), text_version),
    };
    let row = ActiveModel {
        user_id: Set(user_id),
        commercial_granted: Set(granted),
        commercial_at: Set(at),
        commercial_text_version: Set(text_version),
        ..Default::default()
    };
    let columns = [Column::CommercialGranted, Column::CommercialAt, Column::CommercialTextVersion];
    let change = OnConflict::column(Column::UserId).update_columns(columns).to_owned();
    Entity::insert(row).on_conflict(change).exec_without_returning(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use kit::on_every_database;

    on_every_database! {
        Fixture:
        language_and_consent_are_kept_apart,
        who_never_chose_has_chosen_nothing,
    }

    async fn language_and_consent_are_kept_apart(fixture: Fixture) {
        let user_id = fixture.new_user();
        let tx = fixture.context.database.begin_write().await.unwrap();
        let granted = CommercialMail::Granted { at: tx.now(), text_version: "2026-01".parse().unwrap() };
        let refused = CommercialMail::Refused { at: tx.now(), text_version: None };

        save_locale(&tx, user_id, Locale::Tr).await.unwrap();
        save_commercial_mail(&tx, user_id, granted.clone()).await.unwrap();
        save_locale(&tx, user_id, Locale::En).await.unwrap();
        let after_language = find(&tx, user_id).await.unwrap();
        save_commercial_mail(&tx, user_id, refused.clone()).await.unwrap();
        let after_refusal = find(&tx, user_id).await.unwrap();

        let locale = Some(Locale::En);
        assert_eq!(after_language, SavedPreferences { locale, commercial_mail: granted });
        assert_eq!(after_refusal, SavedPreferences { locale, commercial_mail: refused });
    }

    async fn who_never_chose_has_chosen_nothing(fixture: Fixture) {
        let saved = find(&fixture.context.database, fixture.new_user()).await.unwrap();

        assert_eq!(saved, SavedPreferences { locale: None, commercial_mail: CommercialMail::Unanswered });
    }
}
