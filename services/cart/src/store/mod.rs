//! What cart keeps: tables of its own in the database. One function for each question or change: mostly one query, never a
//! decision.

pub(crate) mod absorbed;
pub(crate) mod address;
pub(crate) mod basket;
pub(crate) mod board;
pub(crate) mod campaign;
pub(crate) mod contact;
pub(crate) mod earnings;
pub(crate) mod first_platform;
pub(crate) mod kitchen;
pub(crate) mod line;
pub(crate) mod live;
pub(crate) mod meal;
pub(crate) mod merge;
pub(crate) mod order;
pub(crate) mod payment;
pub(crate) mod removed_meal;
pub(crate) mod restaurant;
pub(crate) mod sandbox;
pub(crate) mod slot;
