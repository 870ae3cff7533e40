//! Filters and orders, which lists and searches share.

use std::time::Duration;

use database::Connection as _;
use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    each_filter_keeps_those_of_whom_it_holds,
    each_order_has_what_is_not_known_last_and_ends_in_the_id,
    names_are_sorted_by_the_turkish_alphabet,
    words_decide_the_order_unless_another_is_asked_for,
    who_is_open_follows_from_week_special_days_and_breaks,
    who_delivers_is_decided_by_radius_or_il,
    what_can_not_be_asked_for_is_refused_by_name,
    pages_of_equal_rows_have_each_row_once,
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

/// Three restaurants that differ in everything, written down in this order: Ada in Kadıköy, Çıpa in Çankaya, Balık somewhere.
async fn town(fixture: &Fixture) -> [Manager; 3] {
    let [ada, cipa, balik] = [fixture.manager(), fixture.manager(), fixture.manager()];
    let places = [
        (&ada, ("İstanbul", "Kadıköy"), (Some(40.98), Some(29.02))),
        (&cipa, ("Ankara", "Çankaya"), (Some(39.92), Some(32.85))),
        (&balik, ("İstanbul", "Beşiktaş"), (None, None)),
    ];
    for (manager, (city, district), (latitude, longitude)) in places {
        let mut event = manager.address(1);
        let address = event.address.as_mut().unwrap();
        (address.city, address.district) = (city.to_owned(), district.to_owned());
        (address.latitude, address.longitude) = (latitude, longitude);
        fixture.deliver(event).await.unwrap();
    }
    let rows = [
        (
            &ada,
            json!({ "name": "Ada", "description": "Adana kebap, lahmacun", "cuisines": ["Ev Yemeği"] }),
            (9.9, 75, 25),
        ),
        (&cipa, json!({ "name": "Çıpa", "description": "Pide", "cuisines": ["Kebap", "Pide"] }), (0.0, 100, 40)),
        (&balik, json!({ "name": "Balık", "description": null, "cuisines": ["Deniz Ürünleri"] }), (19.99, 50, 15)),
    ];
    for (manager, mut body, (fee, least, minutes)) in rows {
        (body["delivery_fee"], body["min_order"], body["prep_time_min"]) = (json!(fee), json!(least), json!(minutes));
        manager.create(body).await;
        fixture.a_moment_later();
    }
    for (name, rating) in [("Ada", 435), ("Çıpa", 110)] {
        rate(fixture, name, rating).await;
    }
    [ada, cipa, balik]
}

/// As the service will that takes ratings.
async fn rate(fixture: &Fixture, name: &str, rating: i32) {
    let rated = format!(
        "UPDATE restaurant_restaurant SET rating_avg = {rating}, rating_count = 3, search_version = search_version + 1 \
         WHERE name = '{name}'"
    );
    fixture.context.database.execute_unprepared(&rated).await.unwrap();
}

async fn each_filter_keeps_those_of_whom_it_holds(fixture: Fixture) {
    let [ada, ..] = town(&fixture).await;
    let all = "Ada, Balık, Çıpa";
    let of_ada = format!("owner_id={}", ada.id);
    let filters = [
        ("", all),
        ("query=", all),
        ("query=kebap", "Ada, Çıpa"),
        ("query=istanbul", "Ada, Balık"),
        ("status=active", all),
        ("status=approved", ""),
        (&of_ada, "Ada"),
        ("owner_id=7", ""),
        ("city=ISTANBUL", "Ada, Balık"),
        ("city=%C4%B0stanbul&district=kadikoy", "Ada"),
        ("district=%C3%A7ankaya", "Çıpa"),
        ("city=Atlantis", ""),
        ("min_rating=4.35", "Ada"),
        ("min_rating=1.1", "Ada, Çıpa"),
        ("min_rating=4.36", ""),
        ("min_rating=none", all),
        ("min_rating=NaN", all),
        ("max_delivery=9.9", "Ada, Çıpa"),
        ("max_delivery=0", "Çıpa"),
        ("max_delivery=19.98", "Ada, Çıpa"),
        ("min_order=75", "Ada, Çıpa"),
        ("max_min_order=75", "Ada, Balık"),
        ("max_prep_time=25", "Ada, Balık"),
        ("max_prep_time=256", all),
        ("max_prep_time=-1", all),
        ("cuisines=kebap", "Ada, Çıpa"),
        ("cuisines=LAHMACUN,deniz+%C3%BCr%C3%BCnleri", "Ada, Balık"),
        ("cuisines=ev+yeme%C4%9Fi", "Ada"),
        ("cuisines=,+,", all),
        ("cuisines=lahma", ""),
        ("lat=40.99&lon=29.03&radius_m=5000", "Ada"),
        ("lat=40.99&lon=29.03&radius_m=400000", "Ada, Çıpa"),
        ("open_now=false&delivers=0", all),
        ("open_now=false&delivers=false&max_min_order=&lat=&lon=", all),
        ("page_size=1", all),
        ("unknown=7", all),
        ("query=kebap&city=istanbul&max_delivery=10&min_rating=4", "Ada"),
    ];

    for (parameters, expected) in filters {
        let list = fixture.list(&format!("?sort=name&{parameters}")).await;
        let mut sorted = expected.split(", ").filter(|name| !name.is_empty()).collect::<Vec<_>>();
        sorted.sort_by_key(|name| ["Ada", "Balık", "Çıpa"].iter().position(|known| known == name));
        assert_eq!(names(&list), sorted, "{parameters}");
        let found = fixture.search(&format!("sort=name&{parameters}")).await;
        assert_eq!((names(&found["restaurants"]), &found["total"]), (sorted, &json!(list.as_array().unwrap().len())));
    }
}

