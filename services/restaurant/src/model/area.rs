//! The polygon within which a restaurant delivers, as its owner draws it. What follows from it, `contracts::geography` says.

use contracts::geography::{Coordinates, DeliveryArea, InvalidCoordinates, InvalidDeliveryArea};
use kit::{Fault, Faults, FromField, Text, row_at};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The ring of a GeoJSON polygon: `[longitude, latitude]`, closed. It is one by itself; whether it lies around a restaurant,
/// [`AreaRing::check_around`] says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct AreaRing(Vec<[f64; 2]>);

/// None of its numbers is none: `null` is not a number in JSON.
impl Eq for AreaRing {}

/// A GeoJSON polygon as it arrives.
#[derive(Deserialize)]
struct Polygon {
    r#type: String,
    coordinates: Vec<Vec<[f64; 2]>>,
}

/// Digits behind a degree's point that are kept: a centimetre. So few are read from the database as they were written.
const PRECISION: f64 = 1e7;

impl AreaRing {
    pub(crate) fn points(&self) -> &[[f64; 2]] {
        &self.0
    }

    /// What is wrong with it for a restaurant at this point.
    pub(crate) fn check_around(&self, restaurant: Coordinates) -> Result<(), InvalidDeliveryArea> {
        DeliveryArea::new(restaurant, None, Some(&self.0)).map(drop)
    }
}

impl FromField for AreaRing {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let ring = polygon(raw);
        let checked = ring.ok_or_else(no_polygon).and_then(|ring| {
            DeliveryArea::check_ring(&ring).map_err(of_area)?;
            Ok(Self(ring))
        });
        checked.map_err(|fault| faults.push(fault)).ok()
    }
}

