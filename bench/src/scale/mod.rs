//! What years of rows cost: the same work on a filled database and on an empty one, by turns.
//!
//! Both sides are platforms of their own, in one process each, with their own keys; the rows come by SQL.

mod figures;
mod side;

use std::path::Path;

use anyhow::Result;
use database::DatabaseUrl;

use crate::platform::Platform;
use crate::report::Row;
use crate::servers::Servers;
use figures::{Figures, Task};
use side::Side;

/// Accounts that fill a database, unless told otherwise.
const ACCOUNTS_SQLITE: u64 = 100_000;
const ACCOUNTS_POSTGRES: u64 = 1_000_000;
const ROUNDS: u32 = 6;

/// On the database of a laptop.
pub(crate) async fn on_sqlite(binary: &Path, accounts: Option<u64>) -> Result<Vec<Row>> {
    let mut sides = Vec::new();
    for _ in 0..2 {
        let platform = Platform::embedded(binary).await?;
        let url = DatabaseUrl::Sqlite(platform.server.folder().join("lezzetlimani.db"));
        sides.push(Side::of(platform, &url).await?);
    }
    beside_empty("SQLite", sides, accounts.unwrap_or(ACCOUNTS_SQLITE)).await
}

/// On the database of everybody else.
pub(crate) async fn on_postgres(binary: &Path, servers: &Servers, accounts: Option<u64>) -> Result<Vec<Row>> {
    let mut sides = Vec::new();
    for (name, keys) in [("scale_empty", 1), ("scale_filled", 2)] {
        servers.make_database(name).await?;
        let platform = Platform::on(binary, servers.environment_of_one_process(name, keys)).await?;
        sides.push(Side::of(platform, &servers.url_to_fill(name)).await?);
    }
    beside_empty("Postgres", sides, accounts.unwrap_or(ACCOUNTS_POSTGRES)).await
}

/// The second of `sides` is filled.
async fn beside_empty(database: &str, mut sides: Vec<Side>, accounts: u64) -> Result<Vec<Row>> {
    sides[1].fill(accounts).await?;
    for side in &mut sides {
        side.welcome().await?;
    }
    let mut figures = [Figures::default(), Figures::default()];
    for _ in 0..ROUNDS {
        for (side, figures) in sides.iter_mut().zip(&mut figures) {
            side.work(figures).await?;
        }
    }
    let [empty, filled] = figures;
    Task::ALL.iter().map(|task| task.row(database, accounts, &empty, &filled)).collect()
}
