//! What a restaurant cooks.

use contracts::ShortText;
use kit::{Faults, FieldValue, FromField, Text};
use serde::Serialize;
use serde_json::Value;

/// The most that a restaurant names.
const MOST: usize = 10;

/// A cuisine, by the name that the restaurant gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Cuisine(ShortText<64>);

/// Up to ten of them, each once, in the order of the restaurant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Cuisines(pub(crate) Vec<Cuisine>);

impl Cuisine {
    pub(crate) fn name(&self) -> &ShortText<64> {
        &self.0
    }

    /// What it is compared by: `Balık`, `BALIK` and `balik` are one.
    pub(crate) fn key(&self) -> String {
        contracts::fold(self.0.as_str())
    }
}

impl From<ShortText<64>> for Cuisine {
    fn from(name: ShortText<64>) -> Self {
        Self(name)
    }
}

impl FieldValue for Cuisine {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        ShortText::parse(raw).map(Self)
    }
}

impl FromField for Cuisines {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let mut cuisines: Vec<Cuisine> = Vec::new();
        for cuisine in faults.rows(raw, MOST, Cuisine::from_field)? {
            if cuisines.iter().all(|known| known.key() != cuisine.key()) {
                cuisines.push(cuisine);
            }
        }
        Some(Self(cuisines))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(names: &[&str]) -> Result<Vec<String>, (String, &'static str)> {
        let mut faults = Faults::default();
        let cuisines = Cuisines::from_field(json!(names), &mut faults);
        let names = |Cuisines(cuisines)| cuisines.into_iter().map(|Cuisine(name)| name.into()).collect();
        cuisines.map(names).ok_or_else(|| (faults.list()[0].field().to_owned(), faults.list()[0].code()))
    }

    #[test]
    fn a_cuisine_is_named_once_however_it_is_written() {
        assert_eq!(parsed(&["Balık", "BALIK", " balik ", "Kebap"]).unwrap(), ["Balık", "Kebap"]);
        assert_eq!(parsed(&[]).unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_name_or_too_much_is_refused() {
        assert_eq!(parsed(&["Kebap", " "]), Err(("[1]".to_owned(), "EMPTY")));
        assert_eq!(parsed(&["a\0b"]), Err(("[0]".to_owned(), "CONTROL_CHARACTERS")));
        assert_eq!(parsed(&["ş"; 11]), Err((String::new(), "TOO_MANY")));
    }
}
