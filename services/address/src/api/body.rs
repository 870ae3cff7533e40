//! Addresses in the shapes of the first platform.

use contracts::geography::Coordinates;
use contracts::{AddressId, EntityId, EntityType, UserId};
use kit::{BareTime, Claim, Faults, Field, FieldChange, Problem, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{
    self, AddressChange, AddressParts, CoordinatesChange, Detail, FullAddress, Latitude, Longitude, Place, Street,
    Title, ZipCode,
};
use crate::store::address::Address;

/// An address to be written down.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateAddress {
    /// What its owner calls it: 1 to 100 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 100, example = "Ev")]
    title: Field<Title>,
    /// Street and number: 1 to 200 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 200, example = "Moda Caddesi 12")]
    address: Field<Street>,
    /// The province: 1 to 100 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 100, example = "İstanbul")]
    city: Field<Place>,
    /// The district: 1 to 100 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 100, example = "Kadıköy")]
    district: Field<Place>,
    /// All of it, for whoever has to find the door: 1 to 500 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 500, example = "Caferağa Mah. Moda Caddesi 12, Kadıköy")]
    full_address: Field<FullAddress>,
    /// The postal code: 1 to 16 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 16, example = "34710")]
    zip_code: Field<ZipCode>,
    /// The building: 1 to 50 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "Deniz")]
    apartment: Field<Detail>,
    /// The floor: 1 to 50 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "3")]
    floor: Field<Detail>,
    /// The door: 1 to 50 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "7")]
    door_number: Field<Detail>,
    /// In degrees, with the longitude or not at all.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -90, maximum = 90, example = 40.9819)]
    latitude: Field<Latitude>,
    /// In degrees, with the latitude or not at all.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -180, maximum = 180, example = 29.0256)]
    longitude: Field<Longitude>,
    /// Whether it is used unless another is named; then no other one of the owner's is. `false` when left out.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_default: Field<bool>,
    /// Of which kind, where the query does not say; `USER` when both are left out.
    #[serde(default)]
    #[schema(value_type = Option<EntityType>)]
    entity_type: Field<EntityType>,
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    pub(super) user_id: Claim,
}

/// What changes in an address; what is left out stays, and so does what can't be empty and is sent as `null`. Fields of the answer
/// that are sent back are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateAddress {
    /// What its owner calls it: 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Ev")]
    title: Field<Title>,
    /// Street and number: 1 to 200 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Moda Caddesi 12")]
    address: Field<Street>,
    /// The province: 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "İstanbul")]
    city: Field<Place>,
    /// The district: 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Kadıköy")]
    district: Field<Place>,
    /// All of it, for whoever has to find the door: 1 to 500 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "Caferağa Mah. Moda Caddesi 12, Kadıköy")]
    full_address: Field<FullAddress>,
    /// The postal code: 1 to 16 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 16, example = "34710")]
    zip_code: Field<ZipCode>,
    /// The building: 1 to 50 characters; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "Deniz")]
    apartment: Field<Detail>,
    /// The floor: 1 to 50 characters; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "3")]
    floor: Field<Detail>,
    /// The door: 1 to 50 characters; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "7")]
    door_number: Field<Detail>,
    /// In degrees; `null` clears it and the longitude with it.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -90, maximum = 90, example = 40.9819)]
    latitude: Field<Latitude>,
    /// In degrees; `null` clears it and the latitude with it.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -180, maximum = 180, example = 29.0256)]
    longitude: Field<Longitude>,
    /// Whether it is used unless another is named; then no other one of the owner's is.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_default: Field<bool>,
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    pub(super) user_id: Claim,
}

/// An address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Address)]
pub(super) struct AddressBody {
    id: AddressId,
    #[schema(value_type = String)]
    title: Title,
    #[schema(value_type = String)]
    address: Street,
    #[schema(value_type = String)]
    city: Place,
    #[schema(value_type = String)]
    district: Place,
    #[schema(value_type = String)]
    full_address: FullAddress,
    #[schema(value_type = String)]
    zip_code: ZipCode,
    #[schema(value_type = Option<String>)]
    apartment: Option<Detail>,
    #[schema(value_type = Option<String>)]
    floor: Option<Detail>,
    #[schema(value_type = Option<String>)]
    door_number: Option<Detail>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    is_default: bool,
    #[schema(value_type = String)]
    created_at: BareTime,
    #[schema(value_type = String)]
    updated_at: BareTime,
    entity_type: EntityType,
    /// Whose it is.
    entity_id: EntityId,
}

