//! `idempotency_key`: requests that may come again, and what was answered to them. One table in each database, whichever
//! services keep theirs in it; what a request is, and when it is a repeat, is their business.

use std::num::TryFromIntError;
use std::ops::RangeInclusive;

use async_trait::async_trait;
use clock::Timestamp;
use contracts::{Locale, UserId};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, small_integer_null, text, text_null, timestamp_with_time_zone, uuid};

use crate::{Migrations, Result, WriteTransaction};

/// The table, for every database of a service that keeps answers.
pub const MIGRATIONS: Migrations = Migrations { owner: "idempotency", list: || vec![Box::new(Initial)] };

/// Bytes of an answer; each is kept for a day.
pub const LONGEST_ANSWER: usize = 512 * 1024;

/// How often an insert is tried that finds a row which is gone when it is read.
const ATTEMPTS: u32 = 3;

/// What HTTP has as statuses.
const STATUSES: RangeInclusive<u16> = 100..=999;

/// A request that may come again.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What is asked for; the same key means another request elsewhere.
    pub scope: &'static str,
    /// Who asks; the same key means another request of somebody else.
    pub caller: UserId,
    /// Its name.
    pub key: &'a str,
    /// The same for the same request alone.
    pub fingerprint: &'a [u8],
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its HTTP status, of three digits.
    pub status: u16,
    /// The language of its text.
    pub language: Locale,
    /// Its body.
    pub body: String,
}

/// What is known of a request.
#[derive(Debug)]
pub enum Claimed {
    /// Nothing, until this transaction ends.
    New,
    /// It was answered.
    Answered {
        /// That of the request that was.
        fingerprint: Vec<u8>,
        /// What it was.
        answer: KeptAnswer,
    },
}

/// When a request began that a repeat may be of.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Later than this.
    pub after: Timestamp,
    /// And no later than this; what is dated later was dated by a clock that was ahead.
    pub until: Option<Timestamp>,
}

/// Takes the key of `request`, unless it was taken within `window`. Waits for another transaction that is
/// about to take it.
///
/// # Errors
/// The database is away, the other transaction took longer than two seconds, or what is kept is no answer.
pub async fn claim(tx: &WriteTransaction, request: &Request<'_>, window: Window) -> Result<Claimed> {
    let by_key = || [request.scope.into(), request.caller.0.into(), request.key.into()];
    // Without an end the second comparison is with NULL, which is never true.
    let forget = "DELETE FROM idempotency_key \
        WHERE scope = $1 AND caller = $2 AND key = $3 AND (begun_at <= $4 OR begun_at > $5)";
    let outside = [window.after.into(), window.until.into()];
    tx.execute_raw(sql(tx, forget, by_key().into_iter().chain(outside))).await?;
    for _ in 0..ATTEMPTS {
        let insert = "INSERT INTO idempotency_key (scope, caller, key, fingerprint, begun_at) VALUES ($1, $2, $3, $4, $5) \
            ON CONFLICT (scope, caller, key) DO NOTHING";
        let values = by_key().into_iter().chain([request.fingerprint.to_vec().into(), tx.now().into()]);
        if tx.execute_raw(sql(tx, insert, values)).await?.rows_affected() > 0 {
            return Ok(Claimed::New);
        }
        let select = "SELECT fingerprint, status, language, body FROM idempotency_key \
            WHERE scope = $1 AND caller = $2 AND key = $3";
        let Some(row) = tx.query_one_raw(sql(tx, select, by_key())).await? else { continue };
        let Some(answer) = kept_answer(&row)? else {
            return Err(DbErr::Custom(format!("what is kept for a key of {} is no answer", request.scope)).into());
        };
        return Ok(Claimed::Answered { fingerprint: row.try_get_by_index(0)?, answer });
    }
    Err(DbErr::Custom(format!("a key of {} comes and goes", request.scope)).into())
}

