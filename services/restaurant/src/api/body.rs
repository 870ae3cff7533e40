//! Restaurants in the shapes of the first platform, and with what it kept to itself.

use chrono::{DateTime, SecondsFormat, Utc};
use contracts::opening_hours::HoursState;
use contracts::{AddressDetails, AddressId, EmailAddress, Money, OpeningHours, Phone, RestaurantId, UserId};
use kit::{Faults, Field, Problem};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use crate::actions::FullRestaurant;
use crate::model::{
    AreaRing, Cuisine, Cuisines, Description, DraftReason, Name, PictureUrl, PrepTime, Radius, RestaurantChange,
    RestaurantParts, Status, WeekInput,
};
use crate::store::restaurant::Restaurant;

use super::polygon::GeoJsonPolygon;

/// A restaurant to be written down.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateRestaurant {
    /// 1 to 128 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 128, example = "Çıpa Kebap")]
    name: Field<Name>,
    /// 1 to 2000 characters, in paragraphs.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    description: Field<Description>,
    /// A path of ours or an `https` address.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, example = "https://example.com/logo.png")]
    logo: Field<PictureUrl>,
    /// A Turkish number in any usual form, or `+` and the country first.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "0216 123 45 67")]
    phone_number: Field<Phone>,
    /// Where guests write to.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "cipa@example.com")]
    email: Field<EmailAddress>,
    /// The hours of each day; a day that is left out is closed.
    #[serde(default)]
    #[schema(value_type = Option<OpeningHours>)]
    opening_hours: Field<WeekInput>,
    /// How many minutes it cooks.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 255, example = 25)]
    prep_time_min: Field<PrepTime>,
    /// What the way costs; 0 when left out.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 9.9)]
    delivery_fee: Field<Money>,
    /// Below this no order is taken; 0 when left out.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 75)]
    min_order: Field<Money>,
    /// How far it delivers, in metres; within its province when left out.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 30_000, example = 3000)]
    delivery_radius_m: Field<Radius>,
    /// The polygon within which it delivers, around its address: one ring of 4 to 64 points, 60 km from there at most. Where there
    /// is a radius, too, both must hold.
    #[serde(default)]
    #[schema(value_type = Option<GeoJsonPolygon>)]
    delivery_area: Field<AreaRing>,
    /// Where it is: an address of a restaurant that its owner or an admin has written down.
    #[serde(default)]
    #[schema(required, value_type = AddressId)]
    address_id: Field<AddressId>,
    /// What it cooks: up to 10 names of 1 to 64 characters.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 10, example = json!(["Kebap"]))]
    cuisines: Field<Cuisines>,
    /// Whose it is. Only an admin's word counts; else it is the caller's.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    owner_id: Field<UserId>,
}

/// What changes in a restaurant; what is left out stays, and so does what can't be empty and is sent as `null`. Fields of the
/// answer that are sent back are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateRestaurant {
    /// 1 to 128 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, example = "Çıpa Kebap")]
    name: Field<Name>,
    /// 1 to 2000 characters, in paragraphs; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    description: Field<Description>,
    /// A path of ours or an `https` address; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, example = "https://example.com/logo.png")]
    logo: Field<PictureUrl>,
    /// A Turkish number in any usual form, or `+` and the country first; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "0216 123 45 67")]
    phone_number: Field<Phone>,
    /// Where guests write to; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "cipa@example.com")]
    email: Field<EmailAddress>,
    /// The hours of each day; a day that is left out is closed.
    #[serde(default)]
    #[schema(value_type = Option<OpeningHours>)]
    opening_hours: Field<WeekInput>,
    /// How many minutes it cooks.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 255, example = 25)]
    prep_time_min: Field<PrepTime>,
    /// What the way costs.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 9.9)]
    delivery_fee: Field<Money>,
    /// Below this no order is taken.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 75)]
    min_order: Field<Money>,
    /// How far it delivers, in metres; `null` means within its province.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 30_000, example = 3000)]
    delivery_radius_m: Field<Radius>,
    /// The polygon within which it delivers, around its address: one ring of 4 to 64 points, 60 km from there at most. Where there
    /// is a radius, too, both must hold. `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<GeoJsonPolygon>)]
    delivery_area: Field<AreaRing>,
    /// Where it is: an address of a restaurant that its owner or an admin has written down.
    #[serde(default)]
    #[schema(value_type = Option<AddressId>)]
    address_id: Field<AddressId>,
    /// What it cooks: up to 10 names of 1 to 64 characters.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 10, example = json!(["Kebap"]))]
    cuisines: Field<Cuisines>,
}