impl From<Address> for AddressBody {
    fn from(address: Address) -> Self {
        Self {
            id: address.id,
            title: address.title,
            address: address.address,
            city: address.city,
            district: address.district,
            full_address: address.full_address,
            zip_code: address.zip_code,
            apartment: address.apartment,
            floor: address.floor,
            door_number: address.door_number,
            latitude: address.latitude,
            longitude: address.longitude,
            is_default: address.is_default,
            created_at: BareTime(address.created_at),
            updated_at: BareTime(address.updated_at),
            entity_type: address.entity_type,
            entity_id: address.entity_id,
        }
    }
}

impl CreateAddress {
    /// Of which kind it is to be, and all fields; or every fault. `asked` is the kind that the query names.
    pub(super) fn parts(self, asked: Option<EntityType>) -> Result<(EntityType, AddressParts), Problem> {
        let mut faults = Faults::default();
        let sent = faults.unless_null("entity_type", self.entity_type);
        if sent.zip(asked).is_some_and(|(sent, asked)| sent != asked) {
            faults.add("entity_type", "ENTITY_TYPE_DIFFERS", ENTITY_TYPE_DIFFERS);
        }
        let title = faults.required("title", self.title);
        let address = faults.required("address", self.address);
        let city = faults.required("city", self.city);
        let district = faults.required("district", self.district);
        let full_address = faults.required("full_address", self.full_address);
        let zip_code = faults.required("zip_code", self.zip_code);
        let apartment = faults.unless_null("apartment", self.apartment);
        let floor = faults.unless_null("floor", self.floor);
        let door_number = faults.unless_null("door_number", self.door_number);
        let coordinates = coordinates(&mut faults, self.latitude, self.longitude);
        let is_default = faults.unless_null("is_default", self.is_default).unwrap_or_default();
        let required = (title, address, city, district, full_address, zip_code);
        let (Some(title), Some(address), Some(city), Some(district), Some(full_address), Some(zip_code)) = required
        else {
            return Err(faults.check().expect_err("a field that is missing left a fault"));
        };
        faults.check()?;
        let parts = AddressParts {
            title,
            address,
            city,
            district,
            full_address,
            zip_code,
            apartment,
            floor,
            door_number,
            coordinates,
            is_default,
        };
        Ok((asked.or(sent).unwrap_or(EntityType::User), parts))
    }
}

const ENTITY_TYPE_DIFFERS: Text = Text::new(
    "entity_type sorguda ve gövdede aynı olmalıdır.",
    "entity_type must be the same in the query and in the body.",
);

/// What is wrong with one of the two is said of that one alone.
fn coordinates(faults: &mut Faults, latitude: Field<Latitude>, longitude: Field<Longitude>) -> Option<Coordinates> {
    let is_wrong = matches!(latitude, Field::Invalid(_)) || matches!(longitude, Field::Invalid(_));
    let (latitude, longitude) = (faults.unless_null("latitude", latitude), faults.unless_null("longitude", longitude));
    if is_wrong {
        return None;
    }
    model::coordinates(latitude, longitude).unwrap_or_else(|fault| {
        let (field, code, text) = fault.as_fault();
        faults.add(field, code, text);
        None
    })
}

impl UpdateAddress {
    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<AddressChange, Problem> {
        let mut faults = Faults::default();
        let (latitude, longitude): (FieldChange<Latitude>, FieldChange<Longitude>) =
            (faults.change("latitude", self.latitude), faults.change("longitude", self.longitude));
        let change = AddressChange {
            title: faults.unless_null("title", self.title),
            address: faults.unless_null("address", self.address),
            city: faults.unless_null("city", self.city),
            district: faults.unless_null("district", self.district),
            full_address: faults.unless_null("full_address", self.full_address),
            zip_code: faults.unless_null("zip_code", self.zip_code),
            apartment: faults.change("apartment", self.apartment),
            floor: faults.change("floor", self.floor),
            door_number: faults.change("door_number", self.door_number),
            coordinates: CoordinatesChange { latitude, longitude },
            is_default: faults.unless_null("is_default", self.is_default),
        };
        faults.check()?;
        Ok(change)
    }
}
