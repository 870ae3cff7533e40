//! Where a restaurant delivers to.

use super::coordinates::{Coordinates, InvalidCoordinates};

/// The farthest that a radius reaches, in metres.
const MOST_RADIUS: u32 = 30_000;

/// How far from the restaurant a point of the ring may be, in metres.
const FARTHEST_POINT: u32 = 60_000;

/// How many points a ring may have, with its first again as its last.
const POINTS: std::ops::RangeInclusive<usize> = 4..=64;

/// A tenth of a millimetre, in degrees: as near to a border counts as on it.
const ON_BORDER: f64 = 1e-9;

/// Where a restaurant delivers to: within a radius, within a ring, or where both hold; with neither, within its il.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeliveryArea {
    radius: Option<u32>,
    ring: Option<Ring>,
}

/// Why an area is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeliveryArea {
    /// No metre, or more than 30 000.
    #[error("the radius is from 1 to {max} metres", max = MOST_RADIUS)]
    Radius,
    /// Fewer than a triangle has, or more than 64.
    #[error("the ring has from {min} to {max} points", min = POINTS.start(), max = POINTS.end())]
    Points,
    /// The point at this place, from zero, is none.
    #[error("a point of the ring is [longitude, latitude]: {1}")]
    Point(usize, InvalidCoordinates),
    /// Its last point is not its first.
    #[error("the ring is not closed: its last point is not its first")]
    Open,
    /// The point at this place, from zero, is more than 60 km from the restaurant.
    #[error("the ring is more than {max} metres from the restaurant", max = FARTHEST_POINT)]
    TooFar(usize),
    /// Two of its sides meet elsewhere than in the point between them.
    #[error("the ring crosses or touches itself")]
    CrossesItself,
    /// The restaurant itself is outside.
    #[error("the restaurant is outside the ring")]
    WithoutRestaurant,
}

/// A restaurant or an address, by what the decision needs.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The key of its il.
    pub city_key: &'a str,
    /// Where it is, if that is known.
    pub coordinates: Option<Coordinates>,
}

/// What is decided of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Whether the restaurant delivers there.
    pub delivers: bool,
    /// Whether that was decided by the il alone, because coordinates that an area needs are not known.
    pub approximate: bool,
}

impl DeliveryArea {
    /// The area of a restaurant at this point. The ring is that of a GeoJSON polygon: `[longitude, latitude]`, closed.
    ///
    /// # Errors
    /// The first fault that is found.
    pub fn new(
        restaurant: Coordinates,
        radius: Option<u32>,
        ring: Option<&[[f64; 2]]>,
    ) -> Result<Self, InvalidDeliveryArea> {
        if radius.is_some_and(|metres| !(1..=MOST_RADIUS).contains(&metres)) {
            return Err(InvalidDeliveryArea::Radius);
        }
        let ring = ring.map(|points| Ring::new(restaurant, points)).transpose()?;
        Ok(Self { radius, ring })
    }

    /// Whether `ring` is one, wherever its restaurant is.
    ///
    /// # Errors
    /// The first fault that is found.
    pub fn check_ring(ring: &[[f64; 2]]) -> Result<(), InvalidDeliveryArea> {
        Ring::of(ring).map(drop)
    }

    /// Whether a restaurant with this area delivers to the address.
    #[must_use]
    pub fn delivers(&self, restaurant: Site<'_>, address: Site<'_>) -> Delivery {
        let same_city = restaurant.city_key == address.city_key;
        if self.radius.is_none() && self.ring.is_none() {
            return Delivery { delivers: same_city, approximate: false };
        }
        let (Some(from), Some(to)) = (restaurant.coordinates, address.coordinates) else {
            return Delivery { delivers: same_city, approximate: true };
        };
        let within_radius = self.radius.is_none_or(|metres| from.distance(to) <= metres);
        let within_ring = self.ring.as_ref().is_none_or(|ring| ring.holds(to));
        Delivery { delivers: within_radius && within_ring, approximate: false }
    }
}

/// Longitude and latitude, on a plane: an area is small.
type Point = [f64; 2];

#[derive(Debug, Clone, PartialEq)]
struct Ring(Vec<Point>);

impl Ring {
    fn new(restaurant: Coordinates, points: &[Point]) -> Result<Self, InvalidDeliveryArea> {
        let ring = Self::of(points)?;
        for (place, point) in ring.0.iter().enumerate() {
            if coordinates(place, *point)?.distance(restaurant) > FARTHEST_POINT {
                return Err(InvalidDeliveryArea::TooFar(place));
            }
        }
        if ring.holds(restaurant) { Ok(ring) } else { Err(InvalidDeliveryArea::WithoutRestaurant) }
    }

