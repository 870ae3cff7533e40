//! Days and hours as pages show them: by the clocks of Istanbul, in the reader's language.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Weekday};
use chrono_tz::Tz;
use clock::Timestamp;
use contracts::Locale;

const MONTHS: [(&str, &str); 12] = [
    ("Ocak", "January"),
    ("Şubat", "February"),
    ("Mart", "March"),
    ("Nisan", "April"),
    ("Mayıs", "May"),
    ("Haziran", "June"),
    ("Temmuz", "July"),
    ("Ağustos", "August"),
    ("Eylül", "September"),
    ("Ekim", "October"),
    ("Kasım", "November"),
    ("Aralık", "December"),
];

const DAYS: [(&str, &str); 7] = [
    ("Pazartesi", "Monday"),
    ("Salı", "Tuesday"),
    ("Çarşamba", "Wednesday"),
    ("Perşembe", "Thursday"),
    ("Cuma", "Friday"),
    ("Cumartesi", "Saturday"),
    ("Pazar", "Sunday"),
];

/// `Pazartesi` or `Monday`.
#[must_use]
pub fn weekday(day: Weekday, locale: Locale) -> &'static str {
    let (tr, en) = DAYS[day.num_days_from_monday() as usize];
    locale.say(tr, en)
}

/// `22 Kasım` or `22 November`.
#[must_use]
pub fn day(day: NaiveDate, locale: Locale) -> String {
    format!("{} {}", day.day(), month(day, locale))
}

/// `22 Kasım 2026` or `22 November 2026`.
#[must_use]
pub fn full_day(full: NaiveDate, locale: Locale) -> String {
    format!("{} {}", day(full, locale), full.year())
}

/// `Kasım 2026` or `November 2026`.
#[must_use]
pub fn month_of(day: NaiveDate, locale: Locale) -> String {
    format!("{} {}", month(day, locale), day.year())
}

fn month(day: NaiveDate, locale: Locale) -> &'static str {
    let (tr, en) = MONTHS[day.month0() as usize];
    locale.say(tr, en)
}

/// As programs read it.
#[must_use]
pub fn machine_time(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What the clocks of the town show at `at`.
fn in_istanbul(at: Timestamp) -> DateTime<Tz> {
    at.with_timezone(&Tz::Europe__Istanbul)
}

/// `13:34`.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    let at = in_istanbul(at);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `22 Kasım 2026 Pazar` or `Sunday 22 November 2026`.
#[must_use]
pub fn date(at: Timestamp, locale: Locale) -> String {
    let at = in_istanbul(at);
    let (tr, en) = MONTHS[at.month0() as usize];
    let (day, month) = (weekday(at.weekday(), locale), locale.say(tr, en));
    match locale {
        Locale::Tr => format!("{} {month} {} {day}", at.day(), at.year()),
        Locale::En => format!("{day} {} {month} {}", at.day(), at.year()),
    }
}

/// `22 Kasım 2026 Pazar 13:34` or `Sunday 22 November 2026, 13:34`.
#[must_use]
pub fn date_time(at: Timestamp, locale: Locale) -> String {
    format!("{}{}{}", date(at, locale), locale.say(" ", ", "), clock(at))
}

/// The same as HTML that programs read, too; written into a template with `|safe`.
#[must_use]
pub fn time_element(at: Timestamp, locale: Locale) -> String {
    format!("<time datetime=\"{}\">{}</time>", machine_time(at), date_time(at, locale))
}

/// The same for what has happened: script shows how long ago that was.
#[must_use]
pub fn age_element(at: Timestamp, locale: Locale) -> String {
    time_element(at, locale).replacen("<time ", "<time data-age ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_written_as_each_language_does() {
        let noon = at("2026-11-22T10:34:56Z");

        assert_eq!(date_time(noon, Locale::Tr), "22 Kasım 2026 Pazar 13:34");
        assert_eq!(date_time(noon, Locale::En), "Sunday 22 November 2026, 13:34");
        assert_eq!(
            time_element(noon, Locale::En),
            "<time datetime=\"2026-11-22T10:34:56Z\">Sunday 22 November 2026, 13:34</time>"
        );
        assert_eq!(
            age_element(noon, Locale::Tr),
            "<time data-age datetime=\"2026-11-22T10:34:56Z\">22 Kasım 2026 Pazar 13:34</time>"
        );
    }

    #[test]
    fn a_day_is_named_without_its_hour() {
        let day_of = |text: &str| text.parse::<NaiveDate>().unwrap();

        assert_eq!(day(day_of("2026-11-02"), Locale::Tr), "2 Kasım");
        assert_eq!(full_day(day_of("2026-11-02"), Locale::En), "2 November 2026");
        assert_eq!(month_of(day_of("2026-01-31"), Locale::Tr), "Ocak 2026");
    }

    #[test]
    fn the_day_is_that_of_the_town_and_of_its_law() {
        // Past midnight there, and in summer of a year when clocks were still set.
        assert_eq!(date_time(at("2026-12-31T21:00:00Z"), Locale::Tr), "1 Ocak 2027 Cuma 00:00");
        assert_eq!(clock(at("2010-01-15T12:00:00Z")), "14:00");
        assert_eq!(clock(at("2010-07-15T12:00:00Z")), "15:00");
    }
}
