//! What can be found.

use uuid::Uuid;

/// Where a text stands. What comes first counts more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// What the restaurant is called.
    Name,
    /// A kitchen that it cooks.
    Cuisine,
    /// What a dish is called.
    Dish,
    /// What is said of a dish or of the restaurant.
    Description,
    /// Its province or district.
    Place,
}

/// A text by which a document is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Where it stands.
    pub field: Field,
    /// As people wrote it.
    pub text: String,
}

/// A restaurant as it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<F> {
    /// Its id, by which ties are broken.
    pub id: Uuid,
    /// Counts its changes; [`crate::Index::version`] tells which one is known.
    pub version: i64,
    /// What it is found by.
    pub texts: Vec<Text>,
    /// What it is filtered and sorted by.
    pub facts: F,
}
