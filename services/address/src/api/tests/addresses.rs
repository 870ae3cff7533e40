//! Addresses, as clients of the first platform write and read them.

use std::time::Duration;

use contracts::{AddressChanged, EntityType};
use kit::on_every_database;
use kit::testing::{Ask, faults};
use serde_json::{Value, json};

use crate::fixture::{Fixture, home, home_with, id_of};

on_every_database! {
    Fixture:
    an_address_has_the_shape_of_the_first_platform,
    the_requests_of_its_front_end_are_taken_byte_for_byte,
    what_the_first_platform_failed_at_works,
    the_kind_may_stand_in_the_body,
    the_whole_object_is_sent_back_with_what_changed,
    null_clears_what_may_be_empty_and_leaves_the_rest,
    what_changes_nothing_is_no_change,
    a_list_is_ones_own_and_in_the_order_of_writing,
    each_change_is_recorded_whole_with_its_version,
    a_repeated_request_writes_one_address,
    a_list_ends_where_it_ends,
}

async fn an_address_has_the_shape_of_the_first_platform(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.client().user(user_id);

    let (status, created) = ayse.post("/addresses/", home_with(json!({ "something": ["new"] }))).await.parts();
    let shown = ayse.get(&format!("/addresses/{}", created["id"].as_str().unwrap())).await;

    let whole = json!({
        "id": created["id"], "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Caferağa Mah. Moda Caddesi 12, Kadıköy", "zip_code": "34710", "apartment": null, "floor": null,
        "door_number": null, "latitude": null, "longitude": null, "is_default": false,
        "created_at": "2026-03-02T12:00:00.000000", "updated_at": "2026-03-02T12:00:00.000000",
        "entity_type": "USER", "entity_id": user_id,
    });
    assert_eq!((status, &created), (201, &whole));
    assert_eq!(shown.parts(), (200, whole));
    let order =
        ["\"id\"", "\"title\"", "\"zip_code\"", "\"apartment\"", "\"is_default\"", "\"created_at\"", "\"entity_id\""];
    let places = order.map(|name| shown.text.find(name).unwrap());
    assert!(places.is_sorted(), "{}", shown.text);
}

async fn the_requests_of_its_front_end_are_taken_byte_for_byte(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.client().user(user_id);
    let sent = r#"{"title":"Ev","address":"Moda Caddesi 12","city":"İstanbul","district":"Kadıköy","full_address":"Moda Caddesi 12, Kadıköy","zip_code":"34710","is_default":true}"#;

    let created = ayse.send(Ask::post_text("/addresses/", "application/json", sent)).await;

    let id = id_of(&created.json());
    let answered = format!(
        r#"{{"id":"{id}","title":"Ev","address":"Moda Caddesi 12","city":"İstanbul","district":"Kadıköy","full_address":"Moda Caddesi 12, Kadıköy","zip_code":"34710","apartment":null,"floor":null,"door_number":null,"latitude":null,"longitude":null,"is_default":true,"created_at":"2026-03-02T12:00:00.000000","updated_at":"2026-03-02T12:00:00.000000","entity_type":"USER","entity_id":"{user_id}"}}"#
    );
    assert_eq!((created.status, &created.text), (201, &answered));
    assert_eq!(ayse.get("/addresses/").await.text, format!("[{answered}]"));
    assert_eq!(ayse.get(&format!("/addresses/{id}")).await.text, answered);
    // Its form sends back the whole object that it was shown.
    let [sent, answered] = [&answered, &answered].map(|text| text.replace("Moda Caddesi 12", "Moda Caddesi 14"));
    let changed = ayse.send(Ask::put_text(&format!("/addresses/{id}"), "application/json", &sent)).await;
    assert_eq!((changed.status, &changed.text), (200, &answered));
    assert_eq!(ayse.delete(&format!("/addresses/{id}")).await.text, answered);
}

async fn what_the_first_platform_failed_at_works(fixture: Fixture) {
    let someone = fixture.client();
    let meral = someone.manager(fixture.new_user());
    let of_restaurants = "/addresses?entity_type=RESTAURANT";

    let anonymous = someone.post("/addresses/", home()).await;
    let created = meral.post(of_restaurants, home()).await;
    let path = format!("/addresses/{}", id_of(&created.json()));
    let listed = meral.get(of_restaurants).await.parts();
    let shown = someone.get(&format!("{path}?entity_type=RESTAURANT")).await.parts();
    let with_null = meral.put(&path, json!({ "title": null })).await.parts();

    assert_eq!((anonymous.status, anonymous.json()["detail"].is_string()), (401, true), "{}", anonymous.text);
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(listed, (200, json!([created.json()])));
    assert_eq!((&shown, &with_null), (&(200, created.json()), &(200, created.json())));
}

async fn the_kind_may_stand_in_the_body(fixture: Fixture) {
    let meral = fixture.client().manager(fixture.new_user());
    let kind = |word: Value| home_with(json!({ "entity_type": word }));
    let create = async |path: &str, word: Value| meral.post(path, kind(word)).await.parts();
    let (of_restaurants, of_homes) = ("/addresses?entity_type=RESTAURANT", "/addresses?entity_type=USER");

    for (path, word, expected) in [
        ("/addresses", json!("RESTAURANT"), "RESTAURANT"),
        ("/addresses", json!("USER"), "USER"),
        ("/addresses", Value::Null, "USER"),
        (of_restaurants, json!("RESTAURANT"), "RESTAURANT"),
        (of_restaurants, Value::Null, "RESTAURANT"),
    ] {
        let (status, created) = create(path, word.clone()).await;
        assert_eq!((status, &created["entity_type"]), (201, &json!(expected)), "{path} {word}");
    }
    for (path, word, code) in [
        ("/addresses", json!("COURIER"), "ENTITY_TYPE_UNKNOWN"),
        ("/addresses", json!(7), "WRONG_TYPE"),
        (of_restaurants, json!("USER"), "ENTITY_TYPE_DIFFERS"),
        (of_homes, json!("RESTAURANT"), "ENTITY_TYPE_DIFFERS"),
    ] {
        let (status, problem) = create(path, word.clone()).await;
        assert_eq!((status, faults(&problem)), (422, vec![("entity_type", code)]), "{path} {word}");
    }
    let ayse = fixture.client().user(fixture.new_user());
    assert_eq!(ayse.post("/addresses", kind(json!("RESTAURANT"))).await.status, 403);
}

