//! Mails that are due.

use std::ops::RangeInclusive;

use anyhow::{Result, ensure};
use database::{Connection, Database};
use testkit::filling::Dialect;

use super::{CHUNK, dialect};

/// Adds the commercial mails with these numbers, as a campaign leaves them, all of them due, and lets the planner know.
pub(crate) async fn add_due(database: &Database, numbers: RangeInclusive<u64>) -> Result<()> {
    let (mut first, last) = numbers.into_inner();
    while first <= last {
        let next = last.min(first + CHUNK - 1);
        database.execute_unprepared(&insert(dialect(database), first, next)).await?;
        first = next + 1;
    }
    database.execute_unprepared("ANALYZE notification_mail").await?;
    Ok(())
}

/// Adds as many mails again as `count`, each like the one that waits and to a mailbox of its own, all of them due. On Postgres.
pub(crate) async fn repeat_waiting(database: &Database, count: usize) -> Result<()> {
    let sql = format!(
        "INSERT INTO notification_mail (id, event_id, kind, is_commercial, recipient, domain, locale, subject, message_id, \
             sealed_content, recorded_at, state, attempts, ambiguities, next_at) \
         SELECT gen_random_uuid(), gen_random_uuid(), kind, is_commercial, 'reader' || n || '@example.org', domain, locale, \
             subject, '<' || n || '@example.com>', sealed_content, now(), 'pending', 0, 0, now() \
         FROM notification_mail, generate_series(1, {count}) AS numbers(n) WHERE state = 'pending'"
    );
    let added = database.execute_unprepared(&sql).await?.rows_affected();
    ensure!(added == u64::try_from(count)?, "{added} mails were made where {count} should be");
    database.execute_unprepared("ANALYZE notification_mail").await?;
    Ok(())
}

fn insert(dialect: Dialect, first: u64, last: u64) -> String {
    let (id, at) = match dialect {
        Dialect::Postgres => ("gen_random_uuid()", "now()"),
        Dialect::Sqlite => ("randomblob(16)", "(strftime('%Y-%m-%dT%H:%M:%S', 'now') || '+00:00')"),
    };
    format!(
        "WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) \
         INSERT INTO notification_mail (id, event_id, kind, is_commercial, recipient, domain, locale, subject, message_id, \
             recorded_at, state, attempts, ambiguities, next_at) \
         SELECT {id}, {id}, 'discount', TRUE, 'reader' || n || '@example.org', 'example.org', 'tr', 'Kampanya', \
             '<' || n || '@example.com>', {at}, 'pending', 0, 0, {at} FROM numbers"
    )
}
