//! Which orders a restaurant looks at.

use kit::{FieldValue, Text};

/// What stands on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BoardView {
    /// Orders that move on.
    #[default]
    Open,
    /// Orders that have come to their end.
    Closed,
}

impl BoardView {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl FieldValue for BoardView {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("view open ya da closed olmalıdır.", "view must be open or closed.");
        [Self::Open, Self::Closed].into_iter().find(|view| view.as_str() == raw).ok_or(("VIEW_UNKNOWN", text))
    }
}
