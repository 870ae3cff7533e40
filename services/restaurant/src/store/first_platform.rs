//! `restaurants` and `meals`: what the first platform's services keep, where that stands in this database. Nothing writes there.
//!
//! A copy is a draft without an event: the task that records events decides whether its address is known. What we would not take
//! is made to fit: a long text is cut, hours that make no sense are closed, and what is no phone, e-mail or picture is left out.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use contracts::{EmailAddress, MealId, Money, OpeningHours, Phone, Price, RestaurantId, ShortText};
use database::ImportTransaction;
use database::import::{Addition, Pages, Shape};
use kit::{FirstPlatform, Imported, breaks_or_reorders};
use sea_orm_migration::prelude::{DbErr, Expr, ExprTrait as _, Query, SchemaManager};
use sea_orm_migration::sea_orm::prelude::{DateTime, DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};

use crate::model::{Description, DraftReason, MOST_COMPLEMENTS, MOST_MEALS, PictureUrl, TimeZone};

const RESTAURANTS: &str = "SELECT id::text, owner_id::text, name::text, description::text, logo::text, address_id::text, \
    phone_number::text, email::text, status::text, opening_hours::text, prep_time::int4, \
    round(coalesce(rating_avg, 0) * 100)::int8 AS rating, coalesce(rating_count, 0)::int4 AS rating_count, \
    round(delivery_fee * 100)::int8 AS delivery_fee, round(min_order_price * 100)::int8 AS min_order, \
    created_at, updated_at, deleted_at IS NOT NULL AS is_deleted \
    FROM restaurants WHERE id::text > $1 ORDER BY id::text LIMIT $2";

/// A double is rounded to kuruş by its shortest digits, as it was shown.
const MEALS: &str = "SELECT id::text, restaurant_id::text, name::text, description::text, is_available, \
    CASE WHEN price BETWEEN 0 AND 1000000 THEN round(price::text::numeric * 100)::int8 ELSE 0 END AS price, \
    image_url::text, cuisine::text, coalesce(to_json(complementary_ids)::text, '[]') AS complementary_ids, created_at, updated_at \
    FROM meals WHERE id::text > $1 ORDER BY id::text LIMIT $2";

/// What is filled in our tables.
const SHAPES: Shapes = Shapes {
    restaurant: Shape {
        table: "restaurant_restaurant",
        columns: &[
            "id",
            "owner_id",
            "name",
            "description",
            "logo",
            "phone_number",
            "email",
            "status",
            "address_id",
            "draft_reason",
            "time_zone",
            "opening_hours",
            "special_days",
            "closures",
            "last_order_min",
            "prep_time",
            "rating_avg",
            "rating_count",
            "delivery_fee_kurus",
            "min_order_kurus",
            "version",
            "search_version",
            "touched_at",
            "created_at",
            "updated_at",
        ],
    },
    meal: Shape {
        table: "restaurant_meal",
        columns: &[
            "id",
            "restaurant_id",
            "name",
            "description",
            "cuisine",
            "price_kurus",
            "image_url",
            "is_available",
            "contains_alcohol",
            "contains_pork",
            "position",
            "created_at",
            "updated_at",
        ],
    },
    complement: Shape {
        table: "restaurant_meal_complement",
        columns: &["meal_id", "other_id", "restaurant_id", "position"],
    },
};

/// What is filled in our tables at one time.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    pub(crate) restaurant: Shape,
    pub(crate) meal: Shape,
    pub(crate) complement: Shape,
}

