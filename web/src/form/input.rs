//! One field as a page shows it: its label, what was typed, a help and a fault.

use askama::Template;

/// A field of one line. Written into a template with `|safe`, for it is HTML already.
#[derive(Debug, Clone, Template)]
#[template(path = "input.html")]
pub struct Input<'a> {
    name: &'a str,
    label: &'a str,
    kind: &'a str,
    value: &'a str,
    fault: Option<&'a str>,
    hint: Option<&'a str>,
    autocomplete: &'a str,
}

impl<'a> Input<'a> {
    pub(super) fn new(name: &'a str, label: &'a str, value: &'a str, fault: Option<&'a str>) -> Self {
        Self { name, label, kind: "text", value, fault, hint: None, autocomplete: "off" }
    }

    /// An e-mail address by which its reader is known.
    #[must_use]
    pub fn email(self) -> Self {
        Self { kind: "email", autocomplete: "username", ..self }
    }

    /// The password that is: never shown again, however the form was refused.
    #[must_use]
    pub fn current_password(self) -> Self {
        Self { kind: "password", value: "", autocomplete: "current-password", ..self }
    }

    /// The password that shall be, likewise.
    #[must_use]
    pub fn new_password(self) -> Self {
        Self { kind: "password", value: "", autocomplete: "new-password", ..self }
    }

    /// What a browser may fill in (WCAG 2.2, 1.3.5).
    #[must_use]
    pub fn autocomplete(self, autocomplete: &'a str) -> Self {
        Self { autocomplete, ..self }
    }

    /// With a help below it.
    #[must_use]
    pub fn hint(self, hint: &'a str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// By whose ids the field is described.
    fn described_by(&self) -> String {
        let parts = [self.hint.map(|_| "hint"), self.fault.map(|_| "fault")];
        let ids: Vec<String> = parts.into_iter().flatten().map(|part| format!("{}-{part}", self.name)).collect();
        ids.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_was_typed_never_comes_back() {
        let typed = || Input::new("password", "Parola", "mavi balina", Some("Kısa."));

        for input in [typed().current_password(), typed().new_password()] {
            let html = input.to_string();
            assert!(!html.contains("mavi") && html.contains("type=\"password\"") && html.contains("Kısa."), "{html}");
        }
    }

    #[test]
    fn help_and_fault_describe_their_field() {
        let html = Input::new("floor", "Kat", "2", Some("Yanlış.")).hint("Sayı").to_string();

        assert!(html.contains("aria-describedby=\"floor-hint floor-fault\""), "{html}");
        assert!(html.contains("id=\"floor-hint\"") && html.contains("id=\"floor-fault\""), "{html}");
        assert!(!Input::new("floor", "Kat", "2", None).to_string().contains("aria-"));
    }
}
