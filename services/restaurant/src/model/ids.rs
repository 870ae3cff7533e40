//! Lists of ids in a body, each once and not too many.

use kit::{Faults, FieldValue, FromField, Text};
use serde::Serialize;
use serde_json::Value;

/// Up to `MOST` ids in the order in which they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Ids<I, const MOST: usize>(pub(crate) Vec<I>);

impl<I, const MOST: usize> Default for Ids<I, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<I, const MOST: usize> FromField for Ids<I, MOST>
where
    I: FieldValue + PartialEq,
{
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let ids = faults.rows(raw, MOST, I::from_field)?;
        faults.check_once(&ids, ("", "TWICE", TWICE));
        Some(Self(ids))
    }
}

const TWICE: Text = Text::new("Bu listede bir kimlik iki kez var.", "An id stands in this list twice.");

#[cfg(test)]
mod tests {
    use contracts::MealId;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_has_each_id_once_and_an_end() {
        let id = |number: u8| format!("018f0000-0000-7000-8000-00000000000{number}");
        let faults = |texts: Vec<String>| {
            let mut faults = Faults::default();
            let _ = Ids::<MealId, 2>::from_field(json!(texts), &mut faults);
            faults.list().iter().map(|fault| (fault.field().to_owned(), fault.code())).collect::<Vec<_>>()
        };
        let fault = |place: &str, code| vec![(place.to_owned(), code)];

        assert_eq!(faults(vec![id(2), id(1)]), []);
        assert_eq!(faults(vec![id(1), id(1).to_uppercase()]), fault("[1]", "TWICE"));
        assert_eq!(faults(vec![id(1), id(2), id(3)]), fault("", "TOO_MANY"));
        assert_eq!(faults(vec!["1".to_owned()]), fault("[0]", "ID_INVALID"));
    }
}
