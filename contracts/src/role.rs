//! What a user may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// The role of a user, in tokens and in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[derive(Serialize, Deserialize, JsonSchema, ToSchema, Display, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = UnknownRole, parse_err_fn = UnknownRole::of)]
pub enum Role {
    /// Orders food.
    #[default]
    User,
    /// Owns restaurants.
    Manager,
    /// Runs the platform.
    Admin,
}

impl Role {
    /// The word in tokens and columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A word that is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the role must be user, manager or admin")]
pub struct UnknownRole;

impl UnknownRole {
    fn of(_word: &str) -> Self {
        Self
    }
}
