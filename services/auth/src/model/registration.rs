//! Registrations that wait for their mailbox to be proven. They are no accounts: nobody holds an address by asking for it.

use std::time::Duration;

use contracts::{Asked, EmailAddress, Locale, VERIFICATION_LINK_TTL};
use serde::{Deserialize, Serialize};

use super::hashing::PasswordHash;
use super::one_time_token::TokenDigest;

/// How long a registration waits after its last mail: as long as the link in it works.
pub(crate) const TTL: Duration = VERIFICATION_LINK_TTL;
/// How many registrations of one address wait at a time.
const PER_ADDRESS: usize = 3;

contracts::typed_id! {
    /// A registration that waits.
    RegistrationId
}

/// What was asked for; it becomes an account when its own mail comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) id: RegistrationId,
    pub(crate) email: EmailAddress,
    pub(crate) password_hash: PasswordHash,
    pub(crate) locale: Locale,
    /// When and from where, so that the reader of the mail knows their own from a stranger's.
    pub(crate) asked: Asked,
    /// The tokens that prove its mailbox. A newer one cancels the others once its mail is on its way, and not before.
    pub(crate) tokens: Vec<TokenDigest>,
}

/// The registrations of one address, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Waiting(pub(crate) Vec<RegistrationId>);

impl Waiting {
    /// The list with `id` at its end, and those that had to leave for it.
    pub(crate) fn join(mut self, id: RegistrationId) -> (Self, Vec<RegistrationId>) {
        self.0.push(id);
        let evicted = self.0.drain(..self.0.len().saturating_sub(PER_ADDRESS)).collect();
        (self, evicted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: impl IntoIterator<Item = u128>) -> Vec<RegistrationId> {
        numbers.into_iter().map(|number| RegistrationId(uuid::Uuid::from_u128(number))).collect()
    }

    #[test]
    fn the_oldest_of_three_leaves_for_a_fourth() {
        let (first, none) = Waiting::default().join(ids([1])[0]);
        let (full, evicted) = Waiting(ids([1, 2, 3])).join(ids([4])[0]);

        assert_eq!((first.0, none), (ids([1]), vec![]));
        assert_eq!((full.0, evicted), (ids([2, 3, 4]), ids([1])));
    }
}
