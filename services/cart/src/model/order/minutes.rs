//! How long a restaurant says that something takes.

use chrono::TimeDelta;
use kit::{FieldValue, Text};

/// 5 to 180 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minutes(pub(crate) i16);

/// Shorter and longer than this nothing takes.
const SHORTEST: i16 = 5;
const LONGEST: i16 = 180;
/// How much longer than usual a restaurant may want to say that it takes.
const LONGER: [i16; 4] = [0, 10, 20, 35];

impl Minutes {
    /// What a restaurant that cooks for so long may want to say, the usual first.
    pub(crate) fn offered(preparation: u16) -> Vec<Self> {
        let usual = i16::try_from(preparation.next_multiple_of(5)).unwrap_or(LONGEST).max(SHORTEST);
        let mut offered: Vec<Self> = LONGER.iter().map(|more| Self((usual + more).min(LONGEST))).collect();
        offered.dedup();
        offered
    }

    pub(crate) fn as_delta(self) -> TimeDelta {
        TimeDelta::minutes(self.0.into())
    }
}

impl FieldValue for Minutes {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("5 ile 180 dakika arasında olmalıdır.", "It must be from 5 to 180 minutes.");
        let minutes = i16::try_from(raw).ok().filter(|minutes| (SHORTEST..=LONGEST).contains(minutes));
        minutes.map(Self).ok_or(("MINUTES_OUT_OF_RANGE", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_can_be_said() {
        let offered =
            |preparation| Minutes::offered(preparation).into_iter().map(|minutes| minutes.0).collect::<Vec<_>>();

        assert_eq!(offered(23), [25, 35, 45, 60]);
        assert_eq!(offered(0), [5, 15, 25, 40]);
        assert_eq!(offered(170), [170, 180]);
        assert_eq!(offered(60_000), [180]);
    }
}
