//! What happens to a session between two pages: it is renewed, or ends.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Redirect, Response};
use kit::Problem;
use web::{CONTINUE, Cookie, Flash, MaybeSignedIn, Reader, SIGN_IN, set_cookies};

use super::session_cookies::{Renewal, no_session, refresh_token, renew as renew_session};
use crate::actions::{self, Visitor};
use crate::state::Auth;

/// Renews the session and leads back, with the method and the form that came. A refusal deletes no cookie: another tab may have
/// renewed the session meanwhile, and its cookies would be deleted. Signing in asks once more.
pub(super) async fn renew(
    State(auth): State<Arc<Auth>>,
    (reader, MaybeSignedIn(caller)): (Reader, MaybeSignedIn),
    visitor: Visitor,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let is_renewed = caller.is_some() && Cookie::Renewed.read(&headers, reader.cookies()).is_some();
    let back = reader.back;
    // Another tab was faster while this one was on its way. Once more, and what a third one has sent already would be two tokens behind.
    if is_renewed {
        return Ok(Redirect::temporary(back.as_str()).into_response());
    }
    Ok(match renew_session(&auth, &headers, &visitor).await? {
        Renewal::Renewed(cookies) => (set_cookies(cookies), Redirect::temporary(back.as_str())).into_response(),
        Renewal::Refused | Renewal::NoSession if matches!(method, Method::GET | Method::HEAD) => {
            Redirect::to(&back.detour_by(SIGN_IN)).into_response()
        }
        Renewal::Refused | Renewal::NoSession => Redirect::temporary(&back.detour_by(CONTINUE)).into_response(),
    })
}

/// Ends the session, also one that can't be renewed any more. Where it can't be ended, its cookies stay, and the page says so.
pub(super) async fn sign_out(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = refresh_token(&headers, reader.cookies()) {
        actions::sign_out(&auth, &token, &visitor.origin).await?;
    }
    let [access, refresh] = no_session(&auth);
    let cookies = set_cookies([access, refresh, reader.will_hear(Flash::SignedOut)]);
    Ok((cookies, Redirect::to(SIGN_IN)).into_response())
}