/// A restaurant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Restaurant)]
pub(super) struct RestaurantBody {
    id: RestaurantId,
    #[schema(value_type = String)]
    name: Name,
    #[schema(value_type = Option<String>)]
    description: Option<Description>,
    #[schema(value_type = Option<String>)]
    logo: Option<PictureUrl>,
    #[schema(value_type = Option<String>)]
    phone_number: Option<Phone>,
    #[schema(value_type = Option<String>)]
    email: Option<EmailAddress>,
    #[schema(value_type = String, example = "active")]
    status: Status,
    #[schema(value_type = Vec<String>)]
    cuisines: Vec<Cuisine>,
    opening_hours: OpeningHours,
    #[serde(flatten)]
    now: OpenNow,
    /// How many minutes it cooks.
    prep_time: i16,
    /// The mean of all ratings; 0 where there is none.
    #[schema(value_type = f64)]
    rating_avg: Rating,
    rating_count: i32,
    delivery_fee: Money,
    min_order_price: Money,
    delivery_radius_m: Option<i32>,
    delivery_area: Option<GeoJsonPolygon>,
    address_id: AddressId,
    /// Left out of a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    address: Option<RestaurantAddress>,
    /// Why its owner alone sees it; left out where everybody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    draft_reason: Option<DraftReason>,
    #[schema(value_type = DateTime<Utc>)]
    created_at: InSeconds,
    #[schema(value_type = DateTime<Utc>)]
    updated_at: InSeconds,
}

/// What its hours say at this moment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenNow {
    is_open: bool,
    /// Whether an order can be taken.
    accepts_orders: bool,
    /// `null` when it is closed, or does not close within 14 days.
    closes_at: Option<DateTime<Utc>>,
    /// From when on no order is taken.
    last_order_at: Option<DateTime<Utc>>,
    /// `null` when it is open, or does not open within 14 days.
    opens_at: Option<DateTime<Utc>>,
}

/// Where a restaurant is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestaurantAddress {
    id: AddressId,
    title: String,
    address: String,
    city: String,
    district: String,
    full_address: String,
    zip_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    apartment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    door_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    longitude: Option<f64>,
}

/// The restaurant is written down.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestaurantCreated {
    #[schema(example = "Restaurant created successfully")]
    pub(super) message: &'static str,
    pub(super) id: RestaurantId,
    /// Why its owner alone sees it; left out where everybody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) draft_reason: Option<DraftReason>,
}

/// A mean in hundredths, as a number with two decimals.
#[derive(Debug)]
struct Rating(i32);

/// A time as the first platform writes it: RFC 3339, in whole seconds.
#[derive(Debug)]
struct InSeconds(DateTime<Utc>);

