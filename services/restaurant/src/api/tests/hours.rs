//! When a restaurant is open, as a client sees it.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    hours_say_what_holds_now_and_what_changes_that,
    a_special_day_a_closure_and_a_pause_each_have_their_way,
    hours_that_are_sent_take_the_place_of_those_before_and_the_rest_stays,
    a_pause_ends_within_a_day,
    what_is_wrong_with_hours_is_named,
    days_and_closures_are_of_a_time_that_somebody_means,
}

/// Noon of a Monday in UTC, three o'clock in Istanbul.
async fn hours_say_what_holds_now_and_what_changes_that(fixture: Fixture) {
    let week = json!({ "opening_hours": { "Pazartesi": "11:00-15:30", "tue": ["18:00-02:00", "11:00-14:00"] } });
    let (meral, path) = fixture.open_restaurant(week).await;
    let hours = format!("{path}/hours");
    meral.client.put(&hours, json!({ "last_order_min": 45 })).await;
    let state = async || {
        let now = fixture.client().get(&hours).await.json();
        ["is_open", "accepts_orders", "closes_at", "last_order_at", "opens_at"].map(|field| now[field].clone())
    };

    let open = state().await;
    fixture.clock.advance(Duration::from_secs(30 * 60));
    let closed = state().await;

    let (closes, last) = (json!("2026-03-02T12:30:00Z"), json!("2026-03-02T11:45:00Z"));
    assert_eq!(open, [json!(true), json!(false), closes, last, Value::Null]);
    assert_eq!(closed, [json!(false), json!(false), Value::Null, Value::Null, json!("2026-03-03T08:00:00Z")]);
    let shown = fixture.client().get(&path).await.json();
    assert_eq!(shown["opening_hours"], json!({ "monday": "11:00-15:30", "tuesday": "11:00-14:00, 18:00-02:00" }));
    assert_eq!(shown["opens_at"], "2026-03-03T08:00:00Z", "lists, pages and hours agree");
}

async fn a_special_day_a_closure_and_a_pause_each_have_their_way(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let hours = format!("{path}/hours");
    let opens_at = async || fixture.client().get(&hours).await.json()["opens_at"].clone();

    let special = json!({ "special_days": [{ "date": "2026-03-02", "intervals": "20:00-22:00", "note": "Bayram" }] });
    meral.client.put(&hours, special).await;
    let of_special_day = opens_at().await;
    let closure =
        json!({ "closures": [{ "from": "2026-03-02T20:00:00+03:00", "until": "2026-03-02T21:00:00+03:00" }] });
    meral.client.put(&hours, closure).await;
    let of_closure = opens_at().await;
    meral.client.put(&format!("{path}/pause"), json!({ "until": "2026-03-02T18:30:00Z" })).await;
    let of_pause = opens_at().await;
    meral.client.put(&format!("{path}/pause"), json!({ "until": null })).await;

    assert_eq!(of_special_day, "2026-03-02T17:00:00Z");
    assert_eq!(of_closure, "2026-03-02T18:00:00Z");
    assert_eq!(of_pause, "2026-03-02T18:30:00Z");
    assert_eq!(opens_at().await, of_closure);
    let last = fixture.recorded().await.pop().unwrap().catalog.unwrap();
    assert_eq!((last.special_days[0].intervals.as_str(), last.closures.len()), ("20:00-22:00", 1));
}

async fn hours_that_are_sent_take_the_place_of_those_before_and_the_rest_stays(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let hours = format!("{path}/hours");
    let all = json!({
        "time_zone": "Europe/Berlin",
        "opening_hours": { "sunday": "10:00-12:00" },
        "special_days": [{ "date": "2026-12-31", "intervals": "closed", "note": null }],
        "closures": [{ "from": "2026-08-01T00:00:00Z", "until": "2026-08-15T00:00:00Z", "reason": "Tatil" }],
        "last_order_min": 30,
    });

    meral.client.put(&hours, all.clone()).await;
    let nulls = json!({ "time_zone": null, "opening_hours": null, "special_days": null, "closures": null });
    let kept = meral.client.put(&hours, nulls).await.json();
    let emptied = meral.client.put(&hours, json!({ "special_days": [], "opening_hours": {} })).await.json();

    for (field, value) in all.as_object().unwrap() {
        assert_eq!(&kept[field], value, "{field}");
    }
    assert_eq!((&emptied["special_days"], &emptied["opening_hours"]), (&json!([]), &json!({})));
    assert_eq!((&emptied["closures"], &emptied["time_zone"]), (&all["closures"], &all["time_zone"]));
    assert_eq!(fixture.client().get(&hours).await.json(), emptied);
}

