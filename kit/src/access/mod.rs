//! Who sends a request: access tokens, checked in every service without asking anybody.
//!
//! The public keys and the whole set of revocations stand in memory, so a check costs a look-up. auth mints the tokens and
//! publishes the revocations; this module only checks and follows.

mod claims;
mod guard;
mod keys;
mod knowledge;
mod refusal;
mod revocations;

pub use claims::{AUDIENCE, AccessClaims, HEADER_TYPE, ISSUER};
pub use guard::Guard;
pub use keys::{JWKS_KEY, TokenKeys};
pub use knowledge::Knowledge;
pub use refusal::Refusal;
pub use revocations::{FEED_EPOCH, FeedEpoch, REVOCATIONS_FEED, Revocation};
