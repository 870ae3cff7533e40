//! Lists of ids in a body, each once and not too many.

use kit::{FieldValue, Text};
use serde::Serialize;

/// Up to `MOST` ids in the order in which they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Ids<I, const MOST: usize>(pub(crate) Vec<I>);

impl<I, const MOST: usize> Default for Ids<I, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<I, const MOST: usize> FieldValue for Ids<I, MOST>
where
    I: FieldValue<Raw = String> + PartialEq,
{
    type Raw = Vec<String>;

    fn parse(raw: Vec<String>) -> Result<Self, (&'static str, Text)> {
        if raw.len() > MOST {
            let tr = format!("Bu listede en çok {MOST} kimlik olabilir.");
            let en = format!("This list can have at most {MOST} ids.");
            return Err(("TOO_MANY", Text { tr: tr.into(), en: en.into() }));
        }
        let mut ids = Vec::with_capacity(raw.len());
        for text in raw {
            let id = I::parse(text)?;
            if ids.contains(&id) {
                let text = Text::new("Bu listede bir kimlik iki kez var.", "An id stands in this list twice.");
                return Err(("TWICE", text));
            }
            ids.push(id);
        }
        Ok(Self(ids))
    }
}

#[cfg(test)]
mod tests {
    use contracts::MealId;

    use super::*;

    #[test]
    fn a_list_has_each_id_once_and_an_end() {
        let id = |number: u8| format!("018f0000-0000-7000-8000-00000000000{number}");
        let parsed =
            |texts: Vec<String>| Ids::<MealId, 2>::parse(texts).map(|Ids(ids)| ids.len()).map_err(|fault| fault.0);

        assert_eq!(parsed(vec![id(2), id(1)]), Ok(2));
        assert_eq!(parsed(vec![id(1), id(1).to_uppercase()]), Err("TWICE"));
        assert_eq!(parsed(vec![id(1), id(2), id(3)]), Err("TOO_MANY"));
        assert_eq!(parsed(vec!["1".to_owned()]), Err("ID_INVALID"));
    }
}
