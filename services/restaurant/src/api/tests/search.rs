//! Finding restaurants, as a client sees it. Rounds of the follower are driven by hand.

use std::time::Duration;

use database::Connection as _;
use kit::testing::faults;
use kit::{Check as _, Status, on_every_database};
use serde_json::{Value, json};

use crate::actions::add_search_names;
use crate::fixture::Fixture;
use crate::index::IndexCheck;

on_every_database! {
    Fixture:
    a_search_finds_by_words_and_says_by_which_meals,
    a_meal_that_the_release_before_wrote_is_shown_once_it_has_its_name,
    a_search_is_answered_page_by_page_with_exact_counts,
    what_is_written_changed_deleted_or_hidden_is_followed,
    another_process_finds_what_it_did_not_write,
    a_change_by_a_clock_that_is_behind_is_found_by_the_next_poll,
    a_change_by_a_clock_that_is_ahead_hides_no_other,
    what_no_time_gives_away_is_found_by_a_sweep,
    what_is_gone_since_the_last_round_is_left_out,
    nobody_searches_before_all_restaurants_were_read,
    a_query_that_is_too_long_is_refused_by_name,
    what_has_no_word_is_no_query,
    coordinates_are_sent_together_and_lie_somewhere,
}

fn names(found: &Value) -> Vec<&str> {
    found["restaurants"].as_array().unwrap().iter().map(|found| found["name"].as_str().unwrap()).collect()
}

async fn a_search_finds_by_words_and_says_by_which_meals(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({ "description": null })).await;
    fixture.open_restaurant(json!({ "name": "Dümen Ev Yemekleri", "description": null })).await;
    let meals = [("Adana Kebap", 18_050), ("Adana Dürüm", 12_000), ("Ayran", 3_000), ("adana kebap", 1)];
    fixture.serve(&path, &meals).await;

    let found = fixture.search("query=adana+kebab%C4%B1&lat=41.0&lon=29.0").await;

    let mut expected = fixture.client().get(&path).await.json();
    let first = &found["restaurants"][0];
    expected["distance_m"] = json!(2_944);
    expected["matches"] = json!([
        { "meal_id": first["matches"][0]["meal_id"], "name": "Adana Kebap", "price": 180.5 },
        { "meal_id": first["matches"][1]["meal_id"], "name": "Adana Dürüm", "price": 120 },
    ]);
    let page = json!({ "restaurants": [expected], "total": 1, "page": 1, "page_size": 20, "has_next": false });
    assert_eq!(found, page);
}

async fn a_meal_that_the_release_before_wrote_is_shown_once_it_has_its_name(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({ "description": null })).await;
    fixture.serve(&path, &[("Adana Kebap", 18_050)]).await;
    let database = &fixture.context.database;
    database.execute_unprepared("UPDATE restaurant_meal SET search_name = NULL").await.unwrap();

    let before = fixture.search("query=adana").await;
    add_search_names(database).await.unwrap();
    let after = fixture.search("query=adana").await;

    assert_eq!((names(&before), &before["restaurants"][0]["matches"]), (vec!["Çıpa Kebap"], &json!([])));
    assert_eq!(after["restaurants"][0]["matches"][0]["name"], "Adana Kebap");
}

async fn a_search_is_answered_page_by_page_with_exact_counts(fixture: Fixture) {
    for number in 1..=5 {
        fixture.open_restaurant(json!({ "name": format!("Kebapçı {number}") })).await;
        fixture.a_moment_later();
    }

    let page = |found: &Value| {
        let has_next = found["has_next"].as_bool().unwrap();
        (names(found).join(", "), found["total"].as_i64().unwrap(), found["page"].as_i64().unwrap(), has_next)
    };
    assert_eq!(page(&fixture.search("page=1&page_size=2").await), ("Kebapçı 5, Kebapçı 4".to_owned(), 5, 1, true));
    assert_eq!(page(&fixture.search("page=3&page_size=2").await), ("Kebapçı 1".to_owned(), 5, 3, false));
    assert_eq!(page(&fixture.search("page=4&page_size=2").await), (String::new(), 5, 4, false));
    let strange = fixture.search("page=-1&page_size=1000000000&query=kebap%C3%A7%C4%B1").await;
    assert_eq!((page(&strange).1, &strange["page_size"]), (5, &json!(20)));
    let deep = fixture.client().get("/restaurants/search?page=502&page_size=20").await.parts();
    assert_eq!((deep.0, faults(&deep.1)), (422, vec![("page", "TOO_DEEP")]));
}

