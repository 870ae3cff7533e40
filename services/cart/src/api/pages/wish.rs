//! A meal that somebody wants in their basket: as a form sends it, and on its way through an address while they are asked.

use contracts::{MealId, OptionId};
use kit::{Faults, Field, FieldChange, FieldValue, IdempotencyKey, Problem, QueryParameters, Text};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use web::{Form, FormKey, Typed};

use crate::error;
use crate::model::{ChosenOption, MOST_OF_A_LINE, Note, Options, QUANTITY_LIMIT, Quantity};

/// How the name of a field begins whose value is an option.
const OPTION: &str = "secenek-";

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) meal_id: MealId,
    pub(super) quantity: Quantity,
    pub(super) options: Options,
    pub(super) note: Note,
}

/// What a form sends for it, besides its options.
#[derive(Debug, Deserialize)]
pub(super) struct WishFields {
    #[serde(default)]
    meal_id: Field<MealId>,
    #[serde(default)]
    quantity: Field<TypedQuantity>,
    #[serde(default)]
    note: Field<Note>,
    #[serde(default)]
    istek: Field<FormKey>,
}

/// How many, as somebody typed it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TypedQuantity(pub(super) Quantity);

impl FieldValue for TypedQuantity {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let number = raw.trim().parse().ok().filter(|number| (1..=MOST_OF_A_LINE).contains(number));
        number.map(|number| Self(Quantity(number))).ok_or(("QUANTITY_LIMIT", QUANTITY_LIMIT))
    }
}

impl Wish {
    /// What the form sends, and its key; or every fault.
    pub(super) fn of(Form { fields, typed }: Form<WishFields>) -> Result<(Self, FormKey), Problem> {
        let mut faults = Faults::default();
        let meal_id = faults.required("meal_id", fields.meal_id);
        let quantity = faults.unless_null("quantity", fields.quantity).map_or_else(Quantity::default, |typed| typed.0);
        let note = faults.unless_null("note", fields.note).unwrap_or_default();
        let key = faults.required("istek", fields.istek);
        let options = options(&typed);
        if options.is_none() {
            let text = Text::new("Seçenekler anlaşılamadı.", "The options can't be read.");
            faults.add("options", "OPTIONS_INVALID", text);
        }
        match (meal_id, key, options) {
            (Some(meal_id), Some(key), Some(options)) => {
                error::check(faults)?;
                Ok((Self { meal_id, quantity, options, note }, key))
            }
            _ => Err(error::check(faults).expect_err("a field that is missing left a fault")),
        }
    }

    /// What an address says, if it says it.
    pub(super) fn of_address(parameters: &QueryParameters) -> Option<Self> {
        let read = |name| parameters.one(name).ok().flatten().map(str::to_owned);
        Some(Self {
            meal_id: read("meal_id")?.parse().ok()?,
            quantity: TypedQuantity::parse(read("quantity")?).ok()?.0,
            options: Options::from_key(&read("options")?)?,
            note: Note::parse(read("note")?).ok()?,
        })
    }

    /// The same in an address.
    pub(super) fn address(&self) -> String {
        let (meal_id, quantity, options) = (self.meal_id, self.quantity.0, self.options.key());
        let note = utf8_percent_encode(self.note.as_str(), NON_ALPHANUMERIC);
        format!("meal_id={meal_id}&quantity={quantity}&options={options}&note={note}")
    }

    /// The same as the fields of a form.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let own = [
            ("meal_id".to_owned(), self.meal_id.to_string()),
            ("quantity".to_owned(), self.quantity.0.to_string()),
            ("note".to_owned(), self.note.as_str().to_owned()),
        ];
        let chosen = self.options.chosen().iter();
        let each = chosen.flat_map(|chosen| std::iter::repeat_n(chosen.option_id, chosen.quantity.into()));
        let options = each.zip(1..).map(|(id, number): (OptionId, u32)| (format!("{OPTION}{number}"), id.to_string()));
        own.into_iter().chain(options).collect()
    }

    /// What is asked of the kitchen; a line that is there keeps its own where nothing is.
    pub(super) fn note_change(&self) -> FieldChange<Note> {
        if self.note.as_str().is_empty() { FieldChange::Keep } else { FieldChange::Set(self.note.clone()) }
    }
}

/// The key of a form that is in an address.
pub(super) fn key_of_address(parameters: &QueryParameters) -> Option<FormKey> {
    FormKey::parse(parameters.one("istek").ok()??.to_owned()).ok()
}

/// The same for an address.
pub(super) fn address_of_key(key: FormKey) -> String {
    format!("istek={}", IdempotencyKey::from(key).as_str())
}

fn options(typed: &Typed) -> Option<Options> {
    let chosen = typed.fields().iter().filter(|(name, value)| name.starts_with(OPTION) && !value.is_empty());
    let chosen: Option<Vec<ChosenOption>> =
        chosen.map(|(_, id)| Some(ChosenOption { option_id: id.parse().ok()?, quantity: 1 })).collect();
    Options::new(chosen?)
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_wish_survives_the_way_through_an_address_and_through_a_form() {
        let option = |number, quantity| ChosenOption { option_id: OptionId(Uuid::from_u128(number)), quantity };
        let wish = Wish {
            meal_id: MealId(Uuid::from_u128(7)),
            quantity: Quantity(3),
            options: Options::new([option(1, 2), option(2, 1)]).unwrap(),
            note: Note::new("acılı & \"bol\" soğan\n100%").unwrap(),
        };

        let uri: Uri = format!("/sepet?{}", wish.address()).parse().unwrap();
        let fields = wish.fields();

        assert_eq!(Wish::of_address(&QueryParameters::of(&uri)), Some(wish.clone()));
        let sent: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let typed = Typed::beginning([sent[3], sent[4], sent[5]]);
        assert_eq!(options(&typed), Some(wish.options));
        assert_eq!(Wish::of_address(&QueryParameters::of(&Uri::from_static("/sepet?meal_id=x"))), None);
    }
}
