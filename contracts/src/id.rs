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

    /// The restaurant that an order of the first platform calls so; see [`MealId::of_first_platform`].
    #[must_use]
    pub fn of_first_platform(theirs: &str) -> Self {
        theirs.parse().unwrap_or_else(|_| Self(of_first_platform("restaurant", theirs)))
    }
}

impl MealId {
    /// The meal that the first platform calls so. Ids are texts there: one that is a UUID stays as it is; of another a UUID is
    /// made, always the same one (RFC 9562, version 5).
    #[must_use]
    pub fn of_first_platform(theirs: &str) -> Self {
        theirs.parse().unwrap_or_else(|_| Self(of_first_platform("meal", theirs)))
    }
}

impl OrderId {
    /// The order that has this number at the first platform, which knows no other name of it.
    #[must_use]
    pub fn of_first_platform(number: i64) -> Self {
        Self(of_first_platform("order", &number.to_string()))
    }
}

fn of_first_platform(noun: &str, theirs: &str) -> uuid::Uuid {
    let name = format!("lezzetlimani first platform {noun} {theirs}");
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes())
}

/// Ids are no columns where there is no database.
#[cfg(not(feature = "database"))]
#[doc(hidden)]
#[macro_export]
macro_rules! uuid_column {
    ($name:ident) => {};
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another id would be another meal, and the order of another import.
    #[test]
    fn what_the_first_platform_names_has_the_same_id_for_good() {
        let uuid = "018f5a3e-0000-4000-8000-000000000001";

        assert_eq!(MealId::of_first_platform(uuid).to_string(), uuid);
        assert_eq!(RestaurantId::of_first_platform(uuid).to_string(), uuid);
        assert_eq!(MealId::of_first_platform("kebap").to_string(), "e3234089-22ec-5d29-8750-f5fab0d53441");
        assert_eq!(
            RestaurantId::of_first_platform("test-restaurant").to_string(),
            "93ded8bb-9ae1-5082-a80c-e594bba89e1a"
        );
        assert_eq!(OrderId::of_first_platform(7).to_string(), "323134a6-0538-501e-9a02-ed288e823cad");
    }
}
