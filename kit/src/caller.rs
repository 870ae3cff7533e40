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

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let guard = guard(parts);
        guard.require(Knowledge::SignatureAlone)?;
        let token = bearer(parts).ok_or(Refusal::Missing)?;
        Ok(Self(guard.check(token).await?))
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        guard(parts).require(Knowledge::Revocations)?;
        let caller = Caller::from_request_parts(parts, state).await?;
        if guard(parts).is_current() { Ok(Self(caller)) } else { Err(Refusal::Stale.into()) }
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
