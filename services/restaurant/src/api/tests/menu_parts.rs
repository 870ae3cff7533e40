//! Categories, groups and mealtimes, as a client sees them.

use kit::on_every_database;
use kit::testing::{Ask, faults};
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    each_part_is_written_changed_and_deleted,
    a_category_leaves_its_meals_and_a_mealtime_that_is_in_use_stays,
    options_keep_their_ids_and_those_of_others_are_refused,
    a_part_of_another_restaurant_is_not_there,
    the_same_request_with_its_key_writes_down_one,
    a_menu_has_an_end,
    a_menu_that_others_could_not_be_sent_is_refused,
    what_is_wrong_with_a_part_is_named,
    a_group_has_as_many_options_as_must_be_chosen,
    parts_are_recorded_for_those_who_price,
}

/// What is sent to each route, and another field that changes.
fn parts() -> [(&'static str, Value, Value); 3] {
    [
        ("categories", json!({ "name": "Kebaplar" }), json!({ "position": 7 })),
        (
            "mealtimes",
            json!({ "name": "Akşam", "hours": { "mon": "18:00-02:00" } }),
            json!({ "hours": { "tue": "18:00-02:00" } }),
        ),
        ("groups", json!({ "name": "Acı", "options": [{ "name": "Acılı" }] }), json!({ "max": 2 })),
    ]
}

async fn each_part_is_written_changed_and_deleted(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;

    for (what, body, change) in parts() {
        let list = format!("{path}/{what}");
        let (status, created) = meral.client.post(&list, body).await.parts();
        let one = format!("{list}/{}", created["id"].as_str().unwrap());
        let listed = fixture.client().get(&list).await.json();
        let renamed = meral.client.put(&one, json!({ "name": "Yeni" })).await.json();
        let changed = meral.client.put(&one, change.clone()).await.json();
        let nulls = json!({ "name": null, "hours": null, "options": null, "position": null });
        let untouched = meral.client.put(&one, nulls).await.json();
        let deleted = meral.client.delete(&one).await.parts();
        let gone = meral.client.delete(&one).await.status;

        assert_eq!((status, &listed), (201, &json!([created])), "{what}");
        let mut expected = created.clone();
        expected["name"] = json!("Yeni");
        assert_eq!(renamed, expected);
        assert_ne!(changed, renamed);
        assert_eq!((&untouched, deleted, gone), (&changed, (200, changed.clone()), 404));
        assert_eq!(fixture.client().get(&list).await.json(), json!([]));
    }
    let versions: Vec<i64> = fixture.recorded().await.iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..=13).collect::<Vec<_>>());
}

async fn a_category_leaves_its_meals_and_a_mealtime_that_is_in_use_stays(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let [(_, category, _), (_, mealtime, _), _] = parts();
    let category = meral.client.post(&format!("{path}/categories"), category).await.json();
    let mealtime = meral.client.post(&format!("{path}/mealtimes"), mealtime).await.json();
    let meal = meral.create_meal(&path, json!({ "category_id": category["id"], "mealtime_id": mealtime["id"] })).await;
    let mealtime = format!("{path}/mealtimes/{}", mealtime["id"].as_str().unwrap());

    let left = meral.client.delete(&format!("{path}/categories/{}", category["id"].as_str().unwrap())).await.status;
    let in_use = meral.client.delete(&mealtime).await;
    let shown = fixture.client().get(&meal).await.json();
    meral.client.put(&meal, json!({ "mealtime_id": null })).await;
    let unused = meral.client.delete(&mealtime).await.status;

    assert_eq!((left, in_use.status, in_use.code().as_str(), unused), (200, 409, "MEALTIME_IN_USE", 200));
    assert_eq!(shown["category_id"], Value::Null);
}

