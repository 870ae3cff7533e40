//! A field of one line, and one of several.

use askama::Template;

use super::frame::{Frame, framed};

/// A field of one line. Written into a template with `|safe`, for it is HTML already.
#[derive(Debug, Clone, Template)]
#[template(path = "input.html")]
pub struct Input<'a> {
    frame: Frame<'a>,
    kind: &'a str,
    value: &'a str,
    /// Whether digits are typed, so that a phone shows those.
    is_numeric: bool,
}

/// A field of several lines, likewise.
#[derive(Debug, Clone, Template)]
#[template(path = "text_area.html")]
pub struct TextArea<'a> {
    frame: Frame<'a>,
    value: &'a str,
    rows: u8,
}

framed!(Input, TextArea);

impl<'a> Input<'a> {
    pub(super) fn new(frame: Frame<'a>, value: &'a str) -> Self {
        Self { frame, kind: "text", value, is_numeric: false }
    }

    /// An e-mail address by which its reader is known.
    #[must_use]
    pub fn email(self) -> Self {
        Self { kind: "email", ..self }.autocomplete("username")
    }

    /// A phone number.
    #[must_use]
    pub fn phone(self) -> Self {
        Self { kind: "tel", ..self }.autocomplete("tel")
    }

    /// A number of few digits. It is text all the same: in fields of numbers, browsers change what was typed when somebody scrolls.
    #[must_use]
    pub fn numeric(self) -> Self {
        Self { is_numeric: true, ..self }
    }

    /// The password that is: never shown again, however the form was refused.
    #[must_use]
    pub fn current_password(self) -> Self {
        Self { kind: "password", value: "", ..self }.autocomplete("current-password")
    }

    /// The password that shall be, likewise.
    #[must_use]
    pub fn new_password(self) -> Self {
        Self { kind: "password", value: "", ..self }.autocomplete("new-password")
    }
}

impl<'a> TextArea<'a> {
    pub(super) fn new(frame: Frame<'a>, value: &'a str) -> Self {
        Self { frame, value, rows: 3 }
    }

    /// So many lines are seen at once.
    #[must_use]
    pub fn rows(self, rows: u8) -> Self {
        Self { rows, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input<'a>(value: &'a str, fault: Option<&'a str>) -> Input<'a> {
        Input::new(Frame::new("floor", "Kat", fault), value)
    }

    #[test]
    fn a_password_that_was_typed_never_comes_back() {
        let typed = || input("mavi balina", Some("Kısa."));

        for input in [typed().current_password(), typed().new_password()] {
            let html = input.to_string();
            assert!(!html.contains("mavi") && html.contains("type=\"password\"") && html.contains("Kısa."), "{html}");
        }
    }

    #[test]
    fn help_and_fault_describe_their_field() {
        let html = input("2", Some("Yanlış.")).hint("Sayı").to_string();

        assert!(html.contains("aria-describedby=\"floor-hint floor-fault\""), "{html}");
        assert!(html.contains("id=\"floor-hint\"") && html.contains("id=\"floor-fault\""), "{html}");
        assert!(!input("2", None).to_string().contains("aria-"));
    }

    #[test]
    fn a_field_says_what_is_typed_into_it_and_whether_it_may_stay_empty() {
        let phone = input("", None).phone().to_string();
        let number = input("3", None).numeric().optional().to_string();

        assert!(phone.contains("type=\"tel\"") && phone.contains("autocomplete=\"tel\" required"), "{phone}");
        assert!(number.contains("inputmode=\"numeric\"") && !number.contains("required"), "{number}");
    }

    #[test]
    fn several_lines_come_back_as_they_were_typed() {
        let frame = Frame::new("note", "Not", Some("Uzun."));

        let html =
            TextArea::new(frame, "\nzile basma\n</textarea><b>").rows(5).autocomplete("street-address").to_string();

        // The first line end of a text area is none of its text.
        assert!(html.contains(">\n\nzile basma\n&#60;/textarea&#62;&#60;b&#62;</textarea>"), "{html}");
        assert!(html.contains("rows=\"5\" autocomplete=\"street-address\" required"), "{html}");
        assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"note-fault\""), "{html}");
    }
}
