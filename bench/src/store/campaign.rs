//! Followers of a campaign, and how far it has come.

use anyhow::{Context, Result, bail};
use contracts::CampaignId;
use database::{Connection, Database};
use sea_orm::{DbBackend, Statement};

/// Adds so many users who have agreed to commercial mail and follow a cuisine that is called `kebap`.
pub(crate) async fn fill_followers(database: &Database, followers: u32) -> Result<()> {
    let (id, then, numbers) = match database.get_database_backend() {
        DbBackend::Postgres => ("gen_random_uuid()", "now() - interval '1 day'", "SELECT generate_series(1, $1)"),
        DbBackend::Sqlite | DbBackend::MySql => (
            "randomblob(16)",
            "strftime('%Y-%m-%dT%H:%M:%S', 'now', '-1 day') || '+00:00'",
            "SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < $1",
        ),
        other => bail!("there is no way to make followers in {other:?}"),
    };
    let accounts = format!(
        "WITH RECURSIVE numbers(number) AS ({numbers}) INSERT INTO user_account (id, email, locale, created_at) \
         SELECT {id}, 'u' || number || '@example.com', 'tr', {then} FROM numbers"
    );
    let tx = database.begin_write().await?;
    let values = [i32::try_from(followers)?.into()];
    tx.execute_raw(Statement::from_sql_and_values(database.get_database_backend(), accounts, values)).await?;
    for statement in [
        "INSERT INTO user_preferences (user_id, commercial_granted, commercial_at, commercial_text_version) \
         SELECT id, TRUE, created_at, '2026-01' FROM user_account",
        "INSERT INTO user_favorite (user_id, kind, name, created_at, subject) \
         SELECT id, 'cuisine', 'kebap', created_at, 'kebap' FROM user_account",
    ] {
        tx.execute_unprepared(statement).await?;
    }
    tx.commit().await?;
    database.execute_unprepared("ANALYZE").await?;
    Ok(())
}

/// Mails that were asked for by now; nothing before the campaign was heard of.
pub(crate) async fn queued(database: &Database, campaign: CampaignId) -> Result<i64> {
    let find = Statement::from_sql_and_values(
        database.get_database_backend(),
        "SELECT queued FROM user_campaign WHERE id = $1",
        [campaign.0.into()],
    );
    let row = database.query_one_raw(find).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0)).context("a campaign has no count")
}
