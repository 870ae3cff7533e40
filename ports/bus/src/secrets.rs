//! Keeps what only one reader may see out of every other sight.

use std::borrow::Cow;

use database::Vault;
use serde_json::Value;

use crate::delivery::Payload;

/// The fields that hold a secret, at any depth.
const NAMES: [&str; 3] = ["token", "code", "password"];
const MASK: &str = "***";

/// What an operator sees of `payload`: its JSON with the secrets masked.
///
/// What is no JSON is shown as text, but a sealed one not at all: nobody knows where its secret is.
pub(crate) fn shown(payload: &Payload, vault: &Vault) -> Value {
    let Ok(bytes) = payload.open(vault) else { return MASK.into() };
    match serde_json::from_slice(&bytes) {
        Ok(mut json) => {
            visit(&mut json, &mut |secret| *secret = MASK.into());
            json
        }
        Err(_) if payload.is_sealed() => MASK.into(),
        Err(_) => String::from_utf8_lossy(&bytes).into(),
    }
}

/// `text` about an event, which may quote its secrets, without them.
pub(crate) fn masked_in<'a>(text: &'a str, json: &[u8]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    let Ok(mut json) = serde_json::from_slice(json) else { return text };
    visit(&mut json, &mut |secret| {
        let quoted = secret.as_str().map_or_else(|| secret.to_string(), ToOwned::to_owned);
        if !quoted.is_empty() && text.contains(&quoted) {
            text = text.replace(&quoted, MASK).into();
        }
    });
    text
}

fn visit(json: &mut Value, on_secret: &mut impl FnMut(&mut Value)) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                if NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name)) {
                    on_secret(value);
                } else {
                    visit(value, on_secret);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| visit(value, on_secret)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn vault() -> Vault {
        Vault::new(b"a root key")
    }

    #[test]
    fn secrets_are_masked_at_any_depth() {
        let payload =
            json!({"to": "a@example.com", "variables": {"token": "s1", "list": [{"Code": 42}], "title": "t"}});

        let shown = shown(&Payload::seal(&vault(), payload.to_string().as_bytes()), &vault());

        assert_eq!(
            shown,
            json!({"to": "a@example.com", "variables": {"token": "***", "list": [{"Code": "***"}], "title": "t"}})
        );
    }

    #[test]
    fn what_is_no_json_is_shown_unless_it_may_hold_a_secret() {
        let cut = br#"{"token":"s1"#;

        assert_eq!(shown(&Payload::Plain(cut.to_vec()), &vault()), json!(r#"{"token":"s1"#));
        assert_eq!(shown(&Payload::seal(&vault(), cut), &vault()), json!("***"));
    }

    #[test]
    fn what_was_sealed_with_another_key_is_not_shown() {
        let sealed = Payload::seal(&Vault::new(b"another"), b"{}");

        assert_eq!(shown(&sealed, &vault()), json!("***"));
    }

    #[test]
    fn a_reason_does_not_quote_secrets() {
        let payload = json!({"variables": {"token": "s1", "code": 42}}).to_string();

        let masked = masked_in("s1 is no number, nor is 42", payload.as_bytes());

        assert_eq!(masked, "*** is no number, nor is ***");
    }
}
