//! What is worth a notice to the user of an account, and worth keeping for the operator.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[derive(Serialize, Deserialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum SecurityEventKind {
    /// Somebody registered the address.
    RegistrationAsked,
    /// Somebody asked for another verification mail.
    VerificationAsked,
    /// The mailbox was proven, and the account made.
    AccountCreated,
    /// A sign-in.
    Login,
    /// A sign-in with a wrong password, or to an account that is locked.
    LoginRefused,
    /// A session signed out.
    Logout,
    /// All sessions were signed out by the user.
    LogoutAll,
    /// A session was ended from another one.
    SessionEnded,
    /// A refresh token came twice, so its session was ended.
    RefreshReused,
    /// Somebody asked for a new password.
    PasswordResetAsked,
    /// The password was chosen anew by mail.
    PasswordReset,
    /// The password was changed from a session, or by the operator.
    PasswordChanged,
    /// A session tried to change the password without knowing it.
    PasswordChangeRefused,
    /// The operator changed what the account may do.
    RoleChanged,
    /// The operator locked the account.
    Locked,
    /// The operator unlocked the account.
    Unlocked,
    /// The operator signed out all sessions.
    SignedOut,
    /// The operator replaced the key that signs access tokens.
    KeysRotated,
}

impl SecurityEventKind {
    /// The word in columns and answers.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        for kind in
            [SecurityEventKind::Login, SecurityEventKind::RefreshReused, SecurityEventKind::PasswordChangeRefused]
        {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("horoscope".parse::<SecurityEventKind>().is_err());
    }
}
