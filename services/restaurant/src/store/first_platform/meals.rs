//! `meals` of the first platform.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use contracts::{MealId, Price, RestaurantId};
use database::import::{Addition, Pages};
use kit::Imported;
use sea_orm_migration::prelude::{DbErr, Expr, ExprTrait as _, Query, SchemaManager};
use sea_orm_migration::sea_orm::prelude::{DateTime, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::model::{MOST_COMPLEMENTS, MOST_MEALS, PictureUrl};

use super::rows::{Columns, Shapes, fitting, log, paragraphs, required};

/// A double is rounded to kuruş by its shortest digits, as it was shown.
const MEALS: &str = "SELECT id::text, restaurant_id::text, name::text, description::text, is_available, \
    CASE WHEN price BETWEEN 0 AND 1000000 THEN round(price::text::numeric * 100)::int8 ELSE 0 END AS price, \
    image_url::text, cuisine::text, coalesce(to_json(complementary_ids)::text, '[]') AS complementary_ids, created_at, updated_at \
    FROM meals WHERE id::text > $1 ORDER BY id::text LIMIT $2";

/// A meal of theirs that can be ours.
struct CopiedMeal {
    id: Uuid,
    restaurant_id: Uuid,
    others: Vec<Uuid>,
    columns: Columns,
}

/// Whether `meals` of the first platform are here, which stood in a database of their own there: an operator copies the table into this one.
pub(crate) async fn has_meals(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres
        && schema.has_table("meals").await?
        && schema.has_column("meals", "restaurant_id").await?
        && schema.has_column("meals", "complementary_ids").await?)
}

/// Adds meals of restaurants that are known here.
pub(crate) async fn copy_meals<C: ConnectionTrait>(connection: &C, into: Shapes) -> Result<Imported, DbErr> {
    let mut imported = Imported::new("meals", "restaurant_meal");
    let mut counts = meals_by_restaurant(connection).await?;
    let mut linked = Vec::new();
    let mut pages = Pages::behind(String::new(), "id", MEALS);
    while let Some(rows) = pages.next(connection).await? {
        let ids: Vec<MealId> = rows
            .iter()
            .map(|row| Ok(MealId::of_first_platform(&row.try_get_by::<String, _>("id")?)))
            .collect::<Result<_, DbErr>>()?;
        let known = known_meals(connection, &ids).await?;
        let mut page = Vec::new();
        for (row, id) in rows.iter().zip(ids) {
            if known.contains(&id.0) {
                imported.known += 1;
                continue;
            }
            match meal(row, id, &mut counts)? {
                Ok(copied) => page.push(copied),
                Err(reason) => imported.skip(reason, 1),
            }
        }
        linked.extend(add_meals(connection, into, page, &mut imported).await?);
    }
    for chunk in linked.chunks(100) {
        link(connection, into, chunk).await?;
    }
    log(&imported);
    Ok(imported)
}

/// Adds a page of meals, leaves their restaurants without an event, and answers those that go well with others.
async fn add_meals<C: ConnectionTrait>(
    connection: &C,
    into: Shapes,
    page: Vec<CopiedMeal>,
    imported: &mut Imported,
) -> Result<Vec<CopiedMeal>, DbErr> {
    let mut added = Addition::to(into.meal);
    page.iter().for_each(|meal| added.add(&meal.columns));
    let new = added.insert_returning(connection, "id").await?;
    let new: HashSet<Uuid> = new.iter().map(|row| row.try_get_by::<Uuid, _>("id")).collect::<Result<_, _>>()?;
    imported.new += new.len() as u64;
    imported.known += (page.len() - new.len()) as u64;
    let new_ones = page.into_iter().filter(|meal| new.contains(&meal.id));
    let (restaurants, linked): (Vec<Uuid>, Vec<CopiedMeal>) = new_ones.map(|meal| (meal.restaurant_id, meal)).unzip();
    if !restaurants.is_empty() {
        let unrecorded = Query::update()
            .table("restaurant_restaurant")
            .value("search_version", 0_i64)
            .and_where(Expr::col("id").is_in(restaurants))
            .to_owned();
        connection.execute(&unrecorded).await?;
    }
    Ok(linked.into_iter().filter(|meal| !meal.others.is_empty()).collect())
}

