//! Restaurants, as a client sees them.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::Ask;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_restaurant_is_shown_as_the_first_platform_would_with_all_that_there_is_to_say,
    a_change_touches_what_it_names_and_null_clears_what_may_be_empty,
    what_was_deleted_is_seen_by_nobody,
    the_list_has_the_best_first_and_then_the_newest_page_by_page,
    an_owner_lists_drafts_too,
    the_same_request_with_its_key_writes_down_one_restaurant,
    an_owner_has_a_hundred_restaurants_and_no_more,
    each_change_is_recorded_whole_in_a_version_of_its_own,
    changes_at_once_on_two_replicas_are_all_recorded_in_their_order,
}

async fn a_restaurant_is_shown_as_the_first_platform_would_with_all_that_there_is_to_say(fixture: Fixture) {
    let meral = fixture.manager();
    fixture.deliver(meral.address(1)).await.unwrap();
    let body = meral.restaurant(json!({ "cuisines": ["Kebap", "Pide"], "delivery_radius_m": 3000 }));

    let (status, created) = meral.client.post("/restaurants", body).await.parts();
    let id = created["id"].as_str().unwrap();
    let shown = fixture.client().get(&format!("/restaurants/{id}")).await.parts();

    assert_eq!((status, &created), (201, &json!({ "message": "Restaurant created successfully", "id": id })));
    let expected = json!({
        "id": id, "name": "Çıpa Kebap", "description": "Adana kebap, lahmacun", "logo": "https://example.com/cipa.png",
        "phone_number": "+902161234567", "email": "cipa@example.com", "status": "active", "cuisines": ["Kebap", "Pide"],
        "opening_hours": { "monday": "11:00-23:00", "tuesday": "11:00-23:00" },
        "is_open": true, "accepts_orders": true, "closes_at": "2026-03-02T20:00:00Z",
        "last_order_at": "2026-03-02T20:00:00Z", "opens_at": null,
        "prep_time": 25, "rating_avg": 0.0, "rating_count": 0, "delivery_fee": 9.9, "min_order_price": 75,
        "delivery_radius_m": 3000, "delivery_area": null, "address_id": meral.address_id,
        "address": {
            "id": meral.address_id, "title": "Çıpa Kebap", "address": "Sahil Yolu 1", "city": "İstanbul",
            "district": "Kadıköy", "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "door_number": "7",
            "latitude": 40.9819, "longitude": 29.0256,
        },
        "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
    });
    assert_eq!(shown, (200, expected.clone()));
    assert_eq!(fixture.list("").await, json!([expected]));
}

async fn a_change_touches_what_it_names_and_null_clears_what_may_be_empty(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap"] })).await;
    fixture.clock.advance(Duration::from_secs(60));
    let before = fixture.client().get(&path).await.json();
    let nulls = json!({ "name": null, "description": null, "logo": null, "phone_number": null, "cuisines": null });

    let renamed = meral.client.put(&path, json!({ "name": "Demir Kebap", "delivery_fee": 0.3 })).await.parts();
    let cleared = meral.client.put(&path, nulls).await.json();
    let sent_back = meral.client.put(&path, cleared.clone()).await.json();
    let cuisines = meral.client.put(&path, json!({ "cuisines": ["Izgara", "Kebap"] })).await.json();

    let mut expected = before;
    for (field, value) in [("name", json!("Demir Kebap")), ("delivery_fee", json!(0.3))] {
        expected[field] = value;
    }
    expected["updated_at"] = json!("2026-03-02T12:01:00Z");
    assert_eq!(renamed, (200, expected.clone()));
    for field in ["description", "logo", "phone_number"] {
        expected[field] = Value::Null;
    }
    assert_eq!(cleared, expected);
    assert_eq!(sent_back, expected, "an answer that is sent back changes nothing");
    expected["cuisines"] = json!(["Izgara", "Kebap"]);
    assert_eq!(cuisines, expected);
    assert_eq!(fixture.client().get(&path).await.json(), expected);
}

async fn what_was_deleted_is_seen_by_nobody(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;

    let deleted = meral.client.delete(&path).await.parts();
    let again = meral.client.delete(&path).await.status;

    assert_eq!((deleted.0, &deleted.1["name"], again), (200, &json!("Çıpa Kebap"), 404));
    assert_eq!(meral.client.get(&path).await.status, 404);
    assert_eq!(meral.client.put(&path, json!({ "name": "Yeni" })).await.status, 404);
    assert_eq!(fixture.list("").await, json!([]));
    assert_eq!(meral.client.get("/restaurants/mine").await.json()["items"], json!([]));
    fixture.deliver(meral.address(2)).await.unwrap();
    assert_eq!(meral.client.get(&path).await.status, 404, "its address brings it back");
    let last = fixture.recorded().await.pop().unwrap();
    assert_eq!((last.version, last.catalog), (2, None));
}

async fn the_list_has_the_best_first_and_then_the_newest_page_by_page(fixture: Fixture) {
    let meral = fixture.manager();
    fixture.deliver(meral.address(1)).await.unwrap();
    for number in 0..23 {
        fixture.a_moment_later();
        meral.create(json!({ "name": format!("{number}") })).await;
    }
    let best = "UPDATE restaurant_restaurant SET rating_avg = 475, search_version = 2 WHERE name = '7'";
    database::Connection::execute_unprepared(&fixture.context.database, best).await.unwrap();
    let names = async |query: &str| {
        let list = fixture.list(query).await;
        list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().parse().unwrap()).collect::<Vec<u32>>()
    };

    let newest: Vec<u32> = [7].into_iter().chain((0..23).rev().filter(|number| *number != 7)).collect();
    assert_eq!(names("").await, newest[..20]);
    assert_eq!(names("?page=2").await, newest[20..]);
    assert_eq!(names("?page=2&page_size=10").await, newest[10..20]);
    assert_eq!(names("?limit=3&offset=2").await, newest[2..5]);
    assert_eq!(names("?page=-1&page_size=1000000000&limit=x").await, newest[..20]);
    assert_eq!(names("?page=9").await, [0; 0]);
    let deep = fixture.client().get("/restaurants?page=100000").await.parts();
    assert_eq!((deep.0, &deep.1["errors"][0]["code"]), (422, &json!("TOO_DEEP")));
    assert_eq!(fixture.list("?limit=1").await[0]["rating_avg"], json!(4.75));
}

