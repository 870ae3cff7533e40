//! What is chosen with a meal, and how a line is named after it.

use std::collections::BTreeMap;
use std::fmt;

use contracts::{MealId, OptionId};
use kit::{Faults, Field, FieldValue, FromField, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Different options of one line; it bounds what a line weighs and its key, which an index holds.
const MOST_OPTIONS: usize = 50;
/// No menu offers more of one option.
const MOST_OF_AN_OPTION: u16 = 99;

/// An option, and how often it is wanted with each unit of the meal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ChosenOption {
    pub(crate) option_id: OptionId,
    /// 1 when left out.
    #[serde(default = "once")]
    #[schema(minimum = 1, maximum = 99)]
    pub(crate) quantity: u16,
}

/// An option as it arrives.
#[derive(Deserialize)]
struct ChosenOptionInput {
    #[serde(default)]
    option_id: Field<OptionId>,
    #[serde(default)]
    quantity: Field<OptionQuantity>,
}

/// How often an option is wanted, 1 to 99.
struct OptionQuantity(u16);

/// Chosen options, each once and in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Options(Vec<ChosenOption>);

/// The name of a line within its cart: the meal's id where nothing is chosen with it, which is all that clients of the first
/// platform know; else made of that and of what is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct LineId(pub(crate) Uuid);

fn once() -> u16 {
    1
}

impl Options {
    /// Each option once, as often as all say together; `None` where that is too often, never, or too many are named.
    pub(crate) fn new(chosen: impl IntoIterator<Item = ChosenOption>) -> Option<Self> {
        let mut counted: BTreeMap<OptionId, u16> = BTreeMap::new();
        for ChosenOption { option_id, quantity } in chosen {
            let count = counted.entry(option_id).or_default();
            *count = count.saturating_add(quantity);
            if quantity == 0 || *count > MOST_OF_AN_OPTION || counted.len() > MOST_OPTIONS {
                return None;
            }
        }
        Some(Self(counted.into_iter().map(|(option_id, quantity)| ChosenOption { option_id, quantity }).collect()))
    }

    pub(crate) fn chosen(&self) -> &[ChosenOption] {
        &self.0
    }

    /// The same text for the same options, however they were sent; empty where there are none.
    pub(crate) fn key(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|ChosenOption { option_id, quantity }| format!("{option_id}:{quantity}")).collect();
        pairs.join(",")
    }

    /// The options whose [`Self::key`] is `text`.
    pub(crate) fn from_key(text: &str) -> Option<Self> {
        let pairs = text.split(',').filter(|pair| !pair.is_empty());
        let chosen: Option<Vec<ChosenOption>> = pairs
            .map(|pair| {
                let (option_id, quantity) = pair.split_once(':')?;
                Some(ChosenOption { option_id: option_id.parse().ok()?, quantity: quantity.parse().ok()? })
            })
            .collect();
        Self::new(chosen?)
    }
}

impl FieldValue for OptionQuantity {
    type Raw = serde_json::Number;

    fn parse(raw: serde_json::Number) -> Result<Self, (&'static str, Text)> {
        let quantity = raw.as_u64().and_then(|quantity| u16::try_from(quantity).ok());
        quantity.filter(|quantity| (1..=MOST_OF_AN_OPTION).contains(quantity)).map(Self).ok_or((INVALID, LIMITS))
    }
}

impl FromField for Options {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let chosen = faults.rows(raw, MOST_OPTIONS, |row, faults| {
            let ChosenOptionInput { option_id, quantity } = faults.object(row)?;
            let option_id = faults.required("option_id", option_id);
            let OptionQuantity(quantity) = faults.unless_null("quantity", quantity).unwrap_or(OptionQuantity(once()));
            Some(ChosenOption { option_id: option_id?, quantity })
        })?;
        Self::new(chosen).or_else(|| faults.refuse(INVALID, LIMITS))
    }
}

const INVALID: &str = "OPTIONS_INVALID";
const LIMITS: Text = Text::new(
    "En çok 50 seçenek, her biri 1 ile 99 arasında bir adetle seçilebilir.",
    "Up to 50 options can be chosen, each between 1 and 99 times.",
);

contracts::json_column!(Options);

impl LineId {
    pub(crate) fn of(meal_id: MealId, options: &Options) -> Self {
        if options.0.is_empty() { Self(meal_id.0) } else { Self(Uuid::new_v5(&meal_id.0, options.key().as_bytes())) }
    }
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(number: u128, quantity: u16) -> ChosenOption {
        ChosenOption { option_id: OptionId(Uuid::from_u128(number)), quantity }
    }

    fn options(chosen: &[ChosenOption]) -> Options {
        Options::new(chosen.iter().copied()).unwrap()
    }

    #[test]
    fn the_same_options_have_the_same_key_however_they_are_sent() {
        let sent = options(&[option(2, 1), option(1, 1), option(2, 2)]);

        assert_eq!(sent, options(&[option(1, 1), option(2, 3)]));
        assert_eq!(sent.key(), "00000000-0000-0000-0000-000000000001:1,00000000-0000-0000-0000-000000000002:3");
        assert_eq!(Options::default().key(), "");
    }

    #[test]
    fn options_are_read_back_from_their_key_and_from_nothing_else() {
        for chosen in [options(&[]), options(&[option(2, 1), option(1, 3)])] {
            assert_eq!(Options::from_key(&chosen.key()), Some(chosen));
        }
        for text in ["x", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001:0", ":1"] {
            assert_eq!(Options::from_key(text), None, "{text}");
        }
    }

    #[test]
    fn an_option_is_wanted_once_to_99_times_and_there_are_50_at_most() {
        let many = |count| (0..count).map(|number| option(number, 1));

        assert!(Options::new(many(50)).is_some());
        assert_eq!(Options::new(many(51)), None);
        assert_eq!(Options::new([option(1, 0)]), None);
        assert_eq!(Options::new([option(1, 60), option(1, 40)]), None);
        assert_eq!(Options::new([option(1, u16::MAX), option(1, u16::MAX)]), None);
        assert!(Options::new(many(50)).unwrap().key().len() < 2_000, "an index of Postgres takes 2 704 bytes");
    }

    #[test]
    fn a_line_without_options_is_named_as_its_meal_and_each_other_one_by_itself() {
        let meal = MealId(Uuid::from_u128(7));
        let [none, one, two] =
            [&[][..], &[option(1, 1)], &[option(1, 2)]].map(|chosen| LineId::of(meal, &options(chosen)));

        assert_eq!(none.to_string(), meal.to_string());
        assert!(none != one && one != two && none != two);
        assert_ne!(one, LineId::of(MealId(Uuid::from_u128(8)), &options(&[option(1, 1)])));
    }
}