/// What goes well with these meals, as far as those are meals of the same restaurants.
async fn link<C: ConnectionTrait>(connection: &C, into: Shapes, meals: &[CopiedMeal]) -> Result<(), DbErr> {
    let wanted: HashSet<Uuid> = meals.iter().flat_map(|meal| meal.others.iter().copied()).collect();
    let known = Query::select()
        .columns(["id", "restaurant_id"])
        .from("restaurant_meal")
        .and_where(Expr::col("id").is_in(wanted))
        .and_where(Expr::cust("deleted_at IS NULL"))
        .to_owned();
    let mut restaurant_of: HashMap<Uuid, Uuid> = HashMap::new();
    for row in connection.query_all(&known).await? {
        restaurant_of.insert(row.try_get_by("id")?, row.try_get_by("restaurant_id")?);
    }
    let mut added = Addition::to(into.complement);
    for meal in meals {
        let own = |other: &&Uuid| **other != meal.id && restaurant_of.get(*other) == Some(&meal.restaurant_id);
        for (other, position) in meal.others.iter().filter(own).take(MOST_COMPLEMENTS).zip(0_i16..) {
            added.add(&[
                ("meal_id", meal.id.into()),
                ("other_id", (*other).into()),
                ("restaurant_id", meal.restaurant_id.into()),
                ("position", position.into()),
            ]);
        }
    }
    added.insert(connection).await?;
    Ok(())
}

/// Which of `ids` are known here; one that was deleted is, too.
async fn known_meals<C: ConnectionTrait>(connection: &C, ids: &[MealId]) -> Result<HashSet<Uuid>, DbErr> {
    let ids = ids.iter().map(|id| id.0);
    let known = Query::select().column("id").from("restaurant_meal").and_where(Expr::col("id").is_in(ids)).to_owned();
    connection.query_all(&known).await?.iter().map(|row| row.try_get_by("id")).collect()
}

/// How many meals each restaurant has here.
async fn meals_by_restaurant<C: ConnectionTrait>(connection: &C) -> Result<HashMap<RestaurantId, u64>, DbErr> {
    let counted = "SELECT r.id, count(m.id) AS meals FROM restaurant_restaurant AS r LEFT JOIN restaurant_meal AS m \
        ON m.restaurant_id = r.id AND m.deleted_at IS NULL WHERE r.deleted_at IS NULL GROUP BY r.id";
    let mut counts = HashMap::new();
    for row in connection.query_all_raw(Statement::from_string(DbBackend::Postgres, counted)).await? {
        let count: i64 = row.try_get_by("meals")?;
        counts.insert(RestaurantId(row.try_get_by("id")?), count.unsigned_abs());
    }
    Ok(counts)
}

/// The meal, or why it can't be ours. `counts` has how many meals each restaurant has that is known here.
fn meal(
    row: &QueryResult,
    id: MealId,
    counts: &mut HashMap<RestaurantId, u64>,
) -> Result<Result<CopiedMeal, &'static str>, DbErr> {
    let text = |name: &str| row.try_get_by::<String, _>(name);
    let maybe = |name: &str| row.try_get_by::<Option<String>, _>(name);
    let known = RestaurantId::from_str(&text("restaurant_id")?).ok();
    let Some((restaurant_id, count)) = known.and_then(|id| Some((id.0, counts.get_mut(&id)?))) else {
        return Ok(Err("no restaurant that is known here"));
    };
    let Ok(price) = Price::from_kurus(row.try_get_by("price")?) else { return Ok(Err("no price that we can use")) };
    if *count >= MOST_MEALS {
        return Ok(Err("more than a menu holds"));
    }
    *count += 1;
    let others: Vec<Option<String>> = serde_json::from_str(&text("complementary_ids")?).unwrap_or_default();
    let instant = |name: &str| row.try_get_by::<DateTime, _>(name).map(|instant| instant.and_utc());
    let picture = maybe("image_url")?.and_then(|said| said.trim().parse::<PictureUrl>().ok());
    let columns = vec![
        ("id", id.0.into()),
        ("restaurant_id", restaurant_id.into()),
        ("name", required::<128>(&text("name")?)),
        ("description", paragraphs(maybe("description")?)),
        ("cuisine", maybe("cuisine")?.and_then(|said| fitting::<64>(&said)).into()),
        ("price_kurus", price.into()),
        ("image_url", picture.into()),
        ("is_available", row.try_get_by::<bool, _>("is_available")?.into()),
        ("contains_alcohol", false.into()),
        ("contains_pork", false.into()),
        ("position", 0_i16.into()),
        ("created_at", instant("created_at")?.into()),
        ("updated_at", instant("updated_at")?.into()),
    ];
    let others = others.iter().flatten().map(|other| MealId::of_first_platform(other).0).collect();
    Ok(Ok(CopiedMeal { id: id.0, restaurant_id, others, columns }))
}
