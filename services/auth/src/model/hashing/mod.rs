//! Hashes and verifies passwords on threads of its own, which yield to everything else.
//!
//! As many threads as cores, a bounded queue in front of them, and memory that goes back to the system when nobody signs
//! in. Which passwords are allowed is decided in [`password`](super::password).

mod password_hash;
mod pool;

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use clock::Sources;
use metrics::{Unit, describe_counter, describe_gauge};

use super::password::{Password, TypedPassword};
use pool::{Limits, Pool};

pub(crate) use password_hash::PasswordHash;

/// Jobs that may wait for each thread: at some 50 ms a hash, the last one waits for three seconds.
const QUEUE_PER_THREAD: usize = 64;
/// A thread without work for so long gives its memory back.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// Names, units and meanings of what is counted here.
pub(crate) fn describe_measures() {
    describe_counter!("auth_password_hashes_total", Unit::Count, "Passwords that were hashed or compared");
    describe_gauge!("auth_password_hash_queue_depth", Unit::Count, "Passwords that wait for a thread");
}

/// Too many passwords wait to be hashed already; the client may come again soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be hashed")]
pub(crate) struct Busy;

/// Whether a typed password is the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PasswordCheck {
    /// It is not.
    Wrong,
    /// It is.
    Right {
        /// A hash to store instead, when the stored one is weaker than today's.
        rehash: Option<PasswordHash>,
    },
}

/// What a wrong password costs at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// One hash: all accounts have the same kind.
    CostsOneHash,
    /// A hash of each kind: some accounts still have the one that the first platform gave them.
    CostsBothKinds,
}

/// The pool of hashing threads; cheap to clone. They stop when the last clone is dropped.
///
/// A caller that goes away before its turn costs no hash.
#[derive(Clone)]
pub(crate) struct Hasher {
    pool: Arc<Pool>,
    sources: Sources,
    nobody: PasswordHash,
}

impl Hasher {
    /// Starts `threads` threads.
    ///
    /// # Errors
    /// The system has no thread for us.
    pub(crate) fn start(threads: NonZeroUsize, sources: Sources) -> io::Result<Self> {
        let limits = Limits { threads, waiting: threads.get() * QUEUE_PER_THREAD, idle: IDLE_TIMEOUT };
        Ok(Self { pool: Arc::new(Pool::start(limits)?), sources, nobody: PasswordHash::of_nobody() })
    }

    /// The hash of a new password, under a new salt.
    ///
    /// # Errors
    /// The queue is full.
    pub(crate) async fn hash(&self, password: Password) -> Result<PasswordHash, Busy> {
        let sources = self.sources.clone();
        self.pool.run(move |memory| PasswordHash::compute(password.as_bytes(), sources.bytes(), memory)).await
    }

    /// Whether `typed` is the password that `hash` was made of.
    ///
    /// # Errors
    /// The queue is full.
    pub(crate) async fn verify(&self, typed: TypedPassword, hash: &PasswordHash) -> Result<PasswordCheck, Busy> {
        let (hash, sources) = (hash.clone(), self.sources.clone());
        self.pool.run(move |memory| verify(&hash, &typed, &sources, memory)).await
    }

    /// The same as [`Hasher::verify`] for whoever is not signed in, and may not even have an account: a wrong password costs
    /// the same work, so that the time does not reveal whose account it is, or what kind of hash that has.
    ///
    /// # Errors
    /// The queue is full.
    pub(crate) async fn verify_at_the_door(
        &self,
        typed: TypedPassword,
        hash: Option<&PasswordHash>,
        failure: Failure,
    ) -> Result<PasswordCheck, Busy> {
        let (hash, sources) = (hash.unwrap_or(&self.nobody).clone(), self.sources.clone());
        let verify = move |memory: &mut pool::Memory| {
            let check = verify(&hash, &typed, &sources, memory);
            if check == PasswordCheck::Wrong && failure == Failure::CostsBothKinds {
                hash.work_as_the_other_kind(typed.as_bytes(), memory);
            }
            check
        };
        self.pool.run(verify).await
    }
}

fn verify(hash: &PasswordHash, typed: &TypedPassword, sources: &Sources, memory: &mut pool::Memory) -> PasswordCheck {
    if !hash.is_of(typed.as_bytes(), memory) {
        return PasswordCheck::Wrong;
    }
    let rehash = hash.is_weak().then(|| PasswordHash::compute(typed.as_bytes(), sources.bytes(), memory));
    PasswordCheck::Right { rehash }
}

