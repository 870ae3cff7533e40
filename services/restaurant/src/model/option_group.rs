//! What is chosen with meals, in groups.

use contracts::{Money, OptionId, Price};
use kit::{Faults, Field, FieldChange, FieldValue, FromField, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::numbers::in_range;
use super::{MenuName, Position};

/// Options of one group at most: more of them nobody reads.
const MOST_OPTIONS: usize = 30;

/// How many choices, 0 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Choices(pub(crate) i16);

/// What can be chosen, as a restaurant writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct OptionParts {
    /// That of an option of the group, which it stays; a new one where there is none.
    pub(crate) id: Option<OptionId>,
    pub(crate) name: MenuName,
    pub(crate) price: Money,
    pub(crate) max_quantity: i16,
    pub(crate) is_available: bool,
}

/// All options of a group, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct GroupOptions(pub(crate) Vec<OptionParts>);

/// A group as a restaurant writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct GroupParts {
    pub(crate) name: MenuName,
    pub(crate) min: Choices,
    pub(crate) max: Option<Choices>,
    /// Behind all others where that is not said.
    pub(crate) position: Option<Position>,
    pub(crate) options: GroupOptions,
}

/// What changes in a group; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupChange {
    pub(crate) name: Option<MenuName>,
    pub(crate) min: Option<Choices>,
    pub(crate) max: FieldChange<Choices>,
    pub(crate) position: Option<Position>,
    pub(crate) options: Option<GroupOptions>,
}

/// An option as it arrives.
#[derive(Deserialize)]
struct OptionInput {
    #[serde(default)]
    id: Field<OptionId>,
    #[serde(default)]
    name: Field<MenuName>,
    #[serde(default)]
    price: Field<OptionPrice>,
    #[serde(default)]
    max_quantity: Field<MostOfOne>,
    #[serde(default)]
    is_available: Field<bool>,
}

/// What an option adds: nothing, or no more than a meal costs.
#[derive(Debug, Default)]
struct OptionPrice(Money);

/// How often an option can be chosen, 1 to 99.
#[derive(Debug)]
struct MostOfOne(i16);

impl FieldValue for Choices {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 0, 99).map(Self)
    }
}

impl FieldValue for OptionPrice {
    type Raw = serde_json::Number;

    fn parse(raw: serde_json::Number) -> Result<Self, (&'static str, Text)> {
        let price = Money::parse(raw)?;
        if price > Price::MAX.into() {
            return Err(("TOO_LARGE", Text::new("Bu tutar çok büyük.", "This amount is too large.")));
        }
        Ok(Self(price))
    }
}

impl FieldValue for MostOfOne {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 1, 99).map(Self)
    }
}

impl FromField for GroupOptions {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let options = faults.rows(raw, MOST_OPTIONS, option)?;
        // New ones have no id yet, and none of them is another.
        let ids = options.iter().enumerate().map(|(place, option)| option.id.ok_or(place));
        faults.check_once(ids, ("id", "TWICE", TWICE));
        Some(Self(options))
    }
}

fn option(raw: Value, faults: &mut Faults) -> Option<OptionParts> {
    let input: OptionInput = faults.object(raw)?;
    let id = faults.unless_null("id", input.id);
    let name = faults.required("name", input.name);
    let OptionPrice(price) = faults.unless_null("price", input.price).unwrap_or_default();
    let MostOfOne(max_quantity) = faults.unless_null("max_quantity", input.max_quantity).unwrap_or(MostOfOne(1));
    let is_available = faults.unless_null("is_available", input.is_available).unwrap_or(true);
    Some(OptionParts { id, name: name?, price, max_quantity, is_available })
}

const TWICE: Text = Text::new("Bir seçenek iki kez yazılmış.", "An option is given twice.");

impl GroupOptions {
    /// So many choices can be made at most, whatever can be had now.
    pub(crate) fn most_choices(&self) -> i32 {
        self.0.iter().map(|option| i32::from(option.max_quantity)).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(options: Value) -> Result<Vec<OptionParts>, Vec<String>> {
        let mut faults = Faults::default();
        match GroupOptions::from_field(options, &mut faults) {
            Some(GroupOptions(options)) if faults.list().is_empty() => Ok(options),
            _ => Err(faults.list().iter().map(|fault| format!("{}: {}", fault.field(), fault.text().en)).collect()),
        }
    }

    #[test]
    fn an_option_costs_nothing_and_is_there_once_unless_more_is_said() {
        let nothing = json!({ "name": "Közlü", "id": null, "price": null, "max_quantity": null, "is_available": null });

        let options = read(json!([{ "name": "Acılı" }, { "name": "Peynir", "price": 15.5 }, nothing])).unwrap();

        for option in [&options[0], &options[2]] {
            assert_eq!(
                (option.id, option.price, option.max_quantity, option.is_available),
                (None, Money::ZERO, 1, true)
            );
        }
        assert_eq!(options[1].price.kurus(), 1550);
    }

    #[test]
    fn what_is_wrong_with_an_option_is_said_with_its_place() {
        let fault = |option: Value| read(json!([{ "name": "Acılı" }, option])).unwrap_err().join(" ");

        assert_eq!(fault(json!({ "name": " " })), "[1].name: This field can't be empty.");
        assert_eq!(fault(json!({ "name": "x", "price": -1 })), "[1].price: This amount is too small.");
        assert_eq!(fault(json!({ "name": "x", "price": 100_000.01 })), "[1].price: This amount is too large.");
        assert_eq!(
            fault(json!({ "name": "x", "max_quantity": 0 })),
            "[1].max_quantity: This number must be from 1 to 99."
        );
        assert_eq!(fault(json!({ "name": "x", "id": "17" })), "[1].id: This is not an id (a UUID).");
        assert_eq!(
            fault(json!({ "price": "1" })),
            "[1].name: This field is required. [1].price: This field has the wrong type."
        );
    }

    #[test]
    fn a_group_has_each_option_once_and_thirty_at_most() {
        let one = json!({ "id": "018f0000-0000-7000-8000-000000000001", "name": "Acılı" });

        assert_eq!(read(json!([one, one])), Err(vec!["[1].id: An option is given twice.".to_owned()]));
        assert_eq!(read(json!(vec![json!({ "name": "x" }); 30])).unwrap().len(), 30);
        assert!(read(json!(vec![json!({ "name": "x" }); 31])).is_err());
    }
}
