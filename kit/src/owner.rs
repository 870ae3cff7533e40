//! Whose rows a request works on: always those of the user who sends it.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use contracts::{Role, UserId};
use serde::Deserialize;
use serde_json::Value;

use crate::{Caller, Problem};

/// The signed-in user. A `user_id` in the query must name the same one.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    /// Who it is.
    pub user_id: UserId,
    /// The role when the token was minted.
    pub role: Role,
}

/// The `user_id` that clients of the first platform send along; it can only agree with the token.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Claim(Option<Value>);

#[derive(Deserialize)]
struct ClaimInQuery {
    user_id: Option<String>,
}

impl Owner {
    /// Refuses a claim to be somebody else.
    ///
    /// # Errors
    /// 403: the claim names another user.
    pub fn check(&self, claim: &Claim) -> Result<(), Problem> {
        match &claim.0 {
            None => Ok(()),
            Some(Value::String(id)) if id.parse() == Ok(self.user_id) => Ok(()),
            Some(_) => Err(other_user()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let owner = Self { user_id: caller.user_id(), role: caller.role() };
        let Query(ClaimInQuery { user_id }) =
            Query::from_request_parts(parts, state).await.map_err(|_| other_user())?;
        owner.check(&Claim(user_id.map(Value::String)))?;
        Ok(owner)
    }
}

fn other_user() -> Problem {
    Problem::forbidden(
        "OTHER_USER",
        "Yalnızca kendi bilgilerinizle işlem yapabilirsiniz.",
        "You can only work on what is your own.",
    )
}
