//! How tokens are signed, how long they live, and how often a password may be guessed.

use std::num::NonZeroUsize;

use contracts::Secret;
use kit::access::TokenKeys;
use web::CookieScheme;

use super::given::BadSetting;
use super::http::Http;
use super::table::{
    JWT_ACCESS_EXPIRE, JWT_ACCESS_SECRET_KEY, JWT_ALLOW_WEAK_SECRET, JWT_REFRESH_EXPIRE, LOGIN_ATTEMPTS, LOGIN_WINDOW,
};
use super::values::Values;

/// HS256 is as strong as its secret; 32 bytes are as much as it can use.
const STRONG: usize = 32;

/// Reads what auth needs.
pub(super) fn read(values: &Values, http: &Http) -> Result<auth::Settings, BadSetting> {
    Ok(auth::Settings {
        access_ttl: values.take(&JWT_ACCESS_EXPIRE)?.0,
        refresh_ttl: values.take(&JWT_REFRESH_EXPIRE)?.0,
        token_keys: token_keys(values)?,
        login_attempts: values.take(&LOGIN_ATTEMPTS)?.get(),
        login_window: values.take(&LOGIN_WINDOW)?,
        hash_threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        cookies: CookieScheme::of(http.public_url.as_ref().map(|base| base.0.as_str())),
        is_demo: false,
    })
}

/// The default that everyone could guess does not exist: without a secret, tokens are signed with keys of our own.
fn token_keys(values: &Values) -> Result<TokenKeys, BadSetting> {
    let allow_weak = values.take(&JWT_ALLOW_WEAK_SECRET)?;
    let Some(secret) = values.get(&JWT_ACCESS_SECRET_KEY)? else { return Ok(TokenKeys::Published) };
    if is_weak(&secret) && !allow_weak {
        let reason = "it has fewer than 32 bytes; JWT_ALLOW_WEAK_SECRET=true accepts that";
        return Err(values.fault(JWT_ACCESS_SECRET_KEY.row, reason));
    }
    Ok(TokenKeys::Shared { secret, access_ttl: values.take(&JWT_ACCESS_EXPIRE)?.0 })
}

pub(super) fn is_weak(secret: &Secret) -> bool {
    secret.expose().len() < STRONG
}
