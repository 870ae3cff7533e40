//! `user_account`: users as auth published them.

use clock::Timestamp;
use contracts::{EmailAddress, Locale, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Func, OnConflict};
use sea_orm::{IntoActiveModel, QuerySelect};

/// A user who proved a mailbox.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UserId,
    /// Peers of the first platform do not say.
    pub(crate) email: Option<EmailAddress>,
    /// The language of the registration.
    pub(crate) locale: Locale,
    /// When the mailbox was proven.
    pub(crate) created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Account;

/// Adds `account`. Where it stands already, only an address is taken over that was not known yet.
pub(crate) async fn insert(tx: &WriteTransaction, account: Account) -> Result<()> {
    let known = Expr::col((Entity, Column::Email));
    let published = Expr::col((Alias::new("excluded"), Column::Email));
    let address = OnConflict::column(Column::Id).value(Column::Email, Func::coalesce([known, published])).to_owned();
    Entity::insert(account.into_active_model()).on_conflict(address).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(database: &impl Connection, id: UserId) -> Result<Option<Account>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// Those of these users that are known.
pub(crate) async fn list(database: &impl Connection, users: Vec<UserId>) -> Result<Vec<Account>> {
    Ok(Entity::find().filter(Column::Id.is_in(users)).all(database).await?)
}

/// Up to `limit` users with this address; mostly one.
pub(crate) async fn list_by_email(
    database: &impl Connection,
    email: &EmailAddress,
    limit: u64,
) -> Result<Vec<Account>> {
    Ok(Entity::find().filter(Column::Email.eq(email.clone())).limit(limit).all(database).await?)
}
