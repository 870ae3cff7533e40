//! Orders as years of use leave them.

use std::ops::RangeInclusive;

use anyhow::Result;
use clock::Timestamp;
use database::{Connection, Database};
use testkit::filling::Dialect;
use uuid::Uuid;

use super::cart::HOME;
use super::{CHUNK, Indexes, dialect, literal, number};

const TABLES: [&str; 3] = ["cart_order", "cart_order_line", "cart_order_event"];
/// They are of a year.
const SECONDS: u64 = 365 * 24 * 60 * 60;
/// One of so many is of the busy restaurant.
pub(crate) const BUSY: u64 = 10;
/// One of so many is of the regular diner.
pub(crate) const REGULAR: u64 = 50;
/// One of so many, all of them of the busy restaurant, is open; the others were delivered.
const OPEN: u64 = 5_000;

/// Whose orders they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct History {
    /// Somebody who orders often, beside a hundred thousand others.
    pub(crate) regular: Uuid,
    /// A restaurant where many order, beside a thousand others.
    pub(crate) busy: Uuid,
    /// How many they will be in the end.
    pub(crate) most: u64,
    /// When the last one was ordered.
    pub(crate) until: Timestamp,
}

/// Adds the orders with these numbers, each with two lines and all of its steps, and lets the planner know.
pub(crate) async fn add_orders(database: &Database, history: &History, numbers: RangeInclusive<u64>) -> Result<()> {
    let (mut first, last) = numbers.into_inner();
    let indexes = Indexes::take_away(database, &TABLES).await?;
    while first <= last {
        let next = last.min(first + CHUNK - 1);
        // Numbers that were drawn for orders that came to nothing are missing among the ids.
        let newest = newest(database).await?;
        database.execute_unprepared(&orders(database, history, (first, next))).await?;
        for rows in [LINES, EVENTS] {
            database.execute_unprepared(&format!("{rows} WHERE o.id > {newest} AND step.version <= o.version")).await?;
        }
        first = next + 1;
    }
    indexes.put_back(database).await
}

/// The id of the newest order.
pub(crate) async fn newest(database: &Database) -> Result<i64> {
    number(database, "SELECT coalesce(max(id), 0) FROM cart_order").await
}

fn orders(database: &Database, history: &History, (first, last): (u64, u64)) -> String {
    let dialect = dialect(database);
    let begun = history.until.timestamp() - SECONDS.cast_signed();
    let at = time(dialect, &format!("({begun} + n * {SECONDS} / {})", history.most + 1));
    let (regular, busy) = (literal(database, history.regular), literal(database, history.busy));
    let (others, elsewhere) = (id(dialect, 11, "n * 7919 % 100003"), id(dialect, 12, "n * 104729 % 1009"));
    let if_open = |open: &str, closed: &str| format!("CASE WHEN n % {OPEN} = 0 THEN {open} ELSE {closed} END");
    let columns = [
        ("public_id", id(dialect, 13, "n")),
        ("code", "'7QF2'".to_owned()),
        ("user_id", format!("CASE WHEN n % {REGULAR} = 1 THEN {regular} ELSE {others} END")),
        ("restaurant_id", format!("CASE WHEN n % {BUSY} = 0 THEN {busy} ELSE {elsewhere} END")),
        ("restaurant_name", "'Çıpa Kebap'".to_owned()),
        ("status", if_open("'accepted'", "'delivered'")),
        ("version", if_open("2", "3")),
        ("fulfilment", "'delivery'".to_owned()),
        ("payment_method", "'cash'".to_owned()),
        ("subtotal_kurus", "48100".to_owned()),
        ("discount_kurus", "0".to_owned()),
        ("delivery_fee_kurus", "990".to_owned()),
        ("total_kurus", "49090".to_owned()),
        ("vat_kurus", "4462".to_owned()),
        ("address", format!("'{HOME}'")),
        ("note", "''".to_owned()),
        ("locale", "'tr'".to_owned()),
        ("is_asap", "TRUE".to_owned()),
        ("target_at", at.clone()),
        ("answer_by", at.clone()),
        ("created_at", at.clone()),
        ("accepted_at", at.clone()),
        ("closed_at", if_open("NULL", &at)),
        ("changed_at", at),
    ];
    let names = columns.each_ref().map(|(name, _)| *name).join(", ");
    let values = columns.each_ref().map(|(_, value)| value.as_str()).join(", ");
    format!("INSERT INTO cart_order ({names}) SELECT {values} FROM {}", counted(dialect, first, last))
}

/// Of orders `o`; a line stands for a step that each order has made.
const LINES: &str = "INSERT INTO cart_order_line (order_id, position, meal_id, name, options, quantity, unit_price_kurus, \
    total_kurus, discount_kurus, vat_bp, vat_kurus, note) \
    SELECT o.id, step.position, o.restaurant_id, 'Kuşbaşılı Kaşarlı Pide', '[]', 1, 24050, 24050, 0, 1000, 2186, '' \
    FROM cart_order o CROSS JOIN (SELECT 0 AS position, 1 AS version UNION ALL SELECT 1, 1) AS step";
const EVENTS: &str = "INSERT INTO cart_order_event (order_id, version, status, actor, at) \
    SELECT o.id, step.version, step.status, step.actor, o.created_at \
    FROM cart_order o CROSS JOIN (SELECT 1 AS version, 'placed' AS status, 'diner' AS actor \
      UNION ALL SELECT 2, 'accepted', 'owner' UNION ALL SELECT 3, 'delivered', 'owner') AS step";

/// A table whose column `n` counts from `first` to `last`.
fn counted(dialect: Dialect, first: u64, last: u64) -> String {
    match dialect {
        Dialect::Postgres => format!("generate_series({first}::bigint, {last}::bigint) AS numbers (n)"),
        Dialect::Sqlite => format!(
            "(WITH RECURSIVE counted (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM counted WHERE n < {last}) \
             SELECT n FROM counted) AS numbers"
        ),
    }
}

/// The id of `number` among those of `kind`, in the order of their numbers as those are that are made as time goes by.
fn id(dialect: Dialect, kind: u64, number: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("('{kind:012x}70008000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"),
        Dialect::Sqlite => format!("unhex(printf('{kind:012x}70008000%012x', {number}))"),
    }
}

fn time(dialect: Dialect, seconds: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("to_timestamp({seconds})"),
        Dialect::Sqlite => format!("(strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch') || '+00:00')"),
    }
}
