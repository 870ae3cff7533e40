//! A point on earth, and how far it is to another.

use serde::Serialize;

/// The mean radius of the earth in metres, as the IUGG has it.
const EARTH: f64 = 6_371_008.8;

/// Turkey with its islands and a bit around, from the south-west to the north-east.
const TURKEY: [(f64, f64); 2] = [(35.7, 25.5), (42.3, 44.9)];

/// A point on earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coordinates {
    latitude: f64,
    longitude: f64,
}

/// Why two numbers are no point that somebody means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCoordinates {
    /// Beyond a pole, or more than once half around.
    #[error("a latitude is from -90 to 90, a longitude from -180 to 180")]
    OutOfRange,
    /// 0,0 lies in the sea; programs put it for what they don't know.
    #[error("nobody lives at 0,0")]
    Nowhere,
    /// They lie in Turkey the other way round alone.
    #[error("latitude and longitude seem to be swapped")]
    Swapped,
}

impl Coordinates {
    /// The point so many degrees north and east.
    ///
    /// # Errors
    /// When nobody means this point.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, InvalidCoordinates> {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return Err(InvalidCoordinates::OutOfRange);
        }
        if latitude == 0.0 && longitude == 0.0 {
            return Err(InvalidCoordinates::Nowhere);
        }
        if !is_in_turkey(latitude, longitude) && is_in_turkey(longitude, latitude) {
            return Err(InvalidCoordinates::Swapped);
        }
        Ok(Self { latitude, longitude })
    }

    /// Degrees north.
    #[must_use]
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    #[must_use]
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// How far it is, in whole metres along the surface. Whole, because the last bit of a sine differs between machines.
    #[must_use]
    pub fn distance(self, other: Self) -> u32 {
        let squares = self.on_sphere().into_iter().zip(other.on_sphere()).map(|(one, other)| (one - other).powi(2));
        let chord = squares.sum::<f64>().sqrt();
        let metres = 2.0 * EARTH * (chord / 2.0).min(1.0).asin();
        // Half around the earth is 20 million metres.
        metres.round() as u32
    }

    /// The point on a sphere with the radius 1.
    fn on_sphere(self) -> [f64; 3] {
        let (latitude, longitude) = (self.latitude.to_radians(), self.longitude.to_radians());
        [latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()]
    }
}

fn is_in_turkey(latitude: f64, longitude: f64) -> bool {
    let [(south, west), (north, east)] = TURKEY;
    (south..=north).contains(&latitude) && (west..=east).contains(&longitude)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(latitude: f64, longitude: f64) -> Coordinates {
        Coordinates::new(latitude, longitude).unwrap()
    }

    #[test]
    fn known_distances_are_right_to_a_thousandth() {
        for (from, to, metres) in [
            ((0.0, 1.0), (0.0, 2.0), 111_195.08),
            ((40.0, 29.0), (41.0, 29.0), 111_195.08),
            ((60.0, 10.0), (60.0, 11.0), 55_596.5),
            ((0.0, 1.0), (0.0, -179.0), 20_015_114.4),
            ((10.0, 179.5), (10.0, -179.5), 109_505.6),
        ] {
            let (from, to) = (at(from.0, from.1), at(to.0, to.1));
            let measured = f64::from(from.distance(to));
            assert!((measured - metres).abs() <= metres / 1000.0, "{from:?} to {to:?}: {measured}");
            assert_eq!(from.distance(to), to.distance(from));
        }
    }

    #[test]
    fn what_is_at_one_place_is_no_metre_apart() {
        assert_eq!(at(40.98, 29.02).distance(at(40.98, 29.02)), 0);
        assert_eq!(at(40.98, 29.02).distance(at(40.980_001, 29.02)), 0, "ties are ties to the metre");
        assert_eq!(at(40.98, 29.02).distance(at(40.980_01, 29.02)), 1);
    }

    #[test]
    fn a_point_that_nobody_means_is_refused() {
        use InvalidCoordinates::{Nowhere, OutOfRange, Swapped};
        for (latitude, longitude, fault) in [
            (0.0, -0.0, Nowhere),
            (90.1, 29.0, OutOfRange),
            (40.0, 180.1, OutOfRange),
            (f64::NAN, 29.0, OutOfRange),
            (40.0, f64::INFINITY, OutOfRange),
            (29.02, 40.98, Swapped),
        ] {
            assert_eq!(Coordinates::new(latitude, longitude), Err(fault), "{latitude}, {longitude}");
        }
        assert!(Coordinates::new(39.0, 41.5).is_ok(), "in Turkey either way");
        assert!(Coordinates::new(52.5, 13.4).is_ok(), "people live elsewhere, too");
    }

    proptest! {
        /// The haversine is another formula for the same.
        #[test]
        fn the_chord_agrees_with_the_haversine(from in (-89.0..89.0, -180.0..180.0), to in (-89.0..89.0, -180.0..180.0)) {
            let sine = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
            let (from, to): ((f64, f64), (f64, f64)) = (from, to);
            let both = from.0.to_radians().cos() * to.0.to_radians().cos();
            let haversine = 2.0 * EARTH * (sine(to.0 - from.0) + both * sine(to.1 - from.1)).sqrt().min(1.0).asin();
            let of = |(latitude, longitude)| Coordinates { latitude, longitude };
            prop_assert!((f64::from(of(from).distance(of(to))) - haversine).abs() <= 1.0);
        }
    }
}
