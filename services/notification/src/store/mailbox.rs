//! `notification_mailbox_message`: mails that stay here, because there is no server to give them to.

use clock::Timestamp;
use contracts::{EmailAddress, Locale};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_mailbox_message")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) recipient: EmailAddress,
    pub(crate) locale: Locale,
    pub(crate) message_id: String,
    pub(crate) sealed_content: Vec<u8>,
    pub(crate) received_at: Timestamp,
}

pub(crate) use Model as StoredMail;

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(tx: &WriteTransaction, message: StoredMail) -> Result<()> {
    Entity::insert(message.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The newest messages, to `recipient` or to all, newest first.
pub(crate) async fn list(
    connection: &impl Connection,
    recipient: Option<&EmailAddress>,
    limit: u64,
) -> Result<Vec<StoredMail>> {
    let mut messages = Entity::find().order_by_desc(Column::Id).limit(limit);
    if let Some(recipient) = recipient {
        messages = messages.filter(Column::Recipient.eq(recipient.clone()));
    }
    Ok(messages.all(connection).await?)
}

pub(crate) async fn find(connection: &impl Connection, id: Uuid) -> Result<Option<StoredMail>> {
    Ok(Entity::find_by_id(id).one(connection).await?)
}

/// Deletes up to `limit` of the messages that were received before `cutoff`.
pub(crate) async fn trim(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<u64> {
    let old =
        Query::select().column(Column::Id).from(Entity).and_where(Column::ReceivedAt.lt(cutoff)).limit(limit).take();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(tx).await?.rows_affected)
}
