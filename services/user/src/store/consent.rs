//! `user_consent`: each answer about commercial mail as it was given, for whoever has to prove it. Rows are added, never changed.

use clock::Timestamp;
use contracts::{EmailAddress, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{IntoActiveModel, QuerySelect};

use crate::model::{ConsentChannel, ConsentOrigin, ConsentStatus, RegistryState, TextVersion};

contracts::text_column!(ConsentChannel);
contracts::text_column!(ConsentOrigin);
contracts::text_column!(ConsentStatus);
contracts::text_column!(RegistryState);

/// An answer.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_consent")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// `None` where a mailbox answered whose owner is not known.
    pub(crate) user_id: Option<UserId>,
    /// `None` where somebody answered whose mailbox is not known yet.
    pub(crate) address: Option<EmailAddress>,
    pub(crate) channel: ConsentChannel,
    pub(crate) status: ConsentStatus,
    pub(crate) at: Timestamp,
    pub(crate) source: ConsentOrigin,
    pub(crate) text_version: Option<TextVersion>,
    pub(crate) prefix: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) iys_state: RegistryState,
    /// By which the registry knows it.
    pub(crate) iys_ref: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as ConsentEntry;

/// Adds the answer, unless it stands there.
pub(crate) async fn insert(tx: &WriteTransaction, entry: ConsentEntry) -> Result<()> {
    let once = OnConflict::column(Column::Id).do_nothing().to_owned();
    Entity::insert(entry.into_active_model()).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether the mailbox has ever agreed.
pub(crate) async fn has_agreed(database: &impl Connection, address: &EmailAddress) -> Result<bool> {
    let agreed = Entity::find()
        .filter(Column::Address.eq(address.clone()))
        .filter(Column::Status.eq(ConsentStatus::Onay))
        .select_only()
        .column(Column::Id);
    Ok(agreed.limit(1).into_tuple::<Uuid>().one(database).await?.is_some())
}

#[cfg(test)]
/// All answers, in the order in which they were given.
pub(crate) async fn list(database: &impl Connection) -> Vec<ConsentEntry> {
    use sea_orm::QueryOrder;
    Entity::find().order_by_asc(Column::At).all(database).await.unwrap()
}
