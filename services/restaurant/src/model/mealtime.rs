//! When meals are served that are not served all day.

use contracts::OpeningHours;
use kit::{EMPTY, Faults, FromField};
use serde::Serialize;
use serde_json::Value;

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

impl FromField for MealtimeHours {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let WeekInput(hours) = WeekInput::from_field(raw, faults)?;
        // Else nobody could order what is served then.
        if hours.is_closed() {
            let (code, text) = EMPTY;
            return faults.refuse(code, text);
        }
        Some(Self(hours))
    }
}
