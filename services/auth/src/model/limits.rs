//! How often something may be tried: which windows one attempt stands in, and what each of them holds.
//!
//! Names of windows hold digests of addresses, never addresses. Counting is the store's work.

use std::time::Duration;

use ephemeral::Window;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::address_digest::AddressDigest;
use super::device::DeviceId;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Strangers may try an account so many times more often than one of them may: many networks guess for one attacker.
const STRANGERS: u32 = 4;
/// So many accounts may fail from one network, which a whole office or a mobile carrier may share.
const ACCOUNTS_OF_A_NETWORK: u32 = 50;

/// So many mails may be asked for from one network, which a whole office or a mobile carrier may share.
const REQUESTS_OF_A_NETWORK: Window = Window { limit: 600, length: HOUR };

/// A place in a window that an attempt takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// The name of the window.
    pub(crate) key: String,
    /// What is counted in it.
    pub(crate) member: Vec<u8>,
    /// How much fits.
    pub(crate) window: Window,
    /// What a success does to it.
    pub(crate) on_success: OnSuccess,
}

/// What a success does to a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnSuccess {
    /// Its own place is given back.
    GiveBack,
    /// All places are, for nobody but the owner could succeed.
    Clear,
}

/// Mails that somebody can make us send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MailPurpose {
    /// Proves a mailbox: registration, and asking again.
    Verification,
    /// Chooses a new password.
    PasswordReset,
}

impl MailPurpose {
    fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// How many wrong passwords are too many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PasswordLimit {
    /// `LOGIN_ATTEMPTS`.
    pub(crate) attempts: u32,
    /// `LOGIN_WINDOW`.
    pub(crate) length: Duration,
}

impl PasswordLimit {
    /// An attempt from a device on which the owner signed in before: strangers can't fill its window.
    pub(crate) fn known_device(self, address: &AddressDigest, device: DeviceId, attempt: Uuid) -> Vec<Slot> {
        let key = format!("login:fail:device:{address}:{device}");
        vec![Slot { on_success: OnSuccess::Clear, ..slot(key, attempt, self.window(self.attempts)) }]
    }

    /// An attempt from anywhere else.
    pub(crate) fn stranger(self, address: &AddressDigest, network: &str, attempt: Uuid) -> Vec<Slot> {
        let account = format!("login:fail:account:{address}");
        let accounts = slot(format!("login:fail:network:{network}"), attempt, self.window(ACCOUNTS_OF_A_NETWORK));
        vec![
            Slot { on_success: OnSuccess::Clear, ..slot(pair(address, network), attempt, self.window(self.attempts)) },
            slot(account, attempt, self.window(self.attempts.saturating_mul(STRANGERS))),
            Slot { member: address.as_bytes().to_vec(), ..accounts },
        ]
    }

    /// An attempt to name the present password from a session.
    pub(crate) fn session_owner(self, address: &AddressDigest, attempt: Uuid) -> Vec<Slot> {
        let key = format!("login:fail:change:{address}");
        vec![Slot { on_success: OnSuccess::Clear, ..slot(key, attempt, self.window(self.attempts)) }]
    }

    fn window(self, limit: u32) -> Window {
        Window { limit, length: self.length }
    }
}

/// The windows that whoever proves the mailbox from `network` need not wait for.
pub(crate) fn cleared_by_reset(address: &AddressDigest, network: &str) -> [String; 2] {
    [pair(address, network), format!("login:fail:account:{address}")]
}

/// A mail that somebody asks for from `network`; notices that we send on our own are not counted. One network gets no more
/// than half of a day's mails, so that a stranger can't use up what its owner needs.
pub(crate) fn mail(purpose: MailPurpose, address: &AddressDigest, network: &str, attempt: Uuid) -> Vec<Slot> {
    let purpose = purpose.name();
    vec![
        slot(format!("mail:{purpose}:pair:{address}:{network}"), attempt, Window { limit: 5, length: DAY }),
        slot(format!("mail:{purpose}:quarter:{address}"), attempt, Window { limit: 3, length: 15 * MINUTE }),
        slot(format!("mail:{purpose}:day:{address}"), attempt, Window { limit: 10, length: DAY }),
    ]
}

/// A request for a mail by a client of `network`, beside the windows of the address.
pub(crate) fn request(purpose: MailPurpose, network: &str, attempt: Uuid) -> Slot {
    slot(format!("requests:{}:network:{network}", purpose.name()), attempt, REQUESTS_OF_A_NETWORK)
}

/// A registration by a client of `network`.
pub(crate) fn registration(network: &str, attempt: Uuid) -> Slot {
    slot(format!("registrations:network:{network}"), attempt, REQUESTS_OF_A_NETWORK)
}

fn slot(key: String, attempt: Uuid, window: Window) -> Slot {
    Slot { key, member: attempt.as_bytes().to_vec(), window, on_success: OnSuccess::GiveBack }
}

fn pair(address: &AddressDigest, network: &str) -> String {
    format!("login:fail:pair:{address}:{network}")
}

#[cfg(test)]
mod tests {
    use super::super::address_digest::AddressKey;
    use super::*;

    const LIMIT: PasswordLimit = PasswordLimit { attempts: 5, length: Duration::from_secs(900) };

    fn address() -> AddressDigest {
        AddressKey::new(&[7; 32]).digest(&"ayse@example.com".parse().unwrap())
    }

    #[test]
    fn a_stranger_and_a_known_device_share_no_window() {
        let stranger = LIMIT.stranger(&address(), "203.0.113.0/24", Uuid::from_u128(1));
        let known = LIMIT.known_device(&address(), DeviceId(Uuid::from_u128(2)), Uuid::from_u128(1));

        let limits: Vec<u32> = stranger.iter().map(|slot| slot.window.limit).collect();
        assert_eq!(limits, [5, 20, 50]);
        assert_eq!(known.len(), 1);
        assert!(stranger.iter().all(|slot| slot.key != known[0].key));
    }

    #[test]
    fn a_network_is_counted_by_accounts_and_an_account_by_attempts() {
        let [first, second] =
            [1, 2].map(|attempt| LIMIT.stranger(&address(), "203.0.113.0/24", Uuid::from_u128(attempt)));

        assert_eq!(first[2].member, second[2].member);
        assert_ne!(first[0].member, second[0].member);
        assert_ne!(first[1].member, second[1].member);
    }

    #[test]
    fn no_window_reveals_an_address() {
        let slots = [
            LIMIT.stranger(&address(), "203.0.113.0/24", Uuid::nil()),
            LIMIT.session_owner(&address(), Uuid::nil()),
            mail(MailPurpose::Verification, &address(), "203.0.113.0/24", Uuid::nil()),
        ];

        for slot in slots.concat() {
            assert!(!slot.key.contains("ayse") && !slot.key.contains('@'), "{}", slot.key);
        }
    }
}
