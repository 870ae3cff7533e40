//! What names a cart without an owner, and opens it.

use std::fmt;

use uuid::Uuid;

/// The id of an anonymous cart. It shows itself to nobody by accident: whoever knows it may change the cart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CartId(Uuid);

impl CartId {
    /// An id of its own.
    pub(crate) fn random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The id that a client has written: a UUID with its hyphens, and not one of the two that everybody knows.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let id = (text.len() == uuid::fmt::Hyphenated::LENGTH).then(|| Uuid::try_parse(text).ok()).flatten()?;
        (!id.is_nil() && !id.is_max()).then_some(Self(id))
    }

    /// As clients know it.
    pub(crate) fn text(self) -> String {
        self.0.to_string()
    }

    /// Where the cart stands in the ephemeral store, as peers have it.
    pub(crate) fn key(self) -> String {
        format!("cart:anon:{}", self.0)
    }
}

contracts::uuid_column!(CartId);

impl fmt::Debug for CartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CartId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018f5a3e-0000-4000-8000-00000000000a";

    #[test]
    fn an_id_is_a_uuid_that_not_everybody_knows() {
        assert_eq!(CartId::parse(&ID.to_uppercase()).map(CartId::text).as_deref(), Some(ID));
        for wrong in [
            "",
            "None",
            "018f5a3e00004000800000000000000a",
            "{018f5a3e-0000-4000-8000-00000000000a}",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "018f5a3e-0000-4000-8000-00000000000g",
        ] {
            assert_eq!(CartId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_id_of_random_bytes_is_a_uuid_of_version_4() {
        let id = CartId::random([255; 16]).text();

        assert_eq!((CartId::parse(&id).is_some(), &id[14..15]), (true, "4"));
    }

    #[test]
    fn an_id_does_not_show_itself() {
        assert_eq!(format!("{:?}", CartId::parse(ID).unwrap()), "CartId(…)");
    }
}
