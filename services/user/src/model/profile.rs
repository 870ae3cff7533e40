//! Who a user is, in their own words.

use contracts::{Phone, ShortText};

use super::{BornDate, Gender};

/// A name as its owner writes it.
pub(crate) type FullName = ShortText<100>;

/// What a user gives to complete a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfileDetails {
    pub(crate) full_name: FullName,
    pub(crate) born_date: BornDate,
    pub(crate) gender: Gender,
    pub(crate) phone: Phone,
}

/// What a user changes; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ProfileChange {
    pub(crate) full_name: Option<FullName>,
    pub(crate) born_date: Option<BornDate>,
    pub(crate) gender: Option<Gender>,
    pub(crate) phone: Option<Phone>,
}

impl From<ProfileDetails> for ProfileChange {
    fn from(ProfileDetails { full_name, born_date, gender, phone }: ProfileDetails) -> Self {
        Self { full_name: Some(full_name), born_date: Some(born_date), gender: Some(gender), phone: Some(phone) }
    }
}

impl ProfileChange {
    /// Whether nothing is to change.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
