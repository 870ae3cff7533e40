//! What callers of the store get when it fails.

use crate::EphemeralError;

pub(super) fn foreign(name: &str, reason: &str) -> EphemeralError {
    EphemeralError::Foreign { key: name.to_owned(), reason: reason.to_owned() }
}

pub(super) fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> EphemeralError {
    EphemeralError::Unavailable(Box::new(error))
}
