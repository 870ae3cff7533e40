//! A database of the first platform, taken over.

use bus::dead_letters::RunMode;
use contracts::Role;
use kit::Imported;
use kit::on_every_database;
use serde_json::json;

use crate::actions;
use crate::fixture::{Ask, Fixture, Held};
use crate::store;

on_every_database! {
    Fixture: there_is_nothing_to_import_where_the_first_platform_never_was
}

/// As its auto-migration makes it.
const TABLE: &str = "CREATE TABLE auth_db (
    id text PRIMARY KEY, user_id text, email text NOT NULL CONSTRAINT uni_auth_db_email UNIQUE, password text NOT NULL,
    role varchar(255) NOT NULL, verified boolean NOT NULL DEFAULT false,
    created_at timestamptz, updated_at timestamptz, deleted_at timestamptz
);";

const AYSE: &str = "018f5a3e-0000-4000-8000-000000000001";

/// bcrypt of `mavi balina 42`, as the first platform's library writes it.
fn hash() -> String {
    bcrypt::hash("mavi balina 42", 4).unwrap().replacen("$2b$", "$2a$", 1)
}

fn row(id: u32, email: &str, rest: &str) -> String {
    format!(
        "INSERT INTO auth_db (id, user_id, email, password, role, verified, created_at) VALUES \
         ('028f5a3e-0000-4000-8000-{id:012}', '018f5a3e-0000-4000-8000-{id:012}', '{email}', '{}', '', true, \
         '2025-01-01T00:00:00Z'::timestamptz + interval '{id} minutes'); {rest};",
        hash()
    )
}

async fn taken_over(rows: &str) -> Option<Fixture> {
    Fixture::with_first_platform(&format!("{TABLE} {rows}")).await
}

#[tokio::test]
async fn whoever_proved_a_mailbox_signs_in_as_before_and_gets_a_stronger_hash() {
    let Some(fixture) = taken_over(&row(1, "Ayse@Example.com", "")).await else { return };
    let account = async || {
        let database = &fixture.auth.context.database;
        store::account::find_by_email(database, &"ayse@example.com".parse().unwrap()).await.unwrap().unwrap()
    };
    let before = account().await;

    let held = Held::by(&fixture.login("ayse@example.com", "mavi balina 42").await);

    let me = fixture.ask(Ask::get("/auth/me").bearer(&held.access)).await.json();
    assert_eq!((me["id"].as_str(), before.role), (Some(AYSE), Role::User));
    assert!(before.password_hash.as_str().starts_with("$2a$"));
    assert!(account().await.password_hash.as_str().starts_with("$argon2id$"));
    assert_eq!(before.created_at.to_rfc3339(), "2025-01-01T00:01:00+00:00");
}

#[tokio::test]
async fn other_services_hear_of_copied_accounts_once() {
    let Some(fixture) = taken_over(&[row(1, "a@example.com", ""), row(2, "b@example.com", "")].concat()).await else {
        return;
    };

    for _ in 0..2 {
        actions::record_copied(&fixture.auth.context.database).await.unwrap();
    }

    let mut heard: Vec<_> = fixture.users().await.into_iter().map(|user| user.email.unwrap().to_string()).collect();
    heard.sort();
    assert_eq!(heard, ["a@example.com", "b@example.com"]);
}

