//! A restaurant, or what it offers, was written, changed or deleted.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{kurus, optional_kurus};
use crate::{CampaignId, CatalogMenu, Event, Money, OpeningHours, OrderTerms, RestaurantId, UserId};

/// The whole state of a restaurant, with a version that each change raises. Whoever keeps a copy applies only what has a larger
/// version than its own, and remembers the version of what was deleted, so that a late event brings nothing back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct CatalogChanged {
    /// The restaurant; [`RestaurantId::PLATFORM`] for what is the platform's own.
    pub restaurant_id: RestaurantId,
    /// Larger than before.
    pub version: i64,
    /// As it is now; `None` once it was deleted, and of the platform.
    pub catalog: Option<Box<Catalog>>,
    /// What an order may be given off; of the platform, at any restaurant. Those that have ended may be missing.
    pub campaigns: Vec<CatalogCampaign>,
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
    /// How it takes orders.
    #[serde(flatten)]
    pub terms: OrderTerms,
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
    /// The ring within which it delivers, as that of a GeoJSON polygon: `[longitude, latitude]`, closed. Where there is a
    /// radius, too, both must hold.
    #[serde(default)]
    pub area: Option<Vec<[f64; 2]>>,
}

/// When, and how much, an order is given off. Its limits are counted by campaign and not by code, of which several campaigns
/// may have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogCampaign {
    /// The campaign.
    pub id: CampaignId,
    /// What a diner types for it, in upper case; `null` where it holds by itself.
    pub code: Option<String>,
    /// How much.
    #[serde(flatten)]
    pub discount: CatalogDiscount,
    /// What the meals must cost before anything is given off.
    #[serde(with = "kurus")]
    #[schemars(with = "u64")]
    pub min_basket_kurus: Money,
    /// The first instant that it holds.
    pub starts_at: DateTime<Utc>,
    /// The first instant that it does not.
    pub ends_at: DateTime<Utc>,
    /// How many orders it is for; any number when `null`.
    pub total_limit: Option<u32>,
    /// How many orders of one diner it is for; any number when `null`.
    pub per_user_limit: Option<u32>,
}

/// What a campaign gives off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CatalogDiscount {
    /// A part of what the meals cost.
    Percent {
        /// In hundredths of a percent: 1250 is 12.5 %.
        value: u32,
        /// No more than this; `null` where there is no such bound.
        #[serde(with = "optional_kurus")]
        #[schemars(with = "Option<u64>")]
        max_discount_kurus: Option<Money>,
    },
    /// So much.
    Amount {
        /// In kuruş.
        #[serde(with = "kurus")]
        #[schemars(with = "u64")]
        value: Money,
    },
    /// What the way costs.
    FreeDelivery,
}

impl Event for CatalogChanged {
    const TOPIC: &'static str = "catalog_changed";
    const TYPE: &'static str = "lezzetlimani.catalog.changed.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000001","version":2,"deleted":false,"owner_id":"018f0000-0000-7000-8000-000000000002","name":"Çıpa Kebap","cuisines":["Kebap"],"status":"active","visible":true,"time_zone":"Europe/Istanbul","opening_hours":{"monday":"11:00-14:00, 18:00-02:00"},"special_days":[{"date":"2026-01-01","intervals":"closed"}],"closures":[{"from":"2026-02-01T00:00:00Z","until":"2026-02-02T00:00:00Z"}],"paused_until":"2026-01-02T12:00:00Z","last_order_min":30,"prep_time":25,"min_order_kurus":7500,"delivery_fee_kurus":990,"place":{"city":"İstanbul","district":"Kadıköy","latitude":40.9819,"longitude":29.0256,"radius_m":3000,"area":[[28.9,40.9],[29.1,40.9],[29.1,41.1],[28.9,40.9]]},"answer_within_minutes":10,"slot_minutes":15,"slot_capacity":20,"free_from_kurus":7500,"payment_methods":["cash","credit_card"],"delivery_vat_bp":1000,"meals":[{"id":"018f0000-0000-7000-8000-000000000003","name":"Adana Kebap","price_kurus":24000,"is_available":false,"sold_out_until":"2026-01-02T20:00:00Z","mealtime_id":"018f0000-0000-7000-8000-000000000004","group_ids":["018f0000-0000-7000-8000-000000000005"],"vat_bp":1000},{"id":"018f0000-0000-7000-8000-000000000006","name":"Şalgam","price_kurus":3550,"is_available":true,"sold_out_until":null,"mealtime_id":null,"group_ids":[],"vat_bp":1000}],"mealtimes":[{"id":"018f0000-0000-7000-8000-000000000004","name":"Akşam","hours":{"friday":"18:00-02:00","saturday":"18:00-02:00"}}],"groups":[{"id":"018f0000-0000-7000-8000-000000000005","name":"Acı","min":1,"max":1,"options":[{"id":"018f0000-0000-7000-8000-000000000007","name":"Acılı","price_kurus":0,"max_quantity":1,"is_available":true}]}],"campaigns":[{"id":"018f0000-0000-7000-8000-000000000003","code":null,"kind":"percent","value":1250,"max_discount_kurus":2000,"min_basket_kurus":10000,"starts_at":"2026-01-01T00:00:00Z","ends_at":"2026-02-01T00:00:00Z","total_limit":100,"per_user_limit":1},{"id":"018f0000-0000-7000-8000-000000000004","code":"YOLBIZDEN","kind":"free_delivery","min_basket_kurus":0,"starts_at":"2026-01-01T00:00:00Z","ends_at":"2026-02-01T00:00:00Z","total_limit":null,"per_user_limit":null}],"changed_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000001","version":1,"deleted":false,"owner_id":"018f0000-0000-7000-8000-000000000002","name":"Çıpa Kebap","cuisines":[],"status":"active","visible":false,"time_zone":"Europe/Istanbul","opening_hours":{},"special_days":[],"closures":[],"paused_until":null,"last_order_min":0,"prep_time":0,"min_order_kurus":0,"delivery_fee_kurus":0,"place":null,"answer_within_minutes":10,"slot_minutes":15,"slot_capacity":null,"free_from_kurus":null,"payment_methods":["cash","pos","credit_card"],"delivery_vat_bp":1000,"meals":[],"mealtimes":[],"groups":[],"campaigns":[],"changed_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000001","version":3,"deleted":true,"changed_at":"2026-01-02T00:00:00Z"}"#,
        r#"{"restaurant_id":"00000000-0000-0000-0000-000000000000","version":1,"deleted":false,"campaigns":[{"id":"018f0000-0000-7000-8000-000000000005","code":"LIMAN5","kind":"amount","value":500,"min_basket_kurus":7500,"starts_at":"2026-01-01T00:00:00Z","ends_at":"2026-02-01T00:00:00Z","total_limit":null,"per_user_limit":1}],"changed_at":"2026-01-01T00:00:00Z"}"#,
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
    /// Of the platform nothing but its campaigns is said.
    #[serde(flatten)]
    catalog: Option<Box<Catalog>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<CatalogCampaign>")]
    campaigns: Option<Vec<CatalogCampaign>>,
    changed_at: DateTime<Utc>,
}

