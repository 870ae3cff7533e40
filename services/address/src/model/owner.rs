//! Whose an address is, and who may write it.

use std::fmt;

use contracts::{EntityId, EntityType, Role, UserId};

/// Whose an address is: of what kind, and whose. One of the addresses that it has may be its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AddressOwner {
    pub(crate) entity_type: EntityType,
    pub(crate) entity_id: EntityId,
}

/// Somebody who wants to write addresses, with the role of the token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
}

impl AddressOwner {
    /// Who has the addresses of this kind that `user_id` writes.
    pub(crate) fn of(entity_type: EntityType, user_id: UserId) -> Self {
        Self { entity_type, entity_id: EntityId(user_id.0) }
    }
}

impl fmt::Display for AddressOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.entity_type, self.entity_id)
    }
}

impl Writer {
    /// Whether new addresses of this kind may be written at all: restaurants are a business of managers.
    pub(crate) fn may_create(self, entity_type: EntityType) -> bool {
        match entity_type {
            EntityType::User => true,
            EntityType::Restaurant => self.role != Role::User,
        }
    }

    /// Whether an address of `owner` that `created_by` wrote first may be changed: a home by its owner alone, a restaurant's
    /// address by the manager who wrote it, or by an admin.
    pub(crate) fn may_change(self, owner: AddressOwner, created_by: UserId) -> bool {
        match owner.entity_type {
            EntityType::User => owner.entity_id.0 == self.user_id.0,
            EntityType::Restaurant => match self.role {
                Role::Admin => true,
                Role::Manager => created_by == self.user_id,
                Role::User => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Admin, Manager, User};

    #[test]
    fn homes_are_their_owners_and_restaurants_their_managers() {
        let [ayse, ali] = ["018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002"]
            .map(|id| id.parse::<UserId>().unwrap());
        let may = |writer, role, entity_type| {
            Writer { user_id: writer, role }.may_change(AddressOwner::of(entity_type, ayse), ayse)
        };

        for role in [User, Manager, Admin] {
            assert!(may(ayse, role, EntityType::User));
            assert!(!may(ali, role, EntityType::User), "{role}");
        }
        let of_restaurant = [(ayse, User), (ayse, Manager), (ayse, Admin), (ali, User), (ali, Manager), (ali, Admin)];
        assert_eq!(
            of_restaurant.map(|(writer, role)| may(writer, role, EntityType::Restaurant)),
            [false, true, true, false, false, true]
        );
    }
}