async fn an_owner_lists_drafts_too(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let elsewhere = fixture.manager().address_id;
    fixture.a_moment_later();
    meral.create(json!({ "name": "Taslak", "address_id": elsewhere })).await;
    fixture.open_restaurant(json!({ "name": "Başkasının" })).await;

    let first = meral.client.get("/restaurants/mine?limit=1").await.json();
    let next = first["next_cursor"].as_str().unwrap();
    let second = meral.client.get(&format!("/restaurants/mine?limit=1&cursor={next}")).await.json();

    assert_eq!(first["items"][0], meral.client.get(&path).await.json());
    assert_eq!(second["items"][0]["name"], "Taslak");
    assert_eq!(second["items"][0]["draft_reason"], "ADDRESS_UNKNOWN");
    assert_eq!(second["next_cursor"], Value::Null);
}

async fn the_same_request_with_its_key_writes_down_one_restaurant(fixture: Fixture) {
    let meral = fixture.manager();
    let ask = |name: &str| {
        Ask::post("/restaurants", meral.restaurant(json!({ "name": name }))).header("idempotency-key", "a-key")
    };

    let first = meral.client.send(ask("Çıpa")).await;
    let again = meral.client.send(ask("Çıpa")).await;
    let other = meral.client.send(ask("Demir")).await;

    assert_eq!((first.status, again.status, other.status), (201, 201, 422));
    assert_eq!(first.json(), again.json());
    assert_eq!(meral.client.get("/restaurants/mine").await.json()["items"].as_array().unwrap().len(), 1);
}

async fn an_owner_has_a_hundred_restaurants_and_no_more(fixture: Fixture) {
    let meral = fixture.manager();
    for _ in 0..99 {
        meral.create(json!({})).await;
    }
    let create = || meral.client.post("/restaurants", meral.restaurant(json!({})));

    let (first, second) = tokio::join!(create(), create());

    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

async fn each_change_is_recorded_whole_in_a_version_of_its_own(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap"], "delivery_radius_m": 3000 })).await;
    meral.client.put(&path, json!({ "name": "Demir Kebap" })).await;
    meral.client.put(&format!("{path}/hours"), json!({ "last_order_min": 30 })).await;
    meral.client.delete(&path).await;

    let events = fixture.recorded().await;

    let recorded: Vec<_> = events
        .iter()
        .map(|event| {
            (event.version, event.catalog.as_ref().map(|catalog| (catalog.name.as_str(), catalog.last_order_min)))
        })
        .collect();
    let (cipa, demir) = ("Çıpa Kebap", "Demir Kebap");
    assert_eq!(recorded, [(1, Some((cipa, 0))), (2, Some((demir, 0))), (3, Some((demir, 30))), (4, None)]);
    let first = serde_json::to_value(&events[0]).unwrap();
    let expected = json!({
        "restaurant_id": path.trim_start_matches("/restaurants/"), "version": 1, "deleted": false,
        "owner_id": meral.id, "name": "Çıpa Kebap", "cuisines": ["Kebap"], "status": "active", "visible": true,
        "time_zone": "Europe/Istanbul", "opening_hours": { "monday": "11:00-23:00", "tuesday": "11:00-23:00" },
        "special_days": [], "closures": [], "paused_until": null, "last_order_min": 0, "prep_time": 25,
        "min_order_kurus": 7500, "delivery_fee_kurus": 990, "answer_within_minutes": 10, "slot_minutes": 15,
        "slot_capacity": null, "free_from_kurus": null, "payment_methods": ["cash", "pos", "credit_card"],
        "delivery_vat_bp": 1000,
        "place": {
            "city": "İstanbul", "district": "Kadıköy", "latitude": 40.9819, "longitude": 29.0256, "radius_m": 3000,
            "area": null,
        },
        "meals": [], "mealtimes": [], "groups": [], "campaigns": [], "changed_at": "2026-03-02T12:00:00Z",
    });
    assert_eq!(first, expected);
}

async fn changes_at_once_on_two_replicas_are_all_recorded_in_their_order(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let elsewhere = elsewhere.manager(meral.id);
    fixture.recorded().await;

    for round in 1..=5 {
        let fee = json!({ "delivery_fee": round });
        let time = json!({ "prep_time_min": round });
        let (one, other, delivered) = tokio::join!(
            meral.client.put(&path, fee),
            elsewhere.put(&path, time),
            fixture.deliver(meral.address(1 + round)),
        );
        assert_eq!((one.status, other.status), (200, 200));
        // As the bus does where another transaction was faster.
        if delivered.is_err() {
            fixture.deliver(meral.address(1 + round)).await.unwrap();
        }
    }

    let events = fixture.recorded().await;
    let versions: Vec<i64> = events.iter().map(|event| event.version).collect();
    assert_eq!(versions, (2..=16).collect::<Vec<_>>());
    let last = events.last().unwrap().catalog.as_ref().unwrap();
    assert_eq!((last.delivery_fee_kurus.kurus(), last.prep_time), (500, 5));
    assert_eq!(fixture.client().get(&path).await.json()["address"]["address"], "Sahil Yolu 6");
}