async fn what_is_written_changed_deleted_or_hidden_is_followed(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    assert_eq!(names(&fixture.search("query=cipa").await), ["Çıpa Kebap"]);

    meral.client.put(&path, json!({ "name": "Demir Kebap" })).await;
    assert_eq!(names(&fixture.search("query=cipa").await), [""; 0]);
    assert_eq!(names(&fixture.search("query=demir").await), ["Demir Kebap"]);

    fixture.serve(&path, &[("Şalgam", 4_000)]).await;
    assert_eq!(names(&fixture.search("query=salgam").await), ["Demir Kebap"]);

    fixture.deliver(meral.deletion(2)).await.unwrap();
    assert_eq!(names(&fixture.search("").await), [""; 0], "a draft");
    fixture.deliver(meral.address(3)).await.unwrap();
    assert_eq!(names(&fixture.search("query=kadikoy").await), ["Demir Kebap"]);

    meral.client.delete(&path).await;
    let found = fixture.search("").await;
    assert_eq!((names(&found), &found["total"]), (vec![], &json!(0)));
}

async fn another_process_finds_what_it_did_not_write(fixture: Fixture) {
    let other = fixture.another_process().await;
    other.follow().await;
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fixture.clock.advance(Duration::from_secs(20));
    assert_eq!(names(&other.search("query=kebap").await), ["Çıpa Kebap"]);

    fixture.clock.advance(Duration::from_secs(20));
    meral.client.delete(&path).await;

    assert_eq!(names(&other.search("query=kebap").await), [""; 0]);
}

async fn a_change_by_a_clock_that_is_behind_is_found_by_the_next_poll(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fixture.follow().await;
    let behind = fixture.process_behind(Duration::from_secs(14)).await;

    behind.client().manager(meral.id).put(&path, json!({ "name": "Geç Kebap" })).await;

    assert_eq!(names(&fixture.search("query=gec").await), ["Geç Kebap"]);
}

async fn a_change_by_a_clock_that_is_ahead_hides_no_other(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (_, other_path) = fixture.open_restaurant(json!({ "name": "Erken Kebap" })).await;
    fixture.follow().await;
    let ahead = fixture.process_ahead(Duration::from_secs(3_600)).await;
    ahead.serve(&other_path, &[("Şalgam", 4_000)]).await;
    assert_eq!(names(&fixture.search("query=salgam").await), ["Erken Kebap"]);
    fixture.clock.advance(Duration::from_secs(30));

    meral.client.put(&path, json!({ "name": "Demir Kebap" })).await;

    assert_eq!(names(&fixture.search("query=demir").await), ["Demir Kebap"]);
}

async fn what_no_time_gives_away_is_found_by_a_sweep(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (_, restored) = fixture.open_restaurant(json!({ "name": "Yeni Kebap" })).await;
    fixture.open_restaurant(json!({ "name": "Silinen Kebap" })).await;
    fixture.follow().await;
    let behind = fixture.process_behind(Duration::from_secs(3_600)).await;
    behind.client().manager(meral.id).put(&path, json!({ "name": "Geç Kebap" })).await;
    behind.serve(&restored, &[("Şalgam", 4_000)]).await;
    let tx = fixture.context.database.begin_write().await.unwrap();
    tx.execute_unprepared("DELETE FROM restaurant_restaurant WHERE name = 'Silinen Kebap'").await.unwrap();
    let older = "UPDATE restaurant_restaurant SET name = 'Eski Kebap', search_version = 0 WHERE name = 'Yeni Kebap'";
    tx.execute_unprepared(older).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(fixture.search("query=kebap").await["total"], 3, "nothing of it is seen before");

    fixture.clock.advance(Duration::from_secs(60));

    let found = fixture.search("query=kebap&page_size=10").await;
    let mut found = names(&found);
    found.sort_unstable();
    assert_eq!(found, ["Eski Kebap", "Geç Kebap"]);
}

