//! `user_consent`: answers about commercial mail as they were given, for whoever has to prove them. Rows are added, never changed.

use clock::Timestamp;
use contracts::{EmailAddress, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Condition, IntoActiveModel, QueryOrder, QuerySelect};

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

/// Whether the user or the mailbox has ever agreed.
pub(crate) async fn has_agreed(
    database: &impl Connection,
    user_id: Option<UserId>,
    address: Option<&EmailAddress>,
) -> Result<bool> {
    let agreed = Entity::find()
        .filter(is_of(user_id, address))
        .filter(Column::Status.eq(ConsentStatus::Onay))
        .select_only()
        .column(Column::Id);
    Ok(agreed.limit(1).into_tuple::<Uuid>().one(database).await?.is_some())
}

/// What the user or the mailbox answered last by `at`, if anything.
pub(crate) async fn find_status(
    database: &impl Connection,
    user_id: Option<UserId>,
    address: Option<&EmailAddress>,
    at: Timestamp,
) -> Result<Option<ConsentStatus>> {
    let by_then = Entity::find().filter(is_of(user_id, address)).filter(Column::At.lte(at));
    let last = by_then.order_by_desc(Column::At).limit(1).select_only().column(Column::Status);
    Ok(last.into_tuple::<ConsentStatus>().one(database).await?)
}

/// Of either one: who agreed before their mailbox was known did so without it.
fn is_of(user_id: Option<UserId>, address: Option<&EmailAddress>) -> Condition {
    let is_users = user_id.map(|user_id| Column::UserId.eq(user_id));
    let is_mailboxes = address.map(|address| Column::Address.eq(address.clone()));
    Condition::any().add_option(is_users).add_option(is_mailboxes)
}

#[cfg(test)]
/// All answers, in the order in which they were given.
pub(crate) async fn list(database: &impl Connection) -> Vec<ConsentEntry> {
    Entity::find().order_by_asc(Column::At).all(database).await.unwrap()
}
