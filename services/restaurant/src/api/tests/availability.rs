//! Meals that can't be had, for good or for a while.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    what_is_sold_out_comes_back_by_itself,
    the_day_ends_with_its_night,
    a_switch_that_says_what_holds_is_no_change,
    a_hundred_switches_at_once_end_in_the_last_one_and_leave_no_version_out,
    what_is_wrong_with_a_switch_is_named,
}

async fn what_is_sold_out_comes_back_by_itself(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let until = json!({ "is_available": false, "until": "2026-03-02T18:00:00+03:00" });

    let sold_out = meral.client.patch(&format!("{meal}/availability"), until).await.json();
    fixture.clock.advance(Duration::from_secs(3 * 60 * 60 - 1));
    let still = fixture.client().get(&meal).await.json();
    fixture.clock.advance(Duration::from_secs(1));
    let back = fixture.client().get(&meal).await.json();

    let shown = |meal: &Value| [meal["is_available"].clone(), meal["sold_out_until"].clone()];
    assert_eq!(shown(&sold_out), [json!(false), json!("2026-03-02T15:00:00Z")]);
    assert_eq!(shown(&still), shown(&sold_out));
    assert_eq!(shown(&back), [json!(true), Value::Null]);
    let recorded = fixture.recorded().await.pop().unwrap().catalog.unwrap();
    assert_eq!(recorded.menu.meals[0].sold_out_until, Some("2026-03-02T15:00:00Z".parse().unwrap()));
}

/// Noon of a Monday in UTC, three o'clock in Istanbul.
async fn the_day_ends_with_its_night(fixture: Fixture) {
    let until = async |week: Value| {
        let (meral, path) = fixture.open_restaurant(json!({ "opening_hours": week })).await;
        let meal = meral.create_meal(&path, json!({})).await;
        let day = json!({ "is_available": false, "until": "end_of_day" });
        meral.client.patch(&format!("{meal}/availability"), day).await.json()["sold_out_until"].clone()
    };

    assert_eq!(until(json!({ "monday": "11:00-23:00" })).await, "2026-03-02T21:00:00Z");
    assert_eq!(until(json!({ "monday": "18:00-02:00" })).await, "2026-03-02T23:00:00Z");
    assert_eq!(until(json!({ "sunday": "18:00-15:30" })).await, "2026-03-02T12:30:00Z");
    assert_eq!(until(json!({})).await, "2026-03-02T21:00:00Z");
}

async fn a_switch_that_says_what_holds_is_no_change(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let switch = format!("{meal}/availability");
    let off = json!({ "is_available": false, "until": "end_of_day" });
    fixture.recorded().await;

    let first = meral.client.patch(&switch, off.clone()).await.parts();
    fixture.clock.advance(Duration::from_secs(60));
    let again = meral.client.patch(&switch, off).await.parts();

    assert_eq!(first, again);
    assert_eq!(fixture.recorded().await.len(), 1);
}

async fn a_hundred_switches_at_once_end_in_the_last_one_and_leave_no_version_out(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let clients = [meral.client.clone(), elsewhere.manager(meral.id)];
    let switch = format!("{meal}/availability");
    fixture.recorded().await;

    let asked = (0..100_usize).map(|number| {
        let until = format!("2026-03-02T13:{:02}:{:02}Z", number / 60, number % 60);
        let body = json!({ "is_available": false, "until": until });
        let (client, switch) = (&clients[number % 2], &switch);
        // A hundred that wait for one row may be more than a busy machine serves in time.
        async move {
            loop {
                let answer = client.patch(switch, body.clone()).await;
                if answer.status != 503 {
                    return answer;
                }
            }
        }
    });
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let last = meral.client.patch(&switch, json!({ "is_available": false })).await.json();

    let events = fixture.recorded().await;
    let versions: Vec<i64> = events.iter().map(|event| event.version).collect();
    assert_eq!(versions, (3..3 + versions.len() as i64).collect::<Vec<_>>());
    assert_eq!(versions.len(), 100 + 1);
    let recorded = &events.last().unwrap().catalog.as_ref().unwrap().menu.meals[0];
    assert_eq!((recorded.is_available, recorded.sold_out_until), (false, None));
    assert_eq!(fixture.client().get(&meal).await.json(), last);
}

async fn what_is_wrong_with_a_switch_is_named(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let switch = format!("{meal}/availability");
    let cases = [
        (json!({}), "is_available", "REQUIRED"),
        (json!({ "is_available": null }), "is_available", "REQUIRED"),
        (json!({ "is_available": "no" }), "is_available", "WRONG_TYPE"),
        (json!({ "is_available": false, "until": "soon" }), "until", "TIME_INVALID"),
        (json!({ "is_available": false, "until": 7 }), "until", "WRONG_TYPE"),
        (json!({ "is_available": false, "until": "2026-03-02T12:00:00Z" }), "until", "TIME_PAST"),
        (json!({ "is_available": false, "until": "2027-03-04T12:00:00Z" }), "until", "TOO_LONG"),
        (json!({ "is_available": true, "until": "end_of_day" }), "until", "NOT_SOLD_OUT"),
    ];

    for (body, field, code) in cases {
        let (status, answer) = meral.client.patch(&switch, body.clone()).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![(field, code)]), "{body}");
    }
    assert_eq!(fixture.client().get(&meal).await.json()["is_available"], json!(true));
    assert_eq!(fixture.recorded().await.len(), 2, "what was refused is recorded");
}
