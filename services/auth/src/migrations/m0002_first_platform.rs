//! Copies the accounts of the first platform, where its table `auth_db` stands in this database, and leaves it alone.
//!
//! Who never proved a mailbox there registers anew. Everybody else keeps password, role and the id that other services
//! know; other services hear of them as of any new account.

use std::str::FromStr;

use contracts::{EmailAddress, Locale, Role};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid;
use sea_orm_migration::sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::model::hashing::PasswordHash;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(Table::create().table("auth_untold_account").col(uuid("id").primary_key()).take()).await?;
        let connection = schema.get_connection();
        // The first platform knew nothing but Postgres.
        if connection.get_database_backend() == DbBackend::Postgres && schema.has_table("auth_db").await? {
            copy(connection).await?;
        }
        Ok(())
    }
}

/// Oldest first: of two accounts whose addresses differ by case alone, the older one is kept. A cursor, because the order
/// has no index: the table is sorted once.
const ACCOUNTS: &str = "DECLARE first_platform NO SCROLL CURSOR FOR \
    SELECT id::text, user_id::text, email::text, password::text, role::text, \
    COALESCE(created_at, updated_at, now()) AS created FROM auth_db \
    WHERE verified AND deleted_at IS NULL ORDER BY created, id::text";

/// Rows read and written at once.
const PAGE: &str = "FETCH 1000 FROM first_platform";

/// To hear of an account once more changes nothing.
const UNTOLD: &str = "INSERT INTO auth_untold_account (id) SELECT id FROM auth_account";

/// What became of the rows.
#[derive(Debug, Default)]
struct Tally {
    copied: u64,
    without_id: u64,
    without_address: u64,
    without_password: u64,
    without_role: u64,
    twice: u64,
}

/// A row that can be an account of ours.
struct Copied {
    id: Uuid,
    email: EmailAddress,
    password: PasswordHash,
    role: Role,
    created_at: DateTimeUtc,
}

async fn copy<C: ConnectionTrait>(connection: &C) -> Result<(), DbErr> {
    let mut tally = Tally::default();
    connection.execute_unprepared(ACCOUNTS).await?;
    loop {
        let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, PAGE)).await?;
        if rows.is_empty() {
            break;
        }
        let mut accounts = Vec::with_capacity(rows.len());
        for row in &rows {
            accounts.extend(account(row, &mut tally)?);
        }
        let inserted = insert(connection, &accounts).await?;
        tally.twice += accounts.len() as u64 - inserted;
        tally.copied += inserted;
    }
    connection.execute_unprepared("CLOSE first_platform").await?;
    connection.execute_unprepared(UNTOLD).await?;
    tell(connection, &tally).await
}

fn account(row: &QueryResult, tally: &mut Tally) -> Result<Option<Copied>, DbErr> {
    let text = |name: &str| row.try_get_by::<Option<String>, _>(name).map(Option::unwrap_or_default);
    let (id, user_id) = (text("id")?, text("user_id")?);
    // The subject of its tokens, and the id in every other service.
    let known_as = if user_id.is_empty() { &id } else { &user_id };
    let Ok(known_as) = Uuid::from_str(known_as) else {
        tally.without_id += 1;
        tracing::warn!(account = id, "an account of the first platform has no id that we can use; it is not copied");
        return Ok(None);
    };
    let Ok(email) = EmailAddress::from_str(&text("email")?) else {
        tally.without_address += 1;
        tracing::warn!(account = id, "an account of the first platform has no address to write to; it is not copied");
        return Ok(None);
    };
    let password = PasswordHash::from_str(&text("password")?).unwrap_or_else(|_| {
        tally.without_password += 1;
        PasswordHash::of_nobody()
    });
    let role = text("role")?;
    let role = Role::from_str(&role).unwrap_or_else(|_| {
        tally.without_role += 1;
        // The first platform writes none for anybody.
        if !role.is_empty() {
            tracing::warn!(
                account = id,
                "an account of the first platform has a role that we don't know; it is a user's"
            );
        }
        Role::User
    });
    Ok(Some(Copied { id: known_as, email, password, role, created_at: row.try_get_by("created")? }))
}

/// How many of `accounts` were new.
async fn insert<C: ConnectionTrait>(connection: &C, accounts: &[Copied]) -> Result<u64, DbErr> {
    if accounts.is_empty() {
        return Ok(0);
    }
    let mut insert = Query::insert();
    let columns = ["id", "email", "password_hash", "role", "locale", "is_demo", "created_at"];
    insert.into_table("auth_account").columns(columns).on_conflict(OnConflict::new().do_nothing().to_owned());
    for account in accounts {
        insert.values_panic([
            account.id.into(),
            account.email.as_str().into(),
            account.password.as_str().into(),
            account.role.as_str().into(),
            Locale::default().as_str().into(),
            false.into(),
            account.created_at.into(),
        ]);
    }
    Ok(connection.execute(&insert).await?.rows_affected())
}

async fn tell<C: ConnectionTrait>(connection: &C, tally: &Tally) -> Result<(), DbErr> {
    let count = "SELECT count(*) FILTER (WHERE deleted_at IS NOT NULL), \
        count(*) FILTER (WHERE deleted_at IS NULL AND verified IS NOT TRUE) FROM auth_db";
    let counted = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, count)).await?;
    let counted = counted.ok_or_else(|| DbErr::RecordNotFound("a count".to_owned()))?;
    let (deleted, unverified): (i64, i64) = (counted.try_get_by_index(0)?, counted.try_get_by_index(1)?);
    let Tally { copied, without_id, without_address, without_password, without_role, twice } = tally;
    tracing::info!(
        copied,
        without_password,
        without_role,
        twice,
        without_id,
        without_address,
        unverified,
        deleted,
        "copied the accounts of the first platform; its table auth_db stays as it is"
    );
    Ok(())
}
