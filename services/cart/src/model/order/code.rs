//! What an order is called on the telephone.

use std::fmt;
use std::str::FromStr;

/// Crockford's digits for base 32: none that is taken for another.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Four of them. Two orders may have the same; those that a restaurant has at a time hardly do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderCode([u8; 4]);

/// The text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidOrderCode;

impl OrderCode {
    pub(crate) fn random(bytes: [u8; 4]) -> Self {
        Self(bytes.map(|byte| DIGITS[usize::from(byte % 32)]))
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("it is of ASCII digits and letters")
    }
}

impl FromStr for OrderCode {
    type Err = InvalidOrderCode;

    fn from_str(text: &str) -> Result<Self, InvalidOrderCode> {
        let code: [u8; 4] = text.as_bytes().try_into().map_err(|_| InvalidOrderCode)?;
        if code.iter().all(|digit| DIGITS.contains(digit)) { Ok(Self(code)) } else { Err(InvalidOrderCode) }
    }
}

impl fmt::Display for OrderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written() {
        for bytes in [[0, 31, 32, 255], [9, 10, 17, 18]] {
            let code = OrderCode::random(bytes);
            assert_eq!(code.as_str().parse(), Ok(code));
        }
        for wrong in ["", "ABC", "ABCDE", "ABCI", "abcd", "ABÇ"] {
            assert_eq!(wrong.parse::<OrderCode>(), Err(InvalidOrderCode), "{wrong}");
        }
    }
}
