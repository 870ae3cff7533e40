//! When a restaurant is open: its week, special days, closures and pauses, and what follows from them at an instant.
//!
//! Pure: whoever asks gives the time. Every list, page and checkout asks [`Schedule`], so that they agree.

mod day;
mod schedule;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod week;

pub use chrono_tz::Tz;
pub use day::{DayHours, Interval, InvalidDayHours};
pub use schedule::{Closure, HoursState, Schedule};
pub use week::{InvalidOpeningHours, OpeningHours};
