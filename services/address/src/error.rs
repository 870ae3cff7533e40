//! What can go wrong here, and what a client sees of it.

use database::DatabaseError;
use kit::{Fault, Problem, TooManyWrites};

use crate::model::CoordinatesFault;

/// Why an action had no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddressError {
    /// There is no such address.
    #[error("there is no such address")]
    NotFound,
    /// The caller may not read or write it; to whom may not write, one that is not there is the same.
    #[error("the address is another's")]
    NotYours,
    /// An owner has so many addresses and no more.
    #[error("the list of addresses is full")]
    TooManyAddresses,
    /// Somebody has written so often on this day and no more.
    #[error(transparent)]
    TooManyWrites(#[from] TooManyWrites),
    /// With what stands there the coordinates are no point.
    #[error("the coordinates are no point: {0:?}")]
    Coordinates(CoordinatesFault),
    /// The idempotency key stands for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<AddressError> for Problem {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::NotFound => Self::not_found("ADDRESS_NOT_FOUND", "Adres bulunamadı.", "Address not found"),
            AddressError::NotYours => {
                Self::forbidden("PERMISSION_DENIED", "Bu adres için yetkiniz yok.", "Permission denied")
            }
            AddressError::TooManyAddresses => Self::conflict(
                "TOO_MANY_ADDRESSES",
                "Adres listeniz dolu; önce birini silin.",
                "Your list of addresses is full; delete one first.",
            ),
            AddressError::TooManyWrites(error) => error.into(),
            AddressError::Coordinates(fault) => {
                let (field, code, text) = fault.as_fault();
                Self::invalid(vec![Fault::new(field, code, text)])
            }
            AddressError::KeyReused => kit::idempotency::reused(),
            AddressError::Database(error) => error.into(),
        }
    }
}
