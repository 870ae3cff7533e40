//! Where on earth an address is, in degrees: both or neither.

use contracts::geography::{Coordinates, InvalidCoordinates};
use kit::{FieldChange, FieldValue, Text};

/// Degrees north, -90 to 90.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Latitude(f64);

/// Degrees east, -180 to 180.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Longitude(f64);

const LATITUDE_OUT_OF_RANGE: &str = "LATITUDE_OUT_OF_RANGE";
const LATITUDE_RANGE: Text = Text::new("Enlem -90 ile 90 arasında olmalıdır.", "The latitude must be from -90 to 90.");

/// What is to become of the coordinates that an address has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CoordinatesChange {
    pub(crate) latitude: FieldChange<Latitude>,
    pub(crate) longitude: FieldChange<Longitude>,
}

/// Why degrees are no point that somebody means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CoordinatesFault {
    LatitudeMissing,
    LongitudeMissing,
    Invalid(InvalidCoordinates),
}

/// The point of both degrees, or none of neither.
pub(crate) fn coordinates(
    latitude: Option<Latitude>,
    longitude: Option<Longitude>,
) -> Result<Option<Coordinates>, CoordinatesFault> {
    match (latitude, longitude) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(CoordinatesFault::LatitudeMissing),
        (Some(_), None) => Err(CoordinatesFault::LongitudeMissing),
        (Some(Latitude(latitude)), Some(Longitude(longitude))) => {
            Coordinates::new(latitude, longitude).map(Some).map_err(CoordinatesFault::Invalid)
        }
    }
}

impl CoordinatesChange {
    /// What the degrees of `before`, north and east, become. A change that clears one of the two and leaves the other out
    /// clears both.
    pub(crate) fn apply(self, before: Option<(f64, f64)>) -> Result<Option<Coordinates>, CoordinatesFault> {
        use FieldChange::{Clear, Keep};
        if matches!((self.latitude, self.longitude), (Clear, Keep | Clear) | (Keep, Clear)) {
            return Ok(None);
        }
        let (latitude, longitude) = before.map(|(north, east)| (Latitude(north), Longitude(east))).unzip();
        coordinates(self.latitude.apply(latitude), self.longitude.apply(longitude))
    }
}

impl CoordinatesFault {
    /// The field, the stable code and the text for the client.
    pub(crate) fn as_fault(self) -> (&'static str, &'static str, Text) {
        match self {
            Self::LatitudeMissing => (
                "latitude",
                "REQUIRED",
                Text::new("Boylamın yanında enlem de gerekir.", "A longitude needs its latitude."),
            ),
            Self::LongitudeMissing => (
                "longitude",
                "REQUIRED",
                Text::new("Enlemin yanında boylam da gerekir.", "A latitude needs its longitude."),
            ),
            Self::Invalid(InvalidCoordinates::OutOfRange) => ("latitude", LATITUDE_OUT_OF_RANGE, LATITUDE_RANGE),
            Self::Invalid(InvalidCoordinates::Nowhere) => (
                "latitude",
                "COORDINATES_NOWHERE",
                Text::new("0,0 bir adres değildir.", "Nobody lives at 0,0; leave both out."),
            ),
            Self::Invalid(InvalidCoordinates::Swapped) => (
                "latitude",
                "COORDINATES_SWAPPED",
                Text::new(
                    "Enlem ile boylam yer değiştirmiş görünüyor.",
                    "latitude and longitude seem to be swapped: the other way round the place is in Turkey.",
                ),
            ),
        }
    }
}

impl FieldValue for Latitude {
    type Raw = f64;

    fn parse(raw: f64) -> Result<Self, (&'static str, Text)> {
        (-90.0..=90.0).contains(&raw).then_some(Self(raw)).ok_or((LATITUDE_OUT_OF_RANGE, LATITUDE_RANGE))
    }
}

impl FieldValue for Longitude {
    type Raw = f64;

    fn parse(raw: f64) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("Boylam -180 ile 180 arasında olmalıdır.", "The longitude must be from -180 to 180.");
        (-180.0..=180.0).contains(&raw).then_some(Self(raw)).ok_or(("LONGITUDE_OUT_OF_RANGE", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CoordinatesFault::{Invalid, LatitudeMissing, LongitudeMissing};
    use FieldChange::{Clear, Keep, Set};

    const MODA: (f64, f64) = (40.98, 29.02);

    fn point(latitude: f64, longitude: f64) -> Option<Coordinates> {
        Some(Coordinates::new(latitude, longitude).unwrap())
    }

    #[test]
    fn a_point_has_both_degrees() {
        let of = |latitude: Option<f64>, longitude: Option<f64>| {
            coordinates(latitude.map(Latitude), longitude.map(Longitude))
        };

        assert_eq!(of(Some(40.98), Some(29.02)), Ok(point(40.98, 29.02)));
        assert_eq!(of(None, None), Ok(None));
        assert_eq!(of(Some(40.98), None), Err(LongitudeMissing));
        assert_eq!(of(None, Some(29.02)), Err(LatitudeMissing));
        assert_eq!(of(Some(0.0), Some(-0.0)), Err(Invalid(InvalidCoordinates::Nowhere)));
        assert_eq!(of(Some(29.02), Some(40.98)), Err(Invalid(InvalidCoordinates::Swapped)));
    }

    #[test]
    fn degrees_have_ends() {
        for (raw, fits) in [(90.0, true), (-90.0, true), (90.1, false), (1e300, false), (f64::NAN, false)] {
            assert_eq!(Latitude::parse(raw).is_ok(), fits, "{raw}");
        }
        for (raw, fits) in [(180.0, true), (-180.0, true), (180.1, false), (f64::INFINITY, false)] {
            assert_eq!(Longitude::parse(raw).is_ok(), fits, "{raw}");
        }
    }

    #[test]
    fn one_of_two_degrees_is_changed_beside_the_other_and_cleared_with_it() {
        let change = |latitude: FieldChange<f64>, longitude: FieldChange<f64>| CoordinatesChange {
            latitude: latitude.map(Latitude),
            longitude: longitude.map(Longitude),
        };

        assert_eq!(change(Keep, Keep).apply(Some(MODA)), Ok(point(40.98, 29.02)));
        assert_eq!(change(Keep, Keep).apply(None), Ok(None));
        assert_eq!(change(Set(41.0), Keep).apply(Some(MODA)), Ok(point(41.0, 29.02)));
        assert_eq!(change(Set(41.0), Keep).apply(None), Err(LongitudeMissing));
        assert_eq!(change(Set(41.0), Clear).apply(Some(MODA)), Err(LongitudeMissing));
        assert_eq!(change(Set(29.02), Set(40.98)).apply(Some(MODA)), Err(Invalid(InvalidCoordinates::Swapped)));
        for cleared in [change(Clear, Keep), change(Keep, Clear), change(Clear, Clear)] {
            assert_eq!(cleared.apply(Some(MODA)), Ok(None));
        }
    }
}
