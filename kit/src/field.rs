//! Fields of a request body, each parsed into its type, with every fault named at once.

use chrono::{Datelike, NaiveDate};
use contracts::Locale;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Text;
use crate::fault::Fault;
use crate::faults::{Faults, WRONG_TYPE};

/// One field of a body. Reading it never fails; [`Faults`] collects what is wrong when it is taken out.
#[derive(Debug, Clone, Default)]
pub enum Field<T> {
    /// It was not sent.
    #[default]
    Absent,
    /// It was sent as `null`.
    Null,
    /// It was sent and is fine.
    Valid(T),
    /// It was sent and is not; each fault is named by its place in the field.
    Invalid(Faults),
}

/// What a field that may be cleared does to what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldChange<T> {
    /// It was not sent: nothing.
    #[default]
    Keep,
    /// It was sent as `null`: nothing is left.
    Clear,
    /// It was sent.
    Set(T),
}

/// A type that a field can hold. What has parts that can be at fault implements [`FromField`] instead.
pub trait FieldValue: Sized {
    /// What arrives in JSON: `String` for most.
    type Raw: DeserializeOwned;

    /// Parses `raw`, or says by a stable code and a text what is wrong.
    ///
    /// # Errors
    /// The code and the text for the client.
    fn parse(raw: Self::Raw) -> Result<Self, (&'static str, Text)>;
}

/// What a field is read as: one value, or one that has parts.
pub trait FromField: Sized {
    /// Reads what was sent and is not `null`, or adds every fault with its place in it.
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self>;
}

impl<T: FieldValue> FromField for T {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        match serde_json::from_value(raw) {
            Ok(raw) => T::parse(raw).map_err(|(code, text)| faults.add("", code, text)).ok(),
            Err(_) => faults.refuse("WRONG_TYPE", WRONG_TYPE),
        }
    }
}

impl<T: FieldValue> Field<T> {
    /// The field that was sent as `raw`.
    #[must_use]
    pub fn of(raw: T::Raw) -> Self {
        match T::parse(raw) {
            Ok(value) => Self::Valid(value),
            Err((code, text)) => Self::refused(code, text),
        }
    }
}

impl<T> Field<T> {
    /// The field that is refused as a whole.
    pub(crate) fn refused(code: &'static str, text: Text) -> Self {
        Self::Invalid(Faults::of(Fault::new("", code, text)))
    }
}

impl<T> FieldChange<T> {
    /// What `before` becomes.
    #[must_use]
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same change, where the value is made of this one.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> FieldChange<U> {
        match self {
            Self::Keep => FieldChange::Keep,
            Self::Clear => FieldChange::Clear,
            Self::Set(value) => FieldChange::Set(make(value)),
        }
    }
}

impl<'de, T: FromField> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_null() {
            return Ok(Self::Null);
        }
        let mut faults = Faults::default();
        let read = T::from_field(value, &mut faults);
        // What was read of a field with a fault is not what was sent.
        Ok(match read {
            Some(value) if faults.is_empty() => Self::Valid(value),
            Some(_) | None => Self::Invalid(faults),
        })
    }
}

/// Why a text is refused that says nothing.
pub const EMPTY: (&str, Text) = ("EMPTY", Text::new("Bu alan boş bırakılamaz.", "This field can't be empty."));
/// Why a text is refused that holds what nobody types.
pub const CONTROL_CHARACTERS: (&str, Text) = (
    "CONTROL_CHARACTERS",
    Text::new("Bu alanda geçersiz karakter var.", "This field holds characters that can't be typed."),
);

/// No client means another.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

const REQUIRED: Text = Text::new("Bu alan zorunludur.", "This field is required.");
const ID_INVALID: Text = Text::new("Bu bir kimlik (UUID) değil.", "This is not an id (a UUID).");
const NOT_NULL: Text = Text::new("Bu alan boş bırakılamaz.", "This field can't be null.");

impl Faults {
    /// The value of a field that must be there.
    pub fn required<T>(&mut self, name: &'static str, field: Field<T>) -> Option<T> {
        match field {
            Field::Absent | Field::Null => self.add(name, "REQUIRED", REQUIRED),
            Field::Valid(value) => return Some(value),
            Field::Invalid(faults) => self.add_all(name, faults),
        }
        None
    }

    /// The value of a field that may be left out, but not be `null`.
    pub fn optional<T>(&mut self, name: &'static str, field: Field<T>) -> Option<T> {
        match field {
            Field::Absent => {}
            Field::Null => self.add(name, "NULL", NOT_NULL),
            Field::Valid(value) => return Some(value),
            Field::Invalid(faults) => self.add_all(name, faults),
        }
        None
    }

    /// The value of a field that clients of the first platform send as `null` when they mean nothing by it.
    pub fn unless_null<T>(&mut self, name: &'static str, field: Field<T>) -> Option<T> {
        match field {
            Field::Absent | Field::Null => None,
            Field::Valid(value) => Some(value),
            Field::Invalid(faults) => {
                self.add_all(name, faults);
                None
            }
        }
    }

    /// What a field does that may be cleared.
    pub fn change<T>(&mut self, name: &'static str, field: Field<T>) -> FieldChange<T> {
        match field {
            Field::Absent => return FieldChange::Keep,
            Field::Null => return FieldChange::Clear,
            Field::Valid(value) => return FieldChange::Set(value),
            Field::Invalid(faults) => self.add_all(name, faults),
        }
        FieldChange::Keep
    }
}

