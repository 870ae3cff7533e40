//! A whole menu, as a client sees it.

use std::time::Duration;

use contracts::Money;
use kit::on_every_database;
use kit::testing::{Answer, Ask, Client};
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_menu_has_everything_in_its_order_and_says_what_can_be_ordered,
    who_has_a_menu_is_not_sent_it_again_until_something_changes,
    a_group_is_shared_by_meals_and_a_change_of_a_meal_leaves_it,
    a_meal_whose_group_can_t_be_met_shows_as_unavailable,
    a_change_on_one_replica_is_seen_by_the_next_read_on_another,
    what_others_hear_prices_what_is_shown,
    a_menu_of_five_hundred_meals_is_sent_whole_and_once,
}

fn id(created: &Value) -> String {
    created["id"].as_str().unwrap().to_owned()
}

async fn created(client: &Client, path: &str, body: Value) -> Value {
    let (status, created) = client.post(path, body).await.parts();
    assert_eq!(status, 201, "{created}");
    created
}

async fn find_unless_seen(client: &Client, path: &str, tag: &str) -> Answer {
    client.send(Ask::get(path).header("if-none-match", tag)).await
}

async fn a_menu_has_everything_in_its_order_and_says_what_can_be_ordered(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let add = async |what: &str, body: Value| created(&meral.client, &format!("{path}/{what}"), body).await;
    let drinks = add("categories", json!({ "name": "İçecekler" })).await;
    fixture.a_moment_later();
    let kebaps = add("categories", json!({ "name": "Kebaplar", "position": 0 })).await;
    let spice = json!({ "name": "Acı", "min": 1, "max": 1, "options": [{ "name": "Acılı" }, { "name": "Közlü", "price": 15.5 }] });
    let spice = add("groups", spice).await;
    let evening = add("mealtimes", json!({ "name": "Akşam", "hours": { "mon": "18:00-02:00" } })).await;
    let noon = add("mealtimes", json!({ "name": "Öğle", "hours": { "mon": "11:00-16:00" } })).await;
    let meals = [
        json!({ "name": "Adana", "category_id": id(&kebaps), "group_ids": [id(&spice)], "mealtime_id": id(&evening) }),
        json!({ "name": "Urfa", "category_id": id(&kebaps), "mealtime_id": id(&noon) }),
        json!({ "name": "Sürpriz" }),
    ];
    for meal in meals {
        meral.create_meal(&path, meal).await;
    }

    let (status, menu) = fixture.client().get(&format!("{path}/menu")).await.parts();

    assert_eq!((status, &menu["version"]), (200, &json!(9)));
    assert_eq!(menu["groups"], json!([spice]));
    assert_eq!(spice["options"][1]["price"], json!(15.5));
    let shown = menu["categories"].as_array().unwrap().iter().map(|category| category["name"].as_str().unwrap());
    assert_eq!(shown.collect::<Vec<_>>(), ["İçecekler", "Kebaplar"], "of equal places the older comes first");
    assert_eq!(menu["categories"][0]["meals"], json!([]));
    let orderable = |meals: &Value| {
        let meals = meals.as_array().unwrap().iter();
        meals
            .map(|meal| (meal["name"].clone(), meal["is_available"].clone(), meal["can_be_ordered"].clone()))
            .collect::<Vec<_>>()
    };
    let (yes, no) = (json!(true), json!(false));
    let expected = [(json!("Adana"), yes.clone(), no), (json!("Urfa"), yes.clone(), yes.clone())];
    assert_eq!(orderable(&menu["categories"][1]["meals"]), expected);
    assert_eq!(orderable(&menu["meals"]), [(json!("Sürpriz"), yes.clone(), yes)]);
    let times = menu["mealtimes"].as_array().unwrap().iter().map(|time| (time["hours"].clone(), time["is_on"].clone()));
    let expected =
        [(json!({ "monday": "18:00-02:00" }), json!(false)), (json!({ "monday": "11:00-16:00" }), json!(true))];
    assert_eq!(times.collect::<Vec<_>>(), expected);
    assert_eq!((&menu["categories"][0]["id"], &menu["mealtimes"][1]["id"]), (&drinks["id"], &noon["id"]));
}

async fn who_has_a_menu_is_not_sent_it_again_until_something_changes(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let evening = json!({ "name": "Akşam", "hours": { "mon": "18:00-02:00" } });
    let evening = created(&meral.client, &format!("{path}/mealtimes"), evening).await;
    let meal = meral.create_meal(&path, json!({ "mealtime_id": id(&evening) })).await;
    let menu = format!("{path}/menu");
    let client = fixture.client();

    let first = client.get(&menu).await;
    let tag = first.header("etag").to_owned();
    let again = find_unless_seen(&client, &menu, &tag).await;
    let of_others = find_unless_seen(&client, &menu, "\"1\", W/\"2\"").await;
    meral
        .client
        .patch(&format!("{meal}/availability"), json!({ "is_available": false, "until": "2026-03-02T16:00:00Z" }))
        .await;
    let switched = find_unless_seen(&client, &menu, &tag).await;
    let tag = switched.header("etag").to_owned();
    fixture.clock.advance(Duration::from_secs(3 * 60 * 60));
    let on = find_unless_seen(&client, &menu, &tag).await;
    let tag_on = on.header("etag").to_owned();
    fixture.clock.advance(Duration::from_secs(60 * 60));
    let back = find_unless_seen(&client, &menu, &tag_on).await;

    assert_eq!((first.status, first.header("cache-control")), (200, "private, no-cache"));
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", first.header("etag")));
    assert_eq!((of_others.status, of_others.text), (200, first.text));
    assert_eq!((switched.status, &switched.json()["meals"][0]["is_available"]), (200, &json!(false)));
    assert_eq!((on.status, &on.json()["mealtimes"][0]["is_on"]), (200, &json!(true)), "its mealtime has begun");
    let meal = &back.json()["meals"][0];
    assert_eq!((back.status, &meal["is_available"], &meal["can_be_ordered"]), (200, &json!(true), &json!(true)));
}

