//! What the test programs share.

pub(crate) mod place;
pub(crate) mod postgres;
