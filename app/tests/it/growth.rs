//! What grows is listed in `docs/growth.md` and in the `growth.md` of each service, and nothing reads a whole table that grows, nor a whole index of one.
//!
//! Each table holds thousands of rows that concern nobody who asks.

mod known;
mod life;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clock::Sources;
use database::{Database, DatabaseUrl, Postgres, Vault};
use lezzetlimani::platform;
use lezzetlimani::services::{ServiceName, Services};
use testkit::filling::{Dialect, Filling};
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::sqlite::SqliteFile;

use crate::support::statements::Statements;
use crate::support::{Platform, at_last};

use known::{INDEXES_READ_WHOLE, READ_WHOLE, WALKED};
use life::live;

/// So many accounts, and more rows in tables that grow faster.
const ACCOUNTS: u64 = 2_000;
/// Rows that one statement adds.
const CHUNK: u64 = 1_000_000;
/// More rows of one index were read by somebody who read all of it.
const MOST_READ: u64 = ACCOUNTS / 10;

/// The names in the first column under this heading, and whether each is called short.
fn listed(heading: &str) -> BTreeMap<String, bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let of_services = ServiceName::all().iter().map(|service| format!("services/{}/growth.md", service.as_str()));
    let mut known = BTreeMap::new();
    for file in of_services.chain(["docs/growth.md".to_owned()]) {
        let list = std::fs::read_to_string(root.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let sections = list.split("\n## ").filter(|section| section.starts_with(heading));
        let rows = sections.flat_map(str::lines).filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        known.extend(rows.map(|(name, rest)| (name.to_owned(), rest.contains("short:"))));
    }
    known
}

/// A filled database with all tables, in which reading a whole table is what the planner does only when nothing else is left. Its
/// counters begin with what the test does.
async fn filled() -> Option<TestDatabase> {
    let database = fresh_database("filled", async |template| {
        let url = DatabaseUrl::Postgres(Postgres::local(template.port(), "postgres", template.name()));
        let database = Database::connect(&url, Sources::system(), Vault::new(&[7; 32])).await.unwrap();
        platform::migrate(&database, &Services::all()).await.unwrap();
        database.close().await.unwrap();
        let filling = Filling { dialect: Dialect::Postgres, accounts: ACCOUNTS, now: Sources::system().now() };
        for statement in filling.statements(CHUNK) {
            template.execute(&statement).await;
        }
        template.execute("ANALYZE").await;
    });
    let database = database.await?;
    database.execute(&format!("ALTER DATABASE {} SET enable_seqscan = off", database.name())).await;
    Some(database)
}

