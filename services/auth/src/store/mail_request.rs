//! `auth_mail_request`: mails that were asked for, sealed, because the address in it may be nobody's. A process claims some
//! of them, works with what it has to ask elsewhere, and removes each together with its effect.

use std::time::Duration;

use clock::Timestamp;
use database::{Connection, Result, Tampered, Vault, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{Condition, IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::mail_request::MailRequest;

const SEALED_FOR: &str = "auth mail request";
/// After so long a claim has ended, with its process or in an error.
const CLAIM_TTL: Duration = Duration::from_secs(10);
/// A claim from further ahead was made by a clock that was wrong.
const SKEW: Duration = Duration::from_secs(60);

/// A mail that was asked for.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_mail_request")]
pub(crate) struct Model {
    /// Also that of the security event that it becomes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) sealed: Vec<u8>,
    pub(crate) claimed_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as KeptMailRequest;

impl KeptMailRequest {
    pub(crate) fn open(&self, vault: &Vault) -> Result<MailRequest, Tampered> {
        let plain = vault.open(SEALED_FOR, &self.sealed)?;
        serde_json::from_slice(&plain).map_err(|_| Tampered)
    }
}

pub(crate) async fn insert(tx: &WriteTransaction, request: &MailRequest) -> Result<()> {
    let plain = serde_json::to_vec(request).expect("texts and times are JSON");
    let sealed = tx.vault().seal(SEALED_FOR, &plain);
    let row = Model { id: tx.sources().uuid(), sealed, claimed_at: None };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether any can be claimed.
pub(crate) async fn any(database: &impl Connection, now: Timestamp) -> Result<bool> {
    let some = Entity::find().select_only().column(Column::Id).filter(unclaimed(now)).order_by_asc(Column::Id);
    Ok(some.limit(1).into_tuple::<Uuid>().one(database).await?.is_some())
}

/// Claims up to `limit`, the oldest first, but for those that another process claims at this moment.
pub(crate) async fn claim(tx: &WriteTransaction, limit: u64) -> Result<Vec<KeptMailRequest>> {
    let some = Entity::find().filter(unclaimed(tx.now())).order_by_asc(Column::Id).limit(limit);
    let rows = some.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(tx).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let update = Entity::update_many().col_expr(Column::ClaimedAt, Expr::value(tx.now()));
    update.filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(rows)
}

/// Whether it was still there, so that its effect is this transaction's.
pub(crate) async fn remove(tx: &WriteTransaction, id: Uuid) -> Result<bool> {
    Ok(Entity::delete_by_id(id).exec(tx).await?.rows_affected == 1)
}

fn unclaimed(now: Timestamp) -> Condition {
    Condition::any()
        .add(Column::ClaimedAt.is_null())
        .add(Column::ClaimedAt.lt(now - CLAIM_TTL))
        .add(Column::ClaimedAt.gt(now + SKEW))
}
