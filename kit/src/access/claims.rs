//! What stands in an access token.

use contracts::{Role, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// `typ` in the header of our access tokens (RFC 9068, section 2.1): no other kind of token is mistaken for one.
pub const HEADER_TYPE: &str = "at+jwt";
/// `iss` of every token, as on the first platform.
pub const ISSUER: &str = "auth";
/// `aud` of tokens that we sign with our own keys. Peers of the first platform refuse any audience, so tokens under a
/// shared secret have none.
pub const AUDIENCE: &str = "lezzetlimani";

/// The claims of an access token. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The role that the user had when the token was minted.
    pub role: Role,
    /// Who minted it.
    pub iss: String,
    /// The user.
    pub sub: UserId,
    /// When it ends.
    pub exp: i64,
    /// When it was minted; never ahead of the clock.
    pub iat: i64,
    /// The token itself, derived from session and generation.
    pub jti: String,
    /// The session; absent in tokens that a peer of the first platform minted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// For whom it was minted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
}
