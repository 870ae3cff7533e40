//! What is chosen with meals, in groups.

use contracts::{Money, OptionId, Price};
use kit::{FieldChange, FieldValue, Text};
use serde::{Deserialize, Serialize};

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
pub(crate) struct OptionInput {
    id: Option<String>,
    name: String,
    price: Option<serde_json::Number>,
    max_quantity: Option<i64>,
    is_available: Option<bool>,
}

impl FieldValue for Choices {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 0, 99).map(Self)
    }
}

impl FieldValue for GroupOptions {
    type Raw = Vec<OptionInput>;

    fn parse(raw: Vec<OptionInput>) -> Result<Self, (&'static str, Text)> {
        if raw.len() > MOST_OPTIONS {
            let text = Text::new("Bir grupta en çok 30 seçenek olabilir.", "A group can have at most 30 options.");
            return Err(("TOO_MANY", text));
        }
        let mut options: Vec<OptionParts> = Vec::with_capacity(raw.len());
        for (place, input) in raw.into_iter().enumerate() {
            let option = option(input).map_err(|(code, Text { tr, en })| {
                let place = place + 1;
                (
                    code,
                    Text { tr: format!("{place}. seçenek: {tr}").into(), en: format!("Option {place}: {en}").into() },
                )
            })?;
            if option.id.is_some() && options.iter().any(|known| known.id == option.id) {
                return Err(("TWICE", Text::new("Bir seçenek iki kez yazılmış.", "An option is given twice.")));
            }
            options.push(option);
        }
        Ok(Self(options))
    }
}

impl GroupOptions {
    /// So many choices can be made at most, whatever can be had now.
    pub(crate) fn most_choices(&self) -> i32 {
        self.0.iter().map(|option| i32::from(option.max_quantity)).sum()
    }
}

fn option(input: OptionInput) -> Result<OptionParts, (&'static str, Text)> {
    let price = input.price.map(Money::parse).transpose()?.unwrap_or_default();
    if price > Price::MAX.into() {
        return Err(("TOO_LARGE", Text::new("Bu tutar çok büyük.", "This amount is too large.")));
    }
    Ok(OptionParts {
        id: input.id.map(OptionId::parse).transpose()?,
        name: MenuName::parse(input.name)?,
        price,
        max_quantity: in_range(input.max_quantity.unwrap_or(1), 1, 99)?,
        is_available: input.is_available.unwrap_or(true),
    })
}

#[cfg(test)]
mod tests {
    use kit::Field;
    use serde_json::{Value, json};

    use super::*;

    fn read(options: Value) -> Result<GroupOptions, (&'static str, String)> {
        match serde_json::from_value::<Field<GroupOptions>>(options).unwrap() {
            Field::Valid(options) => Ok(options),
            Field::Invalid(fault) => Err(("", fault.text().en.to_string())),
            Field::Absent | Field::Null => Ok(GroupOptions::default()),
        }
    }

    #[test]
    fn an_option_costs_nothing_and_is_there_once_unless_more_is_said() {
        let GroupOptions(options) = read(json!([{ "name": "Acılı" }, { "name": "Peynir", "price": 15.5 }])).unwrap();

        assert_eq!((options[0].price, options[0].max_quantity, options[0].is_available), (Money::ZERO, 1, true));
        assert_eq!(options[1].price.kurus(), 1550);
    }

    #[test]
    fn what_is_wrong_with_an_option_is_said_with_its_place() {
        let fault = |option: Value| read(json!([{ "name": "Acılı" }, option])).unwrap_err().1;

        assert_eq!(fault(json!({ "name": " " })), "Option 2: This field can't be empty.");
        assert_eq!(fault(json!({ "name": "x", "price": -1 })), "Option 2: This amount is too small.");
        assert_eq!(fault(json!({ "name": "x", "price": 100_000.01 })), "Option 2: This amount is too large.");
        assert_eq!(fault(json!({ "name": "x", "max_quantity": 0 })), "Option 2: This number must be from 1 to 99.");
        assert_eq!(fault(json!({ "name": "x", "id": "17" })), "Option 2: This is not an id (a UUID).");
        assert_eq!(fault(json!({ "price": 1 })), "This field has the wrong type.");
    }

    #[test]
    fn a_group_has_each_option_once_and_thirty_at_most() {
        let one = json!({ "id": "018f0000-0000-7000-8000-000000000001", "name": "Acılı" });

        assert_eq!(read(json!([one, one])).unwrap_err().1, "An option is given twice.");
        assert_eq!(read(json!(vec![json!({ "name": "x" }); 30])).unwrap().0.len(), 30);
        assert!(read(json!(vec![json!({ "name": "x" }); 31])).is_err());
    }
}
