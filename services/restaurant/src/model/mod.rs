//! What a restaurant and its menu are, as rules that need neither store nor clock.

mod allergens;
mod area;
mod arrangement;
mod campaign;
mod campaign_mail;
mod category;
mod cuisine;
pub(crate) mod demo;
mod draft;
mod facts;
mod filters;
mod hours;
mod ids;
mod list;
mod meal;
mod mealtime;
mod menu_cache;
mod name_key;
mod numbers;
mod open_times;
mod option_group;
mod order;
mod order_terms;
mod picture;
mod restaurant;
mod writer;

pub(crate) use allergens::{Allergen, Allergens};
pub(crate) use area::{AreaRing, of_area};
pub(crate) use arrangement::{displaced, in_front_of};
pub(crate) use campaign::{CampaignChange, CampaignParts, CouponCode, DiscountKind, Title};
pub(crate) use campaign_mail::CampaignMail;
pub(crate) use category::{CategoryChange, CategoryParts};
pub(crate) use cuisine::{Cuisine, Cuisines};
pub(crate) use draft::DraftReason;
pub(crate) use facts::{Facts, WordSet};
pub(crate) use filters::{DeliveryPlace, Filters, OwnerFilter};
pub(crate) use hours::{
    Closures, HoursChange, SentClosures, SentDays, SpecialDay, SpecialDays, TimeZone, WeekInput, WrittenClosure,
};
pub(crate) use ids::Ids;
pub(crate) use list::{ListPage, ListPart, TooDeep};
pub(crate) use meal::{
    Availability, Complements, MOST_COMPLEMENTS, MOST_MEALS, MealChange, MealCuisine, MealGroups, MealParts, MenuName,
    SoldOutUntil,
};
pub(crate) use mealtime::{MealtimeChange, MealtimeHours, MealtimeParts};
pub(crate) use menu_cache::{MOST_BYTES, MenuCache};
pub(crate) use name_key::NameKey;
pub(crate) use numbers::{LastOrder, Position, PrepTime, Radius, TotalLimit, UserLimit};
pub(crate) use open_times::{OpenAt, OpenTimes};
pub(crate) use option_group::{Choices, GroupChange, GroupOptions, GroupParts};
pub(crate) use order::{Direction, Order, SortColumn};
pub(crate) use order_terms::{AnswerMinutes, OrderTermsChange, PaymentMethods, SlotCapacity, SlotMinutes, VatRate};
pub(crate) use picture::PictureUrl;
pub(crate) use restaurant::{Description, Name, RestaurantChange, RestaurantParts, Status};
pub(crate) use writer::Writer;
