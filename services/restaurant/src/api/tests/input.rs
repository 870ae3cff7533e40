//! Bad input of every field: refused by its code and its name, and nothing is stored.

use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    what_must_be_there_is_named_where_it_is_missing,
    each_field_says_what_is_wrong_with_it,
    what_is_just_fine_is_taken,
}

async fn what_must_be_there_is_named_where_it_is_missing(fixture: Fixture) {
    let meral = fixture.manager();

    for body in [json!({}), json!({ "name": null, "address_id": null })] {
        let (status, problem) = meral.client.post("/restaurants", body).await.parts();
        assert_eq!((status, faults(&problem)), (422, vec![("name", "REQUIRED"), ("address_id", "REQUIRED")]));
    }
    for body in [json!([]), json!("Çıpa"), json!(null)] {
        assert_eq!(meral.client.post("/restaurants", body).await.status, 400);
    }
    assert_eq!(meral.client.get("/restaurants/mine").await.json()["items"], json!([]));
}

async fn each_field_says_what_is_wrong_with_it(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let long = |length: usize| Value::from("ş".repeat(length));
    let cases = [
        ("name", long(129), "TOO_LONG"),
        ("name", json!(" "), "EMPTY"),
        ("name", json!("a\0b"), "CONTROL_CHARACTERS"),
        ("name", json!("a\nb"), "CONTROL_CHARACTERS"),
        ("name", json!(7), "WRONG_TYPE"),
        ("description", long(2001), "TOO_LONG"),
        ("description", json!("a\u{202E}b"), "CONTROL_CHARACTERS"),
        ("description", json!(""), "EMPTY"),
        ("logo", json!("javascript:alert(1)"), "PICTURE_URL_INVALID"),
        ("logo", json!("http://example.com/a.png"), "PICTURE_URL_INVALID"),
        ("logo", json!("/a\0.png"), "CONTROL_CHARACTERS"),
        ("phone_number", json!("17"), "PHONE_INVALID"),
        ("email", json!("nobody"), "EMAIL_INVALID"),
        ("prep_time_min", json!(256), "OUT_OF_RANGE"),
        ("prep_time_min", json!(-1), "OUT_OF_RANGE"),
        ("prep_time_min", json!(1.5), "WRONG_TYPE"),
        ("delivery_fee", json!(-0.01), "TOO_SMALL"),
        ("delivery_fee", json!(0.001), "TOO_MANY_DECIMALS"),
        ("delivery_fee", json!(0.1 + 0.2), "TOO_MANY_DECIMALS"),
        ("delivery_fee", json!("9.90"), "WRONG_TYPE"),
        ("min_order", json!(1e300), "TOO_LARGE"),
        ("min_order", json!(u64::MAX), "TOO_LARGE"),
        ("delivery_radius_m", json!(0), "OUT_OF_RANGE"),
        ("delivery_radius_m", json!(30_001), "OUT_OF_RANGE"),
        ("address_id", json!("17"), "ID_INVALID"),
        ("cuisines[1]", json!(["Kebap", ""]), "EMPTY"),
        ("cuisines", Value::from(vec!["x"; 11]), "TOO_MANY"),
        ("cuisines[0]", json!([long(65)]), "TOO_LONG"),
        ("cuisines", json!("Kebap"), "WRONG_TYPE"),
    ];

    for (field, value, code) in cases {
        let (name, _) = field.split_once('[').unwrap_or((field, ""));
        let body = json!({ name: value });
        let (created, of_creation) = meral.client.post("/restaurants", meral.restaurant(body.clone())).await.parts();
        let (changed, of_change) = meral.client.put(&path, body).await.parts();

        assert_eq!((created, faults(&of_creation)), (422, vec![(field, code)]), "{value}");
        assert_eq!((changed, faults(&of_change)), (422, vec![(field, code)]), "{value}");
    }
    let of_owner = meral.restaurant(json!({ "owner_id": "17" }));
    let (status, problem) = meral.client.post("/restaurants", of_owner).await.parts();
    assert_eq!((status, faults(&problem)), (422, vec![("owner_id", "ID_INVALID")]));
    assert_eq!(fixture.recorded().await.len(), 1, "what was refused was stored");
}

async fn what_is_just_fine_is_taken(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let cases = [
        ("name", json!("ş".repeat(128))),
        ("name", json!("🍕")),
        ("description", json!("Bir.\n\nİki.")),
        ("logo", json!("/media/1.svg")),
        ("delivery_fee", json!(0.3)),
        ("delivery_fee", json!(0)),
        ("delivery_radius_m", json!(30_000)),
        ("cuisines", json!(["Balık"])),
    ];

    for (field, value) in cases {
        let (status, restaurant) = meral.client.put(&path, json!({ field: value })).await.parts();
        assert_eq!((status, &restaurant[field]), (200, &value), "{field}");
    }
}
