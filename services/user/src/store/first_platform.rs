//! `users`, `favorite_restaurants` and `favorite_cuisines`: what the first platform's user service keeps, where that stands
//! in this database. Nothing writes there.
//!
//! It checked nothing, so some rows hold what no profile of ours can: their users are known here, and complete a profile
//! once more. Addresses come with auth's events. What stands here already stays as it is.

use std::str::FromStr;

use contracts::{Locale, Phone, UserId};
use database::ImportTransaction;
use database::import::{Addition, Pages, Shape};
use kit::{FirstPlatform, Imported};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{Date, DateTime};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::model::{FavoriteKind, FavoriteName, FullName, Gender};

const USERS: &str = "SELECT id::text, full_name::text, born_date, gender::text, phone::text, created_at, updated_at \
    FROM users WHERE deleted_at IS NULL AND id::text > $1 ORDER BY id::text LIMIT $2";

/// How far a table of favourites was copied.
const SEEN: &str = "SELECT last_id FROM user_first_platform WHERE from_table = $1";

const REMEMBER_SEEN: &str = "INSERT INTO user_first_platform (from_table, last_id) VALUES ($1, $2) \
    ON CONFLICT (from_table) DO UPDATE SET last_id = excluded.last_id";

/// What is filled in our tables.
const SHAPES: Shapes = Shapes {
    account: Shape { table: "user_account", columns: &["id", "locale", "created_at"] },
    profile: Shape {
        table: "user_profile",
        columns: &["user_id", "full_name", "born_date", "gender", "phone", "created_at", "updated_at"],
    },
    favorite: Shape { table: "user_favorite", columns: &["user_id", "kind", "name"] },
};

/// What is filled in our tables at one time.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    pub(crate) account: Shape,
    pub(crate) profile: Shape,
    pub(crate) favorite: Shape,
}

/// The tables of favourites.
pub(crate) const FAVORITES: [FavoriteTable; 2] = [
    FavoriteTable { kind: FavoriteKind::Restaurant, table: "favorite_restaurants", column: "restaurant_id" },
    FavoriteTable { kind: FavoriteKind::Cuisine, table: "favorite_cuisines", column: "cuisine" },
];

/// A table of favourites of one kind, and the column that has their names.
pub(crate) struct FavoriteTable {
    pub(crate) kind: FavoriteKind,
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
}

/// A row that can be a profile of ours.
struct CopiedProfile {
    full_name: FullName,
    gender: Gender,
    phone: Phone,
}

/// The users, profiles and favourites of the first platform.
pub(crate) struct Profiles;

impl FirstPlatform for Profiles {
    async fn is_in(tx: &ImportTransaction) -> database::Result<bool> {
        let schema = SchemaManager::new(tx.connection());
        let mut is_in = has_users(&schema).await?;
        for table in &FAVORITES {
            is_in |= has_favorites(&schema, table).await?;
        }
        Ok(is_in)
    }

    /// Users by their ids, favourites by how far their tables were copied, because one that is not here may have been taken
    /// back here.
    async fn copy(tx: &ImportTransaction) -> database::Result<Vec<Imported>> {
        let tx = tx.connection();
        let schema = SchemaManager::new(tx);
        let mut all = Vec::new();
        if has_users(&schema).await? {
            all.extend(copy_users(tx, SHAPES).await?);
        }
        for table in &FAVORITES {
            if !has_favorites(&schema, table).await? {
                continue;
            }
            let seen = Statement::from_sql_and_values(DbBackend::Postgres, SEEN, [table.table.into()]);
            let seen = tx.query_one_raw(seen).await?.map(|row| row.try_get_by_index(0)).transpose()?;
            let (imported, last) = copy_favorites(tx, SHAPES, table, seen.unwrap_or(0)).await?;
            tx.execute_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                REMEMBER_SEEN,
                [table.table.into(), last.into()],
            ))
            .await?;
            all.push(imported);
        }
        Ok(all)
    }
}

/// Others call a table `users`, too.
pub(crate) async fn has_users(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(is_postgres(schema) && schema.has_table("users").await? && schema.has_column("users", "born_date").await?)
}

pub(crate) async fn has_favorites(schema: &SchemaManager<'_>, table: &FavoriteTable) -> Result<bool, DbErr> {
    Ok(is_postgres(schema) && schema.has_table(table.table).await?)
}

/// The first platform knew nothing but Postgres.
fn is_postgres(schema: &SchemaManager<'_>) -> bool {
    schema.get_database_backend() == DbBackend::Postgres
}

