//! What grows is listed in `docs/growth.md`, and nothing reads a whole table that grows.

use std::collections::{BTreeMap, BTreeSet};

use clock::Sources;
use contracts::Secret;
use database::{Database, DatabaseUrl, Postgres, Vault};
use reqwest::Method;
use serde_json::json;
use testkit::servers::postgres::{TestDatabase, fresh_database};

use crate::support::{Diner, Platform, at_last};

/// What is read whole nevertheless, and why that is bearable.
const READ_WHOLE: [(&str, &str); 2] = [
    ("bus_outbox_0", "the relay reads what it has not published, and empties one half after the other"),
    ("bus_outbox_1", "the other half"),
];

const LISTED: &str = include_str!("../../../docs/growth.md");

/// The names in the first column under this heading, and whether each is called short.
fn listed(heading: &str) -> BTreeMap<&'static str, bool> {
    let section =
        LISTED.split("\n## ").find(|section| section.starts_with(heading)).expect("the list has this section");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(name, rest)| (name, rest.contains("short:"))).collect()
}

/// A database with all tables, in which reading a whole table is what the planner does only when nothing else is left. Its
/// counters begin with what the test does.
async fn without_scans() -> Option<TestDatabase> {
    let database = fresh_database("migrated", async |template| {
        let url = DatabaseUrl::Postgres(Postgres::local(template.port(), "postgres", template.name()));
        let database = Database::connect(&url, Sources::system(), Vault::new(&[7; 32])).await.unwrap();
        for migrations in [bus::MIGRATIONS, auth::MIGRATIONS, user::MIGRATIONS, notification::MIGRATIONS] {
            database.migrate(migrations).await.unwrap();
        }
        database.close().await.unwrap();
    });
    let database = database.await?;
    database.execute(&format!("ALTER DATABASE {} SET enable_seqscan = off", database.name())).await;
    Some(database)
}

/// A start, readiness, the first round of each task, and what diners and operators ask for.
async fn live(platform: &Platform) {
    let (ayse, tokens) = Diner::signed_up(platform, "ayse@example.com").await;
    let laptop = ayse.elsewhere("198.51.100.20").login().await.tokens();
    let laptop = ayse.refresh(&laptop).await.tokens();
    ayse.with_password("something else").login().await;
    ayse.post("/auth/forgot-password", json!({ "email": ayse.email })).await;
    platform.mail(&ayse.email, "password_reset", 1).await;
    let profile =
        json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    ayse.post_as(&tokens, "/users/register/complete", profile).await;
    let password = Secret::new(ayse.password.clone());
    auth::admin::create(platform.database(), "yonetici@example.com".parse().unwrap(), password).await.unwrap();
    let admin = Diner::new(platform, "yonetici@example.com");
    let key = admin.login().await.tokens();
    for path in ["/auth/me", "/auth/sessions", "/auth/events", "/users/me", "/users/preferences", "/favorites"] {
        ayse.get_as(&laptop, path).await;
    }
    for path in ["/admin/dead-letters", "/admin/topics", "/health/ready", "/metrics", "/notification/health"] {
        admin.get_as(&key, path).await;
    }
    auth::admin::lock(platform.database(), &ayse.email.parse().unwrap()).await.unwrap();
    auth::admin::unlock(platform.database(), &ayse.email.parse().unwrap()).await.unwrap();
    let session = platform.claims(&key.access)["sid"].as_str().unwrap().to_owned();
    admin.send(Method::DELETE, &format!("/auth/sessions/{session}"), Some(&key.access), None).await;
    platform.settle().await;
}

/// Returns once all sessions of the server have ended and with that told what they did.
async fn counted(database: &TestDatabase) {
    let others =
        "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    at_last("all sessions end", async || (database.texts(others).await == ["0"]).then_some(())).await;
}

#[tokio::test]
async fn nothing_that_the_platform_does_by_itself_or_is_asked_for_reads_a_whole_table_that_grows() {
    let Some(database) = without_scans().await else { return };
    let platform = Platform::on(database).await;
    live(&platform).await;
    platform.stop().await;
    let database = platform.postgres();
    counted(database).await;

    let scanned = database.texts("SELECT relname FROM pg_stat_user_tables WHERE seq_scan > 0").await;

    let tables = listed("Tables");
    let used = database.texts("SELECT relname FROM pg_stat_user_tables WHERE idx_scan + n_tup_ins > 0").await;
    assert!(used.len() > 10, "the counters count: {used:?}");
    let grows =
        |name: &&String| tables.get(name.as_str()) == Some(&false) && READ_WHOLE.iter().all(|(table, _)| table != name);
    let scanned: Vec<&String> = scanned.iter().filter(grows).collect();
    assert!(scanned.is_empty(), "whole tables were read: {scanned:?}");
}

#[tokio::test]
async fn every_table_and_key_is_listed() {
    let Some(database) = without_scans().await else { return };
    let platform = Platform::on(database).await;
    live(&platform).await;

    let tables = platform.postgres().texts("SELECT relname FROM pg_stat_user_tables").await;
    let keys = platform.servers().redis().await.cli(&["KEYS", "*"]).unwrap();

    let known = listed("Tables");
    let unlisted: Vec<&String> =
        tables.iter().filter(|name| !known.contains_key(name.as_str()) && !name.ends_with("_migration")).collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    // Only where no `SECRET_KEY` is set.
    let elsewhere = "database_root_key";
    let stands = |name: &str| name == elsewhere || tables.iter().any(|table| table == name);
    let gone: Vec<&&str> = known.keys().filter(|name| !stands(name)).collect();
    assert!(gone.is_empty(), "listed, and there is no such table: {gone:?}");
    let prefixes: BTreeSet<&str> = keys.lines().map(|key| key.split_inclusive(':').next().unwrap()).collect();
    assert!(prefixes.len() > 3, "{prefixes:?}");
    let known = listed("Keys");
    let unlisted: Vec<&&str> = prefixes.iter().filter(|prefix| !known.contains_key(**prefix)).collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
}
