//! `cart_contact`: where users get mail, as auth published it.

use contracts::{EmailAddress, Locale, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Func, OnConflict};

/// Where a user gets mail.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_contact")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// Peers of the first platform do not say.
    pub(crate) email: Option<EmailAddress>,
    /// The language of the registration.
    pub(crate) locale: Locale,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Contact;

/// Adds `contact`. Where it stands already, only an address is taken over that was not known yet.
pub(crate) async fn insert(tx: &WriteTransaction, contact: Contact) -> Result<()> {
    let known = Expr::col((Entity, Column::Email));
    let published = Expr::col((Alias::new("excluded"), Column::Email));
    let address =
        OnConflict::column(Column::UserId).value(Column::Email, Func::coalesce([known, published])).to_owned();
    Entity::insert(contact.into_active_model()).on_conflict(address).exec_without_returning(tx).await?;
    Ok(())
}

/// What is known of the user.
pub(crate) async fn find(database: &impl Connection, user_id: UserId) -> Result<Option<Contact>> {
    Ok(Entity::find_by_id(user_id).one(database).await?)
}
