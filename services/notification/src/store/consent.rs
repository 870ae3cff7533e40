//! `notification_consent`: what mailboxes said last of commercial mail.

use clock::Timestamp;
use contracts::EmailAddress;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ExprTrait, IntoActiveModel};

use crate::model::consent::Consent;

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_consent")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) recipient: String,
    pub(crate) is_granted: bool,
    pub(crate) said_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// What `recipient` said last, if anything.
pub(crate) async fn find(connection: &impl Connection, recipient: &EmailAddress) -> Result<Option<Consent>> {
    let row = Entity::find_by_id(recipient.to_string()).one(connection).await?;
    Ok(row.map(|Model { is_granted, said_at, .. }| Consent { is_granted, said_at }))
}

/// Keeps what `recipient` said; false if it has said something later. Of what was said at one instant, that it wants none counts.
pub(crate) async fn put(tx: &WriteTransaction, recipient: &EmailAddress, said: Consent) -> Result<bool> {
    let Consent { is_granted, said_at } = said;
    let known = |column| Expr::col((Entity, column));
    let is_withdrawn_then = known(Column::SaidAt).eq(said_at).and(known(Column::IsGranted)).and(!is_granted);
    let later = OnConflict::column(Column::Recipient)
        .update_columns([Column::IsGranted, Column::SaidAt])
        .action_and_where(known(Column::SaidAt).lt(said_at).or(is_withdrawn_then))
        .to_owned();
    let row = Model { recipient: recipient.to_string(), is_granted, said_at };
    Ok(Entity::insert(row.into_active_model()).on_conflict(later).exec_without_returning(tx).await? > 0)
}
