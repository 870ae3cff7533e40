//! Where things are: coordinates and how far apart they are, where a restaurant delivers to, and the names of Turkey's places.
//!
//! Pure: lists, pages and checkout ask the same functions, so that they agree.

mod area;
mod coordinates;
mod place;

pub use area::{Delivery, DeliveryArea, InvalidDeliveryArea, Site};
pub use coordinates::{Coordinates, InvalidCoordinates};
pub use place::{Place, Places, place_key};