/// What years of sign-ins leave of one account: sessions that ended. No reference is checked, for the check would be counted.
const LONG_HISTORY: &str = "SET session_replication_role = replica;
    INSERT INTO auth_session (id, user_id, device_id, network, generation, created_at, last_seen_at, ends_at, revoked_at, told_at)
    SELECT ('01800000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, account.id, gen_random_uuid(), '203.0.113.0/24', 1,
        then_at, then_at, then_at, then_at, then_at
    FROM auth_account AS account, generate_series(1, 2000) AS n, (SELECT now() - interval '1 year' AS then_at) AS year
    WHERE email = 'ayse@example.com'";

/// Returns once all sessions of the server have ended and with that logged what they did.
async fn counted(database: &TestDatabase) {
    let others =
        "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    at_last("all sessions end", async || (database.texts(others).await == ["0"]).then_some(())).await;
}

#[tokio::test]
async fn nothing_that_the_platform_does_by_itself_or_is_asked_for_reads_a_whole_table_that_grows() {
    let Some(database) = filled().await else { return };
    let platform = Platform::on(database).await;
    live(&platform, async || platform.postgres().execute(LONG_HISTORY).await).await;
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
    let walked = format!(
        "SELECT relname || ' by ' || indexrelname || ': ' || idx_tup_read FROM pg_stat_user_indexes WHERE idx_tup_read > {MOST_READ}"
    );
    let is_known = |walked: &String| {
        let (table, _) = walked.split_once(" by ").unwrap();
        !grows(&&table.to_owned())
            || INDEXES_READ_WHOLE.iter().any(|(index, _)| walked.contains(&format!(" by {index}: ")))
    };
    let walked: Vec<String> = database.texts(&walked).await.into_iter().filter(|walked| !is_known(walked)).collect();
    assert_eq!(walked, [""; 0], "whole indexes were read");
}

/// A platform on SQLite that starts on filled tables, and what it asks them from then on.
async fn filled_file() -> (Platform, Statements, SqliteFile) {
    let platform = Platform::start().await;
    let mut file = SqliteFile::open(&platform.data().join("lezzetlimani.db")).await.unwrap();
    let filling =
        Filling { dialect: Dialect::Sqlite, accounts: ACCOUNTS, now: "2026-01-01T12:00:00Z".parse().unwrap() };
    for statement in filling.statements(CHUNK) {
        file.execute(&statement).await.unwrap();
    }
    let statements = Statements::capture();
    (platform.restart().await, statements, file)
}

/// The table that is called `name` in `statement`, which may be another name for it there.
fn table_of<'a>(statement: &'a str, name: &'a str, tables: &BTreeMap<String, bool>) -> &'a str {
    let words: Vec<&str> =
        statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let named = |pair: &&[&str]| pair[1] == name && tables.contains_key(pair[0]);
    words.windows(2).find(named).map_or(name, |pair| pair[0])
}

/// What `statement` would walk through from one end.
async fn walks(file: &mut SqliteFile, statement: &str, tables: &BTreeMap<String, bool>) -> Vec<String> {
    let plan = file.plan(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    let grows = |line: &&String| {
        let scanned = line.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        scanned.is_some_and(|name| tables.get(table_of(statement, name, tables)) == Some(&false))
    };
    plan.iter().filter(grows).map(|line| format!("{line}: {statement}")).collect()
}

#[tokio::test]
async fn no_statement_walks_through_a_table_of_sqlite_that_grows() {
    let (platform, statements, mut file) = filled_file().await;
    live(&platform, async || ()).await;
    platform.stop().await;
    let statements = statements.seen();
    assert!(statements.len() > 50, "statements are seen: {statements:?}");

    let tables = listed("Tables");
    let mut walked = BTreeSet::new();
    // Nobody analyzes the tables of a laptop, and it must not get worse if somebody does.
    for analyzed in [Vec::new(), Filling::tables()] {
        for table in analyzed {
            file.execute(&format!("ANALYZE {table}")).await.unwrap();
        }
        for statement in &statements {
            walked.extend(walks(&mut file, statement, &tables).await);
        }
    }

    let is_known = |walk: &String| WALKED.iter().any(|(known, _)| walk.contains(known));
    let walked: Vec<&String> = walked.iter().filter(|walk| !is_known(walk)).collect();
    assert!(walked.is_empty(), "{walked:#?}");
}

#[tokio::test]
async fn every_table_and_key_is_listed() {
    let Some(database) = filled().await else { return };
    let platform = Platform::on(database).await;
    live(&platform, async || ()).await;

    let tables = platform.postgres().texts("SELECT relname FROM pg_stat_user_tables").await;
    let keys = platform.servers().redis().await.cli(&["KEYS", "*"]).unwrap();

    let known = listed("Tables");
    let unlisted: Vec<&String> =
        tables.iter().filter(|name| !known.contains_key(name.as_str()) && !name.ends_with("_migration")).collect();
    assert!(unlisted.is_empty(), "no growth.md, neither that of a service nor docs/growth.md, says of {unlisted:?}");
    // Only where no `SECRET_KEY` is set.
    let elsewhere = "database_root_key";
    let stands = |name: &str| name == elsewhere || tables.iter().any(|table| table == name);
    let gone: Vec<&String> = known.keys().filter(|name| !stands(name)).collect();
    assert!(gone.is_empty(), "listed, and there is no such table: {gone:?}");
    let prefixes: BTreeSet<&str> = keys.lines().map(|key| key.split_inclusive(':').next().unwrap()).collect();
    assert!(prefixes.len() > 3, "{prefixes:?}");
    let known = listed("Keys");
    let unlisted: Vec<&&str> = prefixes.iter().filter(|prefix| !known.contains_key(**prefix)).collect();
    assert!(unlisted.is_empty(), "no growth.md, neither that of a service nor docs/growth.md, says of {unlisted:?}");
}
