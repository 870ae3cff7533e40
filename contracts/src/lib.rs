//! The words that services say to each other: ids, addresses, phones, short texts, languages and events; and how texts fold.
//!
//! Types, and what is pure. Whoever holds one may trust it, because it was parsed where it came in; what to do with it is
//! decided by the services. Wire shapes are those of the first platform, with our fields behind them.

// The macros below name this crate by its own name, also here.
extern crate self as contracts;

mod address_changed;
mod audience_counted;
mod campaign_announced;
mod campaign_counted;
mod campaign_state_changed;
mod catalog_changed;
mod catalog_menu;
mod consent_changed;
mod email_address;
mod email_event;
mod event;
mod fold;
pub mod geography;
mod id;
pub mod keys;
mod locale;
mod mail_message;
mod money;
mod offer;
pub mod opening_hours;
mod order_changed;
mod order_terms;
mod order_update;
mod phone;
pub mod pricing;
mod role;
mod schema;
mod secret;
mod short_text;
mod user_created;

#[cfg(feature = "database")]
mod column;

pub use address_changed::{AddressChanged, AddressDetails, EntityType};
pub use audience_counted::AudienceCounted;
pub use campaign_announced::{AnnouncedCampaign, CampaignAnnounced};
pub use campaign_counted::CampaignCounted;
pub use campaign_state_changed::{CampaignStateChanged, MailingState};
pub use catalog_changed::{
    Catalog, CatalogCampaign, CatalogChanged, CatalogClosure, CatalogDiscount, CatalogPlace, CatalogSpecialDay,
};
pub use catalog_menu::{CatalogGroup, CatalogMeal, CatalogMealtime, CatalogMenu, CatalogOption};
pub use consent_changed::{ConsentChanged, ConsentSource};
pub use email_address::{EmailAddress, InvalidEmailAddress};
pub use email_event::{EmailEvent, RESET_LINK_TTL, VERIFICATION_LINK_TTL};
pub use event::Event;
pub use fold::{fold, fold_coupon_code};
pub use id::{
    AddressId, CampaignId, CategoryId, EntityId, MealId, MealtimeId, OptionGroupId, OptionId, OrderId, RestaurantId,
    SessionId, UserId,
};
pub use locale::Locale;
pub use mail_message::{Asked, MailClass, MailKind, MailLink, MailMessage, MailVariable, TextForm};
pub use money::{InvalidMoney, Money, Price};
pub use offer::Offer;
pub use opening_hours::OpeningHours;
pub use order_changed::{OrderActor, OrderChanged, OrderStatus};
pub use order_terms::{ALCOHOL_VAT_BP, FOOD_VAT_BP, OrderTerms, PaymentMethod};
pub use order_update::{OrderChange, OrderUpdate};
pub use phone::{InvalidPhone, Phone};
pub use role::Role;
pub use schema::{EventSchema, async_api};
pub use secret::Secret;
pub use short_text::{InvalidText, ShortText};
pub use user_created::UserCreated;

/// All events that the platform records or hears.
#[must_use]
pub fn event_schemas() -> Vec<EventSchema> {
    vec![
        EventSchema::of::<UserCreated>(),
        EventSchema::of::<EmailEvent>(),
        EventSchema::of::<AddressChanged>(),
        EventSchema::of::<CatalogChanged>(),
        EventSchema::of::<OrderChanged>(),
        EventSchema::of::<CampaignAnnounced>(),
        EventSchema::of::<CampaignCounted>(),
        EventSchema::of::<CampaignStateChanged>(),
        EventSchema::of::<AudienceCounted>(),
        EventSchema::of::<ConsentChanged>(),
    ]
}

#[doc(hidden)]
#[cfg(feature = "database")]
pub use sea_orm;
#[doc(hidden)]
pub use {schemars, serde, serde_json, utoipa, uuid};
