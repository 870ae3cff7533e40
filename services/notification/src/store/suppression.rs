//! `notification_suppression`: who gets no commercial mail, and why.

use clock::Timestamp;
use contracts::EmailAddress;
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ExprTrait, IntoActiveModel};

use crate::model::consent::Suppression;

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_suppression")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) recipient: String,
    /// Where it bounced alone, when it did.
    pub(crate) unsubscribed_at: Timestamp,
    pub(crate) reason: Reason,
    pub(crate) bounced_at: Option<Timestamp>,
}

/// The first reason that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub(crate) enum Reason {
    /// It wants none; it may have bounced besides.
    Unsubscribed,
    /// A server said that it does not exist.
    Bounced,
}

impl ActiveModelBehavior for ActiveModel {}

/// Why `recipient` gets no commercial mail, if it gets none.
pub(crate) async fn find(connection: &impl Connection, recipient: &EmailAddress) -> Result<Option<Suppression>> {
    let row = Entity::find_by_id(recipient.to_string()).one(connection).await?;
    Ok(row.map(|row| Suppression {
        unsubscribed_at: (row.reason == Reason::Unsubscribed).then_some(row.unsubscribed_at),
        bounced_at: row.bounced_at,
    }))
}

/// Notes that `recipient` has wanted no commercial mail since `at`, unless it said so later.
pub(crate) async fn unsubscribe(tx: &WriteTransaction, recipient: &EmailAddress, at: Timestamp) -> Result<()> {
    let said_later = known(Column::Reason).eq(Reason::Unsubscribed).and(known(Column::UnsubscribedAt).gte(at));
    let later = OnConflict::column(Column::Recipient)
        .update_columns([Column::UnsubscribedAt, Column::Reason])
        .action_and_where(said_later.not())
        .to_owned();
    let row =
        Model { recipient: recipient.to_string(), unsubscribed_at: at, reason: Reason::Unsubscribed, bounced_at: None };
    Entity::insert(row.into_active_model()).on_conflict(later).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets that `recipient` wanted none before `at`; that it bounced stays.
pub(crate) async fn lift(tx: &WriteTransaction, recipient: &EmailAddress, at: Timestamp) -> Result<()> {
    let is_earlier = || {
        Column::Recipient
            .eq(recipient.to_string())
            .and(Column::Reason.eq(Reason::Unsubscribed))
            .and(Column::UnsubscribedAt.lt(at))
    };
    let bounced = Entity::update_many()
        .set(ActiveModel { reason: Set(Reason::Bounced), ..Default::default() })
        .filter(is_earlier())
        .filter(Column::BouncedAt.is_not_null());
    bounced.exec(tx).await?;
    Entity::delete_many().filter(is_earlier()).exec(tx).await?;
    Ok(())
}

/// Notes that a server said at `at` that `recipient` does not exist.
pub(crate) async fn bounce(tx: &WriteTransaction, recipient: &EmailAddress, at: Timestamp) -> Result<()> {
    let too = OnConflict::column(Column::Recipient).update_column(Column::BouncedAt).to_owned();
    let row =
        Model { recipient: recipient.to_string(), unsubscribed_at: at, reason: Reason::Bounced, bounced_at: Some(at) };
    Entity::insert(row.into_active_model()).on_conflict(too).exec_without_returning(tx).await?;
    Ok(())
}

/// The column of the row that stands there already.
fn known(column: Column) -> Expr {
    Expr::col((Entity, column))
}