async fn options_keep_their_ids_and_those_of_others_are_refused(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let groups = format!("{path}/groups");
    let two = json!({ "name": "Acı", "options": [{ "name": "Acılı" }, { "name": "Acısız", "is_available": false }] });
    let group = meral.client.post(&groups, two.clone()).await.json();
    let other = meral.client.post(&groups, two).await.json();
    let one = format!("{groups}/{}", group["id"].as_str().unwrap());
    let ids = |group: &Value| [0, 1].map(|place| group["options"][place]["id"].clone());

    let turned = json!({ "options": [{ "id": ids(&group)[1], "name": "Hafif" }, { "name": "Orta", "price": 5 }] });
    let turned = meral.client.put(&one, turned).await.json();
    let theirs = json!({ "options": [{ "id": ids(&other)[0], "name": "Çalıntı" }] });
    let (status, problem) = meral.client.put(&one, theirs).await.parts();
    let gone = json!({ "options": [{ "id": ids(&group)[0], "name": "Geri" }] });
    let gone = meral.client.put(&one, gone).await.status;

    assert_eq!(ids(&turned)[0], ids(&group)[1]);
    assert!(!ids(&group).contains(&ids(&turned)[1]));
    assert_eq!((&turned["options"][0]["name"], &turned["options"][1]["price"]), (&json!("Hafif"), &json!(5)));
    assert_eq!((status, faults(&problem), gone), (422, vec![("options[0].id", "NOT_OF_THE_RESTAURANT")], 422));
    assert_eq!(fixture.client().get(&groups).await.json(), json!([turned, other]));
}

async fn a_part_of_another_restaurant_is_not_there(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let elsewhere = meral.create(json!({})).await;

    for (what, body, change) in parts() {
        let created = meral.client.post(&format!("{path}/{what}"), body).await.json();
        let wrong = format!("{elsewhere}/{what}/{}", created["id"].as_str().unwrap());

        assert_eq!(meral.client.put(&wrong, change).await.status, 404, "{what}");
        assert_eq!(meral.client.delete(&wrong).await.status, 404, "{what}");
        let field = match what {
            "categories" => json!({ "category_id": created["id"] }),
            "mealtimes" => json!({ "mealtime_id": created["id"] }),
            _ => json!({ "group_ids": [created["id"]] }),
        };
        let (status, problem) =
            meral.client.post("/meals", crate::fixture::Manager::meal(&elsewhere, field)).await.parts();
        assert_eq!((status, faults(&problem)[0].1), (422, "NOT_OF_THE_RESTAURANT"), "{what}");
    }
}

async fn the_same_request_with_its_key_writes_down_one(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;

    for (what, body, _) in parts() {
        let list = format!("{path}/{what}");
        let ask = || Ask::post(&list, body.clone()).header("idempotency-key", "a-key");
        let (first, again) = (meral.client.send(ask()).await, meral.client.send(ask()).await);

        assert_eq!((first.status, again.status, first.json()), (201, 201, again.json()), "{what}");
        assert_eq!(fixture.client().get(&list).await.json().as_array().unwrap().len(), 1);
    }
}

async fn a_menu_has_an_end(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;

    for (what, most, code) in [("categories", 100, "TOO_MANY_CATEGORIES"), ("mealtimes", 20, "TOO_MANY_MEALTIMES")] {
        let body = parts().into_iter().find(|(name, ..)| *name == what).unwrap().1;
        for _ in 0..most {
            assert_eq!(meral.client.post(&format!("{path}/{what}"), body.clone()).await.status, 201);
        }
        let refused = meral.client.post(&format!("{path}/{what}"), body).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, code));
    }
    let many = json!({ "name": "Acı", "options": vec![json!({ "name": "x" }); 30] });
    for _ in 0..66 {
        assert_eq!(meral.client.post(&format!("{path}/groups"), many.clone()).await.status, 201);
    }
    let (over, fitting) = (many, json!({ "name": "Acı", "options": vec![json!({ "name": "x" }); 20] }));
    let refused = meral.client.post(&format!("{path}/groups"), over).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "TOO_MANY_OPTIONS"));
    assert_eq!(meral.client.post(&format!("{path}/groups"), fitting).await.status, 201);
    for _ in 67..100 {
        assert_eq!(meral.client.post(&format!("{path}/groups"), json!({ "name": "Boş" })).await.status, 201);
    }
    let refused = meral.client.post(&format!("{path}/groups"), json!({ "name": "Boş" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "TOO_MANY_OPTION_GROUPS"));
}

