//! Who may write what.

use contracts::{Role, UserId};

/// Somebody who is signed in. The role is that of the token; whose a restaurant is, its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
}

impl Writer {
    /// Whether restaurants can be theirs.
    pub(crate) fn may_own(self) -> bool {
        matches!(self.role, Role::Manager | Role::Admin)
    }

    /// Whether a restaurant of `owner` is theirs to change, and to see while it is a draft.
    pub(crate) fn may_change(self, owner: UserId) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Manager => self.user_id == owner,
            Role::User => false,
        }
    }

    /// Whether what is the platform's own is theirs to change.
    pub(crate) fn runs_platform(self) -> bool {
        match self.role {
            Role::Admin => true,
            Role::User | Role::Manager => false,
        }
    }

    /// Who owns what they write down: they themselves, unless an admin names another.
    pub(crate) fn owner_of_new(self, named: Option<UserId>) -> UserId {
        match self.role {
            Role::Admin => named.unwrap_or(self.user_id),
            Role::User | Role::Manager => self.user_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers_write_their_own_and_admins_everything() {
        let [owner, other] = [1, 2].map(|number| format!("018f0000-0000-7000-8000-00000000000{number}"));
        let (owner, other): (UserId, UserId) = (owner.parse().unwrap(), other.parse().unwrap());
        let cases = [
            (owner, Role::Manager, true, true),
            (other, Role::Manager, true, false),
            (other, Role::Admin, true, true),
            (owner, Role::User, false, false),
        ];

        for (user_id, role, may_own, may_change) in cases {
            let writer = Writer { user_id, role };
            assert_eq!((writer.may_own(), writer.may_change(owner)), (may_own, may_change), "{writer:?}");
        }
    }

    #[test]
    fn only_an_admin_writes_down_what_is_anothers() {
        let [me, other] = [1, 2].map(|number| format!("018f0000-0000-7000-8000-00000000000{number}"));
        let (me, other): (UserId, UserId) = (me.parse().unwrap(), other.parse().unwrap());
        let owner = |role, named| Writer { user_id: me, role }.owner_of_new(named);

        assert_eq!(owner(Role::Manager, Some(other)), me);
        assert_eq!(owner(Role::Admin, Some(other)), other);
        assert_eq!(owner(Role::Admin, None), me);
    }
}
