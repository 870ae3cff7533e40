//! The device cookie: proof that someone signed in on this device before.
//!
//! It opens nothing. A login that carries it is counted apart from a stranger's, so that nobody is locked out by others.

use std::time::Duration;

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

contracts::typed_id! {
    /// A device on which someone signed in, for as long as it keeps its cookie.
    DeviceId
}

/// How long a device keeps its cookie: 400 days, the longest that browsers grant.
pub(crate) const COOKIE_TTL: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Bytes of the device id, which the MAC covers.
const ID: usize = 16;

/// The key that makes device cookies and knows them again; cheap to clone.
#[derive(Clone)]
pub(crate) struct DeviceKey(hmac::Key);

impl DeviceKey {
    /// The key made of `bytes`.
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The value of the cookie for `device`.
    pub(crate) fn mint(&self, device: DeviceId) -> String {
        let id = device.0.as_bytes();
        BASE64URL_NOPAD.encode(&[id, hmac::sign(&self.0, id).as_ref()].concat())
    }

    /// The device that `cookie` stands for, if this key made it. Takes the same time wherever a forged MAC differs.
    pub(crate) fn open(&self, cookie: &str) -> Option<DeviceId> {
        let bytes = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
        let (id, tag) = bytes.split_at_checked(ID)?;
        hmac::verify(&self.0, id, tag).ok()?;
        Uuid::from_slice(id).ok().map(DeviceId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId(Uuid::from_u128(42));

    fn key() -> DeviceKey {
        DeviceKey::new(&[7; 32])
    }

    #[test]
    fn a_cookie_stands_for_its_device() {
        let cookie = key().mint(DEVICE);

        assert_eq!(cookie.len(), 64);
        assert_eq!(key().open(&cookie), Some(DEVICE));
    }

    #[test]
    fn a_cookie_changed_in_any_character_is_refused() {
        let cookie = key().mint(DEVICE);

        for position in 0..cookie.len() {
            let mut forged = cookie.clone().into_bytes();
            forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(key().open(&String::from_utf8(forged).unwrap()), None, "at {position}");
        }
    }

    #[test]
    fn what_is_cut_foreign_or_no_cookie_is_refused() {
        let cookie = key().mint(DEVICE);
        let foreign = DeviceKey::new(&[8; 32]).mint(DEVICE);

        for text in ["", "ş", &cookie[..63], &cookie[..16], &format!("{cookie}AAAA"), &foreign] {
            assert_eq!(key().open(text), None, "{text}");
        }
    }
}
