//! The queries of the bench: what it fills tables with, and what it compares ours to.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use clock::Timestamp;
use contracts::{Event, UserCreated};
use database::{Connection, Database, WriteTransaction};
use sea_orm::{DbBackend, Statement, Value};
use serde_json::json;
use testkit::filling::{Dialect, Filling};
use uuid::Uuid;

use crate::town::TownRestaurant;

pub(crate) async fn make_database(server: &Database, name: &str) -> database::Result<()> {
    // Another measure may have left one.
    server.execute_unprepared(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await?;
    server.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await?;
    Ok(())
}

/// Copies the oldest account so many times, under addresses that begin with `prefix`, and with `hash` in place of its own.
pub(crate) async fn copy_account(database: &Database, prefix: &str, hash: Option<&str>, count: u32) -> Result<()> {
    let backend = database.get_database_backend();
    let (id, number, numbers) = match backend {
        DbBackend::Postgres => ("gen_random_uuid()", "lpad(number::text, 6, '0')", "SELECT generate_series(0, $4 - 1)"),
        DbBackend::Sqlite | DbBackend::MySql => (
            "randomblob(16)",
            "substr('000000' || number, -6)",
            "SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < $4",
        ),
        other => bail!("there is no way to copy an account in {other:?}"),
    };
    let copy = format!(
        "WITH RECURSIVE numbers(number) AS ({numbers}) \
         INSERT INTO auth_account (id, email, password_hash, role, locale, is_demo, created_at) \
         SELECT {id}, $1 || {number} || $2, COALESCE($3, password_hash), role, locale, is_demo, created_at \
         FROM numbers, (SELECT * FROM auth_account ORDER BY created_at LIMIT 1) AS oldest"
    );
    let hash = hash.map(ToOwned::to_owned);
    let values: [Value; 4] = [prefix.into(), "@example.com".into(), hash.into(), i32::try_from(count)?.into()];
    database.execute_raw(Statement::from_sql_and_values(backend, copy, values)).await?;
    Ok(())
}

/// Leaves `events` committed events of as many keys in the outbox, and answers the number of the last one. Their values have
/// 300 bytes that can't be compressed, as those of Kafka's own tool.
///
/// Afterwards the table is as one that has grown slowly: autovacuum has come by, and what was written is on the disk.
pub(crate) async fn fill_outbox(database: &Database, events: u32) -> Result<i64> {
    let (event, topic) = (UserCreated::TYPE, UserCreated::TOPIC);
    let fill = format!(
        "INSERT INTO bus_outbox (segment, event_id, type, topic, key, payload, sealed, recorded_at) \
         SELECT current, gen_random_uuid(), '{event}', '{topic}', gen_random_uuid(), \
           convert_to('{{\"text\":\"' || left(noise, 289) || '\"}}', 'UTF8'), FALSE, now() \
         FROM bus_outbox_segment, generate_series(1, {events}) AS number, \
           LATERAL (SELECT string_agg(encode(sha256(convert_to(number || '/' || part, 'UTF8')), 'base64'), '') AS noise \
             FROM generate_series(1, 7) AS part) AS noises"
    );
    for statement in [fill.as_str(), "VACUUM ANALYZE bus_outbox", "CHECKPOINT"] {
        database.execute_unprepared(statement).await?;
    }
    number(database, "SELECT max(seq) FROM bus_outbox").await
}

/// Up to which number the relay knows of all events that they are in Kafka.
pub(crate) async fn relayed(database: &Database) -> Result<i64> {
    number(database, "SELECT coalesce(max(position), 0) FROM bus_position WHERE consumer = 'relay'").await
}

/// Leaves `letters` dead letters of as many keys.
pub(crate) async fn fill_dead_letters(database: &Database, letters: u32) -> Result<()> {
    let (event, topic) = (UserCreated::TYPE, UserCreated::TOPIC);
    let fill = format!(
        "INSERT INTO bus_dead_letter (consumer, cause, reason, attempts, state, created_at, event_id, type, topic, key, \
           payload, sealed, recorded_at) \
         SELECT 'bench', 'exhausted', 'the mail server said no', 12, 'open', now(), gen_random_uuid(), '{event}', \
           '{topic}', key, convert_to('{{\"id\":\"' || key || '\"}}', 'UTF8'), FALSE, now() \
         FROM (SELECT gen_random_uuid()::text AS key FROM generate_series(1, {letters})) AS keys"
    );
    database.execute_unprepared(&fill).await?;
    Ok(())
}

/// How many events are parked.
pub(crate) async fn parked(database: &Database) -> Result<i64> {
    number(database, "SELECT count(*) FROM bus_parked").await
}

/// Makes a table for the business, and one that takes what the outbox takes with one index and nothing else.
pub(crate) async fn make_business_tables(database: &Database) -> Result<()> {
    let tables = [
        "CREATE TABLE bench_order (id uuid PRIMARY KEY, note text NOT NULL, ordered_at timestamptz NOT NULL)",
        "CREATE TABLE bench_plain (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, \
           type text NOT NULL, topic text NOT NULL, key text NOT NULL, payload bytea NOT NULL, sealed boolean NOT NULL, \
           traceparent text, recorded_at timestamptz NOT NULL)",
    ];
    for table in tables {
        database.execute_unprepared(table).await?;
    }
    Ok(())
}

/// What the business writes for itself.
pub(crate) async fn insert_order(tx: &WriteTransaction, id: Uuid) -> Result<()> {
    let insert = "INSERT INTO bench_order (id, note, ordered_at) VALUES ($1, $2, $3)";
    execute(tx, insert, [id.into(), "to the harbour, without onions".into(), tx.now().into()]).await
}

/// The same bytes that recording `event` writes into the outbox.
pub(crate) async fn insert_plainly(tx: &WriteTransaction, event: &UserCreated) -> Result<()> {
    let insert = "INSERT INTO bench_plain (event_id, type, topic, key, payload, sealed, traceparent, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (id, now): (Uuid, Timestamp) = (tx.sources().uuid(), tx.now());
    let values: [Value; 8] = [
        id.into(),
        UserCreated::TYPE.into(),
        UserCreated::TOPIC.into(),
        event.key().into(),
        serde_json::to_vec(event)?.into(),
        false.into(),
        None::<String>.into(),
        now.into(),
    ];
    execute(tx, insert, values).await
}

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

/// Adds restaurants of the town with their addresses, cuisines and meals.
pub(crate) async fn add_to_town(database: &Database, numbers: Range<usize>) -> Result<()> {
    const AT: &str = "'2026-01-01T00:00:00+00:00'";
    let is_postgres = dialect(database) == Dialect::Postgres;
    let written = |id: Uuid| if is_postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) };
    let (mut restaurants, mut addresses, mut cuisines, mut meals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for number in numbers {
        let restaurant = TownRestaurant::new(number);
        let TownRestaurant { name, cuisine, dishes, rating, fee, .. } = &restaurant;
        let id = written(restaurant.id);
        let details = json!({
            "title": name, "address": "Sahil Yolu 1", "city": restaurant.city(), "district": "Merkez",
            "full_address": "Sahil Yolu 1", "zip_code": "34710", "apartment": null, "floor": null, "door_number": null,
            "latitude": null, "longitude": null, "is_default": false,
        });
        restaurants.push(format!(
            "({id}, {id}, '{name}', 'active', {id}, 'Europe/Istanbul', '{{\"monday\":\"11:00-23:00\"}}', '[]', '[]', 0, 25, \
             {rating}, 0, {fee}, 0, 1, 1, {AT}, {AT}, {AT})"
        ));
        addresses.push(format!("({id}, 1, {id}, 'manager', '{details}')"));
        cuisines.push(format!("({id}, '{}', '{cuisine}', 0)", contracts::fold(cuisine)));
        meals.extend(dishes.iter().enumerate().map(|(position, dish)| {
            let meal = written(Uuid::from_u64_pair(number as u64, position as u64));
            let search_name = search::normalize(dish);
            format!("({meal}, {id}, '{dish}', 10000, TRUE, FALSE, FALSE, {position}, {AT}, {AT}, '{search_name}')")
        }));
    }
    let tables = [
        (
            "restaurant_restaurant (id, owner_id, name, status, address_id, time_zone, opening_hours, special_days, closures, \
             last_order_min, prep_time, rating_avg, rating_count, delivery_fee_kurus, min_order_kurus, version, \
             search_version, touched_at, created_at, updated_at)",
            restaurants,
        ),
        ("restaurant_address (id, version, created_by, created_as, details)", addresses),
        ("restaurant_cuisine (restaurant_id, cuisine_key, name, position)", cuisines),
        (
            "restaurant_meal (id, restaurant_id, name, price_kurus, is_available, contains_alcohol, contains_pork, position, \
             created_at, updated_at, search_name)",
            meals,
        ),
    ];
    let tx = database.begin_write().await?;
    for (table, rows) in tables {
        tx.execute_unprepared(&format!("INSERT INTO {table} VALUES {}", rows.join(", "))).await?;
    }
    Ok(tx.commit().await?)
}