/// A restaurant is there without its fields, or the other way round.
#[derive(Debug, thiserror::Error)]
#[error(
    "a restaurant is either deleted, or all of its fields are there and well formed; of the platform only campaigns are said"
)]
struct Contradiction;

impl TryFrom<Wire> for CatalogChanged {
    type Error = Contradiction;

    fn try_from(wire: Wire) -> Result<Self, Contradiction> {
        let Wire { restaurant_id, version, deleted, catalog, campaigns, changed_at } = wire;
        let is_said = match (restaurant_id, deleted) {
            (RestaurantId::PLATFORM, deleted) => catalog.is_none() && !deleted,
            (_, true) => catalog.is_none() && campaigns.is_none(),
            (_, false) => catalog.is_some(),
        };
        if !is_said {
            return Err(Contradiction);
        }
        Ok(Self { restaurant_id, version, catalog, campaigns: campaigns.unwrap_or_default(), changed_at })
    }
}

impl From<CatalogChanged> for Wire {
    fn from(event: CatalogChanged) -> Self {
        let CatalogChanged { restaurant_id, version, catalog, campaigns, changed_at } = event;
        let deleted = catalog.is_none() && restaurant_id != RestaurantId::PLATFORM;
        Self { restaurant_id, version, deleted, catalog, campaigns: (!deleted).then_some(campaigns), changed_at }
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
    fn an_event_of_before_there_were_orders_has_the_usual_terms() {
        let mut value: Value = serde_json::from_str(CatalogChanged::EXAMPLES[0]).unwrap();
        let Value::Object(terms) = serde_json::to_value(OrderTerms::default()).unwrap() else {
            panic!("it is an object")
        };
        for field in terms.keys() {
            value.as_object_mut().unwrap().remove(field).unwrap();
        }
        value["meals"][0].as_object_mut().unwrap().remove("vat_bp").unwrap();

        let catalog = serde_json::from_value::<CatalogChanged>(value).unwrap().catalog.unwrap();

        assert_eq!((catalog.terms, catalog.menu.meals[0].vat_bp), (OrderTerms::default(), 1_000));
    }

    #[test]
    fn a_restaurant_is_not_both_deleted_and_there() {
        let mut value: Value = serde_json::from_str(CatalogChanged::EXAMPLES[0]).unwrap();
        value["deleted"] = true.into();

        assert!(serde_json::from_value::<CatalogChanged>(value).is_err());
    }

    #[test]
    fn of_the_platform_campaigns_alone_are_said() {
        let platform = serde_json::to_value(RestaurantId::PLATFORM).unwrap();
        for (example, is_read) in CatalogChanged::EXAMPLES.iter().zip([false, false, false, true]) {
            let mut value: Value = serde_json::from_str(example).unwrap();
            value["restaurant_id"] = platform.clone();

            assert_eq!(serde_json::from_value::<CatalogChanged>(value).is_ok(), is_read, "{example}");
        }
    }

    #[test]
    fn a_restaurant_of_which_no_campaigns_are_said_has_none() {
        let mut value: Value = serde_json::from_str(CatalogChanged::EXAMPLES[0]).unwrap();
        value.as_object_mut().unwrap().remove("campaigns");

        assert_eq!(serde_json::from_value::<CatalogChanged>(value).unwrap().campaigns, []);
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
