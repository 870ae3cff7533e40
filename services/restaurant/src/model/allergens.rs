//! What in a meal makes some people ill: the fourteen that menus have to name.

use kit::{Faults, FieldValue, FromField, Text};
use serde::{Serialize, Serializer};
use serde_json::Value;
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// Words that a list has at most; one that is there twice counts once.
const MOST_WORDS: usize = 2 * Allergen::VARIANTS.len();

/// One of them, by its word in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Allergen {
    Gluten,
    Crustaceans,
    Eggs,
    Fish,
    Peanuts,
    Soy,
    Milk,
    Nuts,
    Celery,
    Mustard,
    Sesame,
    Sulphites,
    Lupin,
    Molluscs,
}

/// Those that a meal contains, a bit each. That there are none is known; that nothing is known is no value of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allergens(pub(crate) i32);

impl Allergens {
    /// In their order.
    pub(crate) fn each(self) -> impl Iterator<Item = Allergen> {
        Allergen::VARIANTS.iter().copied().filter(move |allergen| self.0 & allergen.bit() != 0)
    }
}

impl Allergen {
    fn bit(self) -> i32 {
        1 << (self as i32)
    }
}

impl Serialize for Allergens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.each())
    }
}

impl FieldValue for Allergen {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        raw.parse().map_err(|_| ("ALLERGEN_UNKNOWN", unknown()))
    }
}

impl FromField for Allergens {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let allergens = faults.rows(raw, MOST_WORDS, Allergen::from_field)?;
        Some(Self(allergens.into_iter().fold(0, |bits, allergen| bits | allergen.bit())))
    }
}

fn unknown() -> Text {
    let words: Vec<&'static str> = Allergen::VARIANTS.iter().map(|allergen| (*allergen).into()).collect();
    let words = words.join(", ");
    Text {
        tr: format!("Alerjenler şunlardan olabilir: {words}.").into(),
        en: format!("Allergens can be of these: {words}.").into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn allergens_are_written_once_and_in_their_order() {
        let parsed = |words: &[&str]| {
            let mut faults = Faults::default();
            let allergens = Allergens::from_field(json!(words), &mut faults);
            allergens.ok_or_else(|| (faults.list()[0].field().to_owned(), faults.list()[0].code()))
        };

        let known = parsed(&["molluscs", "gluten", "gluten"]).unwrap();
        assert_eq!(serde_json::to_value(known).unwrap(), json!(["gluten", "molluscs"]));
        assert_eq!(known.0, 0b10_0000_0000_0001);
        assert_eq!(parsed(&[]), Ok(Allergens(0)));
        assert_eq!(parsed(&["gluten", "Gluten"]), Err(("[1]".to_owned(), "ALLERGEN_UNKNOWN")));
    }
}
