//! What a restaurant is, as rules that need neither store nor clock.

mod cuisine;
mod draft;
mod hours;
mod list;
mod numbers;
mod picture;
mod restaurant;
mod writer;

pub(crate) use cuisine::{Cuisine, Cuisines};
pub(crate) use draft::DraftReason;
pub(crate) use hours::{Closures, HoursChange, SpecialDay, SpecialDays, TimeZone, WeekInput, WrittenClosure};
pub(crate) use list::ListPage;
pub(crate) use numbers::{LastOrder, PrepTime, Radius};
pub(crate) use picture::PictureUrl;
pub(crate) use restaurant::{Description, Name, RestaurantChange, RestaurantParts, Status};
pub(crate) use writer::Writer;