#[tokio::test]
async fn odd_rows_are_decided_and_stop_nothing() {
    let rows = [
        row(1, "ayse@example.com", ""),
        row(2, "AYSE@example.com", ""),
        row(3, "not an address", ""),
        row(4, "late@example.com", "UPDATE auth_db SET verified = false WHERE email = 'late@example.com'"),
        row(5, "gone@example.com", "UPDATE auth_db SET deleted_at = now() WHERE email = 'gone@example.com'"),
        row(6, "odd@example.com", "UPDATE auth_db SET user_id = 'user-6' WHERE email = 'odd@example.com'"),
        row(7, "own@example.com", "UPDATE auth_db SET user_id = NULL WHERE email = 'own@example.com'"),
        row(
            8,
            "lost@example.com",
            "UPDATE auth_db SET password = 'plain', created_at = NULL WHERE email = 'lost@example.com'",
        ),
        row(9, "boss@example.com", "UPDATE auth_db SET role = 'admin' WHERE email = 'boss@example.com'"),
    ];
    let Some(fixture) = taken_over(&rows.concat()).await else { return };
    let find = async |email: &str| {
        store::account::find_by_email(&fixture.auth.context.database, &email.parse().unwrap()).await.unwrap()
    };

    assert_eq!(find("ayse@example.com").await.unwrap().id.to_string(), AYSE, "the older of two");
    for email in ["late@example.com", "gone@example.com", "odd@example.com"] {
        assert_eq!(find(email).await, None, "{email}");
    }
    assert_eq!(find("own@example.com").await.unwrap().id.to_string(), "028f5a3e-0000-4000-8000-000000000007");
    assert_eq!(find("boss@example.com").await.unwrap().role, Role::Admin);
    assert_eq!(fixture.login("lost@example.com", "plain").await.status, 400);
    fixture.ask(Ask::post("/auth/forgot-password", json!({"email": "lost@example.com"}))).await;
    let body = json!({"token": fixture.mailed_token().await, "password": "kırmızı vapur 7"});
    assert_eq!(fixture.ask(Ask::post("/auth/reset-password", body)).await.status, 200);
}

#[tokio::test]
async fn more_accounts_than_one_page_are_all_copied_and_the_old_table_stays() {
    let many = format!(
        "INSERT INTO auth_db (id, user_id, email, password, role, verified, created_at) \
         SELECT gen_random_uuid(), gen_random_uuid(), 'u' || n || '@example.com', '{}', '', true, \
         '2025-01-01T00:00:00Z' FROM generate_series(1, 2500) AS n;",
        hash()
    );
    let Some(fixture) = taken_over(&many).await else { return };
    let database = &fixture.auth.context.database;

    for email in ["u1@example.com", "u1000@example.com", "u1001@example.com", "u2500@example.com"] {
        assert!(store::account::find_by_email(database, &email.parse().unwrap()).await.unwrap().is_some(), "{email}");
    }
    fixture.execute("DO $$ BEGIN ASSERT (SELECT count(*) FROM auth_db) = 2500; END $$").await;
    fixture.execute("DO $$ BEGIN ASSERT (SELECT count(*) FROM auth_account) = 2500; END $$").await;
}

/// The server counts what a connection read when that ends.
const READ_TWICE: &str = "DO $$ DECLARE reads BIGINT; BEGIN \
    FOR i IN 1..600 LOOP \
        PERFORM pg_stat_clear_snapshot(); \
        SELECT seq_scan INTO reads FROM pg_stat_user_tables WHERE relname = 'auth_db'; \
        EXIT WHEN reads > 0; \
        PERFORM pg_sleep(0.05); \
    END LOOP; \
    ASSERT reads = 2, format('it was read %s times', reads); END $$";

#[tokio::test]
async fn the_old_table_is_read_and_counted_once_however_many_pages_it_has() {
    // Without keys, whose making would count as well.
    let table = format!(
        "CREATE TABLE auth_db AS SELECT gen_random_uuid()::text AS id, gen_random_uuid()::text AS user_id, \
         'u' || n || '@example.com' AS email, '{}' AS password, '' AS role, true AS verified, now() AS created_at, \
         NULL::timestamptz AS updated_at, NULL::timestamptz AS deleted_at FROM generate_series(1, 3001) AS n;",
        hash()
    );
    let Some(fixture) = Fixture::with_first_platform(&table).await else { return };

    fixture.execute(READ_TWICE).await;
}

async fn import(fixture: &Fixture, run: RunMode) -> Imported {
    let imported = actions::import_first_platform(&fixture.auth.context.database, run).await.unwrap().unwrap();
    let [accounts] = imported.try_into().unwrap();
    accounts
}

