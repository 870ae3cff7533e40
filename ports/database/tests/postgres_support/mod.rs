//! What only the tests of Postgres stand on.

pub(crate) mod on_postgres;
pub(crate) mod swallowing_settings;
pub(crate) mod widening;