/// Takes required fields out of a body by their names, or answers 422 naming every one that is wrong.
#[macro_export]
macro_rules! required_fields {
    ($body:expr => $($field:ident),+ $(,)?) => {{
        let body = $body;
        let mut faults = $crate::Faults::default();
        $(let $field = faults.required(stringify!($field), body.$field);)+
        match ($($field,)+) {
            ($(Some($field),)+) => Ok(($($field),+)),
            #[allow(unreachable_patterns, reason = "every field may be missing")]
            _ => Err(faults.check().expect_err("a field that is missing left a fault")),
        }
    }};
}

impl FieldValue for contracts::EmailAddress {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        use contracts::InvalidEmailAddress as Invalid;
        raw.parse().map_err(|invalid| match invalid {
            Invalid::Empty => ("EMAIL_EMPTY", Text::new("E-posta adresi boş.", "The e-mail address is empty.")),
            Invalid::TooLong => {
                ("EMAIL_TOO_LONG", Text::new("E-posta adresi çok uzun.", "The e-mail address is too long."))
            }
            Invalid::Malformed => {
                ("EMAIL_INVALID", Text::new("Bu geçerli bir e-posta adresi değil.", "This is not an e-mail address."))
            }
        })
    }
}

impl FieldValue for contracts::Phone {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        raw.parse().map_err(|contracts::InvalidPhone| {
            let text = Text::new(
                "Bu geçerli bir telefon numarası değil; örneğin 0532 123 45 67 ya da +49 30 1234567 yazın.",
                "This is not a phone number; write for example 0532 123 45 67 or +49 30 1234567.",
            );
            ("PHONE_INVALID", text)
        })
    }
}

impl FieldValue for contracts::Secret {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(Self::new(raw))
    }
}

impl FieldValue for Locale {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        raw.parse()
            .map_err(|_| ("LOCALE_UNKNOWN", Text::new("Dil tr ya da en olmalıdır.", "The language must be tr or en.")))
    }
}

impl FieldValue for contracts::Role {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("Rol user, manager ya da admin olmalıdır.", "The role must be user, manager or admin.");
        raw.parse().map_err(|_| ("ROLE_UNKNOWN", text))
    }
}

impl FieldValue for contracts::EntityType {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("entity_type USER ya da RESTAURANT olmalıdır.", "entity_type must be USER or RESTAURANT.");
        raw.parse().map_err(|_| ("ENTITY_TYPE_UNKNOWN", text))
    }
}

impl FieldValue for bool {
    type Raw = bool;

    fn parse(raw: bool) -> Result<Self, (&'static str, Text)> {
        Ok(raw)
    }
}

/// Ids arrive as texts.
macro_rules! id_fields {
    ($($id:ident),+ $(,)?) => {
        $(impl FieldValue for contracts::$id {
            type Raw = String;

            fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
                raw.parse().map_err(|_| ("ID_INVALID", ID_INVALID))
            }
        })+
    };
}

id_fields!(AddressId, CategoryId, MealId, MealtimeId, OptionGroupId, OptionId, RestaurantId, UserId);

/// An instant of the years that both databases keep in order.
impl FieldValue for clock::Timestamp {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new(
            "Zaman 2026-01-31T18:00:00+03:00 gibi, saat dilimiyle yazılmalıdır.",
            "A time must be written like 2026-01-31T18:00:00+03:00, with its zone.",
        );
        let instant: Option<Self> = raw.trim().parse().ok();
        instant.filter(|instant| YEARS.contains(&instant.year())).ok_or(("TIME_INVALID", text))
    }
}

/// Exactly `YYYY-MM-DD`: the parser alone would also take spaces, signs and single digits.
impl FieldValue for NaiveDate {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let date = Self::parse_from_str(&raw, "%Y-%m-%d").ok();
        date.filter(|date| date.to_string() == raw).ok_or_else(|| {
            let text = Text::new("Tarih YYYY-AA-GG biçiminde olmalıdır.", "The date must have the form YYYY-MM-DD.");
            ("DATE_INVALID", text)
        })
    }
}

impl FieldValue for contracts::Money {
    type Raw = serde_json::Number;

    fn parse(raw: serde_json::Number) -> Result<Self, (&'static str, Text)> {
        money(&raw).map_err(of_money)
    }
}

impl FieldValue for contracts::Price {
    type Raw = serde_json::Number;

    fn parse(raw: serde_json::Number) -> Result<Self, (&'static str, Text)> {
        money(&raw).and_then(Self::try_from).map_err(of_money)
    }
}

/// The amount by its digits; of a double those are the shortest that denote it.
fn money(number: &serde_json::Number) -> Result<contracts::Money, contracts::InvalidMoney> {
    match number.as_f64() {
        Some(double) if number.is_f64() => double.to_string().parse(),
        _ => number.to_string().parse(),
    }
}

fn of_money(fault: contracts::InvalidMoney) -> (&'static str, Text) {
    use contracts::InvalidMoney as Invalid;
    match fault {
        Invalid::NoNumber => ("MONEY_INVALID", Text::new("Bu bir tutar değil.", "This is not an amount of money.")),
        Invalid::TooManyDecimals => (
            "TOO_MANY_DECIMALS",
            Text::new("Tutar en çok iki ondalık basamak alır.", "An amount has two decimals at most."),
        ),
        Invalid::TooSmall => ("TOO_SMALL", Text::new("Bu tutar çok küçük.", "This amount is too small.")),
        Invalid::TooLarge => ("TOO_LARGE", Text::new("Bu tutar çok büyük.", "This amount is too large.")),
    }
}
