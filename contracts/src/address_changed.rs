//! An address was written, changed or deleted.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};
use utoipa::ToSchema;

use crate::{AddressId, EntityId, Event, Role, UserId};

/// What an address is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[derive(Display, EnumString, IntoStaticStr)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub enum EntityType {
    /// Somebody's home: personal, and nobody else's to read.
    User,
    /// Where a restaurant is, for all to read.
    Restaurant,
}

impl EntityType {
    /// The word on the wire and in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The whole state of an address, with a version that each change raises. Whoever keeps a copy applies only what has a larger
/// version than its own, and remembers the version of what was deleted, so that a late event brings nothing back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct AddressChanged {
    /// The address.
    pub id: AddressId,
    /// What it is of.
    pub entity_type: EntityType,
    /// Whose it is.
    pub entity_id: EntityId,
    /// Who wrote it first.
    pub created_by: UserId,
    /// As what: a restaurant may use an address of its owner, or of an admin.
    pub created_as: Role,
    /// Larger than before.
    pub version: i64,
    /// As it is now; `None` once it was deleted.
    pub address: Option<AddressDetails>,
    /// When it became so.
    pub changed_at: DateTime<Utc>,
}

/// What an address says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddressDetails {
    /// What its writer calls it.
    pub title: String,
    /// Street and number.
    pub address: String,
    /// The province, as it was typed.
    pub city: String,
    /// The district, as it was typed.
    pub district: String,
    /// All of it, for whoever has to find the door.
    pub full_address: String,
    /// The postal code.
    pub zip_code: String,
    /// The building.
    pub apartment: Option<String>,
    /// The floor.
    pub floor: Option<String>,
    /// The door.
    pub door_number: Option<String>,
    /// In degrees; with the longitude or not at all.
    pub latitude: Option<f64>,
    /// In degrees; with the latitude or not at all.
    pub longitude: Option<f64>,
    /// Whether it is the one of its owner's that is used unless another is named.
    pub is_default: bool,
}

impl Event for AddressChanged {
    const TOPIC: &'static str = "address_changed";
    const TYPE: &'static str = "lezzetlimani.address.changed.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"id":"018f0000-0000-7000-8000-000000000001","entity_type":"USER","entity_id":"018f0000-0000-7000-8000-000000000002","created_by":"018f0000-0000-7000-8000-000000000002","created_as":"user","version":2,"deleted":false,"address":{"title":"Ev","address":"Moda Caddesi 12","city":"İstanbul","district":"Kadıköy","full_address":"Caferağa Mah. Moda Caddesi 12, Kadıköy","zip_code":"34710","apartment":"Deniz","floor":"3","door_number":"7","latitude":40.9819,"longitude":29.0256,"is_default":true},"changed_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000003","entity_type":"RESTAURANT","entity_id":"018f0000-0000-7000-8000-000000000004","created_by":"018f0000-0000-7000-8000-000000000004","created_as":"manager","version":1,"deleted":false,"address":{"title":"Çıpa Kebap","address":"Sahil Yolu 1","city":"İstanbul","district":"Kadıköy","full_address":"Sahil Yolu 1, Kadıköy","zip_code":"34710","apartment":null,"floor":null,"door_number":null,"latitude":null,"longitude":null,"is_default":false},"changed_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","entity_type":"USER","entity_id":"018f0000-0000-7000-8000-000000000002","created_by":"018f0000-0000-7000-8000-000000000002","created_as":"user","version":3,"deleted":true,"address":null,"changed_at":"2026-01-02T00:00:00Z"}"#,
    ];

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// The value on the wire.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AddressChanged")]
struct Wire {
    id: AddressId,
    entity_type: EntityType,
    entity_id: EntityId,
    created_by: UserId,
    created_as: Role,
    version: i64,
    /// Whether `address` is `null` because it is no more.
    deleted: bool,
    address: Option<AddressDetails>,
    changed_at: DateTime<Utc>,
}

/// `deleted` and `address` contradict each other.
#[derive(Debug, thiserror::Error)]
#[error("an address is deleted exactly where its details are null")]
struct Contradiction;

impl TryFrom<Wire> for AddressChanged {
    type Error = Contradiction;

    fn try_from(wire: Wire) -> Result<Self, Contradiction> {
        let Wire { id, entity_type, entity_id, created_by, created_as, version, deleted, address, changed_at } = wire;
        if deleted != address.is_none() {
            return Err(Contradiction);
        }
        Ok(Self { id, entity_type, entity_id, created_by, created_as, version, address, changed_at })
    }
}

impl From<AddressChanged> for Wire {
    fn from(event: AddressChanged) -> Self {
        let AddressChanged { id, entity_type, entity_id, created_by, created_as, version, address, changed_at } = event;
        let deleted = address.is_none();
        Self { id, entity_type, entity_id, created_by, created_as, version, deleted, address, changed_at }
    }
}

impl JsonSchema for AddressChanged {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Wire::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Wire::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        for example in AddressChanged::EXAMPLES {
            let event: AddressChanged = serde_json::from_str(example).unwrap();

            assert_eq!(&serde_json::to_string(&event).unwrap(), example);
        }
    }

    #[test]
    fn an_address_is_not_both_deleted_and_there() {
        for deleted in [true, false] {
            let mut value: Value = serde_json::from_str(AddressChanged::EXAMPLES[0]).unwrap();
            value["deleted"] = deleted.into();
            if !deleted {
                value["address"] = Value::Null;
            }

            assert!(serde_json::from_value::<AddressChanged>(value).is_err(), "deleted: {deleted}");
        }
    }
}
