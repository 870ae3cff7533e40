//! What can go wrong here, by who can act on it.

use axum::http::StatusCode;
use contracts::{MailKind, MailVariable};
use database::DatabaseError;
use kit::{CONTROL_CHARACTERS, EMPTY, Fault, Problem, Text};

use crate::model::mail_message::{InvalidMailMessage, VariableFault, sent_name};

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
    let bad_request = |code, text: String| {
        Problem::new(StatusCode::BAD_REQUEST, code, Text { tr: text.clone().into(), en: text.into() })
    };
    match invalid {
        InvalidMailMessage::UnknownType => {
            let known: Vec<_> = MailKind::all().map(MailKind::as_str).collect();
            bad_request(
                "UNSUPPORTED_TYPE",
                format!("Unsupported notification type. Supported types: {}", known.join(", ")),
            )
        }
        InvalidMailMessage::VariableMissing { kind } => {
            let (code, text) = of_missing_variable(kind);
            bad_request(code, text)
        }
        InvalidMailMessage::Variable { variable, fault } => {
            let (code, text) = of_variable(fault);
            let place = format!("variables.{}", sent_name(variable));
            Problem::invalid(vec![Fault::of_request(&place, (code, text))])
        }
    }
}

/// The sentences of the first platform, for its types.
const KNOWN_SENTENCES: [(MailKind, &str, &str); 3] = [
    (MailKind::Verification, "CODE_REQUIRED", "Verification code is required for verification emails"),
    (MailKind::PasswordReset, "CODE_REQUIRED", "Reset code is required for password reset emails"),
    (MailKind::Discount, "TITLE_AND_DESCRIPTION_REQUIRED", "Title and description are required for discount emails"),
];

fn of_missing_variable(kind: MailKind) -> (&'static str, String) {
    if let Some((_, code, text)) = KNOWN_SENTENCES.iter().find(|(known, ..)| *known == kind) {
        return (code, (*text).to_owned());
    }
    ("VARIABLES_REQUIRED", needs(kind, kind.variables()))
}

/// The sentence for types of ours.
fn needs(kind: MailKind, variables: &[MailVariable]) -> String {
    let needed: Vec<_> = variables.iter().map(|variable| sent_name(variable.name)).collect();
    format!("{} emails need these variables: {}", kind.as_str(), needed.join(", "))
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
        VariableFault::UnknownWord => {
            ("UNKNOWN_WORD", Text::new("Bu alandaki sözcük bilinmiyor.", "This field holds a word that is not known."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_the_first_platform_does_not_have_names_the_variables_that_it_needs() {
        let [token] = MailKind::Verification.variables() else { unreachable!("a link has a token alone") };
        let [title, _] = MailKind::Discount.variables() else { unreachable!("a campaign has a title and a text") };

        let (code, _) = of_missing_variable(MailKind::NewDevice);
        let sentence = needs(MailKind::NewDevice, &[*token, *title]);

        assert_eq!(code, "VARIABLES_REQUIRED");
        assert_eq!(sentence, "new_device emails need these variables: code, title");
    }
}