/// Gives a restaurant of the town another name, as the service does.
pub(crate) async fn rename_in_town(database: &Database, number: usize, name: &str) -> Result<()> {
    let tx = database.begin_read_committed().await?;
    let update = "UPDATE restaurant_restaurant SET name = $1, version = version + 1, search_version = version + 1, \
        touched_at = $2 WHERE id = $3";
    let (now, id) = (tx.now(), TownRestaurant::new(number).id);
    execute(&tx, update, [name.into(), now.into(), id.into()]).await?;
    Ok(tx.commit().await?)
}

/// Lets the planner know what the tables hold.
pub(crate) async fn analyze(database: &Database) -> Result<()> {
    let statement = match dialect(database) {
        Dialect::Postgres => "VACUUM ANALYZE",
        Dialect::Sqlite => "ANALYZE",
    };
    database.execute_unprepared(statement).await?;
    Ok(())
}

/// What this database speaks.
pub(crate) fn dialect(database: &Database) -> Dialect {
    if database.get_database_backend() == DbBackend::Postgres { Dialect::Postgres } else { Dialect::Sqlite }
}

/// Fills the tables that grow, and lets the planner know. Indexes are away meanwhile, and stand again as they stood.
pub(crate) async fn fill(database: &Database, filling: &Filling) -> Result<()> {
    const CHUNK: u64 = 250_000;
    let mut indexes = Vec::new();
    for table in Filling::tables() {
        indexes.extend(indexes_of(database, table).await?);
    }
    for (name, _) in &indexes {
        database.execute_unprepared(&format!("DROP INDEX {name}")).await?;
    }
    for statement in filling.statements(CHUNK) {
        database.execute_unprepared(&statement).await?;
    }
    for (_, create) in &indexes {
        database.execute_unprepared(create).await?;
    }
    let afterwards: &[&str] = match filling.dialect {
        Dialect::Postgres => &["VACUUM ANALYZE", "CHECKPOINT"],
        Dialect::Sqlite => &["ANALYZE"],
    };
    for statement in afterwards {
        database.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Name and statement of each index that no constraint of the table makes.
async fn indexes_of(database: &Database, table: &str) -> Result<Vec<(String, String)>> {
    let select = match dialect(database) {
        Dialect::Postgres => format!(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i \
             WHERE i.indrelid = '{table}'::regclass \
             AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
        ),
        Dialect::Sqlite => {
            format!("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}' AND sql <> ''")
        }
    };
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), select)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// Adds rows that are to be trimmed.
pub(crate) async fn add_expired(database: &Database, filling: &Filling, count: u64) -> Result<()> {
    for statement in filling.expired(count) {
        database.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Adds `count` sessions that have ended, which nobody was told of.
pub(crate) async fn add_ended(database: &Database, filling: &Filling, count: u64) -> Result<()> {
    const CHUNK: u64 = 100_000;
    for statement in filling.ended(count, CHUNK) {
        database.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Whether `query` finds a row.
pub(crate) async fn finds_any(database: &Database, query: &str) -> Result<bool> {
    let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), query)).await?;
    Ok(row.is_some())
}

async fn execute(tx: &WriteTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

async fn number(database: &Database, sql: &str) -> Result<i64> {
    let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), sql)).await?;
    Ok(row.context("there is no such row")?.try_get_by_index(0)?)
}
