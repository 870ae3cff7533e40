//! What the service can do: one function per ability, each with a transaction of its own. Those that only events call are called
//! by their file.

mod addresses;
pub(crate) mod cached;
mod import_first_platform;
mod record_imported;
mod seed;

pub(crate) use addresses::{
    Asked, CreateAddress, create_address, delete_address, find_address, list_addresses, update_address,
};
pub use import_first_platform::import_first_platform;
pub(crate) use record_imported::record_imported;
pub use seed::{DemoAddress, seed};