async fn a_menu_that_others_could_not_be_sent_is_refused(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let list = format!("{path}/groups");
    let group = |letter: &str| {
        let options = vec![json!({ "name": letter.repeat(128) }); 30];
        json!({ "name": "Sos", "options": options })
    };
    let version = async || fixture.restaurant(&path).await.version;
    let (mut groups, mut recorded) = (Vec::new(), version().await);
    let refused = loop {
        let (status, answer) = meral.client.post(&list, group("🌶")).await.parts();
        if status != 201 {
            break (status, answer["code"].clone());
        }
        groups.push(format!("{list}/{}", answer["id"].as_str().unwrap()));
        recorded += 1;
    };

    let grown = meral.client.put(&groups[0], json!({ "name": "Acı", "options": [{ "name": "Acılı" }] })).await.status;
    let grown_again = meral.client.put(&groups[0], group("🌶")).await.status;
    let full = meral.client.post(&list, group("🌶")).await.status;
    let deleted = meral.client.delete(&groups[0]).await.status;
    let room = meral.client.post(&list, group("🌶")).await.status;

    assert_eq!((refused, groups.len()), ((409, json!("MENU_TOO_LARGE")), 28));
    assert_eq!((grown, grown_again, full, deleted, room), (200, 200, 409, 200, 201));
    assert_eq!(version().await, recorded + 4, "what was refused is no version");
    let largest = fixture.recorded().await.into_iter().map(|event| serde_json::to_vec(&event).unwrap().len()).max();
    assert!(largest.is_some_and(|bytes| (500_000..700_000).contains(&bytes)), "{largest:?}");
}

async fn what_is_wrong_with_a_part_is_named(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let long = "ş".repeat(129);
    let fine = json!({ "name": "x" });
    let priced = |price: f64| json!({ "name": "x", "price": price });
    let cases = [
        ("categories", json!({ "name": long }), "name", "TOO_LONG"),
        ("categories", json!({ "name": "" }), "name", "EMPTY"),
        ("categories", json!({ "position": -1 }), "position", "OUT_OF_RANGE"),
        ("mealtimes", json!({ "name": "a\0" }), "name", "CONTROL_CHARACTERS"),
        ("mealtimes", json!({ "hours": {} }), "hours", "EMPTY"),
        ("mealtimes", json!({ "hours": { "mon": "closed" } }), "hours", "EMPTY"),
        ("mealtimes", json!({ "hours": { "someday": "10:00-11:00" } }), "hours.someday", "OPENING_HOURS_INVALID"),
        ("mealtimes", json!({ "hours": "10:00-11:00" }), "hours", "WRONG_TYPE"),
        ("groups", json!({ "name": 7 }), "name", "WRONG_TYPE"),
        ("groups", json!({ "min": -1 }), "min", "OUT_OF_RANGE"),
        ("groups", json!({ "max": 100 }), "max", "OUT_OF_RANGE"),
        ("groups", json!({ "min": 2, "max": 1 }), "max", "MAX_BELOW_MIN"),
        ("groups", json!({ "min": 99 }), "min", "MIN_ABOVE_OPTIONS"),
        ("groups", json!({ "options": [{ "name": "" }] }), "options[0].name", "EMPTY"),
        ("groups", json!({ "options": [fine, fine, priced(0.1 + 0.2)] }), "options[2].price", "TOO_MANY_DECIMALS"),
        ("groups", json!({ "options": [fine, priced(-1.0)] }), "options[1].price", "TOO_SMALL"),
        (
            "groups",
            json!({ "options": [{ "name": "x", "max_quantity": 100 }] }),
            "options[0].max_quantity",
            "OUT_OF_RANGE",
        ),
        ("groups", json!({ "options": [fine, "Acılı"] }), "options[1]", "WRONG_TYPE"),
        ("groups", json!({ "options": vec![json!({ "name": "x" }); 31] }), "options", "TOO_MANY"),
        ("groups", json!({ "options": [{}] }), "options[0].name", "REQUIRED"),
    ];
    let mut one = Vec::new();
    for (what, body, _) in parts() {
        let created = meral.client.post(&format!("{path}/{what}"), body).await.json();
        one.push((what, format!("{path}/{what}/{}", created["id"].as_str().unwrap())));
    }

    for (what, wrong, field, code) in cases {
        let fine = parts().into_iter().find(|(name, ..)| *name == what).unwrap().1;
        let body = kit::testing::changed(fine, wrong.clone());
        let (created, of_creation) = meral.client.post(&format!("{path}/{what}"), body).await.parts();
        let path = &one.iter().find(|(name, _)| *name == what).unwrap().1;
        let (changed, of_change) = meral.client.put(path, wrong.clone()).await.parts();

        assert_eq!((created, faults(&of_creation)), (422, vec![(field, code)]), "{wrong}");
        assert_eq!((changed, faults(&of_change)), (422, vec![(field, code)]), "{wrong}");
    }
    for (what, missing) in
        [("categories", vec!["name"]), ("mealtimes", vec!["name", "hours"]), ("groups", vec!["name"])]
    {
        let (status, problem) = meral.client.post(&format!("{path}/{what}"), json!({})).await.parts();
        let expected: Vec<_> = missing.into_iter().map(|field| (field, "REQUIRED")).collect();
        assert_eq!((status, faults(&problem)), (422, expected));
    }
    assert_eq!(fixture.recorded().await.len(), 4, "what was refused was stored");
}

