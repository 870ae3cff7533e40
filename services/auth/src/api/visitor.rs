//! Who asks, and the cookie by which a device is known again.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use kit::{Client, Problem};

use crate::actions::Visitor;
use crate::model::device::{COOKIE_TTL, DeviceId};
use crate::model::origin::Origin;
use crate::state::Auth;

/// The only cookie that we set. It opens nothing; it keeps strangers from locking a device out.
const NAME: &str = "device";

impl FromRequestParts<Arc<Auth>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let origin = Origin::from_request_parts(parts, auth).await?;
        Ok(Self { origin, device: cookie(&parts.headers).and_then(|cookie| auth.device_key.open(cookie)) })
    }
}

impl FromRequestParts<Arc<Auth>> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        Ok(Self::from(&Client::from_request_parts(parts, auth).await?))
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == NAME).then_some(value))
}

/// The header that lets a browser keep `device`.
pub(super) fn set_cookie(auth: &Auth, device: DeviceId) -> [(HeaderName, String); 1] {
    let value = auth.device_key.mint(device);
    let seconds = COOKIE_TTL.as_secs();
    let secure = if auth.settings.secure_cookies { "; Secure" } else { "" };
    [(SET_COOKIE, format!("{NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let found = |line: &str| {
            let headers = HeaderMap::from_iter([(COOKIE, line.parse().unwrap())]);
            cookie(&headers).map(str::to_owned)
        };

        assert_eq!(found("a=1; device=xyz; b=2"), Some("xyz".to_owned()));
        assert_eq!(found("device=xyz"), Some("xyz".to_owned()));
        assert_eq!(found("mydevice=xyz; devicex=1"), None);
        assert_eq!(found("device"), None);
    }
}