/// Adds users that are not known here, and the profiles of those that have none.
pub(crate) async fn copy_users<C: ConnectionTrait>(connection: &C, into: Shapes) -> Result<[Imported; 2], DbErr> {
    let (mut users, mut profiles) = (Imported::new("users", "user_account"), Imported::new("users", "user_profile"));
    let mut pages = Pages::behind(String::new(), "id", USERS);
    while let Some(rows) = pages.next(connection).await? {
        let (mut accounts, mut complete) = (Addition::to(into.account), Addition::to(into.profile));
        for row in &rows {
            let id: String = row.try_get_by("id")?;
            let Ok(user) = UserId::from_str(&id) else {
                users.skip("no id that we can use", 1);
                tracing::warn!(user = id, "a user of the first platform has no id that we can use; not copied");
                continue;
            };
            let instant = |name: &str| row.try_get_by::<DateTime, _>(name).map(|instant| instant.and_utc());
            let (created_at, updated_at) = (instant("created_at")?, instant("updated_at")?);
            accounts.add(&[
                ("id", user.0.into()),
                ("locale", Locale::default().as_str().into()),
                ("created_at", created_at.into()),
            ]);
            let Some(CopiedProfile { full_name, gender, phone }) = profile(row)? else {
                profiles.skip("no name or phone that we can use", 1);
                tracing::warn!(%user, "a profile of the first platform can't be ours; its user completes one anew");
                continue;
            };
            let born_date: Date = row.try_get_by("born_date")?;
            complete.add(&[
                ("user_id", user.0.into()),
                ("full_name", full_name.as_str().into()),
                ("born_date", born_date.into()),
                ("gender", gender.as_str().into()),
                ("phone", phone.as_str().into()),
                ("created_at", created_at.into()),
                ("updated_at", updated_at.into()),
            ]);
        }
        add(accounts, connection, &mut users).await?;
        add(complete, connection, &mut profiles).await?;
    }
    log(&users);
    log(&profiles);
    Ok([users, profiles])
}

fn profile(row: &QueryResult) -> Result<Option<CopiedProfile>, DbErr> {
    let text = |name: &str| row.try_get_by::<String, _>(name);
    let (full_name, phone) = (text("full_name")?.parse(), text("phone")?.parse());
    // The first platform took any word.
    let gender = text("gender")?.trim().to_lowercase().parse().unwrap_or(Gender::Other);
    Ok(full_name.ok().zip(phone.ok()).map(|(full_name, phone)| CopiedProfile { full_name, gender, phone }))
}

/// Adds favourites behind `last`, and answers the last one that there is. The first platform kept a row for each time that
/// somebody pressed the button.
pub(crate) async fn copy_favorites<C: ConnectionTrait>(
    connection: &C,
    into: Shapes,
    from: &FavoriteTable,
    last: i64,
) -> Result<(Imported, i64), DbErr> {
    let FavoriteTable { kind, table, column } = from;
    let mut imported = Imported::new(table, "user_favorite");
    let sql = format!(
        "SELECT id::bigint, user_id::text, {column}::text AS name FROM {table} WHERE id > $1 ORDER BY id LIMIT $2"
    );
    let mut pages = Pages::behind(last, "id", &sql);
    while let Some(rows) = pages.next(connection).await? {
        let mut favorites = Addition::to(into.favorite);
        for row in &rows {
            let (user, name): (String, String) = (row.try_get_by("user_id")?, row.try_get_by("name")?);
            match (UserId::from_str(&user), FavoriteName::from_str(&name)) {
                (Ok(user), Ok(name)) => favorites.add(&[
                    ("user_id", user.0.into()),
                    ("kind", kind.as_str().into()),
                    ("name", name.as_str().into()),
                ]),
                _ => imported.skip("no user or name that we can use", 1),
            }
        }
        add(favorites, connection, &mut imported).await?;
    }
    log(&imported);
    Ok((imported, pages.last()))
}

async fn add<C: ConnectionTrait>(rows: Addition, connection: &C, imported: &mut Imported) -> Result<(), DbErr> {
    let all = rows.rows();
    let new = rows.insert(connection).await?;
    imported.new += new;
    imported.known += all - new;
    Ok(())
}

fn log(imported: &Imported) {
    let Imported { from, to, new, known, skipped } = imported;
    tracing::info!(from, to, new, known, ?skipped, "copied a table of the first platform, which stays as it is");
}
