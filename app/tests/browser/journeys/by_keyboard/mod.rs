//! What readers do who have no pointer: with script and without.

mod order;
mod shift;
