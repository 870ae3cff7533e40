//! The headings of a menu.

use serde::Serialize;

use super::{MenuName, Position};

/// A heading as a restaurant writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CategoryParts {
    pub(crate) name: MenuName,
    /// Behind all others where that is not said.
    pub(crate) position: Option<Position>,
}

/// What changes in a heading; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CategoryChange {
    pub(crate) name: Option<MenuName>,
    pub(crate) position: Option<Position>,
}
