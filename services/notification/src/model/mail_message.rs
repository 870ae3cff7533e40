//! What may stand in the variables of a message, and how one is made of what an admin gives.

use chrono::DateTime;
use contracts::{Asked, MailKind, MailMessage, Offer, OrderUpdate, TextForm};
use kit::{TextFault, breaks_or_reorders, check_paragraphs, is_blank};
use serde_json::{Value, json};

/// Why no message can be made of what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidMailMessage {
    #[error("there is no message of this type")]
    UnknownType,
    #[error("a message of this type needs more variables")]
    VariableMissing { kind: MailKind },
    #[error("{variable} {fault}")]
    Variable { variable: &'static str, fault: VariableFault },
}

/// What is wrong with a variable. Never repeats it: it may be a secret, or made to harm whoever reads a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VariableFault {
    #[error("is empty")]
    Empty,
    #[error("is too long")]
    TooLong,
    #[error("holds a control character")]
    ControlCharacter,
    #[error("is no time")]
    NoTime,
    #[error("is none of the words that are known")]
    UnknownWord,
}

/// The name under which the first platform's programs send the variable that is called `name` on the wire.
pub(crate) fn sent_name(name: &'static str) -> &'static str {
    match name {
        "token" => "code",
        name => name,
    }
}

/// Makes the message of type `kind` out of `variable`, which finds a variable by its name.
pub(crate) fn compose(
    kind: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<MailMessage, InvalidMailMessage> {
    let kind = MailKind::named(kind).ok_or(InvalidMailMessage::UnknownType)?;
    let missing = InvalidMailMessage::VariableMissing { kind };
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut variables = json!({});
    for name in kind.variables().iter().map(|variable| variable.name) {
        variables[name] = given(sent_name(name)).or_else(|| given(name)).ok_or(missing)?.into();
    }
    let message = json!({ "type": kind.as_str(), "variables": with_asked(variables, given)? });
    // All that it needs is there, so it can only be a word that is none.
    let unknown = InvalidMailMessage::Variable { variable: "change", fault: VariableFault::UnknownWord };
    let message = serde_json::from_value(message).map_err(|_| unknown)?;
    check(&message)?;
    Ok(message)
}

fn with_asked(mut variables: Value, given: impl Fn(&str) -> Option<String>) -> Result<Value, InvalidMailMessage> {
    for name in ["asked_at", "asked_from", "asked_with"] {
        if let Some(value) = given(name) {
            variables[name] = value.into();
        }
    }
    match variables.get("asked_at").and_then(Value::as_str).map(DateTime::parse_from_rfc3339) {
        Some(Err(_)) => Err(InvalidMailMessage::Variable { variable: "asked_at", fault: VariableFault::NoTime }),
        Some(Ok(_)) | None => Ok(variables),
    }
}

/// Whether everything in `message` may stand in a mail.
pub(crate) fn check(message: &MailMessage) -> Result<(), InvalidMailMessage> {
    for (variable, text) in MailKind::from(message).variables().iter().zip(message.texts()) {
        match variable.form {
            TextForm::Line { longest } => check_required(variable.name, text, longest)?,
            TextForm::Paragraphs { longest } => {
                check_paragraphs(text).map_err(|fault| of_text(variable.name, fault))?;
                check_length(variable.name, text, longest)?;
            }
        }
    }
    message.asked().map_or(Ok(()), check_asked)?;
    message.order().map_or(Ok(()), check_order)?;
    message.offer().map_or(Ok(()), check_offer)
}

fn check_offer(offer: &Offer) -> Result<(), InvalidMailMessage> {
    check_text("restaurant", offer.restaurant.as_deref().unwrap_or_default(), 128)?;
    check_text("code", offer.code.as_deref().unwrap_or_default(), 64)
}

fn check_order(order: &OrderUpdate) -> Result<(), InvalidMailMessage> {
    check_text("reason", order.reason.as_deref().unwrap_or_default(), 64)?;
    check_text("reason_text", order.reason_text.as_deref().unwrap_or_default(), 200)
}

fn check_asked(asked: &Asked) -> Result<(), InvalidMailMessage> {
    check_text("asked_from", asked.asked_from.as_deref().unwrap_or_default(), 64)?;
    check_text("asked_with", asked.asked_with.as_deref().unwrap_or_default(), 500)
}

fn check_required(variable: &'static str, text: &str, limit: usize) -> Result<(), InvalidMailMessage> {
    if is_blank(text) {
        return Err(of_text(variable, TextFault::Empty));
    }
    check_text(variable, text, limit)
}

fn check_text(variable: &'static str, text: &str, limit: usize) -> Result<(), InvalidMailMessage> {
    if text.contains(breaks_or_reorders) {
        return Err(of_text(variable, TextFault::ControlCharacters));
    }
    check_length(variable, text, limit)
}

fn check_length(variable: &'static str, text: &str, limit: usize) -> Result<(), InvalidMailMessage> {
    if text.chars().nth(limit).is_some() {
        return Err(InvalidMailMessage::Variable { variable, fault: VariableFault::TooLong });
    }
    Ok(())
}

fn of_text(variable: &'static str, fault: TextFault) -> InvalidMailMessage {
    let fault = match fault {
        TextFault::Empty => VariableFault::Empty,
        TextFault::ControlCharacters => VariableFault::ControlCharacter,
    };
    InvalidMailMessage::Variable { variable, fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn composed(kind: &str, variables: &[(&str, &str)]) -> Result<MailMessage, InvalidMailMessage> {
        compose(kind, |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn every_kind_is_composed_of_what_it_requires_and_of_nothing_less() {
        for kind in MailKind::all() {
            let names = kind.variables().iter().map(|variable| sent_name(variable.name));
            let fitting = |name| if name == "change" { "placed" } else { "x" };
            let complete: Vec<(&str, &str)> = names.map(|name| (name, fitting(name))).collect();

            assert_eq!(composed(kind.as_str(), &complete).unwrap().kind(), kind.as_str());
            for missing in 0..complete.len() {
                let mut fewer = complete.clone();
                let (name, _) = fewer.remove(missing);
                let refused = composed(kind.as_str(), &fewer);
                assert_eq!(refused, Err(InvalidMailMessage::VariableMissing { kind }), "without {name}");
            }
        }
    }

    #[test]
    fn a_code_may_be_called_a_token() {
        assert_eq!(composed("verification", &[("token", "t")]), composed("verification", &[("code", "t")]));
    }

    #[test]
    fn an_unknown_type_is_refused() {
        assert_eq!(composed("horoscope", &[("code", "t")]), Err(InvalidMailMessage::UnknownType));
        assert_eq!(composed("", &[]), Err(InvalidMailMessage::UnknownType));
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        let invalid = composed("new_device", &[("asked_at", "yesterday")]);

        assert_eq!(invalid, Err(InvalidMailMessage::Variable { variable: "asked_at", fault: VariableFault::NoTime }));
    }

    #[test]
    fn a_description_may_have_paragraphs_and_a_title_none() {
        for text in ["first\nsecond", "first\r\n\r\nsecond", "\nfirst\n"] {
            assert!(composed("discount", &[("title", "t"), ("description", text)]).is_ok(), "{text:?}");
            assert!(composed("discount", &[("title", text), ("description", "d")]).is_err(), "{text:?}");
        }
        assert!(composed("discount", &[("title", "t"), ("description", "first\rsecond")]).is_err());
        assert!(composed("discount", &[("title", "t"), ("description", "\r\n \n")]).is_err());
    }

    #[test]
    fn a_variable_has_its_limit() {
        let title = |length: usize| composed("discount", &[("title", &"ş".repeat(length)), ("description", "d")]);

        assert!(title(200).is_ok());
        assert_eq!(title(201), Err(InvalidMailMessage::Variable { variable: "title", fault: VariableFault::TooLong }));
    }

    proptest! {
        #[test]
        fn no_variable_of_any_letter_holds_a_control_character(
            before in "[a-zşİ ]{0,8}", harm in proptest::sample::select(vec!["\r\n", "\n", "\r", "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}", "\u{202e}"]), after in "Bcc: x@y.z|[a-z]{0,8}",
        ) {
            let harmful = format!("{before}{harm}{after}");
            // A description is paragraphs, so a line break alone does no harm there.
            let harmful_text = if harm == "\r\n" || harm == "\n" { harmful.replace(harm, "\0") } else { harmful.clone() };
            let attacks = [
                ("verification", vec![("code", harmful.as_str())]),
                ("password_reset", vec![("token", harmful.as_str())]),
                ("discount", vec![("title", harmful.as_str()), ("description", "d")]),
                ("discount", vec![("title", "t"), ("description", harmful_text.as_str())]),
                ("new_device", vec![("asked_from", harmful.as_str())]),
                ("session_revoked", vec![("asked_with", harmful.as_str())]),
            ];
            for (kind, variables) in attacks {
                let refused = composed(kind, &variables);
                prop_assert!(refused.is_err(), "{kind} {variables:?}");
                prop_assert!(!refused.unwrap_err().to_string().contains(&harmful));
            }
        }
    }
}
