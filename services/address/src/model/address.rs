//! What an address says.

use contracts::ShortText;
use contracts::geography::Coordinates;
use kit::FieldChange;
use serde::Serialize;

use super::CoordinatesChange;

/// What the owner calls it.
pub(crate) type Title = ShortText<100>;
/// Street and number.
pub(crate) type Street = ShortText<200>;
/// A province or a district, whatever it is called.
pub(crate) type Place = ShortText<100>;
/// All of it, for whoever has to find the door.
pub(crate) type FullAddress = ShortText<500>;
/// A postal code.
pub(crate) type ZipCode = ShortText<16>;
/// A building, a floor, a door.
pub(crate) type Detail = ShortText<50>;

/// All that is written down of a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct AddressParts {
    pub(crate) title: Title,
    pub(crate) address: Street,
    pub(crate) city: Place,
    pub(crate) district: Place,
    pub(crate) full_address: FullAddress,
    pub(crate) zip_code: ZipCode,
    pub(crate) apartment: Option<Detail>,
    pub(crate) floor: Option<Detail>,
    pub(crate) door_number: Option<Detail>,
    pub(crate) coordinates: Option<Coordinates>,
    pub(crate) is_default: bool,
}

/// What its owner changes; the rest stays.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AddressChange {
    pub(crate) title: Option<Title>,
    pub(crate) address: Option<Street>,
    pub(crate) city: Option<Place>,
    pub(crate) district: Option<Place>,
    pub(crate) full_address: Option<FullAddress>,
    pub(crate) zip_code: Option<ZipCode>,
    pub(crate) apartment: FieldChange<Detail>,
    pub(crate) floor: FieldChange<Detail>,
    pub(crate) door_number: FieldChange<Detail>,
    pub(crate) coordinates: CoordinatesChange,
    pub(crate) is_default: Option<bool>,
}