async fn each_order_has_what_is_not_known_last_and_ends_in_the_id(fixture: Fixture) {
    town(&fixture).await;
    let orders = [
        ("", "Ada, Çıpa, Balık"),
        ("sort_by=rating&sort_order=desc", "Ada, Çıpa, Balık"),
        ("sort_by=rating&sort_order=asc", "Çıpa, Ada, Balık"),
        ("sort_by=rating", "Çıpa, Ada, Balık"),
        ("sort_by=delivery_fee&sort_order=up", "Çıpa, Ada, Balık"),
        ("sort_by=delivery_fee&sort_order=desc", "Balık, Ada, Çıpa"),
        ("sort_by=prep_time", "Balık, Ada, Çıpa"),
        ("sort_by=min_order&sort_order=desc", "Çıpa, Ada, Balık"),
        ("sort_by=name", "Ada, Balık, Çıpa"),
        ("sort_by=name&sort_order=desc", "Çıpa, Balık, Ada"),
        ("sort_by=name&sort_order=DESC", "Ada, Balık, Çıpa"),
        ("sort_by=created_at", "Ada, Çıpa, Balık"),
        ("sort_by=created_at&sort_order=desc", "Balık, Çıpa, Ada"),
        ("sort_by=distance&lat=40&lon=32", "Çıpa, Ada, Balık"),
        ("sort_by=distance&sort_order=desc&lat=40&lon=32", "Ada, Çıpa, Balık"),
        ("sort_by=relevance", "Ada, Çıpa, Balık"),
        ("sort_by=password", "Ada, Çıpa, Balık"),
        ("sort=prep_time+desc", "Çıpa, Ada, Balık"),
        ("sort=Min_Order_Price+ASC&sort_by=name", "Balık, Ada, Çıpa"),
        ("sort=&sort_by=name", "Ada, Balık, Çıpa"),
    ];

    for (parameters, expected) in orders {
        assert_eq!(names(&fixture.list(&format!("?{parameters}")).await).join(", "), expected, "{parameters}");
    }
    let near = fixture.list("?lat=40&lon=32&sort_by=distance").await;
    assert_eq!((&near[0]["distance_m"], near[2].get("distance_m")), (&json!(72_990), None));
}

async fn names_are_sorted_by_the_turkish_alphabet(fixture: Fixture) {
    let (meral, _) = fixture.open_restaurant(json!({ "name": "Iğdır" })).await;
    for name in ["zeytin", "Şile", "Sahil", "İmbat", "ızgara", "Çıpa", "Cihan", "Öz", "Oda"] {
        meral.create(json!({ "name": name })).await;
    }

    let list = fixture.list("?sort=name").await;

    assert_eq!(names(&list), ["Cihan", "Çıpa", "Iğdır", "ızgara", "İmbat", "Oda", "Öz", "Sahil", "Şile", "zeytin"]);
}

async fn words_decide_the_order_unless_another_is_asked_for(fixture: Fixture) {
    let (meral, named) = fixture.open_restaurant(json!({ "name": "Künefe Evi", "description": null })).await;
    let dish = meral.create(json!({ "name": "Kıyı", "description": null })).await;
    fixture.serve(&dish, &[("Künefe", 9_000)]).await;
    fixture.serve(&named, &[("Ayran", 3_000)]).await;
    rate(&fixture, "Kıyı", 500).await;

    let best = fixture.list("?query=kunefe").await;
    let rated = fixture.list("?query=kunefe&sort_by=rating&sort_order=desc").await;

    assert_eq!((names(&best), names(&rated)), (vec!["Künefe Evi", "Kıyı"], vec!["Kıyı", "Künefe Evi"]));
}

