//! A restaurant, or what it offers, was written, changed or deleted.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::kurus;
use crate::{CatalogMenu, Event, Money, OpeningHours, RestaurantId, UserId};

/// The whole state of a restaurant, with a version that each change raises. Whoever keeps a copy applies only what has a larger
/// version than its own, and remembers the version of what was deleted, so that a late event brings nothing back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct CatalogChanged {
    /// The restaurant.
    pub restaurant_id: RestaurantId,
    /// Larger than before.
    pub version: i64,
    /// As it is now; `None` once it was deleted.
    pub catalog: Option<Box<Catalog>>,
    /// When it became so.
    pub changed_at: DateTime<Utc>,
}

/// What there is to know of a restaurant to take an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Catalog {
    /// Who runs it.
    pub owner_id: UserId,
    /// Its name.
    pub name: String,
    /// What it cooks, by the names that it gives itself.
    pub cuisines: Vec<String>,
    /// A word of its operator's.
    pub status: String,
    /// Whether anybody may see it.
    pub visible: bool,
    /// Where the clocks of its hours hang, by its IANA name.
    pub time_zone: String,
    /// Its week.
    pub opening_hours: OpeningHours,
    /// What opens on these days instead of what their week says.
    pub special_days: Vec<CatalogSpecialDay>,
    /// When it is closed, whatever else is said.
    pub closures: Vec<CatalogClosure>,
    /// Until when it takes a break.
    pub paused_until: Option<DateTime<Utc>>,
    /// How many minutes before it closes it stops to take orders.
    pub last_order_min: u16,
    /// How many minutes it cooks.
    pub prep_time: u16,
    /// Below this no order is taken.
    #[serde(with = "kurus")]
    #[schemars(with = "u64")]
    pub min_order_kurus: Money,
    /// What the way costs.
    #[serde(with = "kurus")]
    #[schemars(with = "u64")]
    pub delivery_fee_kurus: Money,
    /// Where it is; `None` while its address is not known.
    pub place: Option<CatalogPlace>,
    /// What can be ordered.
    #[serde(flatten)]
    pub menu: CatalogMenu,
}

/// The hours of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogSpecialDay {
    /// The day of the opening.
    pub date: NaiveDate,
    /// As in `opening_hours`; `closed` when nothing opens.
    pub intervals: String,
}

/// A time without service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogClosure {
    /// The first instant that is closed.
    pub from: DateTime<Utc>,
    /// The first instant that is not.
    pub until: DateTime<Utc>,
}

/// Where a restaurant is, and how far it delivers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogPlace {
    /// The province, as it was typed.
    pub city: String,
    /// The district, as it was typed.
    pub district: String,
    /// In degrees; with the longitude or not at all.
    pub latitude: Option<f64>,
    /// In degrees; with the latitude or not at all.
    pub longitude: Option<f64>,
    /// How far it delivers, in metres; within its province when `null`.
    pub radius_m: Option<u32>,
}

