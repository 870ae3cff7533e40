//! What can go wrong here, by who can act on it.

use database::DatabaseError;
use kit::{CONTROL_CHARACTERS, EMPTY, Fault, Problem, Text};

use crate::model::mail_message::{InvalidMailMessage, VariableFault};

/// Why an action had no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotificationError {
    /// Such a message can't be sent.
    #[error(transparent)]
    MailMessage(#[from] InvalidMailMessage),
    /// We did not make this unsubscribe link.
    #[error("the unsubscribe token is not ours")]
    InvalidToken,
    /// The idempotency key stands for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// There is no such message in the mailbox.
    #[error("there is no such message")]
    MessageNotFound,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A fault of ours.
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<NotificationError> for Problem {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::MailMessage(invalid) => of_invalid_message(invalid),
            NotificationError::InvalidToken => {
                Self::bad_request("INVALID_TOKEN", "Bu bağlantı geçerli değil.", "This link is not valid.")
            }
            NotificationError::KeyReused => kit::idempotency::reused(),
            NotificationError::MessageNotFound => {
                Self::not_found("NOT_FOUND", "Böyle bir ileti yok.", "There is no such message.")
            }
            NotificationError::Database(error) => error.into(),
            NotificationError::Unexpected(error) => error.into(),
        }
    }
}

/// Programs of the first platform know the refusals of `/notification/send` by these sentences, so they are the same in
/// every language.
fn of_invalid_message(invalid: InvalidMailMessage) -> Problem {
    let bad_request = |code, text| Problem::bad_request(code, text, text);
    match invalid {
        InvalidMailMessage::UnknownType => bad_request(
            "UNSUPPORTED_TYPE",
            "Unsupported notification type. Supported types: verification, password_reset, discount, \
             already_registered, password_changed, session_revoked, new_device",
        ),
        InvalidMailMessage::VerificationCodeMissing => {
            bad_request("CODE_REQUIRED", "Verification code is required for verification emails")
        }
        InvalidMailMessage::ResetCodeMissing => {
            bad_request("CODE_REQUIRED", "Reset code is required for password reset emails")
        }
        InvalidMailMessage::TitleOrDescriptionMissing => {
            bad_request("TITLE_AND_DESCRIPTION_REQUIRED", "Title and description are required for discount emails")
        }
        InvalidMailMessage::Variable { variable, fault } => {
            let (code, text) = of_variable(fault);
            Problem::invalid(vec![Fault::new(field(variable), code, text)])
        }
    }
}

/// The variable's place in the request.
fn field(variable: &'static str) -> &'static str {
    match variable {
        "token" => "variables.code",
        "title" => "variables.title",
        "description" => "variables.description",
        "asked_at" => "variables.asked_at",
        "asked_from" => "variables.asked_from",
        "asked_with" => "variables.asked_with",
        _ => "variables",
    }
}

fn of_variable(fault: VariableFault) -> (&'static str, Text) {
    match fault {
        VariableFault::Empty => EMPTY,
        VariableFault::TooLong => ("TOO_LONG", Text::new("Bu alan çok uzun.", "This field is too long.")),
        VariableFault::ControlCharacter => CONTROL_CHARACTERS,
        VariableFault::NoTime => (
            "INVALID_TIME",
            Text::new(
                "Bu alan 2025-01-31T12:00:00Z biçiminde bir zaman olmalıdır.",
                "This field must be a time such as 2025-01-31T12:00:00Z.",
            ),
        ),
    }
}