impl Serialize for Rating {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

impl Serialize for InSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl RestaurantBody {
    /// As it is at `now`.
    pub(super) fn at(now: DateTime<Utc>, full: FullRestaurant) -> Self {
        let FullRestaurant { restaurant, cuisines, address } = full;
        let address_id = restaurant.address_id;
        Self {
            now: OpenNow::of(&restaurant, now),
            id: restaurant.id,
            name: restaurant.name,
            description: restaurant.description,
            logo: restaurant.logo,
            phone_number: restaurant.phone_number,
            email: restaurant.email,
            status: restaurant.status,
            cuisines,
            opening_hours: restaurant.opening_hours,
            prep_time: restaurant.prep_time,
            rating_avg: Rating(restaurant.rating_avg),
            rating_count: restaurant.rating_count,
            delivery_fee: restaurant.delivery_fee_kurus,
            min_order_price: restaurant.min_order_kurus,
            delivery_radius_m: restaurant.delivery_radius_m,
            delivery_area: restaurant.delivery_area.as_ref().map(GeoJsonPolygon::from),
            address_id,
            address: address.map(|details| RestaurantAddress::of(address_id, details)),
            draft_reason: restaurant.draft_reason,
            created_at: InSeconds(restaurant.created_at),
            updated_at: InSeconds(restaurant.updated_at),
        }
    }
}

impl OpenNow {
    pub(super) fn of(restaurant: &Restaurant, now: DateTime<Utc>) -> Self {
        let state = restaurant.schedule().state(now);
        let (is_open, accepts_orders) = (state.is_open(), state.accepts_orders());
        let (closes_at, last_order_at, opens_at) = match state {
            HoursState::Open { closes_at, last_order_at, .. } => (closes_at, last_order_at, None),
            HoursState::Closed { opens_at } => (None, None, opens_at),
        };
        Self { is_open, accepts_orders, closes_at, last_order_at, opens_at }
    }
}

impl RestaurantAddress {
    fn of(id: AddressId, details: AddressDetails) -> Self {
        Self {
            id,
            title: details.title,
            address: details.address,
            city: details.city,
            district: details.district,
            full_address: details.full_address,
            zip_code: details.zip_code,
            apartment: details.apartment,
            floor: details.floor,
            door_number: details.door_number,
            latitude: details.latitude,
            longitude: details.longitude,
        }
    }
}

impl CreateRestaurant {
    /// Whose it is to be, where that is said, and all fields; or every fault.
    pub(super) fn parts(self) -> Result<(Option<UserId>, RestaurantParts), Problem> {
        let mut faults = Faults::default();
        let owner_id = faults.unless_null("owner_id", self.owner_id);
        let name = faults.required("name", self.name);
        let address_id = faults.required("address_id", self.address_id);
        let description = faults.unless_null("description", self.description);
        let logo = faults.unless_null("logo", self.logo);
        let phone_number = faults.unless_null("phone_number", self.phone_number);
        let email = faults.unless_null("email", self.email);
        let week = faults.unless_null("opening_hours", self.opening_hours);
        let prep_time = faults.unless_null("prep_time_min", self.prep_time_min).unwrap_or(PrepTime(0));
        let delivery_fee = faults.unless_null("delivery_fee", self.delivery_fee).unwrap_or_default();
        let min_order = faults.unless_null("min_order", self.min_order).unwrap_or_default();
        let delivery_radius = faults.unless_null("delivery_radius_m", self.delivery_radius_m);
        let delivery_area = faults.unless_null("delivery_area", self.delivery_area);
        let cuisines = faults.unless_null("cuisines", self.cuisines).unwrap_or_default();
        let (Some(name), Some(address_id)) = (name, address_id) else {
            return Err(faults.check().expect_err("a field that is missing left a fault"));
        };
        faults.check()?;
        let opening_hours = week.map(|WeekInput(hours)| hours).unwrap_or_default();
        let parts = RestaurantParts {
            name,
            description,
            logo,
            phone_number,
            email,
            opening_hours,
            prep_time,
            delivery_fee,
            min_order,
            delivery_radius,
            delivery_area,
            address_id,
            cuisines,
        };
        Ok((owner_id, parts))
    }
}

impl UpdateRestaurant {
    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<RestaurantChange, Problem> {
        let mut faults = Faults::default();
        let week = faults.unless_null("opening_hours", self.opening_hours);
        let change = RestaurantChange {
            name: faults.unless_null("name", self.name),
            description: faults.change("description", self.description),
            logo: faults.change("logo", self.logo),
            phone_number: faults.change("phone_number", self.phone_number),
            email: faults.change("email", self.email),
            opening_hours: week.map(|WeekInput(hours)| hours),
            prep_time: faults.unless_null("prep_time_min", self.prep_time_min),
            delivery_fee: faults.unless_null("delivery_fee", self.delivery_fee),
            min_order: faults.unless_null("min_order", self.min_order),
            delivery_radius: faults.change("delivery_radius_m", self.delivery_radius_m),
            delivery_area: faults.change("delivery_area", self.delivery_area),
            address_id: faults.unless_null("address_id", self.address_id),
            cuisines: faults.unless_null("cuisines", self.cuisines),
        };
        faults.check()?;
        Ok(change)
    }
}
