//! The user behind a request, for routes that need one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use contracts::{Role, SessionId, UserId};

use crate::Problem;
use crate::access::{AccessClaims, Guard, Knowledge, Refusal};

/// A signed-in user. Routes that don't ask for one ignore whatever token comes along.
#[derive(Debug, Clone)]
pub struct Caller(Arc<AccessClaims>);

/// A caller whose session is known not to have ended, for routes where a doubt is too much: 503 while the feed is silent.
#[derive(Debug, Clone)]
pub struct CurrentCaller(pub Caller);

/// A current caller who runs the platform.
#[derive(Debug, Clone)]
pub struct Admin(pub Caller);

impl Caller {
    /// Whoever sends the request of `parts` with `token`. Where that stands in the request is for the extractor to say: it is
    /// the header alone for routes of the API, and a cookie for pages alone.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn by_token(parts: &Parts, token: Option<&str>) -> Result<Self, Refusal> {
        let guard = guard(parts);
        guard.require(Knowledge::SignatureAlone)?;
        Ok(Self(guard.check(token.ok_or(Refusal::Missing)?).await?))
    }

    /// The user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.0.sub
    }

    /// The session; absent when a peer of the first platform minted the token.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        self.0.sid
    }

    /// The role when the token was minted.
    #[must_use]
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// Everything in the token.
    #[must_use]
    pub fn claims(&self) -> &AccessClaims {
        &self.0
    }
}

impl CurrentCaller {
    /// [`Caller::by_token`], of whom it is known that their session has not ended.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn by_token(parts: &Parts, token: Option<&str>) -> Result<Self, Refusal> {
        guard(parts).require(Knowledge::Revocations)?;
        let caller = Caller::by_token(parts, token).await?;
        if guard(parts).is_current() { Ok(Self(caller)) } else { Err(Refusal::Stale) }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::by_token(parts, bearer(parts)).await?)
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::by_token(parts, bearer(parts)).await?)
    }
}

impl<S: Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let CurrentCaller(caller) = CurrentCaller::from_request_parts(parts, state).await?;
        match caller.role() {
            Role::Admin => Ok(Self(caller)),
            Role::User | Role::Manager => Err(Refusal::Forbidden.into()),
        }
    }
}

fn guard(parts: &Parts) -> &Guard {
    parts.extensions.get().expect("the app puts the guard around every route")
}

/// The scheme counts in any case (RFC 9110, section 11.1).
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
