//! How a command ends when it does not succeed.

use std::process::ExitCode;

use auth::AuthError;
use bus::dead_letters::{CannotClose, UnknownName};
use bus::rewind::CannotRewind;
use contracts::Locale;
use database::{DatabaseError, Tampered};
use ephemeral::EphemeralError;
use user::UserError;

use crate::settings::BadSetting;

/// Why a command did not do what it was asked for; its text is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It must not, as long as nobody changes what was asked or set: exit code 2.
    #[error("{0}")]
    Refused(String),
    /// It could not: exit code 1.
    #[error("{}", chain(.0))]
    Failed(anyhow::Error),
}

/// The result of a command.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What the process ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed(_) => ExitCode::from(1),
            Self::Refused(_) => ExitCode::from(2),
        }
    }
}

/// The error and its causes, without those whose text the line holds already.
fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |line, cause| match line.as_str() {
        "" => cause,
        line if line.contains(&cause) => line.to_owned(),
        line => format!("{line}: {cause}"),
    })
}

impl From<anyhow::Error> for Error {
    /// What was sealed under another root key stays closed until the right one is set.
    fn from(error: anyhow::Error) -> Self {
        if error.chain().any(|cause| cause.downcast_ref::<Tampered>().is_some()) {
            Self::Refused(chain(&error))
        } else {
            Self::Failed(error)
        }
    }
}

impl From<BadSetting> for Error {
    fn from(bad: BadSetting) -> Self {
        Self::Refused(bad.to_string())
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::NewerSchema(_)
            | DatabaseError::OlderSchema(_)
            | DatabaseError::ForeignLog(_)
            | DatabaseError::Unsupported(_) => Self::Refused(error.to_string()),
            DatabaseError::Unavailable(_) | DatabaseError::Taken { .. } | DatabaseError::Unexpected(_) => {
                Self::Failed(error.into())
            }
        }
    }
}

impl From<CannotClose> for Error {
    fn from(error: CannotClose) -> Self {
        match error {
            CannotClose::Unknown(_) | CannotClose::NotOpen { .. } => Self::Refused(error.to_string()),
            CannotClose::Database(error) => error.into(),
        }
    }
}

impl From<UnknownName> for Error {
    fn from(error: UnknownName) -> Self {
        match error {
            UnknownName::Topic { .. } | UnknownName::Consumer { .. } => Self::Refused(error.to_string()),
            UnknownName::Database(error) => error.into(),
        }
    }
}

impl From<CannotRewind> for Error {
    fn from(error: CannotRewind) -> Self {
        match error {
            CannotRewind::Embedded
            | CannotRewind::Unknown(_)
            | CannotRewind::Forgotten(_)
            | CannotRewind::HasMembers(_) => Self::Refused(error.to_string()),
            CannotRewind::Kafka(_) => Self::Failed(error.into()),
            CannotRewind::Database(error) => error.into(),
        }
    }
}

impl From<bus::OpenError> for Error {
    fn from(error: bus::OpenError) -> Self {
        match error {
            bus::OpenError::Database(error) => error.into(),
            bus::OpenError::Kafka(_) => Self::Refused(error.to_string()),
        }
    }
}

impl From<EphemeralError> for Error {
    fn from(error: EphemeralError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Database(error) => error.into(),
            AuthError::Ephemeral(error) => error.into(),
            AuthError::Unexpected(error) => error.into(),
            AuthError::Unfit(fault) => Self::Refused(fault.text().in_locale(Locale::En).to_owned()),
            AuthError::InvalidToken
            | AuthError::InvalidCredentials
            | AuthError::InvalidPassword
            | AuthError::InvalidRefreshToken
            | AuthError::UnknownSession
            | AuthError::UnknownAccount
            | AuthError::AddressTaken
            | AuthError::NoSigningKeys
            | AuthError::NextKeyNotPublished
            | AuthError::RateLimited { .. }
            | AuthError::Busy => Self::Refused(error.to_string()),
        }
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Database(error) => error.into(),
            UserError::Ephemeral(error) => error.into(),
            UserError::NoProfile
            | UserError::ProfileExists
            | UserError::NotPending
            | UserError::BornInFuture
            | UserError::TooManyFavorites
            | UserError::UnknownCampaign
            | UserError::CampaignStands(_)
            | UserError::TooManyWrites(_) => Self::Refused(error.to_string()),
        }
    }
}
