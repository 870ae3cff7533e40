//! What restaurant keeps: tables of its own in the database. One function for each question or change: mostly one query, never a
//! decision.

pub(crate) mod address;
pub(crate) mod announcement;
pub(crate) mod audience;
pub(crate) mod campaign;
pub(crate) mod category;
pub(crate) mod complement;
pub(crate) mod cuisine;
pub(crate) mod first_platform;
pub(crate) mod meal;
pub(crate) mod meal_group;
pub(crate) mod mealtime;
pub(crate) mod menu;
pub(crate) mod option;
pub(crate) mod option_group;
pub(crate) mod platform;
pub(crate) mod restaurant;
pub(crate) mod search;
pub(crate) mod unanswered;
