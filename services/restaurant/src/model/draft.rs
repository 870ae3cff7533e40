//! Why a restaurant is a draft, which its owner alone sees.

use contracts::{Role, UserId};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// Why nobody but its owner sees a restaurant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DraftReason {
    /// No address of a restaurant with this id is known here: it was not written down, is under way, or was deleted.
    AddressUnknown,
    /// Neither the owner nor an admin has written the address down.
    AddressOfAnother,
    /// The address lies outside the area within which it delivers, or too far from it. Who moves a restaurant draws a new one.
    DeliveryAreaElsewhere,
}

impl DraftReason {
    /// Why a restaurant of `owner` is a draft at an address that was `written` by somebody; `None` if it is none.
    pub(crate) fn of(owner: UserId, written: Option<(UserId, Role)>) -> Option<Self> {
        match written {
            None => Some(Self::AddressUnknown),
            Some((_, Role::Admin)) => None,
            Some((by, Role::User | Role::Manager)) if by == owner => None,
            Some(_) => Some(Self::AddressOfAnother),
        }
    }

    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restaurant_is_at_an_address_of_its_owner_or_of_an_admin() {
        let [owner, other] = [1, 2].map(|number| format!("018f0000-0000-7000-8000-00000000000{number}"));
        let (owner, other): (UserId, UserId) = (owner.parse().unwrap(), other.parse().unwrap());

        assert_eq!(DraftReason::of(owner, None), Some(DraftReason::AddressUnknown));
        assert_eq!(DraftReason::of(owner, Some((owner, Role::Manager))), None);
        assert_eq!(DraftReason::of(owner, Some((other, Role::Admin))), None);
        assert_eq!(DraftReason::of(owner, Some((other, Role::Manager))), Some(DraftReason::AddressOfAnother));
    }
}