/// The answer in `row`; `None` where what stands there is none.
fn kept_answer(row: &QueryResult) -> Result<Option<KeptAnswer>, DbErr> {
    let status: Option<i16> = row.try_get_by_index(1)?;
    let language: Option<String> = row.try_get_by_index(2)?;
    let body: Option<String> = row.try_get_by_index(3)?;
    let status = status.and_then(|status| status.try_into().ok()).filter(|status: &u16| STATUSES.contains(status));
    let language = language.and_then(|tag| tag.parse().ok());
    Ok(status.zip(language).zip(body).map(|((status, language), body)| KeptAnswer { status, language, body }))
}

/// Keeps the answer to `request`, whose key this transaction has taken.
///
/// # Errors
/// The database is away, or the answer is longer than [`LONGEST_ANSWER`].
pub async fn keep(tx: &WriteTransaction, request: &Request<'_>, answer: &KeptAnswer) -> Result<()> {
    if answer.body.len() > LONGEST_ANSWER {
        return Err(DbErr::Custom(format!("an answer of {} is too long to be kept", request.scope)).into());
    }
    let update = "UPDATE idempotency_key SET status = $4, language = $5, body = $6 \
        WHERE scope = $1 AND caller = $2 AND key = $3";
    let KeptAnswer { status, language, body } = answer;
    let status: i16 = (*status)
        .try_into()
        .map_err(|error: TryFromIntError| DbErr::Custom(format!("a status has three digits: {error}")))?;
    let values: [Value; 6] = [
        request.scope.into(),
        request.caller.0.into(),
        request.key.into(),
        status.into(),
        language.as_str().into(),
        body.as_str().into(),
    ];
    tx.execute_raw(sql(tx, update, values)).await?;
    Ok(())
}

/// What was answered to `request` within `window`, if anything was.
///
/// # Errors
/// The database is away.
pub async fn find(tx: &WriteTransaction, request: &Request<'_>, window: Window) -> Result<Option<KeptAnswer>> {
    let select = "SELECT fingerprint, status, language, body FROM idempotency_key \
        WHERE scope = $1 AND caller = $2 AND key = $3 AND begun_at > $4 AND ($5 IS NULL OR begun_at <= $5)";
    let by_key = [request.scope.into(), request.caller.0.into(), request.key.into()];
    let within = [window.after.into(), window.until.into()];
    let row = tx.query_one_raw(sql(tx, select, by_key.into_iter().chain(within))).await?;
    Ok(match row {
        Some(row) => kept_answer(&row)?,
        None => None,
    })
}

/// Forgets `request`.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &WriteTransaction, request: &Request<'_>) -> Result<()> {
    let delete = "DELETE FROM idempotency_key WHERE scope = $1 AND caller = $2 AND key = $3";
    let by_key = [request.scope.into(), request.caller.0.into(), request.key.into()];
    tx.execute_raw(sql(tx, delete, by_key)).await?;
    Ok(())
}

/// Deletes up to `limit` of the requests that began before `cutoff`.
///
/// # Errors
/// The database is away.
pub async fn trim(tx: &WriteTransaction, cutoff: Timestamp, limit: u32) -> Result<u64> {
    let delete = "DELETE FROM idempotency_key WHERE (scope, caller, key) IN \
        (SELECT scope, caller, key FROM idempotency_key WHERE begun_at <= $1 LIMIT $2)";
    Ok(tx.execute_raw(sql(tx, delete, [cutoff.into(), i64::from(limit).into()])).await?.rows_affected())
}

fn sql(tx: &WriteTransaction, text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(tx.get_database_backend(), text, values)
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
            .table("idempotency_key")
            .col(text("scope"))
            .col(uuid("caller"))
            .col(text("key"))
            .col(binary("fingerprint"))
            .col(small_integer_null("status"))
            .col(text_null("language"))
            .col(text_null("body"))
            .col(timestamp_with_time_zone("begun_at"))
            .primary_key(Index::create().col("scope").col("caller").col("key"))
            .take();
        schema.create_table(table).await?;
        let by_age = Index::create().name("idempotency_key_by_age").table("idempotency_key").col("begun_at").take();
        schema.create_index(by_age).await
    }
}
