//! Polygons as clients draw them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::AreaRing;

/// A polygon as RFC 7946 has it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GeoJsonPolygon {
    #[schema(example = "Polygon")]
    r#type: &'static str,
    /// One closed ring of `[longitude, latitude]`.
    #[schema(example = json!([[[28.9, 40.9], [29.1, 40.9], [29.1, 41.1], [28.9, 40.9]]]))]
    coordinates: Vec<Vec<[f64; 2]>>,
}

impl From<&AreaRing> for GeoJsonPolygon {
    fn from(ring: &AreaRing) -> Self {
        Self { r#type: "Polygon", coordinates: vec![ring.points().to_vec()] }
    }
}
