//! A form as a body of the API, so that a page and a program are said the same of the same field: what a browser sends as
//! text has its type in JSON.

use kit::{Fault, FieldValue, Problem, Text};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use web::Typed;
use web::money::TypedMoney;

/// Rows that are read of a list in a form; more than the longest list of the API has.
const MOST_ROWS: usize = 40;

/// The fields of a form on their way into a body of the API.
pub(super) struct FormBody<'a> {
    typed: &'a Typed,
    body: Map<String, Value>,
    faults: Vec<Fault>,
    /// Of each list the rows that were filled in, by their places in the form.
    rows: Vec<(&'static str, Vec<usize>)>,
}

/// A value as JSON, or what is wrong with how it was typed.
type Converted = Result<Value, (&'static str, Text)>;

impl<'a> FormBody<'a> {
    pub(super) fn of(typed: &'a Typed) -> Self {
        Self { typed, body: Map::new(), faults: Vec::new(), rows: Vec::new() }
    }

    /// A text, also an empty one.
    pub(super) fn text(self, name: &'static str) -> Self {
        self.put(name, text)
    }

    /// A text; an empty one is nothing.
    pub(super) fn optional_text(self, name: &'static str) -> Self {
        self.put_optional(name, text)
    }

    pub(super) fn number(self, name: &'static str) -> Self {
        self.put(name, number)
    }

    pub(super) fn optional_number(self, name: &'static str) -> Self {
        self.put_optional(name, number)
    }

    pub(super) fn money(self, name: &'static str) -> Self {
        self.put(name, money)
    }

    pub(super) fn optional_money(self, name: &'static str) -> Self {
        self.put_optional(name, money)
    }

    /// What `convert` makes of the text.
    pub(super) fn put(mut self, name: &'static str, convert: impl Fn(&str) -> Converted) -> Self {
        match convert(self.typed.value(name)) {
            Ok(value) => {
                self.body.insert(name.to_owned(), value);
            }
            Err((code, text)) => self.faults.push(Fault::new(name, code, text)),
        }
        self
    }

    /// The same; an empty text is nothing.
    pub(super) fn put_optional(self, name: &'static str, convert: impl Fn(&str) -> Converted) -> Self {
        self.put(name, |text| if text.trim().is_empty() { Ok(Value::Null) } else { convert(text) })
    }

    /// A box to tick.
    pub(super) fn flag(self, name: &'static str) -> Self {
        let is_ticked = self.typed.has(name);
        self.value(name, is_ticked)
    }

    /// What a button or a list of boxes says.
    pub(super) fn value(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.body.insert(name.to_owned(), value.into());
        self
    }

    /// Rows of a list, named `list[0].field`. Those of which `is_filled` says nothing was typed are left out.
    pub(super) fn list(
        mut self,
        list: &'static str,
        is_filled: impl Fn(&FormRow<'_>) -> bool,
        read: impl Fn(FormRow<'_>) -> FormRow<'_>,
    ) -> Self {
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for place in 0..MOST_ROWS {
            let row =
                FormRow { typed: self.typed, row: format!("{list}[{place}]"), body: Map::new(), faults: Vec::new() };
            if !is_filled(&row) {
                continue;
            }
            let FormRow { body, faults, .. } = read(row);
            values.push(Value::Object(body));
            places.push(place);
            self.faults.extend(faults);
        }
        self.rows.push((list, places));
        self.value(list, values)
    }

    /// What `act` makes of the body of the API, which `take` takes apart.
    pub(super) async fn submit<B: DeserializeOwned, T, D, E>(
        self,
        take: impl FnOnce(B) -> Result<T, Problem>,
        act: impl AsyncFnOnce(T) -> Result<D, E>,
    ) -> Result<D, Problem>
    where
        Problem: From<E>,
    {
        Ok(act(self.read(take)?).await?)
    }

    /// The body of the API, taken apart by `take`; or every fault, in the order of the form.
    pub(super) fn read<B: DeserializeOwned, T>(self, take: impl FnOnce(B) -> Result<T, Problem>) -> Result<T, Problem> {
        let Self { typed, body, mut faults, rows } = self;
        let body = serde_json::from_value(Value::Object(body)).map_err(anyhow::Error::from)?;
        let refused = match take(body) {
            Ok(taken) if faults.is_empty() => return Ok(taken),
            Ok(_) => Vec::new(),
            Err(problem) => problem.faults().iter().map(|fault| in_form(typed, &rows, fault)).collect(),
        };
        // A field that could not be converted is missing in the body, too.
        let others = refused.into_iter().filter(|other| faults.iter().all(|fault| fault.field() != other.field()));
        let others: Vec<Fault> = others.collect();
        faults.extend(others);
        let place = |fault: &Fault| typed.fields().iter().position(|(name, _)| is_part(name, fault.field()));
        faults.sort_by_key(|fault| place(fault).unwrap_or(usize::MAX));
        Err(Problem::invalid(faults))
    }
}

/// A row of a list in a form.
pub(super) struct FormRow<'a> {
    typed: &'a Typed,
    /// `list[0]`.
    row: String,
    body: Map<String, Value>,
    faults: Vec<Fault>,
}

impl FormRow<'_> {
    pub(super) fn typed(&self, field: &str) -> &str {
        self.typed.value(&self.name(field)).trim()
    }

    pub(super) fn text(self, field: &str) -> Self {
        self.put(field, text)
    }

    pub(super) fn optional_text(self, field: &str) -> Self {
        self.put_optional(field, text)
    }

    pub(super) fn optional_number(self, field: &str) -> Self {
        self.put_optional(field, number)
    }

    pub(super) fn optional_money(self, field: &str) -> Self {
        self.put_optional(field, money)
    }

    pub(super) fn flag(mut self, field: &str) -> Self {
        let is_ticked = self.typed.has(&self.name(field));
        self.body.insert(field.to_owned(), is_ticked.into());
        self
    }

    fn put_optional(self, field: &str, convert: fn(&str) -> Converted) -> Self {
        if self.typed(field).is_empty() { self } else { self.put(field, convert) }
    }

    fn put(mut self, field: &str, convert: fn(&str) -> Converted) -> Self {
        match convert(self.typed(field)) {
            Ok(value) => {
                self.body.insert(field.to_owned(), value);
            }
            Err(fault) => self.faults.push(Fault::of_request(&self.name(field), fault)),
        }
        self
    }

    fn name(&self, field: &str) -> String {
        format!("{}.{field}", self.row)
    }
}

/// The fault where the form has it: in the row in which it was typed, or, of a part without a field, in the whole.
fn in_form(typed: &Typed, rows: &[(&'static str, Vec<usize>)], fault: &Fault) -> Fault {
    let mut field = fault.field().to_owned();
    for (list, places) in rows {
        let rest = field.strip_prefix(list).and_then(|rest| rest.strip_prefix('['));
        if let Some((row, rest)) = rest.and_then(|rest| rest.split_once(']'))
            && let Some(place) = row.parse().ok().and_then(|row: usize| places.get(row))
        {
            field = format!("{list}[{place}]{rest}");
        }
    }
    while !has_part(typed, &field)
        && let Some((whole, _)) = field.rsplit_once(['[', '.'])
    {
        field = whole.to_owned();
    }
    Fault::of_request(&field, (fault.code(), fault.text().clone()))
}

/// Whether the form has the field, or fields of its parts.
fn has_part(typed: &Typed, field: &str) -> bool {
    typed.fields().iter().any(|(name, _)| is_part(name, field))
}

/// Whether `name` is the field, or a part of it.
fn is_part(name: &str, field: &str) -> bool {
    name.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
}

/// Browsers end lines in two characters, which nobody has typed.
fn text(typed: &str) -> Converted {
    Ok(typed.replace("\r\n", "\n").into())
}

fn number(typed: &str) -> Converted {
    let number: Result<i64, _> = typed.trim().parse();
    number.map(Value::from).map_err(|_| ("NO_NUMBER", Text::new("Bir sayı yazın.", "Write a number.")))
}

pub(super) fn money(typed: &str) -> Converted {
    let TypedMoney(money) = TypedMoney::parse(typed.to_owned())?;
    Ok(serde_json::to_value(money).expect("an amount is a number"))
}
