//! How a session opens pages: the access token in a cookie, checked as that of a caller is, and where whoever has none is led.
//!
//! An extractor for somebody who may do more, such as the owner of the restaurant in the path or an operator, asks for
//! [`SignedIn`] or [`CurrentlySignedIn`] first and answers [`Detour::Refused`] with a 403 or 404 of its own.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use kit::access::Refusal;
use kit::{Caller, CurrentCaller, Problem, StreamReader, StreamRefusal, StreamRequest};

use crate::cookie::Cookie;
use crate::reader::settings;
use crate::return_path::ReturnPath;

/// Where auth renews a session; any method, which it keeps.
pub const RENEW: &str = "/oturum/yenile";
/// Where auth keeps a form whose reader has to sign in first.
pub const CONTINUE: &str = "/oturum/devam";
/// Where auth signs readers in.
pub const SIGN_IN: &str = "/giris";

/// Whoever is signed in, for pages that everybody may see. An expired session counts as none: nobody is led away for it.
#[derive(Debug, Clone)]
pub struct MaybeSignedIn(pub Option<Caller>);

/// A reader who is signed in. Whoever is not comes back after a detour.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Caller);

/// The same, where it is known that their session has not ended: 503 while that is in doubt.
#[derive(Debug, Clone)]
pub struct CurrentlySignedIn(pub Caller);

/// A reader who is signed in and watches something. Their browser opens the stream by itself, with the cookies of the page.
pub struct Watcher(pub StreamRequest);

/// Where a reader is led who is not signed in.
#[derive(Debug)]
pub enum Detour {
    /// To have the session renewed. The method and the form come along, there and back.
    Renew(ReturnPath),
    /// To sign in.
    SignIn(ReturnPath),
    /// To sign in, with a form that must not be lost.
    Continue(ReturnPath),
    /// Nowhere: the answer is a page that says why.
    Refused(Box<Problem>),
}

impl Detour {
    /// That of the reader who asks with `parts` and is not signed in.
    fn of(parts: &Parts) -> Self {
        let settings = settings(parts);
        let has = |cookie: Cookie| cookie.read(&parts.headers, settings.cookies).is_some();
        let here = ReturnPath::of(&parts.uri, &settings.segments);
        match (has(Cookie::Refresh), has(Cookie::Renewed)) {
            // The token is new and still opens nothing: the clocks of two processes disagree, and renewing it again is no help.
            (true, true) => Problem::unavailable().into(),
            (true, false) => Self::Renew(here),
            (false, _) if matches!(parts.method, Method::GET | Method::HEAD) => Self::SignIn(here),
            (false, _) => Self::Continue(here),
        }
    }

    fn after(refusal: Refusal, parts: &Parts) -> Self {
        match refusal {
            Refusal::Missing | Refusal::Invalid | Refusal::Expired | Refusal::Revoked => Self::of(parts),
            Refusal::Forbidden | Refusal::Stale | Refusal::NotSetUp(_) | Refusal::Unavailable(_) => {
                Problem::from(refusal).into()
            }
        }
    }
}

impl From<Problem> for Detour {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl IntoResponse for Detour {
    fn into_response(self) -> Response {
        match self {
            Self::Renew(here) => Redirect::temporary(&here.detour_by(RENEW)).into_response(),
            Self::SignIn(here) => Redirect::to(&here.detour_by(SIGN_IN)).into_response(),
            Self::Continue(here) => Redirect::temporary(&here.detour_by(CONTINUE)).into_response(),
            Self::Refused(problem) => problem.into_response(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeSignedIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Caller::by_token(parts, access(parts)).await.ok()))
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Detour> {
        let caller = Caller::by_token(parts, access(parts)).await;
        caller.map(Self).map_err(|refusal| Detour::after(refusal, parts))
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentlySignedIn {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Detour> {
        let caller = CurrentCaller::by_token(parts, access(parts)).await;
        caller.map(|CurrentCaller(caller)| Self(caller)).map_err(|refusal| Detour::after(refusal, parts))
    }
}

impl<S: Sync> FromRequestParts<S> for Watcher {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match SignedIn::from_request_parts(parts, state).await {
            Ok(SignedIn(caller)) => {
                let request = StreamRequest::by(parts, StreamReader::from(&caller)).await;
                request.map(Self).map_err(IntoResponse::into_response)
            }
            // A browser gives up for good on whatever is no stream.
            Err(Detour::Refused(problem)) => Err(StreamRefusal::instead(parts, *problem).into_response()),
            Err(detour) => Err(detour.into_response()),
        }
    }
}

/// The header `Authorization` opens no page: no browser sends it by itself, and a page answers no program.
fn access(parts: &Parts) -> Option<&str> {
    Cookie::Access.read(&parts.headers, settings(parts).cookies)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::Request;

    use super::*;
    use crate::testing;

    /// What is answered to `method` at a page whose token was refused.
    fn detour(method: &str, cookies: &str) -> (u16, Option<String>) {
        let request = Request::builder().method(method).uri("/guvenlik?a=1").header("cookie", cookies);
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(Arc::new(testing::settings()));
        let response = Detour::after(Refusal::Expired, &parts).into_response();
        let location = response.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
        (response.status().as_u16(), location)
    }

    fn led_by(path: &str) -> Option<String> {
        Some(format!("{path}?donus=%2Fguvenlik%3Fa%3D1"))
    }

    #[test]
    fn a_session_is_renewed_on_the_way_whatever_was_asked() {
        for method in ["GET", "HEAD", "POST"] {
            assert_eq!(detour(method, "access=old; refresh=x"), (307, led_by(RENEW)), "{method}");
            assert_eq!(detour(method, "refresh=x"), (307, led_by(RENEW)), "{method}");
        }
    }

    #[test]
    fn a_stranger_signs_in_and_a_form_is_kept() {
        assert_eq!(detour("GET", ""), (303, led_by(SIGN_IN)));
        assert_eq!(detour("GET", "access=old; refreshx=1"), (303, led_by(SIGN_IN)));
        assert_eq!(detour("POST", ""), (307, led_by(CONTINUE)));
    }

    #[test]
    fn a_token_that_is_refused_right_after_it_was_made_is_not_renewed_again() {
        assert_eq!(detour("GET", "access=new; refresh=x; renewed=1"), (503, None));
        assert_eq!(detour("POST", "access=new; refresh=x; renewed=1"), (503, None));
    }
}
