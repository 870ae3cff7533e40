//! `auth_account`: people whose mailbox is proven.

use clock::Timestamp;
use contracts::{EmailAddress, Locale, Role, UserCreated, UserId};
use database::{Connection, Database, DatabaseError, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QuerySelect, UpdateMany};

use super::role_version;
use crate::model::hashing::PasswordHash;
use crate::model::one_time_token::TokenDigest;

contracts::text_column!(PasswordHash);

/// An account.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UserId,
    pub(crate) email: EmailAddress,
    pub(crate) password_hash: PasswordHash,
    pub(crate) role: Role,
    pub(crate) locale: Locale,
    /// Seeded for a demo, and locked whenever the platform starts without one.
    pub(crate) is_demo: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) locked_at: Option<Timestamp>,
    /// The digest of the newest reset token that was mailed, until it is used. It is written with its mail, so that no
    /// older one is cancelled before the newer one is on its way.
    pub(crate) reset_token: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Account;

impl Account {
    /// A user's account, as it begins.
    pub(crate) fn new(tx: &WriteTransaction, email: EmailAddress, password_hash: PasswordHash, locale: Locale) -> Self {
        Self {
            id: UserId(tx.sources().uuid()),
            email,
            password_hash,
            role: Role::User,
            locale,
            is_demo: false,
            created_at: tx.now(),
            locked_at: None,
            reset_token: None,
        }
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.locked_at.is_some()
    }

    /// Whether `token` may change the password.
    pub(crate) fn is_reset_by(&self, token: &TokenDigest) -> bool {
        !self.is_locked() && self.reset_token.as_deref() == Some(token.as_str())
    }
}

/// What other services hear of a new account.
impl From<&Account> for UserCreated {
    fn from(account: &Account) -> Self {
        Self {
            user_id: account.id,
            email: Some(account.email.clone()),
            locale: Some(account.locale),
            created_at: Some(account.created_at),
        }
    }
}

/// Begins a transaction that has the account and its sessions to itself: what it reads of them holds until it ends.
pub(crate) async fn begin_write(database: &Database, id: UserId) -> Result<WriteTransaction> {
    database.begin_locked(&format!("auth account {id}")).await
}

/// Fails with [`DatabaseError::Taken`] when the address has an account.
pub(crate) async fn insert(tx: &WriteTransaction, account: &Account) -> Result<()> {
    Entity::insert(account.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether `error` says that the address has an account.
pub(crate) fn is_taken(error: &DatabaseError) -> bool {
    error.is_taken(Entity.table_name())
}

pub(crate) async fn find(database: &impl Connection, id: UserId) -> Result<Option<Account>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// What the user may do.
pub(crate) async fn find_role(database: &impl Connection, id: UserId) -> Result<Option<Role>> {
    let role = Entity::find_by_id(id).select_only().column(Column::Role);
    Ok(role.into_tuple().one(database).await?)
}

pub(crate) async fn find_all(database: &impl Connection, ids: Vec<UserId>) -> Result<Vec<Account>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(database).await?)
}

pub(crate) async fn find_by_email(database: &impl Connection, email: &EmailAddress) -> Result<Option<Account>> {
    Ok(Entity::find().filter(Column::Email.eq(email.clone())).one(database).await?)
}

/// Writes another password. A reset token stands for the one that is forgotten, so it ends with it.
pub(crate) async fn set_password(tx: &WriteTransaction, id: UserId, hash: &PasswordHash) -> Result<()> {
    let update = without_reset_token().col_expr(Column::PasswordHash, Expr::value(hash.clone()));
    update.filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Writes another hash of the same password.
pub(crate) async fn set_rehash(tx: &WriteTransaction, id: UserId, hash: &PasswordHash) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::PasswordHash, Expr::value(hash.clone()));
    update.filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Lets no reset token that was mailed until now change the password.
pub(crate) async fn cancel_reset(tx: &WriteTransaction, id: UserId) -> Result<()> {
    without_reset_token().filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

fn without_reset_token() -> UpdateMany<Entity> {
    Entity::update_many().col_expr(Column::ResetToken, Expr::value(None::<String>))
}

/// Lets `token` change the password, and no other.
pub(crate) async fn set_reset_token(tx: &WriteTransaction, id: UserId, token: &TokenDigest) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::ResetToken, Expr::value(token.as_str()));
    update.filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Gives the account another role, and lets sessions find out. A token that was mailed to the old one changes nothing of the
/// new one.
pub(crate) async fn set_role(tx: &WriteTransaction, id: UserId, role: Role) -> Result<()> {
    let update = without_reset_token().col_expr(Column::Role, Expr::value(role));
    update.filter(Column::Id.eq(id)).exec(tx).await?;
    role_version::advance(tx).await
}

/// Locks or opens the account. A token from before opens nothing of what comes after.
pub(crate) async fn set_locked(tx: &WriteTransaction, id: UserId, locked_at: Option<Timestamp>) -> Result<()> {
    let update = without_reset_token().col_expr(Column::LockedAt, Expr::value(locked_at));
    update.filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Whether any account still has the hash that the first platform gave it.
pub(crate) async fn any_imported(database: &impl Connection) -> Result<bool> {
    // In the words of the partial index.
    let imported = Entity::find().select_only().column(Column::Id).filter(Expr::cust("password_hash LIKE '$2%'"));
    Ok(imported.limit(1).into_tuple::<UserId>().one(database).await?.is_some())
}

/// Accounts of a demo that can be signed in to.
pub(crate) async fn open_demo_accounts(database: &impl Connection) -> Result<Vec<Account>> {
    // The column alone, as the partial index has it: no plan can prove that of a bound value.
    let open = Entity::find().filter(Expr::col(Column::IsDemo)).filter(Column::LockedAt.is_null());
    Ok(open.all(database).await?)
}
