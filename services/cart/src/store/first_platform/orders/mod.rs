//! `order`: what diners have ordered at the first platform.
//!
//! It knew no states, no names and no tax, took 100 lira for a unit of whatever meal, and charged no card. Here such an order has
//! come to its end (decision 49), with the sums that its diner was shown and under the number that its diner knows. Nobody hears
//! of it. What stands here already stays as it is.

mod columns;
mod rows;

use std::collections::HashSet;

use database::import::{Addition, Pages};
use kit::Imported;
use sea_orm_migration::prelude::{DbErr, Expr, ExprTrait as _, Query, SchemaManager};
use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, FromQueryResult as _, Statement};

use columns::{event_columns, line_columns, order_columns};
use rows::{CopiedOrder, Row};

use super::log;

pub(crate) use columns::{ORDER_SHAPES, OrderShapes};

/// A double is rounded to kuruş by its shortest digits, as it was shown. What nobody has ordered so is `NULL`.
const ORDERS: &str = r#"SELECT id::bigint, user_id::text, restaurant_id::text,
    CASE WHEN octet_length(items::text) <= 65536 THEN items::text END AS items,
    CASE WHEN subtotal BETWEEN 0 AND 10000000000 THEN round(subtotal::text::numeric * 100)::int8 END AS subtotal,
    CASE WHEN discount BETWEEN 0 AND 10000000000 THEN round(discount::text::numeric * 100)::int8 END AS discount,
    CASE WHEN total BETWEEN 0 AND 10000000000 THEN round(total::text::numeric * 100)::int8 END AS total,
    payment_method::text, left(coupon_code::text, 100) AS coupon_code,
    CASE WHEN created_at BETWEEN '2000-01-01' AND '2100-01-01' THEN created_at::timestamp END AS created_at
    FROM "order" WHERE id > $1 ORDER BY id LIMIT $2"#;

/// The last number that an order can have there.
const LAST_NUMBER: i64 = 2_147_483_647;

/// From now on orders of ours have numbers above `$1`, also where the transaction is taken back: a sequence knows of none.
const COUNT_FROM: &str = "SELECT setval(numbers, $1) \
    FROM (SELECT pg_get_serial_sequence('cart_order', 'id')::regclass AS numbers) AS sequence \
    WHERE coalesce(pg_sequence_last_value(numbers), 0) < $1";

const NEXT_NUMBERS: &str =
    "SELECT nextval(pg_get_serial_sequence('cart_order', 'id')) AS id FROM generate_series(1, $1)";

/// An order with the number that it has here.
type Numbered = (i64, CopiedOrder);

/// The first platform knew nothing but Postgres.
pub(crate) async fn has_orders(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres
        && schema.has_table("order").await?
        && schema.has_column("order", "items").await?
        && schema.has_column("order", "coupon_code").await?)
}

/// Adds orders that are not known here, and has ours counted behind every number that theirs can ever have.
pub(crate) async fn copy_orders<C: ConnectionTrait>(connection: &C, into: OrderShapes) -> Result<Imported, DbErr> {
    let mut imported = Imported::new("order", "cart_order");
    connection.query_all_raw(with_number(COUNT_FROM, LAST_NUMBER)).await?;
    let mut pages = Pages::behind(i64::MIN, "id", ORDERS);
    while let Some(rows) = pages.next(connection).await? {
        let mut orders = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = Row::from_query_result(row, "")?;
            let number = row.id;
            match row.order() {
                Ok(order) => orders.push(order),
                Err(reason) => {
                    imported.skip(reason, 1);
                    tracing::warn!(number, reason, "an order of the first platform can't be ours; not copied");
                }
            }
        }
        add(connection, into, orders, &mut imported).await?;
    }
    log(&imported);
    Ok(imported)
}

/// Adds those that are not known here: under their own numbers, or where these are taken, under new ones.
async fn add<C: ConnectionTrait>(
    connection: &C,
    into: OrderShapes,
    mut orders: Vec<CopiedOrder>,
    imported: &mut Imported,
) -> Result<(), DbErr> {
    let (all, known) = (orders.len(), known_orders(connection, &orders).await?);
    orders.retain(|order| !known.contains(&order.public_id.0));
    imported.known += (all - orders.len()) as u64;
    let numbered = orders.into_iter().map(|order| (order.number, order));
    let (own, beyond): (Vec<Numbered>, Vec<Numbered>) =
        numbered.partition(|(number, _)| (1..=LAST_NUMBER).contains(number));
    let (mut added, mut unnumbered) = insert(connection, into, own).await?;
    unnumbered.extend(beyond);
    let numbers = next_numbers(connection, unnumbered.len()).await?;
    let renumbered = numbers.into_iter().zip(unnumbered).map(|(number, (_, order))| (number, order));
    let (renumbered, taken) = insert(connection, into, renumbered.collect()).await?;
    imported.skip("no number is left for it", taken.len() as u64);
    added.extend(renumbered);
    imported.new += added.len() as u64;
    add_lines_and_events(connection, into, &added).await
}

/// Which of the orders are known here.
async fn known_orders<C: ConnectionTrait>(connection: &C, orders: &[CopiedOrder]) -> Result<HashSet<Uuid>, DbErr> {
    let ids = orders.iter().map(|order| order.public_id.0);
    let known =
        Query::select().column("public_id").from("cart_order").and_where(Expr::col("public_id").is_in(ids)).to_owned();
    connection.query_all(&known).await?.iter().map(|row| row.try_get_by("public_id")).collect()
}

async fn next_numbers<C: ConnectionTrait>(connection: &C, count: usize) -> Result<Vec<i64>, DbErr> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let numbers = connection.query_all_raw(with_number(NEXT_NUMBERS, count)).await?;
    numbers.iter().map(|row| row.try_get_by("id")).collect()
}

fn with_number(sql: &str, number: i64) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [number.into()])
}

/// Inserts the orders, and answers those that are here now, and those whose number is taken.
async fn insert<C: ConnectionTrait>(
    connection: &C,
    into: OrderShapes,
    orders: Vec<Numbered>,
) -> Result<(Vec<Numbered>, Vec<Numbered>), DbErr> {
    let mut rows = Addition::to(into.order);
    orders.iter().for_each(|(id, order)| rows.add(&order_columns(*id, order)));
    let new = rows.insert_returning(connection, "public_id").await?;
    let new: HashSet<Uuid> = new.iter().map(|row| row.try_get_by("public_id")).collect::<Result<_, _>>()?;
    Ok(orders.into_iter().partition(|(_, order)| new.contains(&order.public_id.0)))
}

async fn add_lines_and_events<C: ConnectionTrait>(
    connection: &C,
    into: OrderShapes,
    orders: &[Numbered],
) -> Result<(), DbErr> {
    let (mut lines, mut events) = (Addition::to(into.line), Addition::to(into.event));
    for (id, order) in orders {
        order.lines.iter().zip(0..).for_each(|(line, position)| lines.add(&line_columns(*id, position, line)));
        event_columns(*id, order).iter().for_each(|event| events.add(event));
    }
    lines.insert(connection).await?;
    events.insert(connection).await?;
    Ok(())
}
