//! A session as a browser keeps it: its tokens in cookies that no script reads.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use contracts::Secret;
use web::{Cookie, CookieScheme, Keep};

use crate::actions::{self, Tokens, Visitor};
use crate::error::AuthError;
use crate::model::rotation::AttemptKey;
use crate::state::Auth;

/// Longer than the way back to the page takes.
const RENEWED_TTL: Duration = Duration::from_secs(5);

/// For how long a reader wants to stay signed in on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// For as long as a session may lie idle.
    Kept,
    /// Until the browser is closed.
    UntilClosed,
}

/// A refresh token, and how it is kept: a browser does not send the age of its cookies back.
struct RefreshCookie {
    token: Secret,
    stay: Stay,
}

/// What has become of the session whose cookies came along.
pub(super) enum Renewal {
    /// Its next tokens.
    Renewed([HeaderValue; 3]),
    /// It is over.
    Refused,
    /// There was none.
    NoSession,
}

/// Exchanges the refresh token of `headers`. A browser can't name its attempt; the device with the token does: it may come again
/// at any time, also from several tabs at once, and gets the same successor. The token alone, copied elsewhere, does not.
pub(super) async fn renew(auth: &Auth, headers: &HeaderMap, visitor: &Visitor) -> Result<Renewal, AuthError> {
    let Some(RefreshCookie { token, stay }) = RefreshCookie::read(headers, auth.settings.cookies) else {
        return Ok(Renewal::NoSession);
    };
    let attempt = visitor.device.map(|device| AttemptKey::of(&format!("{device} {}", token.expose())));
    match actions::refresh(auth, &token, attempt, &visitor.origin).await {
        Ok(tokens) => {
            let [access, refresh] = session_cookies(auth, &tokens, stay);
            let renewed = Cookie::Renewed.set("1", Keep::For(RENEWED_TTL), auth.settings.cookies);
            Ok(Renewal::Renewed([access, refresh, renewed]))
        }
        Err(AuthError::InvalidRefreshToken) => Ok(Renewal::Refused),
        Err(error) => Err(error),
    }
}

/// Lets a browser keep `tokens`.
pub(super) fn session_cookies(auth: &Auth, tokens: &Tokens, stay: Stay) -> [HeaderValue; 2] {
    let scheme = auth.settings.cookies;
    let keep = |ttl| match stay {
        Stay::Kept => Keep::For(ttl),
        Stay::UntilClosed => Keep::UntilClosed,
    };
    let refresh = format!("{}.{}", stay.code(), tokens.refresh.expose());
    [
        Cookie::Access.set(tokens.access.expose(), keep(tokens.expires_in), scheme),
        Cookie::Refresh.set(&refresh, keep(auth.settings.refresh_ttl), scheme),
    ]
}

/// Makes a browser forget its session.
pub(super) fn no_session(auth: &Auth) -> [HeaderValue; 2] {
    [Cookie::Access, Cookie::Refresh].map(|cookie| cookie.delete(auth.settings.cookies))
}

/// The refresh token of `headers`.
pub(super) fn refresh_token(headers: &HeaderMap, scheme: CookieScheme) -> Option<Secret> {
    RefreshCookie::read(headers, scheme).map(|cookie| cookie.token)
}

/// How the session of `headers` is kept; one that can't be asked is kept shorter.
pub(super) fn stay(headers: &HeaderMap, scheme: CookieScheme) -> Stay {
    RefreshCookie::read(headers, scheme).map_or(Stay::UntilClosed, |cookie| cookie.stay)
}

impl RefreshCookie {
    fn read(headers: &HeaderMap, scheme: CookieScheme) -> Option<Self> {
        let (code, token) = Cookie::Refresh.read(headers, scheme)?.split_once('.')?;
        let stay = [Stay::Kept, Stay::UntilClosed].into_iter().find(|stay| stay.code() == code)?;
        Some(Self { token: Secret::new(token), stay })
    }
}

impl Stay {
    /// In front of the token.
    fn code(self) -> &'static str {
        match self {
            Self::Kept => "k",
            Self::UntilClosed => "u",
        }
    }
}
