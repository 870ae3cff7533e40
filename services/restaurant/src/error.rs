//! What can go wrong here, and what a client sees of it.

use database::DatabaseError;
use kit::{Fault, Problem, Text};

/// Why an action had no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestaurantError {
    /// There is no such restaurant, or the caller may not know of it.
    #[error("there is no such restaurant")]
    NotFound,
    /// The caller may see the restaurant and not change it, or may own none.
    #[error("the restaurant is not the caller's to change")]
    NotYours,
    /// An owner has so many restaurants and no more.
    #[error("the list of restaurants is full")]
    TooManyRestaurants,
    /// So many restaurants are at one address and no more.
    #[error("too many restaurants are at the address")]
    AddressFull,
    /// A break begins now and ends later.
    #[error("the pause ends before it begins")]
    PauseIsOver,
    /// A break of weeks is a closure.
    #[error("the pause is too long")]
    PauseTooLong,
    /// The idempotency key stands for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<RestaurantError> for Problem {
    fn from(error: RestaurantError) -> Self {
        let of_pause = |code, tr, en| Self::invalid(vec![Fault::new("until", code, Text::new(tr, en))]);
        match error {
            RestaurantError::NotFound => {
                Self::not_found("RESTAURANT_NOT_FOUND", "Restoran bulunamadı.", "Restaurant not found")
            }
            RestaurantError::NotYours => {
                Self::forbidden("PERMISSION_DENIED", "Bu restoran için yetkiniz yok.", "Permission denied")
            }
            RestaurantError::TooManyRestaurants => Self::conflict(
                "TOO_MANY_RESTAURANTS",
                "Restoran listeniz dolu; önce birini silin.",
                "Your list of restaurants is full; delete one first.",
            ),
            RestaurantError::AddressFull => Self::conflict(
                "ADDRESS_FULL",
                "Bu adreste daha fazla restoran olamaz.",
                "There can be no more restaurants at this address.",
            ),
            RestaurantError::PauseIsOver => {
                of_pause("TIME_PAST", "Ara gelecekte bitmelidir.", "A pause must end in the future.")
            }
            RestaurantError::PauseTooLong => of_pause(
                "TOO_LONG",
                "Ara en çok 24 saat sürer; daha uzunu için kapalı dönem yazın.",
                "A pause lasts 24 hours at most; write a closure for more.",
            ),
            RestaurantError::KeyReused => kit::idempotency::reused(),
            RestaurantError::Database(error) => error.into(),
        }
    }
}