async fn a_pause_ends_within_a_day(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let pause = format!("{path}/pause");
    let cases = [
        (json!({}), "REQUIRED"),
        (json!({ "until": "soon" }), "TIME_INVALID"),
        (json!({ "until": "2026-03-02T12:00:00Z" }), "TIME_PAST"),
        (json!({ "until": "2026-03-03T12:00:01Z" }), "TOO_LONG"),
    ];

    for (body, code) in cases {
        let (status, answer) = meral.client.put(&pause, body).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![("until", code)]));
    }
    let paused = meral.client.put(&pause, json!({ "until": "2026-03-03T12:00:00Z" })).await.json();
    assert_eq!(paused["paused_until"], "2026-03-03T12:00:00Z");
    assert_eq!(fixture.recorded().await.len(), 2, "what was refused is recorded");
}

async fn what_is_wrong_with_hours_is_named(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let hours = format!("{path}/hours");
    let cases = [
        (json!({ "opening_hours": { "someday": "11:00-14:00" } }), "opening_hours.someday", "OPENING_HOURS_INVALID"),
        (
            json!({ "opening_hours": { "monday": "11:00-14:00,13:00-15:00" } }),
            "opening_hours.monday",
            "OPENING_HOURS_INVALID",
        ),
        (json!({ "opening_hours": "11:00-14:00" }), "opening_hours", "WRONG_TYPE"),
        (
            json!({ "special_days": [{ "date": "2026-01-01", "intervals": "26:00-27:00" }] }),
            "special_days[0].intervals",
            "OPENING_HOURS_INVALID",
        ),
        (json!({ "special_days": [{ "date": "yesterday" }] }), "special_days[0].date", "DATE_INVALID"),
        (
            json!({ "closures": [{ "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z" }] }),
            "closures[0].until",
            "ENDS_BEFORE_IT_BEGINS",
        ),
        (json!({ "last_order_min": 241 }), "last_order_min", "OUT_OF_RANGE"),
        (json!({ "last_order_min": -1 }), "last_order_min", "OUT_OF_RANGE"),
        (json!({ "time_zone": "Mars/Olympus" }), "time_zone", "TIME_ZONE_UNKNOWN"),
    ];

    for (body, field, code) in cases {
        let (status, answer) = meral.client.put(&hours, body.clone()).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![(field, code)]), "{body}");
    }
    let of_week = json!({ "opening_hours": { "monday": "25:00-26:00" } });
    let (status, answer) = meral.client.post("/restaurants", meral.restaurant(of_week)).await.parts();
    assert_eq!((status, faults(&answer)), (422, vec![("opening_hours.monday", "OPENING_HOURS_INVALID")]));
}

/// The clock stands at noon of the second of March 2026.
async fn days_and_closures_are_of_a_time_that_somebody_means(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let hours = format!("{path}/hours");
    let closure = |from: &str, until: &str| json!({ "closures": [{ "from": from, "until": until }] });
    let refused = [
        (json!({ "special_days": [{ "date": "+262142-01-01" }] }), "special_days[0].date", "OUT_OF_RANGE"),
        (json!({ "special_days": [{ "date": "9999-01-01" }] }), "special_days[0].date", "OUT_OF_RANGE"),
        (
            json!({ "special_days": [{ "date": "2028-01-01" }, { "date": "2025-02-28" }] }),
            "special_days[1].date",
            "OUT_OF_RANGE",
        ),
        (closure("-262143-01-01T00:00:00Z", "2026-04-01T00:00:00Z"), "closures[0].from", "TIME_INVALID"),
        (closure("2025-02-28T00:00:00Z", "2026-04-01T00:00:00Z"), "closures[0].from", "OUT_OF_RANGE"),
        (closure("2026-04-01T00:00:00Z", "2028-03-05T00:00:00Z"), "closures[0].until", "OUT_OF_RANGE"),
    ];

    for (body, field, code) in refused {
        let (status, answer) = meral.client.put(&hours, body.clone()).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![(field, code)]), "{body}");
    }
    let ends = json!({
        "special_days": [{ "date": "2028-03-03" }, { "date": "2025-03-01" }],
        "closures": [{ "from": "2025-03-01T12:00:00Z", "until": "2028-03-03T12:00:00Z" }],
    });
    let (status, kept) = meral.client.put(&hours, ends).await.parts();
    assert_eq!((status, &kept["special_days"][0]["date"]), (200, &json!("2025-03-01")));
    fixture.clock.advance(Duration::from_secs(90 * 24 * 60 * 60));
    let sent_back = json!({ "special_days": kept["special_days"], "closures": kept["closures"], "last_order_min": 15 });
    let meral = fixture.client().manager(meral.id);
    assert_eq!(meral.put(&hours, sent_back).await.status, 200, "what stands there already may stay");
}
