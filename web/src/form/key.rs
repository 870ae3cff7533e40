//! `istek`: what distinguishes one showing of a form from another, so that a form that is sent twice is done once.

use clock::Sources;
use kit::{FieldValue, IdempotencyKey, Text};
use uuid::Uuid;

/// An id that is made when a form is shown and comes back with it in the hidden field `istek`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormKey(Uuid);

impl FormKey {
    /// That of a form that is shown now.
    #[must_use]
    pub fn new(sources: &Sources) -> Self {
        Self(sources.uuid())
    }

    /// The hidden field that carries it.
    #[must_use]
    pub fn field(self) -> String {
        format!("<input type=\"hidden\" name=\"istek\" value=\"{}\">", self.0)
    }
}

impl From<FormKey> for IdempotencyKey {
    fn from(key: FormKey) -> Self {
        key.0.into()
    }
}

impl FieldValue for FormKey {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text =
            Text::new("Form eskimiş; sayfayı yenileyip yeniden gönderin.", "The form is out of date; reload the page.");
        raw.parse().map(Self).map_err(|_| ("INVALID_FORM_KEY", text))
    }
}

#[cfg(test)]
mod tests {
    use clock::{ManualClock, SeededRandom};

    use super::*;

    #[test]
    fn a_form_comes_back_with_the_key_that_it_was_shown_with() {
        let sources = Sources::new(ManualClock::at(chrono::DateTime::UNIX_EPOCH), SeededRandom::new(1));
        let (first, second) = (FormKey::new(&sources), FormKey::new(&sources));
        let sent = first.field().split('"').nth(5).unwrap().to_owned();

        let read = FormKey::parse(sent.clone()).unwrap();

        assert_eq!(read, first);
        assert_eq!(IdempotencyKey::from(read).as_str(), sent);
        assert_ne!(first, second);
        assert!(FormKey::parse("<script>".to_owned()).is_err());
    }
}