/// A row of theirs that can be ours.
type Columns = Vec<(&'static str, Value)>;

/// A meal of theirs that can be ours.
struct CopiedMeal {
    id: Uuid,
    restaurant_id: Uuid,
    others: Vec<Uuid>,
    columns: Columns,
}

/// The restaurants and meals of the first platform.
pub(crate) struct RestaurantsAndMeals;

impl FirstPlatform for RestaurantsAndMeals {
    async fn is_in(tx: &ImportTransaction) -> database::Result<bool> {
        let schema = SchemaManager::new(tx.connection());
        Ok(has_restaurants(&schema).await? || has_meals(&schema).await?)
    }

    async fn copy(tx: &ImportTransaction) -> database::Result<Vec<Imported>> {
        let schema = SchemaManager::new(tx.connection());
        let mut imported = Vec::new();
        if has_restaurants(&schema).await? {
            imported.push(copy_restaurants(tx.connection(), SHAPES).await?);
        }
        if has_meals(&schema).await? {
            imported.push(copy_meals(tx.connection(), SHAPES).await?);
        }
        Ok(imported)
    }
}

/// Others call a table `restaurants`, too. The first platform knew nothing but Postgres.
pub(crate) async fn has_restaurants(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres
        && schema.has_table("restaurants").await?
        && schema.has_column("restaurants", "min_order_price").await?
        && schema.has_column("restaurants", "address_id").await?)
}

/// The same of `meals`, which stood in a database of their own there: an operator copies the table into this one.
pub(crate) async fn has_meals(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres
        && schema.has_table("meals").await?
        && schema.has_column("meals", "restaurant_id").await?
        && schema.has_column("meals", "complementary_ids").await?)
}

/// Adds restaurants that are not known here. One that was deleted here is known.
pub(crate) async fn copy_restaurants<C: ConnectionTrait>(connection: &C, into: Shapes) -> Result<Imported, DbErr> {
    let mut imported = Imported::new("restaurants", "restaurant_restaurant");
    let mut pages = Pages::behind(String::new(), "id", RESTAURANTS);
    while let Some(rows) = pages.next(connection).await? {
        let mut added = Addition::to(into.restaurant);
        for row in &rows {
            if row.try_get_by("is_deleted")? {
                imported.skip("deleted there", 1);
                continue;
            }
            match restaurant(row)? {
                Some(columns) => added.add(&columns),
                None => imported.skip("no ids that we can use", 1),
            }
        }
        let count = added.rows();
        let new = added.insert(connection).await?;
        imported.new += new;
        imported.known += count - new;
    }
    log(&imported);
    Ok(imported)
}