    /// A ring, wherever it is.
    fn of(points: &[Point]) -> Result<Self, InvalidDeliveryArea> {
        if !POINTS.contains(&points.len()) {
            return Err(InvalidDeliveryArea::Points);
        }
        for (place, point) in points.iter().enumerate() {
            coordinates(place, *point)?;
        }
        if points.first() != points.last() {
            return Err(InvalidDeliveryArea::Open);
        }
        let ring = Self(points.to_vec());
        if ring.crosses_itself() { Err(InvalidDeliveryArea::CrossesItself) } else { Ok(ring) }
    }

    fn sides(&self) -> impl ExactSizeIterator<Item = [Point; 2]> + Clone {
        self.0.windows(2).map(|side| [side[0], side[1]])
    }

    /// A side must have a length. Neighbours share a point and may not lie on each other; all others may not meet at all.
    fn crosses_itself(&self) -> bool {
        let count = self.sides().len();
        self.sides().enumerate().any(|(position, side)| {
            let mut others = self.sides().enumerate().skip(position + 1);
            side[0] == side[1]
                || others.any(|(other_position, other)| match other_position - position {
                    1 => is_on(other[1], side) || is_on(side[0], other),
                    apart if apart == count - 1 => is_on(other[0], side) || is_on(side[1], other),
                    _ => meet(side, other),
                })
        })
    }

    /// By the number of sides that a ray to the east crosses: odd is inside. The border is inside.
    fn holds(&self, place: Coordinates) -> bool {
        let point = [place.longitude(), place.latitude()];
        let mut inside = false;
        for [from, to] in self.sides() {
            if is_on(point, [from, to]) {
                return true;
            }
            let passes = (from[1] > point[1]) != (to[1] > point[1]);
            if passes && point[0] < from[0] + (point[1] - from[1]) / (to[1] - from[1]) * (to[0] - from[0]) {
                inside = !inside;
            }
        }
        inside
    }
}

fn coordinates(place: usize, [longitude, latitude]: Point) -> Result<Coordinates, InvalidDeliveryArea> {
    Coordinates::new(latitude, longitude).map_err(|fault| InvalidDeliveryArea::Point(place, fault))
}

/// Twice the area of the triangle; positive when the turn is to the left.
fn turn([a, b]: [Point; 2], c: Point) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn is_on(point: Point, [from, to]: [Point; 2]) -> bool {
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    let within = |axis: usize| {
        let (low, high) = (from[axis].min(to[axis]), from[axis].max(to[axis]));
        (low - ON_BORDER..=high + ON_BORDER).contains(&point[axis])
    };
    within(0) && within(1) && turn([from, to], point).abs() <= ON_BORDER * length
}

