//! Commercial mails that are due, as a campaign leaves them.

use std::ops::RangeInclusive;

use anyhow::Result;
use database::{Connection, Database};
use testkit::filling::Dialect;

use super::{CHUNK, dialect};

/// Adds the mails with these numbers, all of them due, and lets the planner know.
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
