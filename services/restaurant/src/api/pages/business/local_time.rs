//! Times as somebody types them: by the clocks of Istanbul, as pages show them.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike};
use clock::Timestamp;
use contracts::opening_hours::Tz;
use kit::Text;
use serde_json::Value;

const ZONE: Tz = Tz::Europe__Istanbul;

/// A day and a time as browsers send them, as the API takes it.
pub(super) fn instant(typed: &str) -> Result<Value, (&'static str, Text)> {
    let text =
        Text::new("Gün ve saati 2026-01-31T18:00 gibi yazın.", "Write the day and the time like 2026-01-31T18:00.");
    let typed = typed.trim();
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = forms.into_iter().find_map(|form| NaiveDateTime::parse_from_str(typed, form).ok());
    let instant = local.and_then(|local| ZONE.from_local_datetime(&local).earliest());
    instant.map(|instant| instant.to_rfc3339().into()).ok_or(("TIME_INVALID", text))
}

/// The same text of an instant, to be typed over.
pub(super) fn editable(at: Timestamp) -> String {
    let local = at.with_timezone(&ZONE);
    // Not to the minute, it has to stay what it was.
    let form = if local.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    local.format(form).to_string()
}

/// When the clocks show this time next.
pub(super) fn next(clock: &str, now: Timestamp) -> Option<Timestamp> {
    let time = NaiveTime::parse_from_str(clock.trim(), "%H:%M").ok()?;
    let today = now.with_timezone(&ZONE).date_naive();
    let days = [today, today.succ_opt()?].into_iter();
    let mut instants = days.filter_map(|day| ZONE.from_local_datetime(&day.and_time(time)).earliest());
    instants.find(|instant| *instant > now).map(|instant| instant.to_utc())
}

/// How long that is from `now`.
pub(super) fn after_minutes(minutes: u16, now: Timestamp) -> Timestamp {
    now + TimeDelta::minutes(minutes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_stands_in_a_field_is_the_instant_that_it_was() {
        for moment in ["2026-03-02T12:00:00Z", "2026-03-02T20:59:59Z"] {
            let read: Timestamp = instant(&editable(at(moment))).unwrap().as_str().unwrap().parse().unwrap();
            assert_eq!(read, at(moment));
        }
        assert_eq!(editable(at("2026-03-02T12:00:00Z")), "2026-03-02T15:00");
        assert_eq!(instant("yarın").unwrap_err().0, "TIME_INVALID");
    }

    #[test]
    fn a_time_of_the_clock_is_today_or_tomorrow() {
        let now = at("2026-03-02T12:00:00Z");

        assert_eq!(next("15:01", now), Some(at("2026-03-02T12:01:00Z")));
        assert_eq!(next("15:00", now), Some(at("2026-03-03T12:00:00Z")));
        assert_eq!((next("25:00", now), next("", now)), (None, None));
    }
}
