//! The queries of bare routes over addresses.

use anyhow::Result;
use clock::Timestamp;
use database::{Connection, Database};
use sea_orm::{FromQueryResult, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

/// All columns that the service reads.
const COLUMNS: &str = "id, entity_type, entity_id, created_by, created_as, title, address, city, district, full_address, \
    zip_code, apartment, floor, door_number, latitude, longitude, is_default, version, created_at, updated_at";

/// An address as its row has it.
#[derive(Serialize, FromQueryResult)]
pub(crate) struct BareAddress {
    id: Uuid,
    entity_type: String,
    entity_id: Uuid,
    created_by: Uuid,
    created_as: String,
    title: String,
    address: String,
    city: String,
    district: String,
    full_address: String,
    zip_code: String,
    apartment: Option<String>,
    floor: Option<String>,
    door_number: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    is_default: bool,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The very query by which the service lists the homes of `user`.
pub(crate) async fn list(database: &Database, user: Uuid) -> Result<Vec<BareAddress>> {
    let select = format!(
        "SELECT {COLUMNS} FROM address_address WHERE entity_type = $1 AND entity_id = $2 ORDER BY created_at, id"
    );
    let rows = database.query_all_raw(statement(database, select, ["USER".into(), user.into()])).await?;
    rows.iter().map(|row| Ok(BareAddress::from_query_result(row, "")?)).collect()
}

/// The very query by which the service finds one.
pub(crate) async fn find(database: &Database, id: Uuid) -> Result<Option<BareAddress>> {
    let select = format!("SELECT {COLUMNS} FROM address_address WHERE id = $1");
    let row = database.query_one_raw(statement(database, select, [id.into()])).await?;
    Ok(row.map(|row| BareAddress::from_query_result(&row, "")).transpose()?)
}

fn statement<const N: usize>(database: &Database, select: String, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(database.get_database_backend(), select, values)
}