async fn a_group_has_as_many_options_as_must_be_chosen(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let options = json!([{ "name": "Acılı", "max_quantity": 2 }, { "name": "Acısız", "is_available": false }]);
    let fine = json!({ "name": "Acı", "min": 3, "options": options });
    let group = meral.client.post(&format!("{path}/groups"), fine).await.json();
    let group = format!("{path}/groups/{}", group["id"].as_str().unwrap());
    let cases = [
        (json!({ "min": 4 }), "min"),
        (json!({ "options": [{ "name": "Acılı", "max_quantity": 2 }] }), "options"),
        (json!({ "min": 2, "options": [{ "name": "Acılı" }] }), "min"),
    ];

    for (body, field) in cases {
        let (status, problem) = meral.client.put(&group, body.clone()).await.parts();
        assert_eq!((status, faults(&problem)), (422, vec![(field, "MIN_ABOVE_OPTIONS")]), "{body}");
    }
    assert_eq!(meral.client.put(&group, json!({ "name": "Sos" })).await.status, 200);
    assert_eq!(meral.client.put(&group, json!({ "min": 1, "options": [{ "name": "Acılı" }] })).await.status, 200);
}

async fn parts_are_recorded_for_those_who_price(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let [_, (_, mealtime, _), _] = parts();
    let group = json!({ "name": "Acı", "min": 1, "options": [{ "name": "Acılı", "price": 15.5, "max_quantity": 2 }] });
    let mealtime = meral.client.post(&format!("{path}/mealtimes"), mealtime).await.json();
    let group = meral.client.post(&format!("{path}/groups"), group).await.json();
    let ours = json!({ "mealtime_id": mealtime["id"], "group_ids": [group["id"]] });
    let meal = meral.create_meal(&path, ours).await;

    let event = serde_json::to_value(fixture.recorded().await.pop().unwrap()).unwrap();

    let option = json!({
        "id": group["options"][0]["id"], "name": "Acılı", "price_kurus": 1550, "max_quantity": 2, "is_available": true,
    });
    let expected = json!({
        "meals": [{
            "id": meal.trim_start_matches("/meals/"), "name": "Adana Kebap", "price_kurus": 24_050, "is_available": true,
            "sold_out_until": null, "mealtime_id": mealtime["id"], "group_ids": [group["id"]], "vat_bp": 1_000,
        }],
        "mealtimes": [{ "id": mealtime["id"], "name": "Akşam", "hours": { "monday": "18:00-02:00" } }],
        "groups": [{ "id": group["id"], "name": "Acı", "min": 1, "max": null, "options": [option] }],
    });
    for field in ["meals", "mealtimes", "groups"] {
        assert_eq!(event[field], expected[field], "{field}");
    }
}
