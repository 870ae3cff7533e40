//! How often somebody may write addresses on one day.

use std::time::Duration;

use database::Connection as _;
use kit::on_every_database;
use serde_json::json;

use crate::fixture::{Fixture, home, home_with, id_of};

on_every_database! {
    Fixture:
    whoever_has_written_so_often_goes_on_the_next_day,
    what_changes_nothing_or_is_an_admins_is_not_counted,
}

/// Leaves whoever has written so many writes of the day.
async fn leave(fixture: &Fixture, writes: u16) {
    let used = format!("UPDATE daily_write SET count = {}", 500 - writes);
    let rows = fixture.context.database.execute_unprepared(&used).await.unwrap().rows_affected();
    assert_eq!(rows, 1, "one has written");
}

/// The clock stands at noon.
async fn whoever_has_written_so_often_goes_on_the_next_day(fixture: Fixture) {
    let user = fixture.new_user();
    let ayse = fixture.client().user(user);
    let made = ayse.post("/addresses", home()).await.json();
    let path = format!("/addresses/{}", id_of(&made));
    leave(&fixture, 1).await;

    let last = ayse.put(&path, json!({ "city": "Bursa" })).await.status;
    let refused = [
        ayse.put(&path, json!({ "city": "Konya" })).await,
        ayse.delete(&path).await,
        ayse.post("/addresses", home()).await,
    ];
    let other = fixture.client().user(fixture.new_user()).post("/addresses", home()).await.status;
    fixture.clock.advance(Duration::from_secs(12 * 60 * 60));
    let tomorrow = fixture.client().user(user).put(&path, json!({ "city": "Konya" })).await.status;

    assert_eq!((last, other, tomorrow), (200, 201, 200));
    for refused in refused {
        let limit = (refused.status, refused.code(), refused.header("retry-after").to_owned());
        assert_eq!(limit, (429, "TOO_MANY_WRITES".to_owned(), "43200".to_owned()));
    }
}

async fn what_changes_nothing_or_is_an_admins_is_not_counted(fixture: Fixture) {
    let manager = fixture.client().manager(fixture.new_user());
    let of_restaurant = home_with(json!({ "entity_type": "RESTAURANT" }));
    let (status, made) = manager.post("/addresses", of_restaurant).await.parts();
    assert_eq!(status, 201, "{made}");
    let (admin, path) =
        (fixture.client().admin(fixture.new_user()), format!("/addresses/{}", made["id"].as_str().unwrap()));
    leave(&fixture, 1).await;

    for turn in 0..3 {
        assert_eq!(manager.put(&path, json!({ "city": made["city"] })).await.status, 200);
        assert_eq!(admin.put(&path, json!({ "city": format!("İl {turn}") })).await.status, 200);
        assert_eq!(admin.put(&path, json!({ "city": made["city"] })).await.status, 200);
    }

    let mut writes = Vec::new();
    for city in ["Bursa", "Konya"] {
        writes.push(manager.put(&path, json!({ "city": city })).await.status);
    }
    let nothing = manager.put(&path, json!({ "city": "Bursa" })).await.status;
    assert_eq!((writes, nothing), (vec![200, 429], 200));
}
