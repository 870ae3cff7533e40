//! `daily_write`: how often somebody has written on the last day on which they did. One table in each database, whichever
//! services count in it; how many writes are too many is their business.

use std::time::Duration;

use async_trait::async_trait;
use contracts::UserId;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, uuid};

use crate::{Migrations, Result, WriteTransaction};

/// The table, for every database of a service that counts writes.
pub const MIGRATIONS: Migrations = Migrations { owner: "daily write", list: || vec![Box::new(Initial)] };

const DAY: i64 = 24 * 60 * 60;

/// The writes of somebody on a day, by UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyWrites {
    /// How many there are with this one.
    pub count: i64,
    /// When the next day begins, from now.
    pub until_tomorrow: Duration,
}

/// Counts the write of this transaction as one of `writer` in `scope`. Others of the same writer wait until the transaction
/// ends. The transaction is one that waits for others on the same row (`begin_read_committed`, `begin_locked`): in any other the
/// second of two on Postgres is refused as every update that was overtaken.
///
/// # Errors
/// The database is away, or another transaction of the writer took longer than two seconds.
pub async fn add(tx: &WriteTransaction, scope: &'static str, writer: UserId) -> Result<DailyWrites> {
    let seconds = tx.now().timestamp();
    let (day, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let add = "INSERT INTO daily_write (scope, writer, day, count) VALUES ($1, $2, $3, 1) \
        ON CONFLICT (scope, writer) DO UPDATE SET day = excluded.day, \
        count = CASE WHEN daily_write.day = excluded.day THEN daily_write.count + 1 ELSE 1 END \
        RETURNING count";
    let values = [scope.into(), writer.0.into(), day.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), add, values);
    let row = tx.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| DbErr::Custom("a write was counted and is not there".to_owned()))?;
    let until_tomorrow = Duration::from_secs((DAY - rest).unsigned_abs());
    Ok(DailyWrites { count: row.try_get_by_index(0)?, until_tomorrow })
}

struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

#[async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("daily_write")
            .col(text("scope"))
            .col(uuid("writer"))
            .col(big_integer("day"))
            .col(big_integer("count"))
            .primary_key(Index::create().col("scope").col("writer"))
            .take();
        schema.create_table(table).await
    }
}
