//! Meals, as a client sees them.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::{Ask, Client};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_meal_is_shown_as_the_first_platform_would_with_what_is_ours_behind,
    a_menu_is_listed_in_its_order_and_one_of_nobody_is_empty,
    a_change_touches_what_it_names_and_null_clears_what_may_be_empty,
    what_was_deleted_is_seen_by_nobody_and_goes_well_with_nothing,
    complements_are_meals_of_the_same_restaurant_that_can_be_had,
    the_same_request_with_its_key_writes_down_one_meal,
    a_menu_has_five_hundred_meals_and_no_more,
    each_change_is_recorded_with_the_whole_menu,
    a_search_hears_of_words_and_of_no_switch,
    meals_of_a_draft_are_its_owners,
}

fn id(path: &str) -> Value {
    path.rsplit('/').next().unwrap().into()
}

async fn names(client: &Client, path: &str) -> Vec<String> {
    let list = client.get(path).await.json();
    list.as_array().unwrap().iter().map(|meal| meal["name"].as_str().unwrap().to_owned()).collect()
}

fn of(path: &str) -> String {
    path.replace("/restaurants/", "/meals/restaurant/")
}

async fn a_meal_is_shown_as_the_first_platform_would_with_what_is_ours_behind(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let pide = meral.create_meal(&path, json!({ "name": "Pide", "price": 0.3 })).await;
    let ours = json!({ "complementary_ids": [id(&pide)], "allergens": ["milk", "gluten"], "contains_pork": false });

    let (status, created) = meral.client.post("/meals", Manager::meal(&path, ours)).await.parts();
    let meal = created["id"].as_str().unwrap();
    let shown = fixture.client().get(&format!("/meals/{meal}")).await;

    let restaurant = id(&path);
    let expected = format!(
        r#"{{"id":"{meal}","restaurant_id":{restaurant},"name":"Adana Kebap","description":"Acılı, közde","is_available":true,"price":240.5,"image_url":"/media/adana.png","cuisine":"Kebap","complementary_ids":[{}],"created_at":"2026-03-02T12:00:00.000000","updated_at":"2026-03-02T12:00:00.000000","category_id":null,"mealtime_id":null,"group_ids":[],"allergens":["gluten","milk"],"contains_alcohol":false,"contains_pork":false,"position":1,"sold_out_until":null,"can_be_ordered":true}}"#,
        id(&pide)
    );
    assert_eq!((status, shown.status, shown.text.as_str()), (201, 200, expected.as_str()));
    assert_eq!(created, shown.json());
    let list = fixture.client().get(&of(&path)).await.text;
    assert!(list.ends_with(&format!(",{expected}]")) && list.contains(r#""price":0.3,"#), "{list}");
}

async fn a_menu_is_listed_in_its_order_and_one_of_nobody_is_empty(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let list = of(&path);
    assert_eq!(fixture.client().get(&list).await.parts(), (200, json!([])));
    for name in ["Lahmacun", "Ayran", "Künefe"] {
        meral.create_meal(&path, json!({ "name": name })).await;
    }
    fixture.a_moment_later();
    meral.create_meal(&path, json!({ "name": "Mercimek", "position": 0 })).await;
    let (kerem, elsewhere) = fixture.open_restaurant(json!({})).await;
    kerem.create_meal(&elsewhere, json!({})).await;

    assert_eq!(names(&fixture.client(), &list).await, ["Lahmacun", "Mercimek", "Ayran", "Künefe"]);
    for nobody in ["/meals/restaurant/17", "/meals/restaurant/018f0000-0000-7000-8000-000000000009"] {
        assert_eq!(fixture.client().get(nobody).await.parts(), (200, json!([])));
    }
    let (status, problem) = fixture.client().get("/meals/17").await.parts();
    assert_eq!(
        (status, &problem["detail"], &problem["code"]),
        (404, &json!("Meal not found"), &json!("MEAL_NOT_FOUND"))
    );
}

async fn a_change_touches_what_it_names_and_null_clears_what_may_be_empty(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let ayran = meral.create_meal(&path, json!({ "name": "Ayran" })).await;
    let ours = json!({ "complementary_ids": [id(&ayran)], "allergens": [], "contains_alcohol": true });
    let meal = meral.create_meal(&path, ours).await;
    let mut expected = fixture.client().get(&meal).await.json();
    fixture.clock.advance(Duration::from_secs(60));

    let renamed = meral.client.put(&meal, json!({ "name": "Urfa Kebap", "price": 99.99 })).await.parts();
    let nulls = json!({
        "name": null, "price": null, "description": null, "image_url": null, "cuisine": null, "allergens": null,
        "complementary_ids": null, "contains_alcohol": null, "position": null,
    });
    let cleared = meral.client.put(&meal, nulls).await.json();
    let sent_back = meral.client.put(&meal, cleared.clone()).await.json();
    let alone = meral.client.put(&meal, json!({ "complementary_ids": [] })).await.json();

    for (field, value) in [("name", json!("Urfa Kebap")), ("price", json!(99.99))] {
        expected[field] = value;
    }
    expected["updated_at"] = json!("2026-03-02T12:01:00.000000");
    assert_eq!(renamed, (200, expected.clone()));
    assert_eq!(expected["allergens"], json!([]), "that there are none is known");
    for field in ["description", "image_url", "cuisine", "allergens"] {
        expected[field] = Value::Null;
    }
    assert_eq!(cleared, expected);
    assert_eq!(sent_back, expected, "an answer that is sent back changes nothing");
    expected["complementary_ids"] = json!([]);
    assert_eq!(alone, expected);
}

async fn what_was_deleted_is_seen_by_nobody_and_goes_well_with_nothing(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let ayran = meral.create_meal(&path, json!({ "name": "Ayran" })).await;
    let meal = meral.create_meal(&path, json!({ "complementary_ids": [id(&ayran)] })).await;

    let deleted = meral.client.delete(&ayran).await.parts();

    assert_eq!((deleted.0, &deleted.1["name"]), (200, &json!("Ayran")));
    assert_eq!(names(&fixture.client(), &of(&path)).await, ["Adana Kebap"]);
    assert_eq!(fixture.client().get(&meal).await.json()["complementary_ids"], json!([]));
    for status in [
        meral.client.get(&ayran).await.status,
        meral.client.put(&ayran, json!({})).await.status,
        meral.client.delete(&ayran).await.status,
        meral.client.patch(&format!("{ayran}/availability"), json!({ "is_available": true })).await.status,
    ] {
        assert_eq!(status, 404);
    }
    let again = json!({ "complementary_ids": [id(&ayran)] });
    assert_eq!(meral.client.put(&meal, again).await.status, 422);
}

async fn complements_are_meals_of_the_same_restaurant_that_can_be_had(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let ayran = meral.create_meal(&path, json!({ "name": "Ayran" })).await;
    let kunefe = meral.create_meal(&path, json!({ "name": "Künefe" })).await;
    let meal = meral.create_meal(&path, json!({ "complementary_ids": [id(&kunefe), id(&ayran)] })).await;
    let complementary = format!("{meal}/complementary");
    let elsewhere = meral.create(json!({})).await;
    let of_another = meral.create_meal(&elsewhere, json!({})).await;

    let both = names(&fixture.client(), &complementary).await;
    meral.client.patch(&format!("{kunefe}/availability"), json!({ "is_available": false })).await;
    let one = names(&fixture.client(), &complementary).await;

    assert_eq!((both, one), (vec!["Künefe".to_owned(), "Ayran".to_owned()], vec!["Ayran".to_owned()]));
    assert_eq!(fixture.client().get(&format!("{ayran}/complementary")).await.parts(), (200, json!([])));
    for wrong in [id(&of_another), id(&meal), json!("018f0000-0000-7000-8000-000000000009")] {
        let (status, problem) = meral.client.put(&meal, json!({ "complementary_ids": [wrong] })).await.parts();
        let fault = kit::testing::faults(&problem);
        assert_eq!((status, fault), (422, vec![("complementary_ids[0]", "NOT_OF_THE_RESTAURANT")]));
    }
}

async fn the_same_request_with_its_key_writes_down_one_meal(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let ask = |name: &str| {
        let meal = Manager::meal(&path, json!({ "name": name }));
        Ask::post("/meals", meal).header("idempotency-key", "a-key")
    };

    let first = meral.client.send(ask("Ayran")).await;
    let again = meral.client.send(ask("Ayran")).await;
    let other = meral.client.send(ask("Künefe")).await;

    assert_eq!((first.status, again.status, other.status), (201, 201, 422));
    assert_eq!(first.json(), again.json());
    assert_eq!(names(&fixture.client(), &of(&path)).await, ["Ayran"]);
}

async fn a_menu_has_five_hundred_meals_and_no_more(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fixture.copy_meal(&meral.create_meal(&path, json!({})).await, 498).await;
    let create = || meral.client.post("/meals", Manager::meal(&path, json!({})));

    let (one, other) = tokio::join!(create(), create());

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(fixture.client().get(&of(&path)).await.json().as_array().unwrap().len(), 500);
    let event = fixture.recorded().await.pop().unwrap();
    assert_eq!(event.catalog.unwrap().menu.meals.len(), 500);
}

async fn each_change_is_recorded_with_the_whole_menu(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let ayran = meral.create_meal(&path, json!({ "name": "Ayran", "price": 35.5 })).await;
    let kebap = meral.create_meal(&path, json!({})).await;
    meral.client.put(&ayran, json!({ "price": 40 })).await;
    meral.client.patch(&format!("{kebap}/availability"), json!({ "is_available": false })).await;
    meral.client.delete(&ayran).await;
    meral.client.put(&path, json!({ "name": "Demir" })).await;

    let events = fixture.recorded().await;

    let recorded: Vec<_> = events
        .iter()
        .map(|event| {
            let meals = &event.catalog.as_ref().unwrap().menu.meals;
            let meals = meals.iter().map(|meal| (meal.name.as_str(), meal.price_kurus.kurus(), meal.is_available));
            (event.version, meals.collect::<Vec<_>>())
        })
        .collect();
    let (ayran, dearer) = (("Ayran", 3550, true), ("Ayran", 4000, true));
    let (kebap, off) = (("Adana Kebap", 24_050, true), ("Adana Kebap", 24_050, false));
    let expected = [
        (1, vec![]),
        (2, vec![ayran]),
        (3, vec![ayran, kebap]),
        (4, vec![dearer, kebap]),
        (5, vec![dearer, off]),
        (6, vec![off]),
        (7, vec![off]),
    ];
    assert_eq!(recorded, expected);
}

async fn a_search_hears_of_words_and_of_no_switch(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let versions = async || fixture.restaurant(&path).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let created = versions().await;
    fixture.clock.advance(Duration::from_secs(60));

    meral.client.patch(&format!("{meal}/availability"), json!({ "is_available": false })).await;
    meral.client.put(&meal, json!({ "price": 99, "name": "Adana Kebap" })).await;
    let unchanged = versions().await;
    meral.client.put(&meal, json!({ "description": "Acısız" })).await;
    let reworded = versions().await;
    meral.client.delete(&meal).await;
    let deleted = versions().await;

    let touched_at = created.touched_at;
    assert_eq!((created.version, created.search_version), (2, 2));
    assert_eq!((unchanged.version, unchanged.search_version, unchanged.touched_at), (4, 2, touched_at));
    assert_eq!((reworded.version, reworded.search_version), (5, 5));
    assert_eq!(reworded.touched_at, touched_at + Duration::from_secs(60));
    assert_eq!((deleted.version, deleted.search_version), (6, 6));
    assert_eq!(deleted.updated_at, created.created_at, "the restaurant itself has not changed");
}

async fn meals_of_a_draft_are_its_owners(fixture: Fixture) {
    let meral = fixture.manager();
    let path = meral.create(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;

    assert_eq!(fixture.client().get(&of(&path)).await.json(), json!([]));
    assert_eq!(fixture.manager().client.get(&meal).await.status, 404);
    assert_eq!(names(&meral.client, &of(&path)).await, ["Adana Kebap"]);
    fixture.deliver(meral.address(1)).await.unwrap();
    assert_eq!(fixture.client().get(&meal).await.status, 200);
    meral.client.delete(&path).await;
    assert_eq!(meral.client.get(&meal).await.status, 404);
    assert_eq!(meral.client.put(&meal, json!({})).await.status, 404);
}
