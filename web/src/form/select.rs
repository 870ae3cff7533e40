//! A field whose values are chosen from a list.

use std::borrow::Cow;

use askama::Template;

use super::frame::{Frame, framed};

/// A list of which one option is chosen. Written into a template with `|safe`, for it is HTML already.
#[derive(Debug, Clone, Template)]
#[template(path = "select.html")]
pub struct Select<'a> {
    frame: Frame<'a>,
    value: &'a str,
    groups: Vec<OptionGroup<'a>>,
    /// The group in which the option is chosen, where several have it.
    within: Option<&'a str>,
}

/// Options below a label of their own, or below none.
#[derive(Debug, Clone)]
struct OptionGroup<'a> {
    label: Option<Cow<'a, str>>,
    /// Value and text of each.
    options: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

framed!(Select);

impl<'a> Select<'a> {
    pub(super) fn new(frame: Frame<'a>, value: &'a str) -> Self {
        Self { frame, value, groups: Vec::new(), within: None }
    }

    /// With these values and their texts.
    #[must_use]
    pub fn options<V, T>(self, options: impl IntoIterator<Item = (V, T)>) -> Self
    where
        V: Into<Cow<'a, str>>,
        T: Into<Cow<'a, str>>,
    {
        self.with(None, options)
    }

    /// With these values and their texts below `label`.
    #[must_use]
    pub fn group<V, T>(self, label: impl Into<Cow<'a, str>>, options: impl IntoIterator<Item = (V, T)>) -> Self
    where
        V: Into<Cow<'a, str>>,
        T: Into<Cow<'a, str>>,
    {
        self.with(Some(label.into()), options)
    }

    /// Of equal values in several groups, that below `label` is the chosen one.
    #[must_use]
    pub fn within(self, label: &'a str) -> Self {
        Self { within: Some(label), ..self }
    }

    fn with<V, T>(mut self, label: Option<Cow<'a, str>>, options: impl IntoIterator<Item = (V, T)>) -> Self
    where
        V: Into<Cow<'a, str>>,
        T: Into<Cow<'a, str>>,
    {
        let options = options.into_iter().map(|(value, text)| (value.into(), text.into())).collect();
        self.groups.push(OptionGroup { label, options });
        self
    }

    /// Whether a browser sends the text for the value, which spares long lists half of their bytes: without the blanks around it, and
    /// with one between two words.
    fn is_its_text(&self, value: &str, text: &str) -> bool {
        value == text && value.split_ascii_whitespace().eq(value.split(' '))
    }

    fn is_chosen(&self, group: &OptionGroup<'_>, value: &str) -> bool {
        let is_there = match (self.within, &group.label) {
            (Some(within), Some(label)) => within == label,
            (None, _) | (_, None) => true,
        };
        value == self.value && is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select<'a>(value: &'a str, fault: Option<&'a str>) -> Select<'a> {
        Select::new(Frame::new("gender", "Cinsiyet", fault), value)
    }

    #[test]
    fn the_value_that_was_sent_is_the_chosen_one() {
        let html = select("b", Some("Olmaz.")).options([("", "Seçin"), ("a", "A"), ("b", "<B>")]).to_string();

        assert!(html.contains("<option value=\"b\" selected>&#60;B&#62;</option>"), "{html}");
        assert_eq!(html.matches(" selected").count(), 1, "{html}");
        assert!(html.contains("<select id=\"gender\" name=\"gender\" autocomplete=\"off\" required"), "{html}");
        assert!(html.contains("aria-describedby=\"gender-fault\"") && html.contains("Olmaz."), "{html}");
    }

    #[test]
    fn a_value_that_is_its_text_is_written_once() {
        let same = |text: &'static str| (text, text);

        let html = select("", None).options(["", "Adana", "a  b", " a"].map(same)).options([("a", "A")]).to_string();

        assert!(html.contains("<option>Adana</option>"), "{html}");
        for written in ["", "a  b", " a", "a"] {
            assert!(html.contains(&format!("<option value=\"{written}\"")), "{written} in {html}");
        }
    }

    #[test]
    fn of_equal_values_that_of_its_group_is_chosen() {
        let grouped = || {
            let select = select("Merkez", None).options([("", "Seçin")]);
            select.group("Edirne", [("Merkez", "Merkez")]).group("Bolu", [("Merkez", "Merkez")])
        };

        let chosen = grouped().within("Bolu").to_string();
        let elsewhere = grouped().within("Kars").to_string();

        let (edirne, bolu) = chosen.split_once("<optgroup label=\"Bolu\">").unwrap();
        assert!(!edirne.contains(" selected") && bolu.contains(" selected"), "{chosen}");
        assert!(!elsewhere.contains(" selected"), "{elsewhere}");
    }
}
