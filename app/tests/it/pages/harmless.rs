//! Whoever opens pages changes nothing by it, however many they open: a browser opens some by itself, and so does a program that
//! follows links. Only what leads to `/oturum/yenile` and `/giris` renews a session, by its cookie `refresh`, which nobody has here.

use std::collections::BTreeMap;

use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::sqlite::SqliteFile;

use super::crawl::crawl;
use super::world::{Who, World};
use crate::support::{Platform, at_last};

/// Tables that processes write by themselves, whatever they are asked.
const WRITTEN_ANYHOW: [(&str, &str); 1] =
    [("database_probe", "a count by which a process knows that the database can be written")];

/// All rows of a database by their tables, each row as one text.
type Rows = BTreeMap<String, Vec<String>>;

/// Either database, from outside.
enum Outside<'a> {
    Sqlite(SqliteFile),
    Postgres(&'a TestDatabase),
}

impl Outside<'_> {
    async fn texts(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(file) => file.texts(sql).await.unwrap(),
            Self::Postgres(database) => database.texts(sql).await,
        }
    }

    async fn tables(&mut self) -> Vec<String> {
        let tables = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            Self::Postgres(_) => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
        };
        self.texts(tables).await
    }

    async fn rows_of(&mut self, table: &str) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                let columns = self.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).await;
                let columns: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                self.texts(&format!("SELECT {} FROM \"{table}\" ORDER BY 1", columns.join(" || ' ' || "))).await
            }
            Self::Postgres(_) => self.texts(&format!("SELECT t::text FROM \"{table}\" AS t ORDER BY 1")).await,
        }
    }

    async fn rows(&mut self) -> Rows {
        let mut rows = Rows::new();
        for table in self.tables().await {
            let of_table = self.rows_of(&table).await;
            rows.insert(table, of_table);
        }
        rows
    }
}

/// Rows that are in one of both and not in the other.
fn differences(before: &Rows, after: &Rows) -> Vec<String> {
    let mut different = Vec::new();
    for (table, rows) in after.iter().filter(|(table, _)| !WRITTEN_ANYHOW.iter().any(|(known, _)| known == table)) {
        let came = rows.iter().filter(|row| !before[table].contains(row)).map(|row| format!("{table} has {row}"));
        let went = before[table].iter().filter(|row| !rows.contains(row)).map(|row| format!("{table} had {row}"));
        different.extend(came.chain(went));
    }
    different
}

async fn opening_pages_changes_nothing(platform: Platform, mut outside: Outside<'_>) {
    let world = World::furnished(platform).await;
    // What was asked for before has been done.
    let waiting = "SELECT CAST(count(*) AS TEXT) FROM notification_mail WHERE state <> 'sent'";
    at_last("all mails have left", async || (outside.texts(waiting).await == ["0"]).then_some(())).await;
    world.platform.idle().await;
    let mut different = Vec::new();

    // Where time goes by, a campaign is announced, or an audience counted, while pages are opened; never again and again.
    for _ in 0..if world.platform.has_servers() { 3 } else { 1 } {
        let before = outside.rows().await;
        let filled = before.values().filter(|rows| !rows.is_empty()).count();
        assert!(filled > 20, "{filled} tables have rows");
        let mut opened = 0;
        for who in Who::ALL {
            opened += crawl(&world, who).await.len();
        }
        assert!(opened > 150, "{opened}");
        world.platform.idle().await;
        different = differences(&before, &outside.rows().await);
        if different.is_empty() {
            break;
        }
    }

    assert!(different.is_empty(), "{different:#?}");
}

mod opening_pages_changes_nothing {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let platform = Platform::start().await;
        let file = SqliteFile::open(&platform.data().join("lezzetlimani.db")).await.unwrap();
        super::opening_pages_changes_nothing(platform, Outside::Sqlite(file)).await;
    }

    #[tokio::test]
    async fn postgres() {
        if let Some(database) = fresh_database("empty", async |_| ()).await {
            let platform = Platform::on(database).await;
            let seen = platform.clone();
            super::opening_pages_changes_nothing(platform, Outside::Postgres(seen.postgres())).await;
        }
    }
}