fn meet(one: [Point; 2], other: [Point; 2]) -> bool {
    let parts = |[from, to]: [Point; 2], side| (turn(side, from) > 0.0) != (turn(side, to) > 0.0);
    let touches = one.iter().any(|point| is_on(*point, other)) || other.iter().any(|point| is_on(*point, one));
    touches || (parts(one, other) && parts(other, one))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOME: [f64; 2] = [29.0, 41.0];

    fn at([longitude, latitude]: Point) -> Coordinates {
        Coordinates::new(latitude, longitude).unwrap()
    }

    fn site(point: Point) -> Site<'static> {
        Site { city_key: "istanbul", coordinates: Some(at(point)) }
    }

    fn area(radius: Option<u32>, ring: Option<&[Point]>) -> Result<DeliveryArea, InvalidDeliveryArea> {
        DeliveryArea::new(at(HOME), radius, ring)
    }

    fn delivers(area: &DeliveryArea, point: Point) -> bool {
        area.delivers(site(HOME), site(point)).delivers
    }

    /// A U that is open to the north, around the restaurant in its left arm.
    const CONCAVE: [Point; 9] = [
        [28.9, 40.9],
        [29.3, 40.9],
        [29.3, 41.1],
        [29.2, 41.1],
        [29.2, 40.95],
        [29.1, 40.95],
        [29.1, 41.1],
        [28.9, 41.1],
        [28.9, 40.9],
    ];

    #[test]
    fn a_concave_ring_has_its_border_and_not_what_it_surrounds() {
        let area = area(None, Some(&CONCAVE)).unwrap();

        assert!(delivers(&area, [29.25, 41.0]), "the other arm");
        assert!(delivers(&area, [29.2, 40.92]), "the ground");
        assert!(!delivers(&area, [29.15, 41.0]), "between the arms");
        assert!(!delivers(&area, [28.8, 41.0]) && !delivers(&area, [29.4, 41.0]));
        assert!(!delivers(&area, [28.8, 41.1]), "level with points of the ring");
        for border in [[29.3, 41.1], [29.1, 40.95], [29.15, 40.95], [28.9, 41.03], [29.25, 41.1]] {
            assert!(delivers(&area, border), "{border:?}");
        }
    }

    #[test]
    fn a_radius_ends_with_its_last_metre() {
        let there = [29.01, 41.0];
        let metres = at(HOME).distance(at(there));

        assert!(delivers(&area(Some(metres), None).unwrap(), there));
        assert!(!delivers(&area(Some(metres - 1), None).unwrap(), there));
    }

    #[test]
    fn where_both_are_given_both_must_hold() {
        let both = area(Some(20_000), Some(&CONCAVE)).unwrap();

        assert!(delivers(&both, [29.05, 41.0]));
        assert!(!delivers(&both, [29.25, 41.0]), "in the ring alone");
        assert!(!delivers(&both, [29.0, 40.89]), "in the radius alone");
    }

    #[test]
    fn without_an_area_or_coordinates_the_il_decides() {
        let here = Site { city_key: "istanbul", coordinates: None };
        let elsewhere = Site { city_key: "ankara", coordinates: None };
        let (none, some) = (DeliveryArea::default(), area(Some(1), None).unwrap());

        assert_eq!(none.delivers(site(HOME), here), Delivery { delivers: true, approximate: false });
        assert_eq!(none.delivers(site(HOME), elsewhere), Delivery { delivers: false, approximate: false });
        assert_eq!(some.delivers(site(HOME), here), Delivery { delivers: true, approximate: true });
        assert_eq!(some.delivers(site(HOME), elsewhere), Delivery { delivers: false, approximate: true });
    }

    #[test]
    fn what_is_no_area_is_refused() {
        let square = [[28.9, 40.9], [29.1, 40.9], [29.1, 41.1], [28.9, 41.1], [28.9, 40.9]];
        let with = |position: usize, point: Point| {
            let mut ring = square;
            ring[position] = point;
            area(None, Some(&ring))
        };
        let bow = [[28.9, 40.9], [29.1, 41.1], [29.1, 40.9], [28.9, 41.1], [28.9, 40.9]];
        let spike = [[28.9, 40.9], [29.1, 40.9], [29.1, 41.1], [29.1, 41.0], [28.9, 41.1], [28.9, 40.9]];
        let pinched = [[28.9, 40.9], [29.1, 40.9], [29.1, 41.1], [29.0, 40.9], [28.9, 41.1], [28.9, 40.9]];

        assert!(area(Some(30_000), Some(&square)).is_ok());
        assert_eq!(area(Some(0), None), Err(InvalidDeliveryArea::Radius));
        assert_eq!(area(Some(30_001), None), Err(InvalidDeliveryArea::Radius));
        assert_eq!(area(None, Some(&square[..3])), Err(InvalidDeliveryArea::Points));
        assert_eq!(area(None, Some(&[HOME; 65])), Err(InvalidDeliveryArea::Points));
        assert_eq!(area(None, Some(&square[..4])), Err(InvalidDeliveryArea::Open));
        assert_eq!(with(2, [29.1, 41.6]), Err(InvalidDeliveryArea::TooFar(2)));
        assert_eq!(with(2, [41.1, 29.1]), Err(InvalidDeliveryArea::Point(2, InvalidCoordinates::Swapped)));
        assert_eq!(with(2, [f64::NAN, 41.1]), Err(InvalidDeliveryArea::Point(2, InvalidCoordinates::OutOfRange)));
        assert_eq!(with(2, [29.1, 40.9]), Err(InvalidDeliveryArea::CrossesItself), "a side without a length");
        for crossed in [&bow[..], &spike[..], &pinched[..], &[HOME; 4][..]] {
            assert_eq!(area(None, Some(crossed)), Err(InvalidDeliveryArea::CrossesItself), "{crossed:?}");
        }
        let aside = [[28.7, 40.9], [28.9, 40.9], [28.9, 41.1], [28.7, 41.1], [28.7, 40.9]];
        assert_eq!(area(None, Some(&aside)), Err(InvalidDeliveryArea::WithoutRestaurant));
    }

    proptest! {
        /// A star around the restaurant never crosses itself, and holds what lies nearer than its ring in each direction.
        #[test]
        fn a_star_holds_what_is_nearer_than_its_ring(
            reach in proptest::collection::vec(0.05..0.4_f64, 3..63), ray in 0..62_usize, part in 0.0..1.6_f64,
        ) {
            let count = reach.len();
            let point = |ray: usize, part: f64| {
                let (sine, cosine) = (std::f64::consts::TAU * ray as f64 / count as f64).sin_cos();
                [HOME[0] + cosine * reach[ray % count] * part, HOME[1] + sine * reach[ray % count] * part]
            };
            let mut ring: Vec<_> = (0..count).map(|ray| point(ray, 1.0)).collect();
            ring.push(ring[0]);
            prop_assume!(!(0.999..=1.001).contains(&part));
            let star = area(None, Some(&ring)).unwrap();

            prop_assert_eq!(delivers(&star, point(ray % count, part)), part < 1.0);
        }
    }
}
