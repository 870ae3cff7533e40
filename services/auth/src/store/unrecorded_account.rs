//! `auth_untold_account`: accounts that were copied from the first platform, until the events for other services are recorded.

use contracts::UserId;
use database::{Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{QueryOrder, QuerySelect};

use super::account::{self, Account};

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_untold_account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UserId,
}

impl ActiveModelBehavior for ActiveModel {}

/// Takes up to `limit` of them, but for those that another process takes at this moment.
pub(crate) async fn take(tx: &WriteTransaction, limit: u64) -> Result<Vec<Account>> {
    let some = Entity::find().order_by_asc(Column::Id).limit(limit);
    let some = some.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let ids: Vec<UserId> = some.all(tx).await?.into_iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Entity::delete_many().filter(Column::Id.is_in(ids.iter().copied())).exec(tx).await?;
    account::find_all(tx, ids).await
}