/// The ring of a polygon that has one, to the centimetre.
fn polygon(raw: Value) -> Option<Vec<[f64; 2]>> {
    let polygon: Polygon = serde_json::from_value(raw).ok()?;
    let [ring] = <[Vec<[f64; 2]>; 1]>::try_from(polygon.coordinates).ok()?;
    let rounded = |degrees: f64| (degrees * PRECISION).round() / PRECISION;
    (polygon.r#type == "Polygon").then(|| ring.into_iter().map(|point| point.map(rounded)).collect())
}

fn no_polygon() -> Fault {
    let text = Text::new(
        "Bu, tek halkalı bir GeoJSON çokgeni değil: {\"type\": \"Polygon\", \"coordinates\": [[[boylam, enlem], …]]}.",
        "This is not a GeoJSON polygon of one ring: {\"type\": \"Polygon\", \"coordinates\": [[[longitude, latitude], …]]}.",
    );
    Fault::new("", "AREA_NOT_A_POLYGON", text)
}

/// What is wrong with an area, and with which of its points.
pub(crate) fn of_area(fault: InvalidDeliveryArea) -> Fault {
    let (code, text) = code_and_text(fault);
    let fault_of_area = Fault::new("", code, text);
    match fault {
        InvalidDeliveryArea::Point(place, _) | InvalidDeliveryArea::TooFar(place) => {
            fault_of_area.within(&row_at(place)).within("coordinates[0]")
        }
        InvalidDeliveryArea::Radius
        | InvalidDeliveryArea::Points
        | InvalidDeliveryArea::Open
        | InvalidDeliveryArea::CrossesItself
        | InvalidDeliveryArea::WithoutRestaurant => fault_of_area,
    }
}

fn code_and_text(fault: InvalidDeliveryArea) -> (&'static str, Text) {
    match fault {
        InvalidDeliveryArea::Radius => (
            "AREA_RADIUS",
            Text::new("Yarıçap 1 ile 30000 metre arasında olmalıdır.", "The radius must be from 1 to 30000 metres."),
        ),
        InvalidDeliveryArea::Points => (
            "AREA_POINTS",
            Text::new(
                "Halka, sonda yinelenen ilk noktasıyla 4 ile 64 nokta arasında olmalıdır.",
                "The ring must have from 4 to 64 points, with its first again as its last.",
            ),
        ),
        InvalidDeliveryArea::Point(_, InvalidCoordinates::Swapped) => (
            "AREA_SWAPPED",
            Text::new(
                "Enlem ve boylam yer değiştirmiş görünüyor; GeoJSON'da önce boylam yazılır.",
                "Latitude and longitude seem to be swapped; GeoJSON writes the longitude first.",
            ),
        ),
        InvalidDeliveryArea::Point(_, InvalidCoordinates::OutOfRange | InvalidCoordinates::Nowhere) => (
            "AREA_POINT_INVALID",
            Text::new(
                "Halkanın bir noktası yeryüzünde bir yer değil; noktalar [boylam, enlem] yazılır.",
                "A point of the ring is no place on earth; points are written [longitude, latitude].",
            ),
        ),
        InvalidDeliveryArea::Open => (
            "AREA_OPEN",
            Text::new(
                "Halka kapalı değil: son noktası ilki olmalıdır.",
                "The ring is open: its last point must be its first.",
            ),
        ),
        InvalidDeliveryArea::TooFar(_) => (
            "AREA_TOO_FAR",
            Text::new(
                "Halkanın bir noktası restorandan 60 km'den uzakta.",
                "A point of the ring is more than 60 km from the restaurant.",
            ),
        ),
        InvalidDeliveryArea::CrossesItself => (
            "AREA_CROSSES_ITSELF",
            Text::new("Halka kendini kesiyor ya da kendine değiyor.", "The ring crosses or touches itself."),
        ),
        InvalidDeliveryArea::WithoutRestaurant => (
            "AREA_WITHOUT_RESTAURANT",
            Text::new("Restoran kendi teslimat alanının dışında.", "The restaurant is outside its own delivery area."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(ring: &Value) -> Result<Value, (String, &'static str)> {
        read_polygon(json!({ "type": "Polygon", "coordinates": [ring] }))
    }

    fn read_polygon(polygon: Value) -> Result<Value, (String, &'static str)> {
        let mut faults = Faults::default();
        let ring = AreaRing::from_field(polygon, &mut faults);
        ring.map(|ring| json!(ring)).ok_or_else(|| (faults.list()[0].field().to_owned(), faults.list()[0].code()))
    }

    #[test]
    fn a_ring_is_kept_to_the_centimetre() {
        let ring = json!([[28.9, 40.9], [29.123_456_789, 40.9], [29.1, 41], [28.9, 40.9]]);

        let stored = read(&ring).unwrap();

        assert_eq!(stored, json!([[28.9, 40.9], [29.123_456_8, 40.9], [29.1, 41.0], [28.9, 40.9]]));
        assert_eq!(read(&stored), Ok(stored.clone()));
        let text = stored.to_string();
        assert_eq!(serde_json::from_str::<AreaRing>(&text).map(|ring| json!(ring).to_string()).unwrap(), text);
    }

    #[test]
    fn what_is_no_polygon_is_called_so() {
        let ring = json!([[28.9, 40.9], [29.1, 40.9], [29.1, 41.1], [28.9, 40.9]]);
        for wrong in [
            json!(7),
            json!("POLYGON((28.9 40.9))"),
            json!([]),
            ring.clone(),
            json!({}),
            json!({ "type": "Polygon" }),
            json!({ "type": "Point", "coordinates": [28.9, 40.9] }),
            json!({ "type": "MultiPolygon", "coordinates": [[ring]] }),
            json!({ "type": "polygon", "coordinates": [ring] }),
            json!({ "type": "Polygon", "coordinates": [] }),
            json!({ "type": "Polygon", "coordinates": [ring, ring] }),
            json!({ "type": "Polygon", "coordinates": [[[28.9], [29.1, 40.9]]] }),
            json!({ "type": "Polygon", "coordinates": [[[28.9, 40.9, 12], [29.1, 40.9, 12]]] }),
            json!({ "type": "Polygon", "coordinates": [[["28.9", "40.9"]]] }),
            json!({ "type": "Polygon", "coordinates": [[[null, 40.9]]] }),
            json!({ "type": "Feature", "geometry": { "type": "Polygon", "coordinates": [ring] } }),
        ] {
            assert_eq!(read_polygon(wrong.clone()), Err((String::new(), "AREA_NOT_A_POLYGON")), "{wrong}");
        }
    }

    #[test]
    fn each_fault_of_a_ring_has_a_name() {
        for (ring, place, code) in [
            (json!([[28.9, 40.9], [29.1, 40.9], [28.9, 40.9]]), "", "AREA_POINTS"),
            (json!(vec![[28.9, 40.9]; 65]), "", "AREA_POINTS"),
            (json!([[28.9, 40.9], [29.1, 40.9], [29.1, 41.1], [28.9, 41.1]]), "", "AREA_OPEN"),
            (json!([[40.9, 28.9], [40.9, 29.1], [41.1, 29.1], [40.9, 28.9]]), "coordinates[0][0]", "AREA_SWAPPED"),
            (json!([[28.9, 91], [29.1, 40.9], [29.1, 41.1], [28.9, 91]]), "coordinates[0][0]", "AREA_POINT_INVALID"),
            (json!([[0, 0], [29.1, 40.9], [29.1, 41.1], [0, 0]]), "coordinates[0][0]", "AREA_POINT_INVALID"),
            (json!([[28.9, 40.9], [29.1, 41.1], [29.1, 40.9], [28.9, 41.1], [28.9, 40.9]]), "", "AREA_CROSSES_ITSELF"),
            (json!([[28.9, 40.9], [28.9, 40.900_000_01], [29.1, 41.1], [28.9, 40.9]]), "", "AREA_CROSSES_ITSELF"),
        ] {
            assert_eq!(read(&ring), Err((place.to_owned(), code)), "{ring}");
        }
    }
}
