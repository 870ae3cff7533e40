//! Who asks, and the cookie by which a device is known again.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;
use kit::{Client, Problem};
use web::{Cookie, Keep};

use crate::actions::Visitor;
use crate::model::device::{COOKIE_TTL, DeviceId};
use crate::model::origin::Origin;
use crate::state::Auth;

/// The device's is the only cookie that a route of the API reads or sets. It opens nothing; it keeps strangers from locking a
/// device out.
impl FromRequestParts<Arc<Auth>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let origin = Origin::from_request_parts(parts, auth).await?;
        let cookie = Cookie::Device.read(&parts.headers, auth.settings.cookies);
        Ok(Self { origin, device: cookie.and_then(|cookie| auth.device_key.open(cookie)) })
    }
}

impl FromRequestParts<Arc<Auth>> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        Ok(Self::from(&Client::from_request_parts(parts, auth).await?))
    }
}

/// Lets a browser keep `device`.
pub(super) fn device_cookie(auth: &Auth, device: DeviceId) -> HeaderValue {
    Cookie::Device.set(&auth.device_key.mint(device), Keep::For(COOKIE_TTL), auth.settings.cookies)
}
