//! The first platform once more at work on a database that was taken over, and ours after it.

use serde_json::{Value, json};
use testkit::servers::postgres::fresh_database;

use super::process::{Process, run};
use crate::support::{Answer, at_last, read};
use crate::support::{http_client, server::hashes};

/// As its services make them.
const TABLES: &str = "CREATE TABLE auth_db (
    id text PRIMARY KEY, user_id text, email text NOT NULL UNIQUE, password text NOT NULL, role varchar(255) NOT NULL,
    verified boolean NOT NULL DEFAULT false, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz
);
CREATE TABLE users (
    id varchar PRIMARY KEY, full_name varchar NOT NULL, born_date date NOT NULL, gender varchar NOT NULL,
    phone varchar NOT NULL, created_at timestamp NOT NULL, updated_at timestamp NOT NULL, deleted_at timestamp
);";

/// bcrypt of the password, as the first platform writes it.
const HASH: &str = "$2a$04$abcdefghijklmnopqrstuu3S9k.XXLUuHeC9tc2vozp1M/7feVqe2";
const PASSWORD: &str = "mavi balina 42";

/// Somebody who has registered there.
fn registered(number: u32, name: &str) -> String {
    let id = format!("018f5a3e-0000-4000-8000-{number:012}");
    format!(
        "INSERT INTO auth_db VALUES ('{id}', '{id}', '{name}@example.com', '{HASH}', '', true, now());
         INSERT INTO users VALUES ('{id}', '{name}', '1990-05-17', 'male', '05321234567', now(), now());"
    )
}

/// What was new and what was known, of accounts, users and profiles.
fn counts(imported: &Value) -> Vec<(u64, u64)> {
    let tables = imported.as_array().unwrap().iter();
    tables.map(|table| (table["new"].as_u64().unwrap(), table["known"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn whoever_registered_there_meanwhile_is_imported_beside_a_running_server() {
    let Some(database) = fresh_database("empty", async |_| {}).await else { return };
    database.execute(&format!("{TABLES} {}", registered(1, "ayse"))).await;
    let url = database.url();
    let environment = [("DATABASE_URL", url.as_str()), ("SECRET_KEY", "a root key of the test's own, and long enough")];
    let mut process = Process::new(&environment);
    process.server.start().await.unwrap();
    let data = process.server.folder().to_owned();
    let import =
        async |arguments: &[&str]| run(&data, &[&["import", "first-platform"], arguments].concat(), &environment).await;
    database.execute(&registered(2, "ali")).await;

    let dry = import(&["--dry-run", "--json"]).await.json();
    let before = login(&process, "ali@example.com", PASSWORD).await.status.as_u16();
    let first = import(&["--json"]).await.json();
    let second = import(&["auth", "user"]).await;
    let heard = at_last("user has heard of Ali", async || {
        database.texts("SELECT email FROM user_account WHERE email LIKE 'ali@%'").await.pop()
    });

    // Before the import comes to user, user may have heard from auth.
    let mut first = counts(&first);
    if first[1] == (0, 2) {
        first[1] = (1, 1);
    }
    assert_eq!((first, counts(&dry), before), (vec![(1, 1); 3], vec![(1, 1); 3], 400));
    assert_eq!(second.code, Some(0), "{second:?}");
    let rows: Vec<Vec<&str>> = second.said.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        rows[1..],
        [
            ["auth_db", "auth_account", "0", "2", "0"],
            ["users", "user_account", "0", "2", "0"],
            ["users", "user_profile", "0", "2", "0"],
        ]
    );
    assert_eq!(heard.await, "ali@example.com");
    assert_eq!(login(&process, "ali@example.com", PASSWORD).await.status.as_u16(), 200);
    // The first platform writes none for anybody.
    assert!(!process.log().contains("a role that we don't know"), "{}", process.log());
}

async fn login(process: &Process, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    read(http_client().post(process.server.url("/auth/login")).json(&body)).await
}

#[tokio::test]
async fn a_wrong_password_costs_a_hash_of_either_kind_as_long_as_one_account_has_that_of_the_first_platform() {
    let Some(database) = fresh_database("empty", async |_| {}).await else { return };
    database.execute(&format!("{TABLES} {} {}", registered(1, "ayse"), registered(2, "ali"))).await;
    let mut process = Process::new(&[("DATABASE_URL", &database.url())]);
    process.server.start().await.unwrap();
    let right = async |name: &str| login(&process, &format!("{name}@example.com"), PASSWORD).await.status.as_u16();
    let cost_of_wrong = async |name: &str| {
        let before = hashes(&process.server).await;
        let refused = login(&process, &format!("{name}@example.com"), "yanlış parola").await;
        assert_eq!(refused.status.as_u16(), 400, "{}", refused.text);
        hashes(&process.server).await - before
    };

    // With this one Ayşe's password gets a hash of ours.
    assert_eq!(right("ayse").await, 200);
    let while_ali_was_not_here =
        [cost_of_wrong("ayse").await, cost_of_wrong("ali").await, cost_of_wrong("nobody").await];
    assert_eq!(right("ali").await, 200);
    let afterwards = [cost_of_wrong("ayse").await, cost_of_wrong("ali").await, cost_of_wrong("nobody").await];

    assert_eq!((while_ali_was_not_here, afterwards), ([2; 3], [1; 3]));
}

#[tokio::test]
async fn an_import_without_tables_of_the_first_platform_is_refused() {
    let mut embedded = Process::new(&[]);
    embedded.server.start().await.unwrap();
    let data = embedded.server.folder().to_owned();

    for (arguments, taker) in [(&[][..], "any service"), (&["auth"], "auth"), (&["user"], "user")] {
        let refused = run(&data, &[&["import", "first-platform"], arguments].concat(), &[]).await;

        refused.expect(2, &format!("the first platform has no table in this database from which {taker} imports"));
    }
}
