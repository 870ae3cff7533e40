//! The token in the link that ends commercial mail to one mailbox.

use aws_lc_rs::hmac;
use contracts::EmailAddress;
use data_encoding::BASE64URL_NOPAD;

/// Makes and reads unsubscribe tokens: the address and a MAC over it, so that nobody unsubscribes another by guessing.
///
/// A token never ends: an old mail's link must still work.
#[derive(Clone)]
pub(crate) struct UnsubscribeKey(hmac::Key);

impl UnsubscribeKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The token for `address`.
    pub(crate) fn mint(&self, address: &EmailAddress) -> String {
        let tag = hmac::sign(&self.0, address.as_str().as_bytes());
        let address = BASE64URL_NOPAD.encode(address.as_str().as_bytes());
        format!("{address}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
    }

    /// The address that `token` was made for, if we made it.
    pub(crate) fn open(&self, token: &str) -> Option<EmailAddress> {
        let (address, tag) = token.split_once('.')?;
        let address = BASE64URL_NOPAD.decode(address.as_bytes()).ok()?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        hmac::verify(&self.0, &address, &tag).ok()?;
        String::from_utf8(address).ok()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_address_that_it_was_made_for_and_no_other() {
        let key = UnsubscribeKey::new(&[7; 32]);
        let address: EmailAddress = "ayse@example.com".parse().unwrap();

        let token = key.mint(&address);

        let other = BASE64URL_NOPAD.encode(b"fatma@example.com");
        let forged = format!("{other}.{}", token.split_once('.').unwrap().1);
        assert_eq!(key.open(&token), Some(address));
        assert_eq!(key.open(&forged), None);
        assert_eq!(UnsubscribeKey::new(&[8; 32]).open(&token), None);
        for broken in ["", ".", "a.b", token.as_str().split_at(9).0] {
            assert_eq!(key.open(broken), None, "{broken:?}");
        }
    }
}
