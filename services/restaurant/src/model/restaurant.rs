//! What is written down of a restaurant.

use std::str::FromStr;

use contracts::{AddressId, EmailAddress, Money, OpeningHours, Phone, ShortText};
use kit::{FieldChange, FieldValue, Text, check_paragraphs};
use serde::Serialize;

use super::{AreaRing, Cuisines, PictureUrl, PrepTime, Radius};

/// What it is called.
pub(crate) type Name = ShortText<128>;

/// A word of the operator's. Those of the first platform stay as they are.
pub(crate) type Status = ShortText<32>;

/// What a restaurant says of itself, in paragraphs: 1 to 2000 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Description(String);

/// More than 2000 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

const LONGEST_DESCRIPTION: usize = 2000;

/// A restaurant as its owner writes it down.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct RestaurantParts {
    pub(crate) name: Name,
    pub(crate) description: Option<Description>,
    pub(crate) logo: Option<PictureUrl>,
    pub(crate) phone_number: Option<Phone>,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) opening_hours: OpeningHours,
    pub(crate) prep_time: PrepTime,
    pub(crate) delivery_fee: Money,
    pub(crate) min_order: Money,
    pub(crate) delivery_radius: Option<Radius>,
    pub(crate) delivery_area: Option<AreaRing>,
    pub(crate) address_id: AddressId,
    pub(crate) cuisines: Cuisines,
}

/// What its owner changes; the rest stays.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RestaurantChange {
    pub(crate) name: Option<Name>,
    pub(crate) description: FieldChange<Description>,
    pub(crate) logo: FieldChange<PictureUrl>,
    pub(crate) phone_number: FieldChange<Phone>,
    pub(crate) email: FieldChange<EmailAddress>,
    pub(crate) opening_hours: Option<OpeningHours>,
    pub(crate) prep_time: Option<PrepTime>,
    pub(crate) delivery_fee: Option<Money>,
    pub(crate) min_order: Option<Money>,
    pub(crate) delivery_radius: FieldChange<Radius>,
    pub(crate) delivery_area: FieldChange<AreaRing>,
    pub(crate) address_id: Option<AddressId>,
    pub(crate) cuisines: Option<Cuisines>,
}

impl Description {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Description {
    type Err = TooLong;

    fn from_str(text: &str) -> Result<Self, TooLong> {
        let text = text.trim();
        if text.chars().count() > LONGEST_DESCRIPTION { Err(TooLong) } else { Ok(Self(text.to_owned())) }
    }
}

impl FieldValue for Description {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        check_paragraphs(raw.trim())?;
        raw.parse().map_err(|TooLong| {
            let text =
                Text::new("Bu alan en çok 2000 karakter olabilir.", "This field can have at most 2000 characters.");
            ("TOO_LONG", text)
        })
    }
}
