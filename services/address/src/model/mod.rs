//! What an address is and who may touch it, as rules that need neither store nor clock.

mod address;
mod coordinates;
mod owner;

pub(crate) use address::{AddressChange, AddressParts, Detail, FullAddress, Place, Street, Title, ZipCode};
pub(crate) use coordinates::{CoordinatesChange, CoordinatesFault, Latitude, Longitude, coordinates};
pub(crate) use owner::{AddressOwner, Writer};
