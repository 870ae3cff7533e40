//! Cases that people argue about. The week begins on Monday, 23 November 2026.

use super::{Schedule, Tz, daily, week};

/// `O`: open until; `L`: open until, but the last order has passed; `C`: closed until; `–`: not within 14 days.
#[test]
fn every_case_is_as_its_owner_expects() {
    let wrong: Vec<_> = cases()
        .into_iter()
        .map(|(name, schedule, at, expected)| (name, schedule.says(at), expected))
        .filter(|(_, said, expected)| said != expected)
        .collect();

    assert!(wrong.is_empty(), "{wrong:#?}");
}

type Case = (&'static str, Schedule, &'static str, &'static str);

fn cases() -> Vec<Case> {
    let all = [plain(), nights_and_whole_days(), special_days(), cuts(), last_orders(), changing_clocks()].concat();
    assert_eq!(all.len(), 43);
    all
}

fn plain() -> Vec<Case> {
    let day = || daily("11:00-23:00");
    let split = || daily("11:00-14:00, 18:00-22:00");
    vec![
        ("1 at noon", day(), "2026-11-23 12:00", "O 23.11. 23:00"),
        ("2 the opening minute is open", day(), "2026-11-23 11:00", "O 23.11. 23:00"),
        ("3 a second before", day(), "2026-11-23 10:59:59", "C 23.11. 11:00"),
        ("4 the closing minute is closed", day(), "2026-11-23 23:00", "C 24.11. 11:00"),
        ("5 between two intervals", split(), "2026-11-23 15:00", "C 23.11. 18:00"),
        ("6 before the first of two", split(), "2026-11-23 10:00", "C 23.11. 11:00"),
        ("7 given unsorted", daily("18:00-22:00,11:00-14:00"), "2026-11-23 12:00", "O 23.11. 14:00"),
        ("8 two that touch", daily("11:00-14:00, 14:00-22:00"), "2026-11-23 12:00", "O 23.11. 22:00"),
    ]
}

fn nights_and_whole_days() -> Vec<Case> {
    let night = || daily("18:00-02:00");
    let saturday = || week(&[("sat", "18:00-02:00")]);
    let joined = || week(&[("fri", "09:00-24:00"), ("sat", "00:00-03:00")]);
    vec![
        ("9 before midnight", night(), "2026-11-23 23:30", "O 24.11. 02:00"),
        ("10 after midnight", night(), "2026-11-24 01:59", "O 24.11. 02:00"),
        ("11 the end of a night", night(), "2026-11-24 02:00", "C 24.11. 18:00"),
        ("12 a night of Saturday on Sunday", saturday(), "2026-11-29 01:00", "O 29.11. 02:00"),
        ("13 the next Saturday", saturday(), "2026-11-29 03:00", "C 05.12. 18:00"),
        ("14 a night of Sunday", week(&[("sun", "20:00-03:00")]), "2026-11-30 02:00", "O 30.11. 03:00"),
        ("15 a whole day", week(&[("mon", "00:00-24:00")]), "2026-11-23 23:59", "O 24.11. 00:00"),
        ("16 day and night", daily("00:00-24:00"), "2026-11-23 12:00", "O –"),
        ("17 midnight to midnight", week(&[("mon", "00:00-00:00")]), "2026-11-23 12:00", "O 24.11. 00:00"),
        ("18 six to six", week(&[("mon", "06:00-06:00")]), "2026-11-24 05:59", "O 24.11. 06:00"),
        ("19 two days that touch", joined(), "2026-11-27 22:00", "O 28.11. 03:00"),
        ("20 a night into its morning", daily("10:00-11:00, 20:00-10:30"), "2026-11-24 10:15", "O 24.11. 11:00"),
    ]
}

fn special_days() -> Vec<Case> {
    let day = || daily("11:00-23:00");
    let night = || daily("18:00-02:00").special("2026-11-24", "closed");
    let late = || day().special("2026-11-24", "18:00-04:00");
    let feast = (9..14).fold(day(), |schedule, date| schedule.special(&format!("2027-03-{date:02}"), "closed"));
    vec![
        ("21 closed", day().special("2026-11-24", "closed"), "2026-11-24 12:00", "C 25.11. 11:00"),
        ("22 other hours", day().special("2026-11-24", "13:00-17:00"), "2026-11-24 11:30", "C 24.11. 13:00"),
        ("23 the night before runs on", night(), "2026-11-24 01:00", "O 24.11. 02:00"),
        ("24 its own night does not begin", night(), "2026-11-24 19:00", "C 25.11. 18:00"),
        ("25 nor run on", night(), "2026-11-25 01:00", "C 25.11. 18:00"),
        ("26 a special night runs on", late(), "2026-11-25 03:00", "O 25.11. 04:00"),
        ("29 five of them", feast, "2027-03-09 12:00", "C 14.03. 11:00"),
        ("37 no other hours", week(&[]).special("2026-12-06", "10:00-12:00"), "2026-11-23 12:00", "C 06.12. 10:00"),
    ]
}

fn cuts() -> Vec<Case> {
    let day = || daily("11:00-23:00");
    let night = || daily("18:00-02:00").closed("2026-11-24 00:00", "2026-11-25 00:00");
    let noon = || daily("11:30-14:00").closed("2026-11-24 00:00", "2026-11-24 12:40");
    vec![
        ("27 a closure ends a night", night(), "2026-11-24 00:30", "C 25.11. 00:00"),
        ("28 a closure ends within hours", noon(), "2026-11-24 12:10", "C 24.11. 12:40"),
        ("30 a pause", day().paused("2026-11-23 12:20"), "2026-11-23 12:00", "C 23.11. 12:20"),
        ("31 a pause past the close", day().paused("2026-11-23 23:30"), "2026-11-23 22:00", "C 24.11. 11:00"),
        ("36 no hours at all", week(&[]), "2026-11-23 12:00", "C –"),
    ]
}

fn last_orders() -> Vec<Case> {
    let day = || daily("11:00-23:00").last_order(30);
    vec![
        ("32 a second before", day(), "2026-11-23 22:29:59", "O 23.11. 23:00"),
        ("33 at the minute", day(), "2026-11-23 22:30", "L 23.11. 23:00"),
        ("34 in a night", daily("18:00-02:00").last_order(45), "2026-11-24 01:15", "L 24.11. 02:00"),
        ("35 day and night has none", daily("00:00-24:00").last_order(30), "2026-11-23 23:45", "O –"),
    ]
}

fn changing_clocks() -> Vec<Case> {
    let berlin = |day, hours| week(&[(day, hours)]).in_zone(Tz::Europe__Berlin);
    let istanbul = || week(&[("sun", "02:30-05:00")]);
    vec![
        ("38 opens in what is skipped", berlin("sun", "02:30-05:00"), "2026-03-29 01:59", "C 29.03. 03:30"),
        ("39 a night over it", berlin("sat", "20:00-04:00"), "2026-03-29 03:30", "O 29.03. 04:00"),
        ("40 in the second of two", berlin("sat", "20:00-02:30"), "2026-10-25T02:15:00+01:00", "O 25.10. 02:30"),
        ("41 whole in what is skipped", berlin("sun", "02:10-02:50"), "2026-03-29 03:20", "O 29.03. 03:50"),
        ("42 clocks that do not change", istanbul(), "2026-03-29 03:00", "O 29.03. 05:00"),
        ("43 a change of its own date", istanbul(), "2015-11-08 02:45", "O 08.11. 05:00"),
    ]
}

#[test]
fn a_closure_moves_the_last_order_before_it() {
    let schedule = daily("11:00-23:00").last_order(30).closed("2026-11-23 15:00", "2026-11-23 16:00");

    assert_eq!(schedule.says("2026-11-23 14:29"), "O 23.11. 15:00");
    assert_eq!(schedule.says("2026-11-23 14:30"), "L 23.11. 15:00");
    assert_eq!(schedule.says("2026-11-23 15:00"), "C 23.11. 16:00");
}

#[test]
fn the_ends_of_time_are_closed() {
    for instant in [chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC] {
        assert!(!daily("00:00-24:00").state(instant).is_open());
    }
}

#[test]
fn an_opening_day_ends_with_its_night_or_at_midnight() {
    let cases = [
        ("by day", daily("11:00-23:00"), "2026-11-23 12:00", "2026-11-24 00:00"),
        ("between two intervals", daily("11:00-14:00, 18:00-22:00"), "2026-11-23 15:00", "2026-11-24 00:00"),
        ("before the night", daily("18:00-02:00"), "2026-11-23 10:00", "2026-11-24 02:00"),
        ("in the night", daily("18:00-02:00"), "2026-11-24 01:59", "2026-11-24 02:00"),
        ("after the night", daily("18:00-02:00"), "2026-11-24 02:00", "2026-11-25 02:00"),
        ("never closed", daily("00:00-24:00"), "2026-11-23 12:00", "2026-11-24 00:00"),
        ("six to six", daily("06:00-06:00"), "2026-11-24 05:59", "2026-11-24 06:00"),
        ("a day without hours", week(&[("sat", "18:00-02:00")]), "2026-11-23 12:00", "2026-11-24 00:00"),
        ("paused", daily("18:00-02:00").paused("2026-11-24 08:00"), "2026-11-24 01:00", "2026-11-24 02:00"),
        ("special", daily("11:00-14:00").special("2026-11-23", "20:00-04:00"), "2026-11-23 12:00", "2026-11-24 04:00"),
        ("elsewhere", daily("11:00-23:00").in_zone(Tz::Europe__Berlin), "2026-11-23 12:00", "2026-11-24 00:00"),
    ];

    for (name, schedule, now, end) in cases {
        assert_eq!(schedule.opening_day_end(schedule.at(now)), schedule.at(end), "{name}");
    }
}