async fn what_is_gone_since_the_last_round_is_left_out(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (_, other) = fixture.open_restaurant(json!({ "name": "Demir Kebap" })).await;
    fixture.follow().await;
    meral.client.delete(&path).await;
    fixture.serve(&other, &[("Şalgam", 4_000)]).await;

    let found = fixture.client().get("/restaurants/search?query=kebap").await.json();

    assert_eq!(names(&found), ["Demir Kebap"]);
}

async fn nobody_searches_before_all_restaurants_were_read(fixture: Fixture) {
    let check = IndexCheck(fixture.restaurants.index.clone());
    let refused = fixture.client().get("/restaurants/search").await;

    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert!(matches!(check.status().await, Status::Down(_)));

    fixture.follow().await;

    assert_eq!(fixture.client().get("/restaurants/search").await.status, 200);
    assert_eq!(check.status().await, Status::Up);
}

async fn a_query_that_is_too_long_is_refused_by_name(fixture: Fixture) {
    fixture.follow().await;
    let search = async |query: &str| fixture.client().get(&format!("/restaurants/search?query={query}")).await.parts();

    for (query, code) in [("a".repeat(201), "TOO_LONG"), ("a+".repeat(13), "TOO_MANY_WORDS")] {
        let (status, problem) = search(&query).await;
        assert_eq!((status, faults(&problem)), (422, vec![("query", code)]));
    }
    for query in ["a".repeat(200), ["bir"; 12].join("+")] {
        assert_eq!(search(&query).await.0, 200);
    }
}

async fn what_has_no_word_is_no_query(fixture: Fixture) {
    fixture.open_restaurant(json!({})).await;

    for query in ["", "%00", "%01%02", "%F0%9F%8D%95", "...%21%3F", "+++", "%27"] {
        assert_eq!(names(&fixture.search(&format!("query={query}")).await), ["Çıpa Kebap"], "{query}");
    }
    assert_eq!(names(&fixture.search("query=kebap%00").await), ["Çıpa Kebap"]);
    assert_eq!(names(&fixture.search("query=%27%3B+DROP+TABLE+restaurant_restaurant%3B--").await), [""; 0]);
}

async fn coordinates_are_sent_together_and_lie_somewhere(fixture: Fixture) {
    fixture.open_restaurant(json!({})).await;
    fixture.follow().await;
    let cases = [
        ("lat=41", "lon", "REQUIRED"),
        ("lon=29", "lat", "REQUIRED"),
        ("lat=91&lon=29", "lat", "OUT_OF_RANGE"),
        ("lat=-41&lon=180.1", "lon", "OUT_OF_RANGE"),
        ("lat=0&lon=0", "lat", "NOWHERE"),
        ("lat=29&lon=41", "lat", "SWAPPED"),
        ("lat=41&lat=42&lon=29", "lat", "REPEATED"),
        ("lat=north&lon=29", "lat", "NUMBER_INVALID"),
        ("lat=41&lon=NaN", "lon", "NUMBER_INVALID"),
    ];

    for (parameters, field, code) in cases {
        let (status, problem) = fixture.client().get(&format!("/restaurants/search?{parameters}")).await.parts();
        assert_eq!((status, faults(&problem)), (422, vec![(field, code)]), "{parameters}");
    }
    let ignored = fixture.search("lat=&lon=").await;
    assert_eq!(ignored["restaurants"][0].get("distance_m"), None);
}
