//! How long a menu of five hundred meals takes: once it was read, for the first time, and where the client has it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use database::Database;

use crate::lean_client::LeanClient;
use crate::load::Samples;
use crate::platform::Platform;
use crate::report::Row;
use crate::servers::Servers;
use crate::store;
use crate::town::TownRestaurant;

const RESTAURANTS: usize = 40;
const MEALS: usize = 500;
const READS: usize = 10;
/// How long the slowest twentieth may take, in milliseconds.
const MOST: f64 = 10.0;
const MOST_UNCHANGED: f64 = 1.0;

/// In one process on SQLite.
pub(crate) async fn embedded(platform: &Platform) -> Result<Vec<Row>> {
    measure("SQLite", platform, &platform.database().await?).await
}

/// In one process on Postgres.
pub(crate) async fn on_servers(binary: &Path, servers: &Servers) -> Result<Vec<Row>> {
    servers.make_database("menu").await?;
    let platform = Platform::on(binary, servers.environment_of_one_process("menu", 4)).await?;
    measure("Postgres", &platform, &servers.open_to_fill("menu").await?).await
}

async fn measure(name: &str, platform: &Platform, database: &Database) -> Result<Vec<Row>> {
    store::add_to_town(database, 0..RESTAURANTS).await?;
    for number in 0..RESTAURANTS {
        store::menu::give_menu(database, number, MEALS).await?;
    }
    store::analyze(database).await?;
    let mut client = LeanClient::connect(&platform.server.url("")).await?;
    let (mut first, mut again, mut unchanged) = (Samples::default(), Samples::default(), Samples::default());
    let mut bytes = 0;
    for number in 0..RESTAURANTS {
        let path = format!("/restaurants/{}/menu", TownRestaurant::new(number).id);
        first.add(read(&mut client, &path, &[], 200).await?.took);
        for _ in 0..READS {
            let menu = read(&mut client, &path, &[], 200).await?;
            bytes = menu.bytes;
            again.add(menu.took);
            unchanged.add(read(&mut client, &path, &[("if-none-match", &menu.tag)], 304).await?.took);
        }
    }
    let row = |what: &str, samples: &Samples, most| -> Result<Row> {
        let detail = format!("p95 of {}, median {:.2?}; {bytes} bytes of menu", samples.len(), samples.median()?);
        Ok(Row::milliseconds(format!("{name}: {what}"), samples.percentile(95)?, most, detail))
    };
    Ok(vec![
        row(&format!("menu of {MEALS} meals, p95"), &again, MOST)?,
        row("the same for the first time, p95", &first, MOST)?,
        row("the same for who has it, p95", &unchanged, MOST_UNCHANGED)?,
    ])
}

struct Menu {
    took: Duration,
    bytes: usize,
    tag: String,
}

async fn read(client: &mut LeanClient, path: &str, headers: &[(&str, &str)], expected: u16) -> Result<Menu> {
    let begun = Instant::now();
    let answer = client.get(path, headers).await?;
    let took = begun.elapsed();
    ensure!(answer.status == expected, "a menu was answered {} instead of {expected}", answer.status);
    let tag = answer.header("etag").context("a menu without a tag")?.to_owned();
    Ok(Menu { took, bytes: answer.body.len(), tag })
}
