//! What a database offers for searches by itself.

use std::ops::Range;

use anyhow::Result;
use database::{Connection, Database};
use sea_orm::Statement;

use super::{analyze, number};
use crate::town::TownRestaurant;

/// What a database offers for searches, over the folded text of each restaurant.
pub(crate) enum Peer {
    /// Trigrams of SQLite.
    Fts5(Database),
    /// Those of Postgres, in a GIN index.
    Trigrams(Database),
}

impl Peer {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Fts5(_) => "FTS5 trigram",
            Self::Trigrams(_) => "pg_trgm GIN",
        }
    }

    fn database(&self) -> &Database {
        match self {
            Self::Fts5(database) | Self::Trigrams(database) => database,
        }
    }

    /// Makes its tables.
    pub(crate) async fn prepare(&self) -> Result<()> {
        let statements: &[&str] = match self {
            Self::Fts5(_) => &[
                "CREATE TABLE bench_rated (number integer PRIMARY KEY, rating integer NOT NULL)",
                "CREATE VIRTUAL TABLE bench_text USING fts5(folded, content = '', tokenize = 'trigram')",
            ],
            Self::Trigrams(_) => &[
                "CREATE EXTENSION pg_trgm",
                "CREATE TABLE bench_text (number integer PRIMARY KEY, rating integer NOT NULL, folded text NOT NULL)",
                "CREATE INDEX bench_text_trigrams ON bench_text USING gin (folded gin_trgm_ops)",
            ],
        };
        for statement in statements {
            self.database().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// Adds restaurants of the town.
    pub(crate) async fn add(&self, numbers: Range<usize>) -> Result<()> {
        let tx = self.database().begin_write().await?;
        let rows: Vec<(usize, u8, String)> = numbers
            .map(|number| {
                let TownRestaurant { name, cuisine, dishes, rating, .. } = &TownRestaurant::new(number);
                let texts = [name.as_str(), cuisine].into_iter().chain(dishes.iter().map(String::as_str));
                (number, *rating, texts.map(search::normalize).collect::<Vec<_>>().join("; "))
            })
            .collect();
        let values = |row: &dyn Fn(&(usize, u8, String)) -> String| rows.iter().map(row).collect::<Vec<_>>().join(", ");
        let whole = |(number, rating, text): &(usize, u8, String)| format!("({number}, {rating}, '{text}')");
        let statements = match self {
            Self::Fts5(_) => vec![
                format!(
                    "INSERT INTO bench_rated VALUES {}",
                    values(&|(number, rating, _)| format!("({number}, {rating})"))
                ),
                format!(
                    "INSERT INTO bench_text (rowid, folded) VALUES {}",
                    values(&|(number, _, text)| format!("({number}, '{text}')"))
                ),
            ],
            Self::Trigrams(_) => vec![format!("INSERT INTO bench_text VALUES {}", values(&whole))],
        };
        for statement in statements {
            tx.execute_unprepared(&statement).await?;
        }
        Ok(tx.commit().await?)
    }

    pub(crate) async fn analyze(&self) -> Result<()> {
        analyze(self.database()).await
    }

    /// The first twenty by their rating, and how many there are.
    pub(crate) async fn search(&self, query: &str) -> Result<()> {
        let words: Vec<String> = search::normalize(query).split(' ').map(str::to_owned).collect();
        let (condition, from) = match self {
            Self::Fts5(_) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                let from = "bench_text JOIN bench_rated ON number = bench_text.rowid";
                (format!("bench_text MATCH '{}'", quoted.join(" AND ")), from)
            }
            Self::Trigrams(_) => {
                let held: Vec<String> = words.iter().map(|word| format!("folded LIKE '%{word}%'")).collect();
                (held.join(" AND "), "bench_text")
            }
        };
        let database = self.database();
        let first = format!("SELECT number FROM {from} WHERE {condition} ORDER BY rating DESC, number LIMIT 20");
        database.query_all_raw(Statement::from_string(database.get_database_backend(), first)).await?;
        number(database, &format!("SELECT count(*) FROM bench_text WHERE {condition}")).await?;
        Ok(())
    }
}