fn counts(new: u64, known: u64, skipped: &[(&'static str, u64)]) -> Imported {
    let skipped = skipped.iter().copied().collect();
    Imported { from: "auth_db", to: "auth_account", new, known, skipped }
}

/// Of whom other services hear now.
async fn published(fixture: &Fixture) -> Vec<String> {
    actions::record_copied(&fixture.auth.context.database).await.unwrap();
    fixture.users().await.into_iter().map(|user| user.email.unwrap().to_string()).collect()
}

#[tokio::test]
async fn whoever_registered_there_after_the_take_over_is_imported_once_and_others_hear_of_nobody_else() {
    let late = row(2, "late@example.com", "UPDATE auth_db SET verified = false WHERE email = 'late@example.com'");
    let Some(fixture) = taken_over(&[row(1, "ayse@example.com", ""), late].concat()).await else { return };
    let before = published(&fixture).await;
    fixture.execute(&row(3, "ali@example.com", "UPDATE auth_db SET verified = true")).await;

    let first = import(&fixture, RunMode::Real).await;
    let second = import(&fixture, RunMode::Real).await;
    let mut after = published(&fixture).await;

    assert_eq!((first, second), (counts(2, 1, &[]), counts(0, 3, &[])));
    assert_eq!(before, ["ayse@example.com"]);
    after.sort();
    assert_eq!(after, ["ali@example.com", "late@example.com"]);
    assert_eq!(fixture.login("ali@example.com", "mavi balina 42").await.status, 200);
    assert_eq!(fixture.login("late@example.com", "mavi balina 42").await.status, 200);
}

#[tokio::test]
async fn an_import_leaves_what_stands_here_and_says_why_it_skips_a_row() {
    let Some(fixture) = taken_over(&row(1, "ayse@example.com", "")).await else { return };
    published(&fixture).await;
    fixture.execute("UPDATE auth_account SET password_hash = 'changed here', role = 'admin'").await;
    let rows = [
        row(2, "AYSE@example.com", ""),
        row(3, "nobody", ""),
        row(4, "odd@example.com", "UPDATE auth_db SET user_id = 'user-4' WHERE email = 'odd@example.com'"),
        row(5, "gone@example.com", "UPDATE auth_db SET deleted_at = now() WHERE email = 'gone@example.com'"),
        row(6, "late@example.com", "UPDATE auth_db SET verified = false WHERE email = 'late@example.com'"),
        "UPDATE auth_db SET password = 'changed there', role = '' WHERE email = 'ayse@example.com';".to_owned(),
    ];
    fixture.execute(&rows.concat()).await;

    let imported = import(&fixture, RunMode::Real).await;

    let skipped = [
        ("address of another account", 1),
        ("deleted there", 1),
        ("mailbox never proven there", 1),
        ("no address to write to", 1),
        ("no id that we can use", 1),
    ];
    assert_eq!(imported, counts(0, 1, &skipped));
    assert_eq!(published(&fixture).await, Vec::<String>::new());
    let unchanged =
        "SELECT count(*) = 1 AND bool_and(password_hash = 'changed here' AND role = 'admin') FROM auth_account";
    fixture.execute(&format!("DO $$ BEGIN ASSERT ({unchanged}); END $$")).await;
}

#[tokio::test]
async fn a_dry_import_counts_alike_and_changes_nothing() {
    let Some(fixture) = taken_over(&row(1, "ayse@example.com", "")).await else { return };
    published(&fixture).await;
    fixture.execute(&row(2, "ali@example.com", "")).await;

    let dry = import(&fixture, RunMode::Dry).await;
    let published = published(&fixture).await;
    let login = fixture.login("ali@example.com", "mavi balina 42").await;
    let real = import(&fixture, RunMode::Real).await;

    assert_eq!(dry, real);
    assert_eq!(real, counts(1, 1, &[]));
    assert_eq!((published, login.status), (Vec::new(), 400));
}

async fn there_is_nothing_to_import_where_the_first_platform_never_was(fixture: Fixture) {
    let imported = actions::import_first_platform(&fixture.auth.context.database, RunMode::Real).await.unwrap();

    assert_eq!(imported, None);
}
