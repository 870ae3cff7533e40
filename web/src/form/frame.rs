//! What stands around every field of a page: its label, a help, a fault, and what a browser may fill in.

/// The frame of a field.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) fault: Option<&'a str>,
    pub(super) hint: Option<&'a str>,
    pub(super) autocomplete: &'a str,
    pub(super) is_required: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn new(name: &'a str, label: &'a str, fault: Option<&'a str>) -> Self {
        Self { name, label, fault, hint: None, autocomplete: "off", is_required: true }
    }

    /// By whose ids the field is described; empty where nothing describes it.
    pub(super) fn described_by(&self) -> String {
        let parts = [self.hint.map(|_| "hint"), self.fault.map(|_| "fault")];
        let ids: Vec<String> = parts.into_iter().flatten().map(|part| format!("{}-{part}", self.name)).collect();
        ids.join(" ")
    }
}

/// What every field can be given.
macro_rules! framed {
    ($($field:ident),+) => {
        $(impl<'a> $field<'a> {
            /// What a browser may fill in (WCAG 2.2, 1.3.5).
            #[must_use]
            pub fn autocomplete(mut self, autocomplete: &'a str) -> Self {
                self.frame.autocomplete = autocomplete;
                self
            }

            /// With a help below it.
            #[must_use]
            pub fn hint(mut self, hint: &'a str) -> Self {
                self.frame.hint = Some(hint);
                self
            }

            /// One that may stay empty, as its label should say.
            #[must_use]
            pub fn optional(mut self) -> Self {
                self.frame.is_required = false;
                self
            }
        })+
    };
}

pub(super) use framed;
