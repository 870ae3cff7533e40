//! Typed ids: a `UserId` can't be passed where a session is meant.

/// Declares an id type: a UUID that knows what it names, for JSON, schemas, paths and columns.
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            $crate::serde::Serialize, $crate::serde::Deserialize, $crate::schemars::JsonSchema, $crate::utoipa::ToSchema,
        )]
        #[serde(crate = "::contracts::serde", transparent)]
        #[schemars(crate = "::contracts::schemars")]
        pub struct $name(pub $crate::uuid::Uuid);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::uuid::Error;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        $crate::uuid_column!($name);
    };
}

typed_id! {
    /// A user, in every service and in every token; made by auth when a mailbox is proven.
    UserId
}

typed_id! {
    /// A session of a user: one sign-in on one device, with all the tokens that came of it.
    SessionId
}

typed_id! {
    /// An address, in every service.
    AddressId
}

typed_id! {
    /// Whose an address is: the user who wrote it; for one of a restaurant that the first platform kept, the restaurant.
    EntityId
}

typed_id! {
    /// A restaurant, in every service.
    RestaurantId
}

typed_id! {
    /// A meal of a restaurant, in every service.
    MealId
}

typed_id! {
    /// A group of meals under one heading of a menu.
    CategoryId
}

typed_id! {
    /// A time of the day at which some meals are served.
    MealtimeId
}

typed_id! {
    /// A group of options, some of which are chosen with a meal.
    OptionGroupId
}

typed_id! {
    /// What can be chosen with a meal.
    OptionId
}

typed_id! {
    /// A campaign of a restaurant or of the platform, in every service.
    CampaignId
}

typed_id! {
    /// An order, in every service.
    OrderId
}

impl RestaurantId {
    /// No restaurant: what is the platform's own stands under it.
    pub const PLATFORM: Self = Self(uuid::Uuid::nil());
}

impl MealId {
    /// The meal that the first platform calls so. Ids are texts there: one that is a UUID stays as it is; of another a UUID is
    /// made, always the same one (RFC 9562, version 5).
    #[must_use]
    pub fn of_first_platform(theirs: &str) -> Self {
        theirs.parse().unwrap_or_else(|_| {
            let name = format!("lezzetlimani first platform meal {theirs}");
            Self(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()))
        })
    }
}

/// Ids are no columns where there is no database.
#[cfg(not(feature = "database"))]
#[doc(hidden)]
#[macro_export]
macro_rules! uuid_column {
    ($name:ident) => {};
}
