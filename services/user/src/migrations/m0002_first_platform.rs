//! Copies profiles and favourites of the first platform, where its tables stand in this database, and leaves them alone.
//!
//! It checked nothing, so some rows hold what no profile of ours can: their users are known here, and complete a profile
//! once more. Addresses come with auth's events.

use std::str::FromStr;

use contracts::{Locale, UserId};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{Date, DateTime};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::model::{FavoriteKind, FavoriteName, FullName, Gender, Phone};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let connection = schema.get_connection();
        // The first platform knew nothing but Postgres.
        if connection.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        // Others call a table `users`, too.
        if schema.has_table("users").await? && schema.has_column("users", "born_date").await? {
            copy_users(connection).await?;
        }
        for (kind, table, column) in [
            (FavoriteKind::Restaurant, "favorite_restaurants", "restaurant_id"),
            (FavoriteKind::Cuisine, "favorite_cuisines", "cuisine"),
        ] {
            if schema.has_table(table).await? {
                copy_favorites(connection, kind, table, column).await?;
            }
        }
        Ok(())
    }
}

/// Rows read and written at once.
const PAGE: i64 = 1_000;

const USERS: &str = "SELECT id::text, full_name::text, born_date, gender::text, phone::text, created_at, updated_at \
    FROM users WHERE deleted_at IS NULL AND id::text > $1 ORDER BY id::text LIMIT $2";

/// A row that can be a profile of ours.
struct CopiedProfile {
    full_name: FullName,
    gender: Gender,
    phone: Phone,
}

async fn copy_users<C: ConnectionTrait>(connection: &C) -> Result<(), DbErr> {
    let (mut users, mut profiles, mut without_id, mut last) = (0, 0, 0, String::new());
    loop {
        let page = Statement::from_sql_and_values(DbBackend::Postgres, USERS, [last.into(), PAGE.into()]);
        let rows = connection.query_all_raw(page).await?;
        let Some(end) = rows.last() else { break };
        last = end.try_get_by("id")?;
        let mut accounts = insert("user_account", &["id", "locale", "created_at"]);
        let columns = ["user_id", "full_name", "born_date", "gender", "phone", "created_at", "updated_at"];
        let mut complete = insert("user_profile", &columns);
        let (known, told) = (users, profiles);
        for row in &rows {
            let id: String = row.try_get_by("id")?;
            let Ok(user) = UserId::from_str(&id) else {
                without_id += 1;
                tracing::warn!(user = id, "a user of the first platform has no id that we can use; not copied");
                continue;
            };
            let instant = |name: &str| row.try_get_by::<DateTime, _>(name).map(|instant| instant.and_utc());
            let (created_at, updated_at) = (instant("created_at")?, instant("updated_at")?);
            accounts.values_panic([user.0.into(), Locale::default().as_str().into(), created_at.into()]);
            users += 1;
            let Some(CopiedProfile { full_name, gender, phone }) = profile(row)? else {
                tracing::warn!(%user, "a profile of the first platform can't be ours; its user completes one anew");
                continue;
            };
            let born_date: Date = row.try_get_by("born_date")?;
            complete.values_panic([
                user.0.into(),
                full_name.as_str().into(),
                born_date.into(),
                gender.as_str().into(),
                phone.as_str().into(),
                created_at.into(),
                updated_at.into(),
            ]);
            profiles += 1;
        }
        if users > known {
            connection.execute(&accounts).await?;
        }
        if profiles > told {
            connection.execute(&complete).await?;
        }
    }
    let anew = users - profiles;
    tracing::info!(
        profiles,
        anew,
        without_id,
        "copied the profiles of the first platform; its table users stays as it is"
    );
    Ok(())
}

fn profile(row: &QueryResult) -> Result<Option<CopiedProfile>, DbErr> {
    let text = |name: &str| row.try_get_by::<String, _>(name);
    let (full_name, phone) = (text("full_name")?.parse(), text("phone")?.parse());
    // The first platform took any word.
    let gender = text("gender")?.trim().to_lowercase().parse().unwrap_or(Gender::Other);
    Ok(full_name.ok().zip(phone.ok()).map(|(full_name, phone)| CopiedProfile { full_name, gender, phone }))
}

/// The first platform kept a row for each time that somebody pressed the button.
async fn copy_favorites<C: ConnectionTrait>(
    connection: &C,
    kind: FavoriteKind,
    table: &str,
    column: &str,
) -> Result<(), DbErr> {
    let (mut copied, mut unfit, mut last) = (0, 0, 0_i64);
    let sql = format!(
        "SELECT id::bigint, user_id::text, {column}::text AS name FROM {table} WHERE id > $1 ORDER BY id LIMIT $2"
    );
    loop {
        let page = Statement::from_sql_and_values(DbBackend::Postgres, &sql, [last.into(), PAGE.into()]);
        let rows = connection.query_all_raw(page).await?;
        let Some(end) = rows.last() else { break };
        last = end.try_get_by("id")?;
        let mut favorites = insert("user_favorite", &["user_id", "kind", "name"]);
        let mut fit = 0;
        for row in &rows {
            let (user, name): (String, String) = (row.try_get_by("user_id")?, row.try_get_by("name")?);
            match (UserId::from_str(&user), FavoriteName::from_str(&name)) {
                (Ok(user), Ok(name)) => {
                    favorites.values_panic([user.0.into(), kind.as_str().into(), name.as_str().into()]);
                    fit += 1;
                }
                _ => unfit += 1,
            }
        }
        if fit > 0 {
            copied += connection.execute(&favorites).await?.rows_affected();
        }
    }
    tracing::info!(table, copied, unfit, "copied favourites of the first platform; its table stays as it is");
    Ok(())
}

/// Adds what does not stand there yet.
fn insert(table: &'static str, columns: &[&'static str]) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table(table).columns(columns.iter().copied());
    insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    insert
}
