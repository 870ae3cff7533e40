//! How this service is set up; the names of the settings are the app's.

use std::time::Duration;

use kit::access::TokenKeys;
use web::CookieScheme;

/// How auth is to behave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long an access token lives.
    pub access_ttl: Duration,
    /// How long a session may lie idle.
    pub refresh_ttl: Duration,
    /// What access tokens are signed with.
    pub token_keys: TokenKeys,
    /// Wrong passwords that fit in a window.
    pub login_attempts: u32,
    /// The length of that sliding window.
    pub login_window: Duration,
    /// Threads that hash passwords.
    pub hash_threads: usize,
    /// By which names cookies are set, and whether they travel over TLS alone.
    pub cookies: CookieScheme,
    /// Whether this is a demonstration, whose accounts are open.
    pub is_demo: bool,
}
