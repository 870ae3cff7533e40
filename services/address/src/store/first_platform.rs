//! `addresses`: what the first platform's address service keeps, where that stands in this database. Nothing writes there.
//!
//! No copy is a default yet: the task that records the events makes it one, under the lock of its owner.
//!
//! It took any text. What is too long for us is cut, a line end becomes a space, a text that says nothing is shown as a dash,
//! and degrees that make no place are left out: an address that has to be looked over is better than one that is gone.

use std::collections::HashSet;
use std::str::FromStr;

use contracts::geography::Coordinates;
use contracts::{AddressId, EntityId, EntityType, Role, ShortText};
use database::ImportTransaction;
use database::import::{Addition, Pages, Shape};
use kit::{FieldValue, FirstPlatform, Imported, breaks_or_reorders};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{DateTime, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};

use crate::model::{Latitude, Longitude, coordinates};

const ADDRESSES: &str = "SELECT id::text, entity_type::text, entity_id::text, title::text, address::text, city::text, \
    district::text, full_address::text, zip_code::text, apartment::text, floor::text, door_number::text, \
    latitude::float8, longitude::float8, is_default, created_at, updated_at \
    FROM addresses WHERE id::text > $1 ORDER BY id::text LIMIT $2";

/// What is filled in our tables.
const SHAPES: Shapes = Shapes {
    address: Shape {
        table: "address_address",
        columns: &[
            "id",
            "entity_type",
            "entity_id",
            "created_by",
            "created_as",
            "title",
            "address",
            "city",
            "district",
            "full_address",
            "zip_code",
            "apartment",
            "floor",
            "door_number",
            "latitude",
            "longitude",
            "is_default",
            "version",
            "created_at",
            "updated_at",
        ],
    },
    seen: Shape { table: "address_first_platform", columns: &["id", "is_default"] },
};

/// What is filled in our tables at one time.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    pub(crate) address: Shape,
    pub(crate) seen: Shape,
}

/// A row of theirs that can be ours.
struct Copied {
    id: Uuid,
    is_default: bool,
    columns: Vec<(&'static str, Value)>,
}

/// The addresses of the first platform.
pub(crate) struct Addresses;

impl FirstPlatform for Addresses {
    async fn is_in(tx: &ImportTransaction) -> database::Result<bool> {
        Ok(has_addresses(&SchemaManager::new(tx.connection())).await?)
    }

