//! The polygon within which a restaurant delivers, and what becomes of it when the restaurant moves.

use contracts::AddressChanged;
use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    an_area_is_shown_and_recorded_as_it_was_drawn,
    what_is_wrong_with_an_area_is_named_and_nothing_is_stored,
    an_area_that_came_before_its_address_makes_a_draft_where_it_does_not_fit,
    a_restaurant_that_is_moved_out_of_its_area_is_a_draft_until_a_new_one_is_drawn,
    without_coordinates_an_area_is_taken_as_it_is,
}

/// A square around this point, so many degrees from its middle to each side.
fn square([longitude, latitude]: [f64; 2], reach: f64) -> Value {
    let (west, east, south, north) = (longitude - reach, longitude + reach, latitude - reach, latitude + reach);
    let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    json!({ "type": "Polygon", "coordinates": [ring.map(|point| point.map(|degrees| (degrees * 1e7).round() / 1e7))] })
}

/// Around the address of every [`Manager`].
fn around() -> Value {
    square([29.0256, 40.9819], 0.05)
}

fn elsewhere() -> Value {
    square([29.3, 40.9], 0.05)
}

fn at(manager: &Manager, version: i64, place: Option<[f64; 2]>) -> AddressChanged {
    let mut event = manager.address(version);
    let details = event.address.as_mut().unwrap();
    (details.longitude, details.latitude) = (place.map(|place| place[0]), place.map(|place| place[1]));
    event
}

async fn an_area_is_shown_and_recorded_as_it_was_drawn(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "delivery_area": around() })).await;

    let shown = fixture.client().get(&path).await.json();
    let sent_back = meral.client.put(&path, shown.clone()).await.json();
    let smaller = meral.client.put(&path, json!({ "delivery_area": square([29.0256, 40.9819], 0.01) })).await.json();
    let cleared = meral.client.put(&path, json!({ "delivery_area": null })).await.json();

    assert_eq!((&shown["delivery_area"], &sent_back["delivery_area"]), (&around(), &around()));
    assert_eq!(smaller["delivery_area"], square([29.0256, 40.9819], 0.01));
    assert_eq!((&cleared["delivery_area"], cleared.get("draft_reason")), (&Value::Null, None));
    let areas: Vec<_> =
        fixture.recorded().await.into_iter().map(|event| json!(event.catalog.unwrap().place.unwrap().area)).collect();
    let ring = |polygon: Value| polygon["coordinates"][0].clone();
    let smaller = ring(square([29.0256, 40.9819], 0.01));
    assert_eq!(areas, [ring(around()), smaller, Value::Null], "what is sent back is no change");
}

async fn what_is_wrong_with_an_area_is_named_and_nothing_is_stored(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let of = |ring: Value| json!({ "type": "Polygon", "coordinates": [ring] });
    let far = json!([[28.9, 40.9], [29.9, 40.9], [29.1, 41.1], [28.9, 41.1], [28.9, 40.9]]);
    let swapped = json!([[40.9, 28.9], [40.9, 29.1], [41.1, 29.1], [41.1, 28.9], [40.9, 28.9]]);
    let cases = [
        (json!("POLYGON"), "AREA_NOT_A_POLYGON"),
        (json!({ "type": "MultiPolygon", "coordinates": [[]] }), "AREA_NOT_A_POLYGON"),
        (of(json!([[28.9, 40.9], [29.1, 40.9], [29.1, 41.1]])), "AREA_POINTS"),
        (of(json!(vec![[29.0, 40.9]; 100_000])), "AREA_POINTS"),
        (of(json!([[28.9, 40.9], [29.1, 40.9], [29.1, 41.1], [28.9, 41.1]])), "AREA_OPEN"),
        (of(swapped), "AREA_SWAPPED"),
        (of(json!([[28.9, 40.9], [1e300, 40.9], [29.1, 41.1], [28.9, 40.9]])), "AREA_POINT_INVALID"),
        (of(json!([[28.9, 40.9], [29.1, 41.1], [29.1, 40.9], [28.9, 41.1], [28.9, 40.9]])), "AREA_CROSSES_ITSELF"),
        (of(far), "AREA_TOO_FAR"),
        (elsewhere(), "AREA_WITHOUT_RESTAURANT"),
    ];
    fixture.recorded().await;

    for (area, code) in cases {
        let field = match code {
            "AREA_SWAPPED" => "delivery_area.coordinates[0][0]",
            "AREA_POINT_INVALID" | "AREA_TOO_FAR" => "delivery_area.coordinates[0][1]",
            _ => "delivery_area",
        };
        let body = json!({ "delivery_area": area });
        let (status, answer) = meral.client.put(&path, body.clone()).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![(field, code)]), "{code}");
        let (status, answer) = meral.client.post("/restaurants", meral.restaurant(body)).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![(field, code)]), "{code}");
    }
    assert_eq!(fixture.recorded().await, []);
    assert_eq!(fixture.client().get(&path).await.json()["delivery_area"], Value::Null);
}

