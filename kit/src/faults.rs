//! What is wrong with a request, and where: each fault of a list is named by its row, counted from zero, as `options[2].price`.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Text;
use crate::excerpt::excerpt;
use crate::fault::{Fault, LONGEST_NAME};
use crate::problem::Problem;

/// Collects the faults of one body, or of a part of it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// This one.
    pub(crate) fn of(fault: Fault) -> Self {
        Self(vec![fault])
    }

    /// Adds a fault.
    pub fn add(&mut self, field: &'static str, code: &'static str, text: Text) {
        self.0.push(Fault::new(field, code, text));
    }

    /// Adds a fault that names its field.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Adds the faults of the part at this place.
    pub(crate) fn add_all(&mut self, place: &str, faults: Self) {
        self.0.extend(faults.0.into_iter().map(|fault| fault.within(place)));
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there are faults, and all of this code.
    #[must_use]
    pub fn are_all(&self, code: &str) -> bool {
        !self.is_empty() && self.0.iter().all(|fault| fault.code == code)
    }

    /// All of them, in the order in which they were found.
    #[must_use]
    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    /// Answers 422 if there was any fault.
    ///
    /// # Errors
    /// The problem that names every fault.
    pub fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }

    /// The rows of a list that has at most `most`, each as `read` reads it.
    pub fn rows<T>(
        &mut self,
        raw: Value,
        most: usize,
        mut read: impl FnMut(Value, &mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(rows) = raw else { return self.refuse("WRONG_TYPE", WRONG_TYPE) };
        if rows.len() > most {
            let tr = format!("Bu listede en çok {most} satır olabilir.");
            let en = format!("This list can have at most {most} rows.");
            return self.refuse("TOO_MANY", Text { tr: tr.into(), en: en.into() });
        }
        let rows = rows.into_iter().enumerate();
        let rows: Vec<_> = rows.map(|(place, row)| self.part(&row_at(place), |faults| read(row, faults))).collect();
        rows.into_iter().collect()
    }

    /// The fields of an object.
    pub fn object<T: DeserializeOwned>(&mut self, raw: Value) -> Option<T> {
        // A struct would be read from a list, too.
        let object = if raw.is_object() { serde_json::from_value(raw).ok() } else { None };
        object.or_else(|| self.refuse("WRONG_TYPE", WRONG_TYPE))
    }

    /// What `read` makes of the part at this place; each fault that it adds is one of that part.
    pub fn part<T>(&mut self, place: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let mut of_part = Self::default();
        let part = read(&mut of_part);
        self.add_all(&excerpt(place, LONGEST_NAME), of_part);
        part
    }

    /// Adds a fault of `field` to each row whose key a row before has.
    pub fn check_once<K: PartialEq>(
        &mut self,
        keys: impl IntoIterator<Item = K>,
        (field, code, text): (&'static str, &'static str, Text),
    ) {
        let mut known: Vec<K> = Vec::new();
        for (place, key) in keys.into_iter().enumerate() {
            if known.contains(&key) {
                self.part(&row_at(place), |faults| faults.add(field, code, text.clone()));
            }
            known.push(key);
        }
    }

    /// Adds a fault of the whole, of which nothing is left then.
    pub fn refuse<T>(&mut self, code: &'static str, text: Text) -> Option<T> {
        self.add("", code, text);
        None
    }
}

pub(crate) const WRONG_TYPE: Text = Text::new("Bu alanın türü yanlış.", "This field has the wrong type.");

/// How a row is named.
#[must_use]
pub fn row_at(place: usize) -> String {
    format!("[{place}]")
}

#[cfg(test)]
mod tests {
    use contracts::{MealId, Price};
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::{Field, FromField};

    struct Basket;

    #[derive(Deserialize)]
    struct BasketRow {
        #[serde(default)]
        meal: Field<MealId>,
        #[serde(default)]
        price: Field<Price>,
    }

    impl FromField for Basket {
        fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
            let lines = faults.rows(raw, 3, |line, faults| {
                let BasketRow { meal, price } = faults.object(line)?;
                faults.required("meal", meal).zip(faults.required("price", price))
            })?;
            faults.check_once(lines.iter().map(|(meal, _)| *meal), ("meal", "TWICE", Text::new("", "")));
            Some(Self)
        }
    }

    fn faults_of(basket: Value) -> Vec<(String, &'static str)> {
        let mut faults = Faults::default();
        faults.required("basket", serde_json::from_value::<Field<Basket>>(basket).unwrap());
        faults.list().iter().map(|fault| (fault.field().to_owned(), fault.code)).collect()
    }

    const MEAL: &str = "018f0000-0000-7000-8000-000000000001";

    #[test]
    fn every_fault_is_named_by_its_place() {
        let faults = faults_of(json!([{ "meal": MEAL, "price": 0 }, {}, 7]));

        let expected = [
            ("basket[0].price", "TOO_SMALL"),
            ("basket[1].meal", "REQUIRED"),
            ("basket[1].price", "REQUIRED"),
            ("basket[2]", "WRONG_TYPE"),
        ];
        assert_eq!(faults, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn what_stands_twice_is_named_where_it_stands_again() {
        let line = json!({ "meal": MEAL, "price": 1 });

        assert_eq!(faults_of(json!([line, line])), [("basket[1].meal".to_owned(), "TWICE")]);
        assert!(faults_of(json!([line])).is_empty());
    }

    #[test]
    fn what_is_wrong_with_all_of_it_bears_its_own_name() {
        for (raw, code) in
            [(json!(vec![Value::Null; 4]), "TOO_MANY"), (json!({}), "WRONG_TYPE"), (json!(null), "REQUIRED")]
        {
            assert_eq!(faults_of(raw), [("basket".to_owned(), code)]);
        }
        assert_eq!(faults_of(json!([[MEAL, 1]])), [("basket[0]".to_owned(), "WRONG_TYPE")]);
    }
}
