//! `auth_db`: the accounts of the first platform, where they stand in this database. Nothing writes there.
//!
//! Who never proved a mailbox there registers anew. Everybody else keeps password, role and the id that other services
//! know; other services hear of them as of any new account. What stands here already stays as it is.

use std::collections::BTreeSet;
use std::str::FromStr;

use contracts::{EmailAddress, Locale, Role};
use database::ImportTransaction;
use database::import::{Addition, Shape};
use kit::{FirstPlatform, Imported};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::model::hashing::PasswordHash;

/// Oldest first: of two accounts whose addresses differ by case alone, the older one is kept. A cursor, because the order
/// has no index: the table is sorted once.
const ACCOUNTS: &str = "DECLARE first_platform NO SCROLL CURSOR FOR \
    SELECT id::text, user_id::text, email::text, password::text, role::text, \
    COALESCE(created_at, updated_at, now()) AS created FROM auth_db \
    WHERE verified AND deleted_at IS NULL ORDER BY created, id::text";

/// Rows read and written at once.
const PAGE: &str = "FETCH 1000 FROM first_platform";

/// Accounts that are never copied.
const LEFT_OUT: &str = "SELECT count(*) FILTER (WHERE deleted_at IS NOT NULL), \
    count(*) FILTER (WHERE deleted_at IS NULL AND verified IS NOT TRUE) FROM auth_db";

/// What is filled in our tables.
const SHAPES: Shapes = Shapes {
    account: Shape {
        table: "auth_account",
        columns: &["id", "email", "password_hash", "role", "locale", "is_demo", "created_at"],
    },
    unpublished: Shape { table: "auth_untold_account", columns: &["id"] },
};

/// What is filled in our tables at one time.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    pub(crate) account: Shape,
    pub(crate) unpublished: Shape,
}

/// A row that can be an account of ours.
struct Copied {
    id: Uuid,
    email: EmailAddress,
    password: PasswordHash,
    role: Role,
    created_at: DateTimeUtc,
}

/// The accounts of the first platform.
pub(crate) struct Accounts;

impl FirstPlatform for Accounts {
    async fn is_in(tx: &ImportTransaction) -> database::Result<bool> {
        Ok(is_here(&SchemaManager::new(tx.connection())).await?)
    }

    async fn copy(tx: &ImportTransaction) -> database::Result<Vec<Imported>> {
        Ok(vec![copy(tx.connection(), SHAPES).await?])
    }
}

/// The first platform knew nothing but Postgres.
pub(crate) async fn is_here(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres && schema.has_table("auth_db").await?)
}

/// Adds the accounts that are not known here, and remembers that events for other services are due.
pub(crate) async fn copy<C: ConnectionTrait>(connection: &C, into: Shapes) -> Result<Imported, DbErr> {
    let mut imported = Imported::new("auth_db", "auth_account");
    connection.execute_unprepared(ACCOUNTS).await?;
    loop {
        let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, PAGE)).await?;
        if rows.is_empty() {
            break;
        }
        let mut accounts = Vec::with_capacity(rows.len());
        for row in &rows {
            accounts.extend(account(row, &mut imported)?);
        }
        if !accounts.is_empty() {
            add(connection, into, &accounts, &mut imported).await?;
        }
    }
    connection.execute_unprepared("CLOSE first_platform").await?;
    let left_out = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, LEFT_OUT)).await?;
    let left_out = left_out.ok_or_else(|| DbErr::RecordNotFound("a count".to_owned()))?;
    for (column, reason) in ["deleted there", "mailbox never proven there"].into_iter().enumerate() {
        imported.skip(reason, left_out.try_get_by_index::<i64>(column)?.unsigned_abs());
    }
    let Imported { new, known, skipped, .. } = &imported;
    tracing::info!(new, known, ?skipped, "copied the accounts of the first platform; its table auth_db stays as it is");
    Ok(imported)
}

fn account(row: &QueryResult, imported: &mut Imported) -> Result<Option<Copied>, DbErr> {
    let text = |name: &str| row.try_get_by::<Option<String>, _>(name).map(Option::unwrap_or_default);
    let (id, user_id) = (text("id")?, text("user_id")?);
    // The subject of its tokens, and the id in every other service.
    let known_as = if user_id.is_empty() { &id } else { &user_id };
    let Ok(known_as) = Uuid::from_str(known_as) else {
        imported.skip("no id that we can use", 1);
        tracing::warn!(account = id, "an account of the first platform has no id that we can use; it is not copied");
        return Ok(None);
    };
    let Ok(email) = EmailAddress::from_str(&text("email")?) else {
        imported.skip("no address to write to", 1);
        tracing::warn!(account = id, "an account of the first platform has no address to write to; it is not copied");
        return Ok(None);
    };
    let password = PasswordHash::from_str(&text("password")?).unwrap_or_else(|_| PasswordHash::of_nobody());
    let role = text("role")?;
    let role = Role::from_str(&role).unwrap_or_else(|_| {
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

/// Adds those of `accounts` whose id and address are not known here.
async fn add<C: ConnectionTrait>(
    connection: &C,
    into: Shapes,
    accounts: &[Copied],
    imported: &mut Imported,
) -> Result<(), DbErr> {
    let mut added = insert(connection, into, accounts).await?;
    imported.new += added.len() as u64;
    let mut unpublished = Addition::to(into.unpublished);
    for id in &added {
        unpublished.add(&[("id", (*id).into())]);
    }
    unpublished.insert(connection).await?;
    if added.len() == accounts.len() {
        return Ok(());
    }
    let ids = accounts.iter().map(|account| account.id);
    let known = Query::select().column("id").from("auth_account").and_where(Expr::col("id").is_in(ids)).take();
    let known = ids_of(&connection.query_all(&known).await?)?;
    for account in accounts {
        if added.remove(&account.id) {
            continue;
        }
        if known.contains(&account.id) {
            imported.known += 1;
        } else {
            imported.skip("address of another account", 1);
        }
    }
    Ok(())
}

/// The ids of those that were added.
async fn insert<C: ConnectionTrait>(
    connection: &C,
    into: Shapes,
    accounts: &[Copied],
) -> Result<BTreeSet<Uuid>, DbErr> {
    let mut addition = Addition::to(into.account);
    for account in accounts {
        addition.add(&[
            ("id", account.id.into()),
            ("email", account.email.as_str().into()),
            ("password_hash", account.password.as_str().into()),
            ("role", account.role.as_str().into()),
            ("locale", Locale::default().as_str().into()),
            ("is_demo", false.into()),
            ("created_at", account.created_at.into()),
        ]);
    }
    ids_of(&addition.insert_returning(connection, "id").await?)
}

fn ids_of(rows: &[QueryResult]) -> Result<BTreeSet<Uuid>, DbErr> {
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
