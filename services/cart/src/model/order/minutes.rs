//! How long a restaurant says that something takes.

use chrono::TimeDelta;
use kit::{FieldValue, Text};

/// 5 to 180 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minutes(pub(crate) i16);

impl Minutes {
    pub(crate) fn as_delta(self) -> TimeDelta {
        TimeDelta::minutes(self.0.into())
    }
}

impl FieldValue for Minutes {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("5 ile 180 dakika arasında olmalıdır.", "It must be from 5 to 180 minutes.");
        let minutes = i16::try_from(raw).ok().filter(|minutes| (5..=180).contains(minutes));
        minutes.map(Self).ok_or(("MINUTES_OUT_OF_RANGE", text))
    }
}