impl Event for CatalogChanged {
    const TOPIC: &'static str = "catalog_changed";
    const TYPE: &'static str = "lezzetlimani.catalog.changed.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000001","version":2,"deleted":false,"owner_id":"018f0000-0000-7000-8000-000000000002","name":"Çıpa Kebap","cuisines":["Kebap"],"status":"active","visible":true,"time_zone":"Europe/Istanbul","opening_hours":{"monday":"11:00-14:00, 18:00-02:00"},"special_days":[{"date":"2026-01-01","intervals":"closed"}],"closures":[{"from":"2026-02-01T00:00:00Z","until":"2026-02-02T00:00:00Z"}],"paused_until":"2026-01-02T12:00:00Z","last_order_min":30,"prep_time":25,"min_order_kurus":7500,"delivery_fee_kurus":990,"place":{"city":"İstanbul","district":"Kadıköy","latitude":40.9819,"longitude":29.0256,"radius_m":3000},"meals":[{"id":"018f0000-0000-7000-8000-000000000003","name":"Adana Kebap","price_kurus":24000,"is_available":false,"sold_out_until":"2026-01-02T20:00:00Z","mealtime_id":"018f0000-0000-7000-8000-000000000004","group_ids":["018f0000-0000-7000-8000-000000000005"]},{"id":"018f0000-0000-7000-8000-000000000006","name":"Şalgam","price_kurus":3550,"is_available":true,"sold_out_until":null,"mealtime_id":null,"group_ids":[]}],"mealtimes":[{"id":"018f0000-0000-7000-8000-000000000004","name":"Akşam","hours":{"friday":"18:00-02:00","saturday":"18:00-02:00"}}],"groups":[{"id":"018f0000-0000-7000-8000-000000000005","name":"Acı","min":1,"max":1,"options":[{"id":"018f0000-0000-7000-8000-000000000007","name":"Acılı","price_kurus":0,"max_quantity":1,"is_available":true}]}],"changed_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000001","version":1,"deleted":false,"owner_id":"018f0000-0000-7000-8000-000000000002","name":"Çıpa Kebap","cuisines":[],"status":"active","visible":false,"time_zone":"Europe/Istanbul","opening_hours":{},"special_days":[],"closures":[],"paused_until":null,"last_order_min":0,"prep_time":0,"min_order_kurus":0,"delivery_fee_kurus":0,"place":null,"meals":[],"mealtimes":[],"groups":[],"changed_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000001","version":3,"deleted":true,"changed_at":"2026-01-02T00:00:00Z"}"#,
    ];

    fn key(&self) -> String {
        self.restaurant_id.to_string()
    }
}

/// The value on the wire.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CatalogChanged")]
struct Wire {
    restaurant_id: RestaurantId,
    version: i64,
    /// Whether the restaurant is no more; then nothing else is said of it.
    deleted: bool,
    #[serde(flatten)]
    catalog: Option<Box<Catalog>>,
    changed_at: DateTime<Utc>,
}

/// A restaurant is there without its fields, or the other way round.
#[derive(Debug, thiserror::Error)]
#[error("a restaurant is either deleted, or all of its fields are there and well formed")]
struct Contradiction;

impl TryFrom<Wire> for CatalogChanged {
    type Error = Contradiction;

    fn try_from(wire: Wire) -> Result<Self, Contradiction> {
        let Wire { restaurant_id, version, deleted, catalog, changed_at } = wire;
        if deleted != catalog.is_none() {
            return Err(Contradiction);
        }
        Ok(Self { restaurant_id, version, catalog, changed_at })
    }
}

impl From<CatalogChanged> for Wire {
    fn from(event: CatalogChanged) -> Self {
        let CatalogChanged { restaurant_id, version, catalog, changed_at } = event;
        Self { restaurant_id, version, deleted: catalog.is_none(), catalog, changed_at }
    }
}

impl JsonSchema for CatalogChanged {
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
        for example in CatalogChanged::EXAMPLES {
            let event: CatalogChanged = serde_json::from_str(example).unwrap();

            assert_eq!(&serde_json::to_string(&event).unwrap(), example);
        }
    }

    #[test]
    fn an_event_of_before_there_were_menus_has_an_empty_one() {
        let mut value: Value = serde_json::from_str(CatalogChanged::EXAMPLES[0]).unwrap();
        for field in ["meals", "mealtimes", "groups"] {
            value.as_object_mut().unwrap().remove(field).unwrap();
        }

        let event: CatalogChanged = serde_json::from_value(value).unwrap();

        assert_eq!(event.catalog.unwrap().menu, CatalogMenu::default());
    }

    #[test]
    fn a_restaurant_is_not_both_deleted_and_there() {
        let mut value: Value = serde_json::from_str(CatalogChanged::EXAMPLES[0]).unwrap();
        value["deleted"] = true.into();

        assert!(serde_json::from_value::<CatalogChanged>(value).is_err());
    }

    #[test]
    fn a_restaurant_is_complete() {
        for missing in ["owner_id", "opening_hours", "min_order_kurus"] {
            let mut value: Value = serde_json::from_str(CatalogChanged::EXAMPLES[0]).unwrap();
            value[missing] = "something else".into();

            assert!(serde_json::from_value::<CatalogChanged>(value).is_err(), "{missing}");
        }
    }
}
