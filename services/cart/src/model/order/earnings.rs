//! Of which time a restaurant is shown what it has earned.

use std::iter::successors;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use contracts::opening_hours::Tz;
use strum::{EnumString, IntoStaticStr};

/// By which clocks days begin: those of the law that the books are kept by.
const ZONE: Tz = Tz::Europe__Istanbul;
/// The platform has sold nothing before.
const FIRST_YEAR: i32 = 2000;

/// How much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString, IntoStaticStr)]
pub(crate) enum Period {
    /// A day by its hours.
    #[default]
    #[strum(serialize = "gun")]
    Day,
    /// A week by its days, from Monday on.
    #[strum(serialize = "hafta")]
    Week,
    /// A month by its days.
    #[strum(serialize = "ay")]
    Month,
}

/// A period that begins on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EarningsPeriod {
    pub(crate) period: Period,
    pub(crate) first_day: NaiveDate,
}

impl Period {
    /// The word in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl EarningsPeriod {
    /// The one that `day` falls into; `None` where the platform was not there.
    pub(crate) fn around(period: Period, day: NaiveDate, now: DateTime<Utc>) -> Option<Self> {
        let is_known = day.year() >= FIRST_YEAR && day <= day_of(now);
        let first_day = match period {
            Period::Day => day,
            Period::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Period::Month => day.with_day(1)?,
        };
        is_known.then_some(Self { period, first_day })
    }

    /// The one right before it, if there may be one.
    pub(crate) fn previous(self, now: DateTime<Utc>) -> Option<Self> {
        Self::around(self.period, self.first_day.pred_opt()?, now)
    }

    /// The one right behind it, if it has begun.
    pub(crate) fn next(self, now: DateTime<Utc>) -> Option<Self> {
        Self::around(self.period, self.end()?, now)
    }

    /// Where its parts begin, in their order, and where the last one ends.
    pub(crate) fn bounds(self) -> Vec<DateTime<Utc>> {
        let Some(end) = self.end() else { return Vec::new() };
        match self.period {
            Period::Day => {
                let (begin, end) = (midnight(self.first_day), midnight(end));
                let hours = successors(Some(begin), |hour| Some(*hour + TimeDelta::hours(1)));
                hours.take_while(|hour| *hour < end).chain([end]).collect()
            }
            Period::Week | Period::Month => {
                self.first_day.iter_days().take_while(|day| *day <= end).map(midnight).collect()
            }
        }
    }

    /// The day behind its last one.
    fn end(self) -> Option<NaiveDate> {
        match self.period {
            Period::Day => self.first_day.succ_opt(),
            Period::Week => self.first_day.checked_add_days(Days::new(7)),
            Period::Month => self.first_day.checked_add_months(Months::new(1)),
        }
    }
}

/// The day that it is where orders are cooked.
pub(crate) fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&ZONE).date_naive()
}

/// When the day begins there. Where clocks were put forward at midnight, it begins with the first hour that there was.
pub(crate) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let hours = (0..24).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
    let first = hours.into_iter().find_map(|hour| ZONE.from_local_datetime(&hour).earliest());
    first.expect("no clock skips a whole day").with_timezone(&Utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn around(period: Period, day: &str) -> EarningsPeriod {
        EarningsPeriod::around(period, day.parse().unwrap(), at("2026-11-30T12:00:00Z")).unwrap()
    }

    #[test]
    fn a_period_is_cut_into_parts_that_follow_each_other() {
        for (period, day, begin, end, parts) in [
            (Period::Day, "2026-11-22", "2026-11-21T21:00:00Z", "2026-11-22T21:00:00Z", 24),
            (Period::Week, "2026-11-22", "2026-11-15T21:00:00Z", "2026-11-22T21:00:00Z", 7),
            (Period::Month, "2026-02-28", "2026-01-31T21:00:00Z", "2026-02-28T21:00:00Z", 28),
            // Clocks were put forward on that Sunday, and back on this one.
            (Period::Day, "2015-03-29", "2015-03-28T22:00:00Z", "2015-03-29T21:00:00Z", 23),
            (Period::Day, "2015-11-08", "2015-11-07T21:00:00Z", "2015-11-08T22:00:00Z", 25),
        ] {
            let bounds = around(period, day).bounds();

            assert_eq!((bounds[0], *bounds.last().unwrap()), (at(begin), at(end)), "{day}");
            assert_eq!(bounds.len(), parts + 1, "{day}");
            assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{day}");
        }
    }

    #[test]
    fn periods_follow_each_other_up_to_the_present_one() {
        let now = at("2026-11-30T12:00:00Z");

        for period in [Period::Day, Period::Week, Period::Month] {
            let present = EarningsPeriod::around(period, day_of(now), now).unwrap();
            let before = present.previous(now).unwrap();
            assert_eq!(before.bounds().last(), present.bounds().first());
            assert_eq!((before.next(now), present.next(now)), (Some(present), None));
        }
        assert_eq!(EarningsPeriod::around(Period::Day, "1999-12-31".parse().unwrap(), now), None);
    }

    #[test]
    fn a_day_begins_by_the_clocks_of_the_town() {
        assert_eq!(day_of(at("2026-11-22T20:59:59Z")).to_string(), "2026-11-22");
        assert_eq!(day_of(at("2026-11-22T21:00:00Z")).to_string(), "2026-11-23");
        assert_eq!(midnight("2026-11-23".parse().unwrap()), at("2026-11-22T21:00:00Z"));
    }
}
