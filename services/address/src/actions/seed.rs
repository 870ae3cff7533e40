//! Addresses of a demo, written down where they are not there yet.

use anyhow::Context as _;
use bus::outbox;
use contracts::geography::Coordinates;
use contracts::{AddressChanged, AddressDetails, AddressId, EntityType, Role, UserId};
use database::Database;

use crate::model::{AddressOwner, AddressParts, Writer};
use crate::store;
use crate::store::address::Address;

/// The address of a demo's restaurant.
#[derive(Debug, Clone)]
pub struct DemoAddress {
    /// The same at each call.
    pub id: AddressId,
    /// The manager whose it is.
    pub manager: UserId,
    /// All of it.
    pub details: AddressDetails,
}

/// Writes down those of `demo` that are not there, in one transaction, as their managers would.
///
/// # Errors
/// The database failed, or a detail is longer than a client may send it.
pub async fn seed(database: &Database, demo: Vec<DemoAddress>) -> anyhow::Result<()> {
    let owner = |address: &DemoAddress| AddressOwner::of(EntityType::Restaurant, address.manager);
    let tx = store::address::begin_write_each(database, demo.iter().map(owner)).await?;
    let mut added = Vec::new();
    for address in demo {
        if store::address::find(&tx, address.id).await?.is_none() {
            let writer = Writer { user_id: address.manager, role: Role::Manager };
            let parts = parts(address.details.clone())?;
            let row = Address::new(address.id, writer, owner(&address), parts, tx.now());
            store::address::insert(&tx, &row).await?;
            added.push(AddressChanged::from(row));
        }
    }
    outbox::record_all(&tx, &added).await?;
    Ok(tx.commit().await?)
}

fn parts(details: AddressDetails) -> anyhow::Result<AddressParts> {
    let AddressDetails { title, address, city, district, full_address, zip_code, .. } = details;
    let AddressDetails { apartment, floor, door_number, latitude, longitude, is_default, .. } = details;
    let detail = |text: Option<String>| text.map(|text| text.parse()).transpose();
    let point = latitude.zip(longitude).map(|(latitude, longitude)| Coordinates::new(latitude, longitude));
    Ok(AddressParts {
        title: title.parse().context("title")?,
        address: address.parse().context("address")?,
        city: city.parse().context("city")?,
        district: district.parse().context("district")?,
        full_address: full_address.parse().context("full_address")?,
        zip_code: zip_code.parse().context("zip_code")?,
        apartment: detail(apartment).context("apartment")?,
        floor: detail(floor).context("floor")?,
        door_number: detail(door_number).context("door_number")?,
        coordinates: point.transpose().context("coordinates")?,
        is_default,
    })
}
