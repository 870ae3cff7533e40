//! `cartitem`: the carts of users at the first platform.
//!
//! It wrote a row each time that a meal was added, though its clients meant by the quantity how many in all: the last row of a
//! meal says what the diner wanted. It could mix restaurants where two adds met: the last row says of which the cart is.
//! Whoever has had a cart here keeps it as it is, also an empty one.

use std::collections::{BTreeMap, HashSet};

use contracts::{MealId, RestaurantId, UserId};
use database::import::{Addition, Pages, Shape};
use kit::Imported;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{DateTime, DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::model::{MOST_LINES, Note, Quantity};

use super::log;

const USERS: &str = "SELECT user_id::text FROM cartitem WHERE user_id > $1 GROUP BY user_id ORDER BY user_id LIMIT $2";

/// The last row of each meal in the carts of some users, and how many rows it has.
const ITEMS: &str = "SELECT * FROM (SELECT DISTINCT ON (user_id, meal_id) id::bigint, user_id::text, restaurant_id::text, \
    meal_id::text, quantity::bigint, note::text, schedule_date::timestamptz, created_at::timestamp, \
    count(*) OVER (PARTITION BY user_id, meal_id) AS rows \
    FROM cartitem WHERE user_id >= $1 AND user_id <= $2 ORDER BY user_id, meal_id, id DESC) AS last ORDER BY id";

/// What is filled in our tables.
pub(super) const CART_SHAPES: CartShapes = CartShapes {
    basket: Shape { table: "cart_basket", columns: &["user_id", "restaurant_id", "version", "updated_at"] },
    line: Shape {
        table: "cart_line",
        columns: &[
            "user_id",
            "restaurant_id",
            "meal_id",
            "quantity",
            "options",
            "options_key",
            "note",
            "schedule_date",
            "created_at",
        ],
    },
};

/// What is filled in our tables at one time.
#[derive(Clone, Copy)]
pub(crate) struct CartShapes {
    pub(crate) basket: Shape,
    pub(crate) line: Shape,
}

/// A line that a cart of ours can have.
struct Item {
    restaurant_id: RestaurantId,
    meal_id: MealId,
    quantity: i16,
    note: Note,
    schedule_date: Option<DateTimeUtc>,
    created_at: DateTimeUtc,
}

/// The first platform knew nothing but Postgres.
pub(crate) async fn has_items(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres
        && schema.has_table("cartitem").await?
        && schema.has_column("cartitem", "meal_id").await?
        && schema.has_column("cartitem", "schedule_date").await?)
}

/// Adds the carts of users who never had one here.
pub(crate) async fn copy_items<C: ConnectionTrait>(connection: &C, into: CartShapes) -> Result<Imported, DbErr> {
    let mut imported = Imported::new("cartitem", "cart_line");
    let mut pages = Pages::behind(String::new(), "user_id", USERS);
    while let Some(users) = pages.next(connection).await? {
        let ends = [users.first(), users.last()].map(|row| row.map(|row| row.try_get_by::<String, _>("user_id")));
        let [Some(first), Some(last)] = ends else { break };
        let between = Statement::from_sql_and_values(DbBackend::Postgres, ITEMS, [first?.into(), last?.into()]);
        let rows = connection.query_all_raw(between).await?;
        add(connection, into, carts(&rows, &mut imported)?, &mut imported).await?;
    }
    log(&imported);
    Ok(imported)
}

/// The lines of each user, oldest first, as many as a cart has.
fn carts(rows: &[QueryResult], imported: &mut Imported) -> Result<BTreeMap<UserId, Vec<Item>>, DbErr> {
    let mut carts: BTreeMap<UserId, Vec<Item>> = BTreeMap::new();
    for row in rows {
        let rows: i64 = row.try_get_by("rows")?;
        imported.skip("an earlier row of the same meal", rows.unsigned_abs().saturating_sub(1));
        match read(row)? {
            Ok((user_id, item)) => carts.entry(user_id).or_default().push(item),
            Err(reason) => imported.skip(reason, 1),
        }
    }
    for cart in carts.values_mut() {
        let all = cart.len();
        let restaurant_id = cart.last().map(|item| item.restaurant_id);
        cart.retain(|item| Some(item.restaurant_id) == restaurant_id);
        imported.skip("of another restaurant than the last one", (all - cart.len()) as u64);
        let beyond = cart.len().saturating_sub(MOST_LINES);
        cart.drain(..beyond);
        imported.skip("beyond 50 lines", beyond as u64);
    }
    Ok(carts)
}

fn read(row: &QueryResult) -> Result<Result<(UserId, Item), &'static str>, DbErr> {
    let text = |name: &str| row.try_get_by::<String, _>(name);
    let (Ok(user_id), Ok(restaurant_id)) = (text("user_id")?.parse(), text("restaurant_id")?.parse()) else {
        return Ok(Err("no ids that we can use"));
    };
    let Some(Quantity(quantity)) = Quantity::cut(row.try_get_by("quantity")?) else {
        return Ok(Err("nothing of it is wanted"));
    };
    let item = Item {
        restaurant_id,
        meal_id: MealId::of_first_platform(&text("meal_id")?),
        quantity,
        note: Note::cut(&row.try_get_by::<Option<String>, _>("note")?.unwrap_or_default()),
        schedule_date: row.try_get_by("schedule_date")?,
        created_at: row.try_get_by::<DateTime, _>("created_at")?.and_utc(),
    };
    Ok(Ok((user_id, item)))
}

async fn add<C: ConnectionTrait>(
    connection: &C,
    into: CartShapes,
    carts: BTreeMap<UserId, Vec<Item>>,
    imported: &mut Imported,
) -> Result<(), DbErr> {
    let mut baskets = Addition::to(into.basket);
    for (user_id, items) in &carts {
        let Some(last) = items.last() else { continue };
        baskets.add(&[
            ("user_id", (*user_id).into()),
            ("restaurant_id", last.restaurant_id.into()),
            ("version", 1_i64.into()),
            ("updated_at", last.created_at.into()),
        ]);
    }
    let new = baskets.insert_returning(connection, "user_id").await?;
    let new: HashSet<Uuid> = new.iter().map(|row| row.try_get_by("user_id")).collect::<Result<_, _>>()?;
    let all: usize = carts.values().map(Vec::len).sum();
    let mut lines = Addition::to(into.line);
    for (user_id, items) in carts.into_iter().filter(|(user_id, _)| new.contains(&user_id.0)) {
        items.into_iter().for_each(|item| lines.add(&columns(user_id, item)));
    }
    imported.known += all as u64 - lines.rows();
    imported.new += lines.insert(connection).await?;
    Ok(())
}

fn columns(user_id: UserId, item: Item) -> [(&'static str, Value); 9] {
    [
        ("user_id", user_id.into()),
        ("restaurant_id", item.restaurant_id.into()),
        ("meal_id", item.meal_id.into()),
        ("quantity", item.quantity.into()),
        ("options", "[]".into()),
        ("options_key", "".into()),
        ("note", item.note.into()),
        ("schedule_date", item.schedule_date.into()),
        ("created_at", item.created_at.into()),
    ]
}
