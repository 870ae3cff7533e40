//! How much a process can know of an access token.

/// From less to more. It follows from the settings and stays as it is; a store that is away changes nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knowledge {
    /// Nothing: auth publishes its keys in a store that this process does not have.
    Nothing,
    /// Who signed it and when it ends, by a shared secret. Whether it was revoked never reaches a process without a
    /// store.
    SignatureAlone,
    /// Also whether it was revoked.
    Revocations,
}