/// Adds meals of restaurants that are known here.
pub(crate) async fn copy_meals<C: ConnectionTrait>(connection: &C, into: Shapes) -> Result<Imported, DbErr> {
    let mut imported = Imported::new("meals", "restaurant_meal");
    let mut counts = meals_by_restaurant(connection).await?;
    let mut linked = Vec::new();
    let mut pages = Pages::behind(String::new(), "id", MEALS);
    while let Some(rows) = pages.next(connection).await? {
        let ids: Vec<MealId> =
            rows.iter().map(|row| Ok(meal_id(&row.try_get_by::<String, _>("id")?))).collect::<Result<_, DbErr>>()?;
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

fn log(Imported { from, to, new, known, skipped }: &Imported) {
    tracing::info!(from, to, new, known, ?skipped, "copied a table of the first platform, which stays as it is");
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

fn restaurant(row: &QueryResult) -> Result<Option<Columns>, DbErr> {
    let text = |name: &str| row.try_get_by::<String, _>(name);
    let maybe = |name: &str| row.try_get_by::<Option<String>, _>(name);
    let ids = ["id", "owner_id", "address_id"].map(|name| text(name).map(|id| Uuid::from_str(&id)));
    let [id, owner_id, address_id] = ids;
    let (Ok(id), Ok(owner_id), Ok(address_id)) = (id?, owner_id?, address_id?) else { return Ok(None) };
    let instant = |name: &str| row.try_get_by::<DateTimeUtc, _>(name);
    let amount = |name: &str| {
        let kurus: i64 = row.try_get_by(name)?;
        Ok::<_, DbErr>(Money::from_kurus(kurus.clamp(0, Money::MAX.kurus())).unwrap_or_default())
    };
    let phone = maybe("phone_number")?.and_then(|said| said.parse::<Phone>().ok());
    let email = maybe("email")?.and_then(|said| said.parse::<EmailAddress>().ok());
    let logo = maybe("logo")?.and_then(|said| said.trim().parse::<PictureUrl>().ok());
    let rating: i64 = row.try_get_by("rating")?;
    let rating_count: i32 = row.try_get_by("rating_count")?;
    let prep_time: i32 = row.try_get_by("prep_time")?;
    let created_at = instant("created_at")?;
    Ok(Some(vec![
        ("id", id.into()),
        ("owner_id", owner_id.into()),
        ("name", required::<128>(&text("name")?)),
        ("description", paragraphs(maybe("description")?)),
        ("logo", logo.into()),
        ("phone_number", phone.into()),
        ("email", email.into()),
        ("status", fitting::<32>(&text("status")?).unwrap_or_else(|| "active".to_owned()).into()),
        ("address_id", address_id.into()),
        ("draft_reason", DraftReason::AddressUnknown.into()),
        ("time_zone", TimeZone::ISTANBUL.into()),
        ("opening_hours", hours(&text("opening_hours")?).into()),
        ("special_days", "[]".into()),
        ("closures", "[]".into()),
        ("last_order_min", 0_i16.into()),
        ("prep_time", i16::try_from(prep_time.clamp(0, 255)).unwrap_or_default().into()),
        ("rating_avg", i32::try_from(rating.clamp(0, 500)).unwrap_or_default().into()),
        ("rating_count", rating_count.clamp(0, i32::MAX).into()),
        ("delivery_fee_kurus", amount("delivery_fee")?.into()),
        ("min_order_kurus", amount("min_order")?.into()),
        ("version", 0_i64.into()),
        ("search_version", 0_i64.into()),
        ("touched_at", created_at.into()),
        ("created_at", created_at.into()),
        ("updated_at", instant("updated_at")?.into()),
    ]))
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
    let others = others.iter().flatten().map(|other| meal_id(other).0).collect();
    Ok(Ok(CopiedMeal { id: id.0, restaurant_id, others, columns }))
}

/// Ids are texts there. One that is a UUID stays as it is; of another a UUID is made, always the same one (RFC 9562, version 5).
pub(crate) fn meal_id(theirs: &str) -> MealId {
    theirs.parse().unwrap_or_else(|_| {
        let name = format!("lezzetlimani first platform meal {theirs}");
        MealId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
    })
}

/// The hours of each day that has some; a day whose hours make no sense is closed.
fn hours(json: &str) -> OpeningHours {
    let days: HashMap<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let sane: HashMap<String, serde_json::Value> = days
        .into_iter()
        .filter(|(day, hours)| serde_json::from_value::<OpeningHours>(serde_json::json!({ day: hours })).is_ok())
        .collect();
    // One day under two names is left as the one case that remains.
    serde_json::from_value(serde_json::json!(sane)).unwrap_or_default()
}

fn required<const MAX: usize>(said: &str) -> Value {
    fitting::<MAX>(said).unwrap_or_else(|| "-".to_owned()).into()
}

/// As much of it as we take; nothing where that says nothing.
fn fitting<const MAX: usize>(said: &str) -> Option<String> {
    let line: String = said.chars().map(|c| if breaks_or_reorders(c) { ' ' } else { c }).collect();
    let cut: String = line.trim().chars().take(MAX).collect();
    ShortText::<MAX>::from_str(&cut).ok().map(Into::into)
}

/// The same of a text with several lines.
fn paragraphs(said: Option<String>) -> Value {
    let tidy = |c: char| if c != '\n' && breaks_or_reorders(c) { ' ' } else { c };
    let fitting = said.map(|said| said.replace("\r\n", "\n").chars().map(tidy).take(LONGEST).collect::<String>());
    let said = fitting.filter(|said| !kit::is_blank(said));
    said.and_then(|said| said.parse::<Description>().ok()).into()
}

/// Characters of a description.
const LONGEST: usize = 2000;
