//! Pages as a browser without script comes to them.

mod account;
mod forms;
mod origins;
mod sessions;
