//! Times as our readers write them.

use chrono::{Datelike, FixedOffset, Timelike};
use clock::Timestamp;
use contracts::Locale;

const AYLAR: [&str; 12] =
    ["Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The time in Türkiye, where our readers are.
#[must_use]
pub fn local_time(at: Timestamp, locale: Locale) -> String {
    let at = at.with_timezone(&istanbul());
    let (months, zone) = match locale {
        Locale::Tr => (AYLAR, "Türkiye saatiyle"),
        Locale::En => (MONTHS, "Türkiye time"),
    };
    let month = months[at.month0() as usize];
    format!("{} {month} {}, {:02}:{:02} ({zone})", at.day(), at.year(), at.hour(), at.minute())
}

/// Türkiye is three hours ahead of UTC the whole year, since 2016.
pub(crate) fn istanbul() -> FixedOffset {
    FixedOffset::east_opt(3 * 60 * 60).expect("three hours are less than a day")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_readers_clock() {
        let at = Timestamp::from_timestamp(1_700_000_000, 0).map(|at| local_time(at, Locale::Tr));
        let next_day = Timestamp::from_timestamp(1_735_678_800, 0).map(|at| local_time(at, Locale::En));

        assert_eq!(at.as_deref(), Some("15 Kasım 2023, 01:13 (Türkiye saatiyle)"));
        assert_eq!(next_day.as_deref(), Some("1 January 2025, 00:00 (Türkiye time)"));
    }
}