    async fn copy(tx: &ImportTransaction) -> database::Result<Vec<Imported>> {
        Ok(vec![copy_addresses(tx.connection(), SHAPES).await?])
    }
}

/// Others call a table `addresses`, too. The first platform knew nothing but Postgres.
pub(crate) async fn has_addresses(schema: &SchemaManager<'_>) -> Result<bool, DbErr> {
    Ok(schema.get_database_backend() == DbBackend::Postgres
        && schema.has_table("addresses").await?
        && schema.has_column("addresses", "entity_type").await?
        && schema.has_column("addresses", "full_address").await?)
}

/// Adds addresses that were never copied.
pub(crate) async fn copy_addresses<C: ConnectionTrait>(connection: &C, into: Shapes) -> Result<Imported, DbErr> {
    let mut imported = Imported::new("addresses", "address_address");
    let mut pages = Pages::behind(String::new(), "id", ADDRESSES);
    while let Some(rows) = pages.next(connection).await? {
        let mut copied = Vec::new();
        for row in &rows {
            match read(row)? {
                Some(row) => copied.push(row),
                None => imported.skip("no ids that we can use", 1),
            }
        }
        add(connection, into, &copied, &mut imported).await?;
    }
    let Imported { from, to, new, known, skipped } = &imported;
    tracing::info!(from, to, new, known, ?skipped, "copied a table of the first platform, which stays as it is");
    Ok(imported)
}

async fn add<C: ConnectionTrait>(
    connection: &C,
    into: Shapes,
    rows: &[Copied],
    imported: &mut Imported,
) -> Result<(), DbErr> {
    let mut seen = Addition::to(into.seen);
    rows.iter().for_each(|row| seen.add(&[("id", row.id.into()), ("is_default", row.is_default.into())]));
    let unseen = seen.insert_returning(connection, "id").await?;
    let unseen: HashSet<Uuid> = unseen.iter().map(|row| row.try_get_by::<Uuid, _>("id")).collect::<Result<_, _>>()?;
    let mut addresses = Addition::to(into.address);
    rows.iter().filter(|row| unseen.contains(&row.id)).for_each(|row| addresses.add(&row.columns));
    let new = addresses.insert(connection).await?;
    imported.new += new;
    imported.known += rows.len() as u64 - new;
    Ok(())
}

fn read(row: &QueryResult) -> Result<Option<Copied>, DbErr> {
    let text = |name: &str| row.try_get_by::<String, _>(name);
    let (id, entity_id) = (AddressId::from_str(&text("id")?), EntityId::from_str(&text("entity_id")?));
    let (Ok(AddressId(id)), Ok(EntityId(entity_id)), Ok(entity_type)) =
        (id, entity_id, EntityType::from_str(&text("entity_type")?))
    else {
        return Ok(None);
    };
    // Nobody could write addresses of restaurants there but whoever ran it.
    let (created_by, created_as) = match entity_type {
        EntityType::User => (entity_id, Role::User),
        EntityType::Restaurant => (Uuid::nil(), Role::Admin),
    };
    let instant = |name: &str| row.try_get_by::<DateTime, _>(name).map(|instant| instant.and_utc());
    let (latitude, longitude) = point(row)?.map(|at| (at.latitude(), at.longitude())).unzip();
    let mut columns = vec![
        ("id", id.into()),
        ("entity_type", entity_type.as_str().into()),
        ("entity_id", entity_id.into()),
        ("created_by", created_by.into()),
        ("created_as", created_as.as_str().into()),
        ("latitude", latitude.into()),
        ("longitude", longitude.into()),
        ("is_default", false.into()),
        ("version", 0_i64.into()),
        ("created_at", instant("created_at")?.into()),
        ("updated_at", instant("updated_at")?.into()),
    ];
    columns.extend([
        ("title", required::<100>(&text("title")?)),
        ("address", required::<200>(&text("address")?)),
        ("city", required::<100>(&text("city")?)),
        ("district", required::<100>(&text("district")?)),
        ("full_address", required::<500>(&text("full_address")?)),
        ("zip_code", required::<16>(&text("zip_code")?)),
    ]);
    for name in ["apartment", "floor", "door_number"] {
        let said = row.try_get_by::<Option<String>, _>(name)?;
        columns.push((name, said.and_then(|said| fitting::<50>(&said)).into()));
    }
    Ok(Some(Copied { id, is_default: row.try_get_by("is_default")?, columns }))
}

fn point(row: &QueryResult) -> Result<Option<Coordinates>, DbErr> {
    let degrees = |name: &str| row.try_get_by::<Option<f64>, _>(name);
    let latitude = degrees("latitude")?.and_then(|degrees| Latitude::parse(degrees).ok());
    let longitude = degrees("longitude")?.and_then(|degrees| Longitude::parse(degrees).ok());
    Ok(coordinates(latitude, longitude).unwrap_or_default())
}

fn required<const MAX: usize>(said: &str) -> Value {
    fitting::<MAX>(said).unwrap_or_else(|| "-".to_owned()).into()
}

/// As much of it as we take; nothing where that says nothing.
fn fitting<const MAX: usize>(said: &str) -> Option<String> {
    let line: String = said.chars().map(|c| if breaks_or_reorders(c) { ' ' } else { c }).collect();
    let cut: String = line.trim().chars().take(MAX).collect();
    ShortText::<MAX>::parse(cut).ok().map(Into::into)
}