/// The clock stands at 15:00 of a Monday in Istanbul.
async fn who_is_open_follows_from_week_special_days_and_breaks(fixture: Fixture) {
    let (meral, _) = fixture.open_restaurant(json!({ "name": "Gündüz" })).await;
    meral
        .create(json!({ "name": "Gece", "opening_hours": { "monday": "18:00-02:00", "sunday": "18:00-02:00" } }))
        .await;
    meral.create(json!({ "name": "Kapalı", "opening_hours": {} })).await;
    let special = meral.create(json!({ "name": "Bayram" })).await;
    let paused = meral.create(json!({ "name": "Mola" })).await;
    let day = json!({ "special_days": [{ "date": "2026-03-02", "intervals": "closed" }] });
    meral.client.put(&format!("{special}/hours"), day).await;
    meral.client.put(&format!("{paused}/pause"), json!({ "until": "2026-03-02T12:30:00Z" })).await;
    let open = async || {
        let list = fixture.list("?open_now=true&sort=name").await;
        assert!(list.as_array().unwrap().iter().all(|row| row["is_open"] == true), "{list}");
        names(&list).join(", ")
    };

    assert_eq!(open().await, "Gündüz");
    fixture.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(open().await, "Gündüz, Mola");
    fixture.clock.advance(Duration::from_secs(3 * 60 * 60));
    assert_eq!(open().await, "Gece, Gündüz, Mola");
    fixture.clock.advance(Duration::from_secs(5 * 60 * 60));
    assert_eq!(open().await, "Gece");
    fixture.clock.advance(Duration::from_secs(12 * 60 * 60));
    assert_eq!(open().await, "Bayram, Gündüz, Mola", "Tuesday at half past eleven");
}

async fn who_delivers_is_decided_by_radius_or_il(fixture: Fixture) {
    let [ada, ..] = town(&fixture).await;
    ada.create(json!({ "name": "Yakın", "delivery_radius_m": 2_000 })).await;
    let delivering = async |parameters: &str| {
        names(&fixture.list(&format!("?delivers=true&sort=name&{parameters}")).await).join(", ")
    };

    assert_eq!(delivering("lat=40.99&lon=29.03").await, "Ada, Balık, Yakın", "the nearest is in Istanbul");
    assert_eq!(delivering("lat=41.1&lon=29.03").await, "Ada, Balık");
    assert_eq!(delivering("lat=39.9&lon=32.8").await, "Çıpa");
    assert_eq!(delivering("lat=41.1&lon=29.03&city=Ankara").await, "Çıpa", "who asks says which il it is");
}

async fn what_can_not_be_asked_for_is_refused_by_name(fixture: Fixture) {
    fixture.follow().await;
    let cuisines = ["kebap"; 21].join(",");
    let too_many = format!("cuisines={cuisines}");
    let refused = [
        ("sort=name;drop+table+restaurant_restaurant", "sort", "SORT_UNKNOWN"),
        ("sort=(select+1)", "sort", "SORT_UNKNOWN"),
        ("sort=name+asc,+rating_avg", "sort", "SORT_UNKNOWN"),
        ("sort=name+sideways", "sort", "SORT_UNKNOWN"),
        ("sort=password", "sort", "SORT_UNKNOWN"),
        ("sort_by=distance", "lat", "REQUIRED"),
        ("delivers=true", "lat", "REQUIRED"),
        ("radius_m=500", "lat", "REQUIRED"),
        ("sort=name&sort=name", "sort", "REPEATED"),
        (&too_many, "cuisines", "TOO_MANY"),
        ("offset=10001", "offset", "TOO_DEEP"),
        ("page=0&offset=10001", "offset", "TOO_DEEP"),
        ("page=502&offset=1", "page", "TOO_DEEP"),
        ("open_now=yes", "open_now", "BOOLEAN_INVALID"),
        ("delivers=TRUE&lat=41&lon=29", "delivers", "BOOLEAN_INVALID"),
        ("max_min_order=x", "max_min_order", "NUMBER_INVALID"),
        ("max_min_order=NaN", "max_min_order", "NUMBER_INVALID"),
        ("lat=abc", "lat", "NUMBER_INVALID"),
        ("lat=41&lon=2,9", "lon", "NUMBER_INVALID"),
        ("lat=41&lon=29&radius_m=inf", "radius_m", "NUMBER_INVALID"),
        ("lat=41&lon=29&radius_m=-1", "radius_m", "OUT_OF_RANGE"),
    ];

    for (parameters, field, code) in refused {
        for path in ["/restaurants", "/restaurants/search"] {
            let (status, problem) = fixture.client().get(&format!("{path}?{parameters}")).await.parts();
            assert_eq!((status, faults(&problem)), (422, vec![(field, code)]), "{parameters}");
        }
    }
    let problem = fixture.client().get("/restaurants?sort=1").await.json();
    assert!(problem["detail"].as_str().unwrap().contains("rating_avg, delivery_fee, prep_time"), "{problem}");
}

async fn pages_of_equal_rows_have_each_row_once(fixture: Fixture) {
    let (meral, _) = fixture.open_restaurant(json!({})).await;
    for _ in 1..25 {
        meral.create(json!({})).await;
    }
    fixture.follow().await;

    for order in ["", "sort_by=name", "sort_by=rating&sort_order=desc", "query=kebap", "sort_by=created_at"] {
        let mut ids = Vec::new();
        for page in 1..=4 {
            let list = fixture.list(&format!("?{order}&page={page}&page_size=7")).await;
            ids.extend(list.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 25, "{order}");
    }
}
