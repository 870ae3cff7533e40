//! What in a meal makes some people ill: the fourteen that menus have to name.

use kit::{FieldValue, Text};
use serde::{Serialize, Serializer};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

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
    fn each(self) -> impl Iterator<Item = Allergen> {
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

impl FieldValue for Allergens {
    type Raw = Vec<String>;

    fn parse(raw: Vec<String>) -> Result<Self, (&'static str, Text)> {
        raw.iter().try_fold(Self(0), |Self(bits), word| {
            let allergen: Allergen = word.parse().map_err(|_| ("ALLERGEN_UNKNOWN", unknown()))?;
            Ok(Self(bits | allergen.bit()))
        })
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
        let parsed = |words: &[&str]| Allergens::parse(words.iter().map(|word| (*word).to_owned()).collect());

        let known = parsed(&["molluscs", "gluten", "gluten"]).unwrap();
        assert_eq!(serde_json::to_value(known).unwrap(), json!(["gluten", "molluscs"]));
        assert_eq!(known.0, 0b10_0000_0000_0001);
        assert_eq!(parsed(&[]), Ok(Allergens(0)));
        assert_eq!(parsed(&["gluten", "Gluten"]).unwrap_err().0, "ALLERGEN_UNKNOWN");
    }
}
