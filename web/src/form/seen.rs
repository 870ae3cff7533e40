//! `gorulen`: what stood in a form when it was shown, so that nobody overwrites what they have not seen.

use aws_lc_rs::digest::{Context, SHA256};

use super::Typed;

const FIELD: &str = "gorulen";
/// Bytes of the digest; nobody gains anything by two forms that look alike.
const BYTES: usize = 8;

impl Typed {
    /// The form with the mark of what it would begin with by now.
    #[must_use]
    pub fn marked_by(mut self, current: &Self) -> Self {
        self.fields.retain(|(name, _)| name != FIELD);
        self.fields.push((FIELD.to_owned(), current.digest()));
        self
    }

    /// The hidden field that carries the mark; nothing where there is none, as in a form for something new.
    #[must_use]
    pub fn mark(&self) -> String {
        let mark = self.value(FIELD);
        let is_ours = !mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_ours { format!("<input type=\"hidden\" name=\"{FIELD}\" value=\"{mark}\">") } else { String::new() }
    }

    /// Whether who sends the form knows what it would begin with by now: they have seen it, or say the same, but for what `buttons` say.
    /// Who sends no mark asks for nothing.
    #[must_use]
    pub fn has_seen(&self, current: &Self, buttons: &[&str]) -> bool {
        let mark = self.value(FIELD);
        mark.is_empty() || mark == current.digest() || self.content(buttons) == current.content(buttons)
    }

    /// What was filled in, in an order of its own.
    fn content(&self, buttons: &[&str]) -> Vec<(&str, &str)> {
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.trim()));
        let filled = fields.filter(|(name, value)| !value.is_empty() && *name != FIELD && !buttons.contains(name));
        let mut filled: Vec<_> = filled.collect();
        filled.sort_unstable();
        filled
    }

    fn digest(&self) -> String {
        let mut digest = Context::new(&SHA256);
        for text in self.fields.iter().flat_map(|(name, value)| [name, value]) {
            digest.update(&text.len().to_be_bytes());
            digest.update(text.as_bytes());
        }
        digest.finish().as_ref().iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, note: &str) -> Typed {
        Typed::beginning([("name", name), ("note", note)])
    }

    #[test]
    fn who_saw_something_else_has_not_seen_what_stands_there_now() {
        let (before, now) = (form("Çıpa", ""), form("Fener", ""));
        let opened_before = form("Çıpa", "yeni").marked_by(&before);

        assert!(opened_before.has_seen(&before, &[]));
        assert!(!opened_before.has_seen(&now, &[]));
        assert!(opened_before.marked_by(&now).has_seen(&now, &[]), "shown once more, and sent once more");
        assert!(!form("Çıpa", "").marked_by(&form("Çıp", "a")).has_seen(&now, &[]), "fields don't run into each other");
    }

    #[test]
    fn a_form_that_is_sent_twice_says_the_same_the_second_time() {
        let before = form("Çıpa", "");
        let sent = form("Çıpa ", "yeni").marked_by(&before);

        assert!(sent.has_seen(&form("Çıpa", "yeni"), &[]));
        assert!(
            !sent.has_seen(&Typed::beginning([("name", "Çıpa")]), &[]),
            "somebody has taken the note away meanwhile"
        );
        let pressed =
            Typed { fields: [sent.fields.clone(), vec![("adim".to_owned(), "yayinla".to_owned())]].concat(), ..sent };
        assert!(pressed.has_seen(&form("Çıpa", "yeni"), &["adim"]));
    }

    #[test]
    fn a_mark_comes_back_as_it_was_shown_and_nothing_else_does() {
        let now = form("Çıpa", "");

        assert!(now.mark().is_empty() && now.has_seen(&form("Fener", ""), &[]));
        let field = now.clone().marked_by(&now).mark();
        assert!(field.starts_with("<input type=\"hidden\" name=\"gorulen\" value=\""), "{field}");
        assert_eq!(Typed::beginning([(FIELD, "\"><script>")]).mark(), "");
    }
}
