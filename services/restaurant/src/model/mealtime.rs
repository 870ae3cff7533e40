//! When meals are served that are not served all day.

use std::collections::BTreeMap;

use contracts::OpeningHours;
use kit::{EMPTY, FieldValue, Text};
use serde::Serialize;

use super::hours::DayTexts;
use super::{MenuName, WeekInput};

/// The hours of a mealtime, on one day at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct MealtimeHours(pub(crate) OpeningHours);

/// A mealtime as a restaurant writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MealtimeParts {
    pub(crate) name: MenuName,
    pub(crate) hours: MealtimeHours,
}

/// What changes in a mealtime; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MealtimeChange {
    pub(crate) name: Option<MenuName>,
    pub(crate) hours: Option<MealtimeHours>,
}

impl FieldValue for MealtimeHours {
    type Raw = BTreeMap<String, DayTexts>;

    fn parse(raw: BTreeMap<String, DayTexts>) -> Result<Self, (&'static str, Text)> {
        let WeekInput(hours) = WeekInput::parse(raw)?;
        // Else nobody could order what is served then.
        if hours.is_closed() { Err(EMPTY) } else { Ok(Self(hours)) }
    }
}
