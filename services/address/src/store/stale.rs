//! `address_stale`: of which addresses something may be cached that they are no longer.

use std::time::Duration;

use clock::Timestamp;
use contracts::{AddressId, EntityId, EntityType};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::AddressOwner;
use crate::store::address::Address;

/// A change of an address.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "address_stale")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) address_id: AddressId,
    entity_type: EntityType,
    entity_id: EntityId,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Stale;

impl Stale {
    /// Whether the change was so long ago, by the clock of whoever made it.
    pub(crate) fn is_older_than(&self, age: Duration, now: Timestamp) -> bool {
        let (seconds, nanos) = self.id.get_timestamp().map_or((0, 0), |made| made.to_unix());
        let made_at = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_timestamp(seconds, nanos));
        made_at.is_none_or(|made_at| (now - made_at).to_std().is_ok_and(|passed| passed > age))
    }

    /// Whose address it is.
    pub(crate) fn owner(&self) -> AddressOwner {
        AddressOwner { entity_type: self.entity_type, entity_id: self.entity_id }
    }
}

/// Writes down that each of these changes with this transaction.
pub(crate) async fn insert(tx: &WriteTransaction, changed: &[Address]) -> Result<()> {
    let stale = changed.iter().map(|address| {
        let AddressOwner { entity_type, entity_id } = address.owner();
        Stale { id: tx.sources().uuid(), address_id: address.id, entity_type, entity_id }.into_active_model()
    });
    Entity::insert_many(stale).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to `limit` changes behind `after`, oldest first.
pub(crate) async fn list(database: &impl Connection, after: Option<Uuid>, limit: u64) -> Result<Vec<Stale>> {
    let mut stale = Entity::find();
    if let Some(after) = after {
        stale = stale.filter(Column::Id.gt(after));
    }
    Ok(stale.order_by_asc(Column::Id).limit(limit).all(database).await?)
}

/// Deletes these changes.
pub(crate) async fn delete(tx: &WriteTransaction, ids: Vec<Uuid>) -> Result<()> {
    Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}