async fn the_whole_object_is_sent_back_with_what_changed(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    let mut whole = ayse.get(&path).await.json();
    whole["city"] = "Ankara".into();
    fixture.clock.advance(Duration::from_micros(1_500_001));

    let changed = ayse.put(&path, whole.clone()).await.parts();

    whole["updated_at"] = "2026-03-02T12:00:01.500001".into();
    assert_eq!(changed, (200, whole.clone()));
    assert_eq!(ayse.get(&path).await.json(), whole);
}

async fn null_clears_what_may_be_empty_and_leaves_the_rest(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    let given = json!({
        "apartment": "Deniz", "floor": "3", "door_number": "7", "latitude": 40.9819, "longitude": 29.0256,
        "is_default": true,
    });
    let nulls: Value = home().as_object().unwrap().keys().map(|name| (name.clone(), Value::Null)).collect();

    let filled = ayse.put(&path, given.clone()).await.json();
    let kept = ayse.put(&path, nulls).await.json();
    let cleared = ayse.put(&path, json!({ "apartment": null, "floor": null, "latitude": null })).await.json();

    for (name, value) in given.as_object().unwrap() {
        assert_eq!((&filled[name], &kept[name]), (value, value), "{name}");
    }
    assert_eq!(kept["title"], "Ev");
    for name in ["apartment", "floor", "latitude", "longitude"] {
        assert_eq!(cleared[name], Value::Null, "{name}");
    }
    assert_eq!(cleared["door_number"], "7");
}

async fn what_changes_nothing_is_no_change(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    let before = ayse.get(&path).await.json();
    fixture.recorded().await;
    fixture.clock.advance(Duration::from_secs(60));

    let after = ayse.put(&path, before.clone()).await.parts();

    assert_eq!(after, (200, before));
    assert!(fixture.recorded().await.is_empty());
}

async fn a_list_is_ones_own_and_in_the_order_of_writing(fixture: Fixture) {
    let (ayse, ali) = (fixture.client().user(fixture.new_user()), fixture.client().user(fixture.new_user()));
    for title in ["Ev", "İş", "Yazlık"] {
        fixture.a_moment_later();
        ayse.post("/addresses", home_with(json!({ "title": title }))).await;
        ali.post("/addresses", home()).await;
    }

    let list = ayse.get("/addresses").await.json();
    let empty = fixture.client().user(fixture.new_user()).get("/addresses/").await.parts();

    let titles: Vec<_> = list.as_array().unwrap().iter().map(|address| address["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Ev", "İş", "Yazlık"]);
    assert_eq!(empty, (200, json!([])));
}

async fn each_change_is_recorded_whole_with_its_version(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.client().user(user_id);
    let id = id_of(&ayse.post("/addresses", home_with(json!({ "is_default": true }))).await.json());
    ayse.put(&format!("/addresses/{id}"), json!({ "title": "Yuva", "latitude": 41, "longitude": 29 })).await;
    let other = id_of(&ayse.post("/addresses", home_with(json!({ "is_default": true }))).await.json());
    ayse.delete(&format!("/addresses/{id}")).await;

    let recorded = fixture.recorded().await;

    let of = |event: &AddressChanged| {
        let said = event.address.as_ref().map(|address| (address.title.clone(), address.is_default));
        (event.id, event.version, said)
    };
    let said = |title: &str, is_default| Some((title.to_owned(), is_default));
    let expected = [
        (id, 1, said("Ev", true)),
        (id, 2, said("Yuva", true)),
        (id, 3, said("Yuva", false)),
        (other, 1, said("Ev", true)),
        (id, 4, None),
    ];
    assert_eq!(recorded.iter().map(of).collect::<Vec<_>>(), expected);
    for event in &recorded {
        assert_eq!((event.entity_type, event.entity_id.0, event.created_by), (EntityType::User, user_id.0, user_id));
    }
    assert_eq!(recorded[1].address.as_ref().unwrap().latitude, Some(41.0));
}

async fn a_repeated_request_writes_one_address(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());
    let ask = |body| Ask::post("/addresses", body).header("idempotency-key", "attempt-1");

    let first = ayse.send(ask(home())).await;
    let again = ayse.send(ask(home())).await;
    let other = ayse.send(ask(home_with(json!({ "title": "İş" })))).await;

    assert_eq!(first.parts(), again.parts());
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!((other.status, other.code().as_str()), (422, "IDEMPOTENCY_KEY_REUSED"));
    assert_eq!(ayse.get("/addresses").await.json().as_array().unwrap().len(), 1);
}

async fn a_list_ends_where_it_ends(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());
    for _ in 0..100 {
        assert_eq!(ayse.post("/addresses", home()).await.status, 201);
    }

    let refused = ayse.post("/addresses", home()).await;
    let id = id_of(&ayse.get("/addresses").await.json()[0]);
    ayse.delete(&format!("/addresses/{id}")).await;

    assert_eq!((refused.status, refused.code().as_str()), (409, "TOO_MANY_ADDRESSES"));
    assert_eq!(ayse.post("/addresses", home()).await.status, 201);
}
