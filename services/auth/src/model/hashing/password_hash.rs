//! A password hash in its text form, and the computation of one on a hashing thread.

use std::fmt;
use std::str::FromStr;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::{Deserialize, Serialize};

use super::pool::Memory;

/// What we hash with: Argon2id, 19 MiB, two passes, one lane, 32 bytes.
const STRENGTH: Params = Params::DEFAULT;
/// bcrypt reads so many bytes; whoever types more than the first platform accepted does not know the password.
const BCRYPT_READS: usize = 72;
/// Costs what the hashes of the first platform cost, and is of a password that nobody knows.
const BCRYPT_OF_NOBODY: &str = "$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
/// An imported hash that costs more than two to this power rounds would block a thread for minutes.
const BCRYPT_MAX_COST: u32 = 16;

/// A hash as it stands in the database: Argon2 in the PHC string format, or bcrypt where the account was imported.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct PasswordHash(String);

/// The text is no password hash that we can check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored password hash is neither Argon2 nor bcrypt")]
pub(crate) struct InvalidPasswordHash;

/// A hash taken apart.
#[expect(clippy::large_enum_variant, reason = "one at a time stands on the stack of a thread")]
enum Parts {
    Argon2 { argon2: Argon2<'static>, salt: phc::Salt, output: phc::Output },
    Bcrypt,
}

impl PasswordHash {
    /// The text for the database.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A hash that no password has.
    pub(crate) fn of_nobody() -> Self {
        Self::assemble([0; 16], [0; 32])
    }

    /// The hash of `password` under `salt`.
    pub(super) fn compute(password: &[u8], salt: [u8; 16], memory: &mut Memory) -> Self {
        let mut output = [0; 32];
        run_argon2(&Argon2::from(STRENGTH), password, &salt, &mut output, memory);
        Self::assemble(salt, output)
    }

    /// Whether it is the hash of `password`.
    pub(super) fn is_of(&self, password: &[u8], memory: &mut Memory) -> bool {
        match self.parts() {
            Parts::Argon2 { argon2, salt, output } => {
                let mut computed = vec![0; output.len()];
                run_argon2(&argon2, password, &salt, &mut computed, memory);
                verify_slices_are_equal(&computed, output.as_bytes()).is_ok()
            }
            Parts::Bcrypt => {
                count_hash();
                let is_right = bcrypt::verify(password, &self.0).expect("the hash was checked when it was read");
                is_right && password.len() <= BCRYPT_READS
            }
        }
    }

    /// Does the work of a hash of the other kind, for nothing but the time.
    pub(super) fn work_as_the_other_kind(&self, password: &[u8], memory: &mut Memory) {
        let other = match self.parts() {
            Parts::Argon2 { .. } => Self(BCRYPT_OF_NOBODY.to_owned()),
            Parts::Bcrypt => Self::of_nobody(),
        };
        std::hint::black_box(other.is_of(password, memory));
    }

    /// Whether an attacker who has it would have less work than with one of today.
    pub(super) fn is_weak(&self) -> bool {
        match self.parts() {
            Parts::Argon2 { argon2, .. } => {
                let is_argon2id = self.0.starts_with("$argon2id$v=19$");
                let params = argon2.params();
                !is_argon2id || params.m_cost() < STRENGTH.m_cost() || params.t_cost() < STRENGTH.t_cost()
            }
            Parts::Bcrypt => true,
        }
    }

    fn assemble(salt: [u8; 16], output: [u8; 32]) -> Self {
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: phc::ParamsString::try_from(&STRENGTH).expect("our own parameters fit"),
            salt: Some(phc::Salt::new(&salt).expect("16 bytes fit")),
            hash: Some(phc::Output::new(&output).expect("32 bytes fit")),
        };
        Self(hash.to_string())
    }

    fn parts(&self) -> Parts {
        Parts::of(&self.0).expect("the hash was checked when it was read")
    }
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        if text.starts_with("$2") {
            let parts: bcrypt::HashParts = text.parse().ok()?;
            return (4..=BCRYPT_MAX_COST).contains(&parts.get_cost()).then_some(Self::Bcrypt);
        }
        let hash = phc::PasswordHash::new(text).ok()?;
        let algorithm = Algorithm::new(hash.algorithm).ok()?;
        let version = Version::try_from(hash.version?).ok()?;
        let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
        Some(Self::Argon2 { argon2, salt: hash.salt?, output: hash.hash? })
    }
}

fn run_argon2(argon2: &Argon2<'_>, password: &[u8], salt: &[u8], output: &mut [u8], memory: &mut Memory) {
    count_hash();
    let blocks = memory.blocks(argon2.params().block_count());
    argon2
        .hash_password_into_with_memory(password, salt, output, blocks)
        .expect("passwords are short, and salt and output have the lengths that the parameters allow");
}

fn count_hash() {
    metrics::counter!("auth_password_hashes_total").increment(1);
}

impl FromStr for PasswordHash {
    type Err = InvalidPasswordHash;

    fn from_str(text: &str) -> Result<Self, InvalidPasswordHash> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for PasswordHash {
    type Error = InvalidPasswordHash;

    fn try_from(text: String) -> Result<Self, InvalidPasswordHash> {
        Parts::of(&text).map(|_| Self(text)).ok_or(InvalidPasswordHash)
    }
}

impl From<PasswordHash> for String {
    fn from(hash: PasswordHash) -> Self {
        hash.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_was_written() {
        let hash = PasswordHash::of_nobody();

        assert_eq!(hash.as_str().parse(), Ok(hash.clone()));
        assert_eq!(serde_json::from_value::<PasswordHash>(serde_json::to_value(&hash).unwrap()).unwrap(), hash);
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in [
            "",
            "gizli kelime",
            "$2a$10$",
            "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
            "$argon2id$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$pbkdf2-sha256$i=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(text.parse::<PasswordHash>(), Err(InvalidPasswordHash), "{text}");
        }
    }

    #[test]
    fn other_kinds_and_lower_costs_are_weak() {
        let is_weak = |head: &str| {
            let text = format!("{head}$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA");
            text.parse::<PasswordHash>().unwrap().is_weak()
        };

        assert!(!is_weak("$argon2id$v=19$m=19456,t=2,p=1"));
        assert!(!is_weak("$argon2id$v=19$m=65536,t=3,p=4"));
        assert!(is_weak("$argon2id$v=19$m=19455,t=2,p=1"));
        assert!(is_weak("$argon2id$v=19$m=65536,t=1,p=1"));
        assert!(is_weak("$argon2id$v=16$m=19456,t=2,p=1"));
        assert!(is_weak("$argon2i$v=19$m=19456,t=2,p=1"));
    }
}