#[cfg(test)]
mod tests {
    use clock::{ManualClock, SeededRandom};
    use kit::FieldValue;

    use super::*;

    /// Of `U*U`, from the test vectors of the reference implementation, and what the Go platform would have stored.
    const BCRYPT: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    /// Argon2id with 64 KiB and one pass.
    const WEAK: &str = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$";

    fn hasher() -> Hasher {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH);
        Hasher::start(NonZeroUsize::MIN, Sources::new(clock, SeededRandom::new(1))).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text.to_owned()).unwrap()
    }

    fn typed(text: &str) -> TypedPassword {
        TypedPassword::parse(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let hasher = hasher();

        let hash = hasher.hash(password("çok gizli kelime")).await.unwrap();

        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        let right = hasher.verify(typed("çok gizli kelime"), &hash).await;
        let wrong = hasher.verify(typed("cok gizli kelime"), &hash).await;
        assert_eq!(right, Ok(PasswordCheck::Right { rehash: None }));
        assert_eq!(wrong, Ok(PasswordCheck::Wrong));
    }

    #[tokio::test]
    async fn each_hash_has_a_salt_of_its_own() {
        let hasher = hasher();

        let first = hasher.hash(password("çok gizli kelime")).await.unwrap();
        let second = hasher.hash(password("çok gizli kelime")).await.unwrap();

        assert_ne!(first, second);
    }

    #[tokio::test]
    async fn an_imported_hash_verifies_and_is_replaced() {
        let hasher = hasher();
        let imported: PasswordHash = BCRYPT.parse().unwrap();

        let wrong = hasher.verify(typed("u*u"), &imported).await;
        let right = hasher.verify(typed("U*U"), &imported).await;

        assert_eq!(wrong, Ok(PasswordCheck::Wrong));
        let Ok(PasswordCheck::Right { rehash: Some(rehash) }) = right else { panic!("{right:?}") };
        assert_eq!(hasher.verify(typed("U*U"), &rehash).await, Ok(PasswordCheck::Right { rehash: None }));
    }

    #[tokio::test]
    async fn what_bcrypt_does_not_read_is_not_overlooked() {
        let hasher = hasher();
        let imported: PasswordHash = bcrypt::hash("ş".repeat(36), 4).unwrap().parse().unwrap();

        let whole = hasher.verify(typed(&"ş".repeat(36)), &imported).await;
        let longer = hasher.verify(typed(&format!("{}!", "ş".repeat(36))), &imported).await;

        assert!(matches!(whole, Ok(PasswordCheck::Right { rehash: Some(_) })));
        assert_eq!(longer, Ok(PasswordCheck::Wrong));
    }

    #[tokio::test]
    async fn a_weak_argon2_hash_is_replaced() {
        let hasher = hasher();
        let mut output = [0; 32];
        let weak = argon2::Params::new(64, 1, 1, Some(32)).unwrap();
        argon2::Argon2::from(weak).hash_password_into(b"gizli", b"somesalt", &mut output).unwrap();
        let stored: PasswordHash = format!("{WEAK}{}", data_encoding::BASE64_NOPAD.encode(&output)).parse().unwrap();

        let right = hasher.verify(typed("gizli"), &stored).await;

        assert!(matches!(right, Ok(PasswordCheck::Right { rehash: Some(_) })), "{right:?}");
    }

    #[tokio::test]
    async fn nobodys_password_is_wrong_and_is_worked_on_all_the_same() {
        for failure in [Failure::CostsOneHash, Failure::CostsBothKinds] {
            assert_eq!(hasher().verify_at_the_door(typed("gizli"), None, failure).await, Ok(PasswordCheck::Wrong));
        }
    }

    #[tokio::test]
    async fn the_work_of_the_other_kind_changes_no_answer() {
        let hasher = hasher();
        let imported: PasswordHash = BCRYPT.parse().unwrap();
        let own = hasher.hash(password("çok gizli kelime")).await.unwrap();
        let check = async |text, hash| {
            hasher.verify_at_the_door(typed(text), Some(hash), Failure::CostsBothKinds).await.unwrap()
        };

        assert!(matches!(check("U*U", &imported).await, PasswordCheck::Right { rehash: Some(_) }));
        assert_eq!(check("yanlış", &imported).await, PasswordCheck::Wrong);
        assert_eq!(check("çok gizli kelime", &own).await, PasswordCheck::Right { rehash: None });
        assert_eq!(check("yanlış", &own).await, PasswordCheck::Wrong);
    }
}
