//! `auth_signing_key`: the key pairs that access tokens are signed with, private halves sealed.

use clock::Timestamp;
use database::{Connection, Database, DatabaseError, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder};

use crate::model::signing_key::KeyState;

contracts::text_column!(KeyState);

/// A key pair.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_signing_key")]
pub(crate) struct Model {
    /// Its RFC 7638 thumbprint.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) kid: String,
    /// `x` of the JWK: 32 bytes in base64url.
    pub(crate) public_key: String,
    /// PKCS #8, sealed by the vault; empty once the key is retired.
    pub(crate) sealed_private_key: Vec<u8>,
    pub(crate) state: KeyState,
    pub(crate) created_at: Timestamp,
    /// When its public half was first published to all processes.
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) retired_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as StoredKey;

/// Begins a transaction that has all keys to itself.
pub(crate) async fn begin_write(database: &Database) -> Result<WriteTransaction> {
    database.begin_locked("auth signing keys").await
}

pub(crate) async fn insert(tx: &WriteTransaction, key: StoredKey) -> Result<()> {
    Entity::insert(key.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether `error` says that another process was faster to make that key.
pub(crate) fn is_taken(error: &DatabaseError) -> bool {
    error.is_taken(Entity.table_name())
}

/// All keys, oldest first.
pub(crate) async fn list(database: &impl Connection) -> Result<Vec<StoredKey>> {
    Ok(Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Kid).all(database).await?)
}

/// Makes the current key a retired one and forgets its private half.
pub(crate) async fn retire_current(tx: &WriteTransaction) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(KeyState::Retired))
        .col_expr(Column::RetiredAt, Expr::value(tx.now()))
        .col_expr(Column::SealedPrivateKey, Expr::value(Vec::<u8>::new()))
        .filter(Column::State.eq(KeyState::Current))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes every key a revoked one and forgets the private halves.
pub(crate) async fn revoke_all(tx: &WriteTransaction) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(KeyState::Revoked))
        .col_expr(Column::RetiredAt, Expr::value(tx.now()))
        .col_expr(Column::SealedPrivateKey, Expr::value(Vec::<u8>::new()))
        .filter(Column::State.ne(KeyState::Revoked))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the next key the current one.
pub(crate) async fn promote_next(tx: &WriteTransaction) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::State, Expr::value(KeyState::Current));
    update.filter(Column::State.eq(KeyState::Next)).exec(tx).await?;
    Ok(())
}

/// Notes that these keys are known to all processes.
pub(crate) async fn set_published(tx: &WriteTransaction, kids: Vec<String>) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::PublishedAt, Expr::value(tx.now()));
    update.filter(Column::Kid.is_in(kids)).filter(Column::PublishedAt.is_null()).exec(tx).await?;
    Ok(())
}

/// What is dated behind `latest` happened now: a clock dated it that was ahead and is set right since.
pub(crate) async fn bring_forward(tx: &WriteTransaction, latest: Timestamp) -> Result<()> {
    for column in [Column::PublishedAt, Column::RetiredAt] {
        let update = Entity::update_many().col_expr(column, Expr::value(tx.now()));
        update.filter(column.gt(latest)).exec(tx).await?;
    }
    Ok(())
}

/// Deletes keys that were retired before `before`.
pub(crate) async fn trim(tx: &WriteTransaction, before: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::RetiredAt.lt(before)).exec(tx).await?;
    Ok(())
}
