//! What is read and written.

use serde_json::{from_value, json};

use super::super::{DayHours, InvalidDayHours};
use super::*;

fn refusal(hours: serde_json::Value) -> String {
    from_value::<OpeningHours>(hours).unwrap_err().to_string()
}

#[test]
fn hours_are_written_as_they_are_read() {
    let written = json!({ "monday": "11:00-14:00, 18:00-02:00", "tuesday": "00:00-24:00", "sunday": "06:00-06:00" });

    let hours: OpeningHours = from_value(written.clone()).unwrap();

    assert_eq!(serde_json::to_value(hours).unwrap(), written);
}

#[test]
fn a_day_has_many_names_and_forms() {
    let hours: OpeningHours = from_value(json!({
        "Pazartesi": ["18:00-02:00", "9:00 – 14:00"], "SALI": "kapalı", "Çar": null, "PER": "", "Fri": "KAPALI",
        "cmt": ["closed"], "Sunday": "00:00-00:00",
    }))
    .unwrap();

    assert_eq!(
        serde_json::to_value(hours).unwrap(),
        json!({ "monday": "09:00-14:00, 18:00-02:00", "sunday": "00:00-24:00" })
    );
}

#[test]
fn a_refusal_names_the_day() {
    assert_eq!(refusal(json!({ "salı": "11:00-15:00, 14:59-20:00" })), "tuesday: two intervals overlap");
    assert_eq!(
        refusal(json!({ "sat": "18:00-26:00" })),
        r#"saturday: "18:00-26:00" is not an interval like 11:00-14:00"#
    );
    assert_eq!(
        refusal(json!({ "sat": "24:00-02:00" })),
        r#"saturday: "24:00-02:00" opens at 24:00, which is 00:00 of the next day"#
    );
    assert_eq!(refusal(json!({ "mon": "11:00-12:00", "Pazartesi": "" })), "monday is given twice");
    assert_eq!(refusal(json!({ "someday": "11:00-12:00" })), r#""someday" is not a day of the week"#);
    assert!(serde_json::from_str::<OpeningHours>(r#"{"mon":"","mon":"11:00-12:00"}"#).is_err());
}

#[test]
fn a_refusal_does_not_grow_with_what_was_sent() {
    let long = "ş".repeat(100_000);
    for days in [json!({ "mon": &long }), json!({ &long: "11:00-12:00" }), json!({ "mon": format!("24:00-02:{long}") })]
    {
        assert!(refusal(days).chars().count() < 150);
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for text in
        ["11-14", "11:00", "11:0-14:00", "11:60-14:00", "-11:00-14:00", "+1:00-2:00", "011:00-14:00", "1１:00-14:00"]
    {
        assert!(matches!(text.parse::<DayHours>(), Err(InvalidDayHours::NoInterval(_))), "{text}");
    }
}

#[test]
fn a_day_has_six_intervals_at_most() {
    let hours = |count: u16| (0..count).map(|hour| format!("{hour}:00-{hour}:30")).collect::<Vec<_>>().join(",");

    assert_eq!(hours(6).parse::<DayHours>().unwrap().intervals().len(), 6);
    assert_eq!(hours(7).parse::<DayHours>(), Err(InvalidDayHours::TooMany));
}