async fn a_group_is_shared_by_meals_and_a_change_of_a_meal_leaves_it(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let group = json!({ "name": "Acı", "min": 1, "max": 1, "options": [{ "name": "Acılı" }] });
    let group = created(&meral.client, &format!("{path}/groups"), group).await;
    let groups = json!({ "group_ids": [id(&group)] });
    let (one, other) = (meral.create_meal(&path, groups.clone()).await, meral.create_meal(&path, groups).await);

    meral.client.put(&one, json!({ "name": "Yeni", "price": 1, "group_ids": null })).await;
    let renamed = meral.client.put(&format!("{path}/groups/{}", id(&group)), json!({ "name": "Baharat" })).await.json();
    let both = [fixture.client().get(&one).await.json(), fixture.client().get(&other).await.json()];
    meral.client.put(&one, json!({ "group_ids": [] })).await;
    let without = fixture.client().get(&one).await.json();
    let kept = fixture.client().get(&other).await.json();

    assert_eq!((&renamed["name"], &renamed["options"]), (&json!("Baharat"), &group["options"]));
    assert_eq!(both.map(|meal| meal["group_ids"].clone()), [json!([id(&group)]), json!([id(&group)])]);
    assert_eq!((&without["group_ids"], &kept["group_ids"]), (&json!([]), &json!([id(&group)])));
    meral.client.delete(&format!("{path}/groups/{}", id(&group))).await;
    assert_eq!(fixture.client().get(&other).await.json()["group_ids"], json!([]));
    let last = fixture.recorded().await.pop().unwrap().catalog.unwrap().menu;
    assert_eq!((last.groups.len(), last.meals.len()), (0, 2));
}

async fn a_meal_whose_group_can_t_be_met_shows_as_unavailable(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let group =
        json!({ "name": "Acı", "min": 2, "options": [{ "name": "Acılı", "max_quantity": 2 }, { "name": "Acısız" }] });
    let group = created(&meral.client, &format!("{path}/groups"), group).await;
    let meal = meral.create_meal(&path, json!({ "group_ids": [id(&group)] })).await;
    let is_available = async || fixture.client().get(&meal).await.json()["is_available"].clone();
    let switch = |place: usize, is_available: bool| {
        let option = id(&group["options"][place]);
        let path = format!("{path}/options/{option}/availability");
        let client = meral.client.clone();
        async move { client.patch(&path, json!({ "is_available": is_available })).await.parts() }
    };

    let before = is_available().await;
    let (status, switched) = switch(0, false).await;
    let unmet = is_available().await;
    switch(0, true).await;
    switch(1, false).await;
    let met = is_available().await;
    let emptied = meral.client.put(&format!("{path}/groups/{}", id(&group)), json!({ "options": [] })).await.status;

    assert_eq!((status, &switched["options"][0]["is_available"]), (200, &json!(false)));
    assert_eq!([before, unmet, met].map(|value| value.as_bool().unwrap()), [true, false, true]);
    assert_eq!((emptied, is_available().await), (422, json!(true)), "what can never be met is refused");
}

async fn a_change_on_one_replica_is_seen_by_the_next_read_on_another(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let meal = meral.create_meal(&path, json!({})).await;

    for price in 1..=20 {
        assert_eq!(elsewhere.get(&meal).await.status, 200);
        meral.client.put(&meal, json!({ "price": price })).await;
        assert_eq!(elsewhere.get(&meal).await.json()["price"], json!(price));
        assert_eq!(elsewhere.get(&format!("{path}/menu")).await.json()["meals"][0]["price"], json!(price));
    }
}

async fn what_others_hear_prices_what_is_shown(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let group = json!({ "name": "Ek", "max": 3, "options": [{ "name": "Peynir", "price": 0.2, "max_quantity": 2 }] });
    let group = created(&meral.client, &format!("{path}/groups"), group).await;
    let meal = meral.create_meal(&path, json!({ "price": 0.1, "group_ids": [id(&group)] })).await;

    let catalog = fixture.recorded().await.pop().unwrap().catalog.unwrap();

    let moment =
        contracts::pricing::Moment { at: fixture.context.now(), time_zone: catalog.time_zone.parse().unwrap() };
    let selection = contracts::pricing::Selection {
        meal_id: meal.trim_start_matches("/meals/").parse().unwrap(),
        options: vec![(id(&group["options"][0]).parse().unwrap(), 1)],
        expected: Some(Money::from_kurus(30).unwrap()),
    };
    let price = catalog.menu.unit_price(&selection, moment).unwrap();
    assert_eq!(serde_json::to_string(&price).unwrap(), "0.3");
}

async fn a_menu_of_five_hundred_meals_is_sent_whole_and_once(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fixture.copy_meal(&meral.create_meal(&path, json!({})).await, 499).await;
    let menu = format!("{path}/menu");
    let client = fixture.client();

    let first = client.get(&menu).await;
    let again = find_unless_seen(&client, &menu, first.header("etag")).await;

    assert_eq!((first.status, first.json()["meals"].as_array().unwrap().len()), (200, 500));
    assert_eq!((again.status, again.text.as_str()), (304, ""));
}
