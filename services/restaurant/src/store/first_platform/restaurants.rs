//! `restaurants` of the first platform.

use std::collections::HashMap;
use std::str::FromStr;

use contracts::{EmailAddress, Money, OpeningHours, Phone};
use database::import::{Addition, Pages};
use kit::Imported;
use sea_orm_migration::prelude::{DbErr, SchemaManager};
use sea_orm_migration::sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult};

use crate::model::{DraftReason, PictureUrl, TimeZone};

use super::rows::{Columns, Shapes, fitting, log, paragraphs, required};

const RESTAURANTS: &str = "SELECT id::text, owner_id::text, name::text, description::text, logo::text, address_id::text, \
    phone_number::text, email::text, status::text, opening_hours::text, prep_time::int4, \
    round(coalesce(rating_avg, 0) * 100)::int8 AS rating, coalesce(rating_count, 0)::int4 AS rating_count, \
    round(delivery_fee * 100)::int8 AS delivery_fee, round(min_order_price * 100)::int8 AS min_order, \
    created_at, updated_at, deleted_at IS NOT NULL AS is_deleted \
    FROM restaurants WHERE id::text > $1 ORDER BY id::text LIMIT $2";

/// Others call a table `restaurants`, too. The first platform knew nothing but Postgres.
pub(crate) async fn has_restaurants(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres
        && schema.has_table("restaurants").await?
        && schema.has_column("restaurants", "min_order_price").await?
        && schema.has_column("restaurants", "address_id").await?)
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
