//! Which orders a restaurant looks at.

use kit::{FieldValue, Text};
use strum::{EnumString, IntoStaticStr};

/// What stands on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
        self.into()
    }
}

impl FieldValue for BoardView {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("view open ya da closed olmalıdır.", "view must be open or closed.");
        raw.parse().map_err(|_| ("VIEW_UNKNOWN", text))
    }
}
