//! Keys of the ephemeral store that more than one service knows, and peers of the first platform too.

use std::time::Duration;

use crate::UserId;

/// For how long [`pending_user`] stands, should nobody remove it.
pub const PENDING_USER_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Stands while the user may complete a profile: auth and user set it, and whoever completes the profile removes it.
#[must_use]
pub fn pending_user(user_id: UserId) -> String {
    format!("pending_user:{user_id}")
}

/// Stands while the access token with this `jti` would be good, had it not been revoked.
#[must_use]
pub fn revoked_token(jti: &str) -> String {
    format!("blacklist:{jti}")
}