async fn an_area_that_came_before_its_address_makes_a_draft_where_it_does_not_fit(fixture: Fixture) {
    let meral = fixture.manager();
    let fits = meral.create(json!({ "delivery_area": around() })).await;
    let misses = meral.create(json!({ "delivery_area": elsewhere() })).await;

    fixture.deliver(meral.address(1)).await.unwrap();
    let seen = [fixture.client().get(&fits).await.status, fixture.client().get(&misses).await.status];
    let draft = meral.client.get(&misses).await.json();
    let mended = meral.client.put(&misses, json!({ "delivery_area": around() })).await.json();

    assert_eq!((seen, &draft["draft_reason"]), ([200, 404], &json!("DELIVERY_AREA_ELSEWHERE")));
    assert_eq!(mended.get("draft_reason"), None);
    assert_eq!(fixture.client().get(&misses).await.status, 200);
}

async fn a_restaurant_that_is_moved_out_of_its_area_is_a_draft_until_a_new_one_is_drawn(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "delivery_area": around() })).await;
    let reason = async || meral.client.get(&path).await.json()["draft_reason"].clone();
    let other = Manager { address_id: fixture.manager().address_id, ..fixture.manager() };
    fixture.deliver(AddressChanged { created_by: meral.id, ..at(&other, 1, Some([29.3, 40.9])) }).await.unwrap();

    fixture.deliver(at(&meral, 2, Some([29.03, 40.98]))).await.unwrap();
    assert_eq!(reason().await, Value::Null, "a few streets on");
    fixture.deliver(at(&meral, 3, Some([29.3, 40.9]))).await.unwrap();
    assert_eq!(reason().await, "DELIVERY_AREA_ELSEWHERE");
    assert!(!fixture.recorded().await.pop().unwrap().catalog.unwrap().visible);
    assert_eq!(meral.client.put(&path, json!({ "name": "Demir" })).await.status, 200, "the rest can be changed");
    fixture.deliver(at(&meral, 4, Some([29.0256, 40.9819]))).await.unwrap();
    assert_eq!(reason().await, Value::Null, "it is back");

    let moved = json!({ "address_id": other.address_id });
    let (status, refused) = meral.client.put(&path, moved.clone()).await.parts();
    assert_eq!((status, faults(&refused)), (422, vec![("delivery_area", "AREA_WITHOUT_RESTAURANT")]));
    let with_area = json!({ "address_id": other.address_id, "delivery_area": elsewhere() });
    assert_eq!(meral.client.put(&path, with_area).await.json().get("draft_reason"), None);
    assert_eq!(fixture.client().get(&path).await.json()["delivery_area"], elsewhere());
}

async fn without_coordinates_an_area_is_taken_as_it_is(fixture: Fixture) {
    let meral = fixture.manager();
    fixture.deliver(at(&meral, 1, None)).await.unwrap();

    let path = meral.create(json!({ "delivery_area": elsewhere() })).await;

    let shown = fixture.client().get(&path).await.parts();
    assert_eq!((shown.0, &shown.1["delivery_area"]), (200, &elsewhere()));
}
