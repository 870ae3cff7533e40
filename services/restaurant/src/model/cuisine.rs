//! What a restaurant cooks.

use contracts::ShortText;
use kit::{FieldValue, Text};
use serde::Serialize;

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

impl FieldValue for Cuisines {
    type Raw = Vec<String>;

    fn parse(raw: Vec<String>) -> Result<Self, (&'static str, Text)> {
        if raw.len() > MOST {
            return Err(("TOO_MANY", Text::new("En çok 10 mutfak yazılabilir.", "At most 10 cuisines can be named.")));
        }
        let mut cuisines: Vec<Cuisine> = Vec::with_capacity(raw.len());
        for name in raw {
            let cuisine = Cuisine(ShortText::parse(name)?);
            if cuisines.iter().all(|known| known.key() != cuisine.key()) {
                cuisines.push(cuisine);
            }
        }
        Ok(Self(cuisines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(names: &[&str]) -> Result<Vec<String>, &'static str> {
        let cuisines = Cuisines::parse(names.iter().map(|name| (*name).to_owned()).collect());
        let names = |Cuisines(cuisines)| cuisines.into_iter().map(|Cuisine(name)| name.into()).collect();
        cuisines.map(names).map_err(|(code, _)| code)
    }

    #[test]
    fn a_cuisine_is_named_once_however_it_is_written() {
        assert_eq!(parsed(&["Balık", "BALIK", " balik ", "Kebap"]).unwrap(), ["Balık", "Kebap"]);
        assert_eq!(parsed(&[]).unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_name_or_too_much_is_refused() {
        assert_eq!(parsed(&["Kebap", " "]), Err("EMPTY"));
        assert_eq!(parsed(&["a\0b"]), Err("CONTROL_CHARACTERS"));
        assert_eq!(parsed(&["ş"; 11]), Err("TOO_MANY"));
    }
}
