//! Mails that are due.

use std::ops::RangeInclusive;

use anyhow::{Result, ensure};
use contracts::MailClass;
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

/// Adds as many mails of `class` as `count`, each with the content of the one that waits and to a mailbox of its own, in a hundred
/// domains, all of them due.
pub(crate) async fn repeat_waiting(database: &Database, count: usize, class: MailClass) -> Result<()> {
    let (id, at) = id_and_now(dialect(database));
    let is_commercial = class == MailClass::Commercial;
    let sql = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
         INSERT INTO notification_mail (id, event_id, kind, is_commercial, recipient, domain, locale, subject, message_id, \
             sealed_content, recorded_at, state, attempts, ambiguities, next_at) \
         SELECT {id}, {id}, kind, {is_commercial}, 'reader' || n || '@d' || (n % 100) || '.example.org', \
             'd' || (n % 100) || '.example.org', locale, subject, '<' || n || '@example.com>', sealed_content, {at}, 'pending', 0, 0, {at} \
         FROM notification_mail, numbers WHERE state = 'pending'"
    );
    let added = database.execute_unprepared(&sql).await?.rows_affected();
    ensure!(added == u64::try_from(count)?, "{added} mails were made where {count} should be");
    database.execute_unprepared("ANALYZE notification_mail").await?;
    Ok(())
}

fn id_and_now(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Postgres => ("gen_random_uuid()", "now()"),
        Dialect::Sqlite => ("randomblob(16)", "(strftime('%Y-%m-%dT%H:%M:%S', 'now') || '+00:00')"),
    }
}

fn insert(dialect: Dialect, first: u64, last: u64) -> String {
    let (id, at) = id_and_now(dialect);
    format!(
        "WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) \
         INSERT INTO notification_mail (id, event_id, kind, is_commercial, recipient, domain, locale, subject, message_id, \
             recorded_at, state, attempts, ambiguities, next_at) \
         SELECT {id}, {id}, 'discount', TRUE, 'reader' || n || '@example.org', 'example.org', 'tr', 'Kampanya', \
             '<' || n || '@example.com>', {at}, 'pending', 0, 0, {at} FROM numbers"
    )
}
