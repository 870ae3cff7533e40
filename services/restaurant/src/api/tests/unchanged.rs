//! What is sent as it is changes nothing: no version, no event.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::changed;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};
use crate::store;

on_every_database! {
    Fixture:
    what_is_sent_back_as_it_was_read_is_recorded_by_nobody,
    what_differs_in_one_word_is_recorded,
    what_was_deleted_leaves_a_short_row,
}

/// Everything of a restaurant that can be changed: where, and how it reads. A switch is read in its own words.
async fn all(meral: &Manager, path: &str) -> Vec<(String, Value)> {
    let post = async |path: String, body: Value| {
        let (status, created) = meral.client.post(&path, body).await.parts();
        assert_eq!(status, 201, "{created}");
        (created["id"].clone(), created)
    };
    let (category, category_body) = post(format!("{path}/categories"), json!({ "name": "Kebaplar" })).await;
    let evening = json!({ "name": "Akşam", "hours": { "monday": "18:00-02:00" } });
    let (mealtime, mealtime_body) = post(format!("{path}/mealtimes"), evening).await;
    let spice =
        json!({ "name": "Acı", "max": 1, "options": [{ "name": "Acılı" }, { "name": "Az acılı", "price": 5 }] });
    let (group, group_body) = post(format!("{path}/groups"), spice).await;
    let ayran = meral.create_meal(path, json!({ "name": "Ayran" })).await;
    let linked = json!({
        "category_id": category, "mealtime_id": mealtime, "group_ids": [group], "allergens": ["milk"],
        "complementary_ids": [ayran.trim_start_matches("/meals/")],
    });
    let meal = meral.create_meal(path, linked).await;
    let id = path.trim_start_matches("/restaurants/");
    let campaign = json!({
        "title": "Hafta sonu", "description": "Yol bizden", "kind": "free_delivery", "restaurant_id": id,
        "start_date": "2026-03-01T12:00:00Z", "end_date": "2026-03-09T12:00:00Z",
    });
    let (campaign, _) = post("/campaigns".to_owned(), campaign).await;
    let pause = json!({ "until": "2026-03-02T18:30:00Z" });
    assert_eq!(meral.client.put(&format!("{path}/pause"), pause.clone()).await.status, 200);
    let of = |what: &str, id: &Value| format!("{path}/{what}/{}", id.as_str().unwrap());
    let mut all = vec![
        (of("categories", &category), category_body),
        (of("mealtimes", &mealtime), mealtime_body),
        (of("groups", &group), group_body),
        (format!("{path}/pause"), pause),
    ];
    for path in [path.to_owned(), format!("{path}/hours"), meal, format!("/campaigns/{}", campaign.as_str().unwrap())] {
        let shown = meral.client.get(&path).await.json();
        all.push((path, shown));
    }
    all
}

async fn what_is_sent_back_as_it_was_read_is_recorded_by_nobody(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap", "Izgara"] })).await;
    let all = all(&meral, &path).await;
    let option = all[2].1["options"][0]["id"].as_str().unwrap();
    let before = fixture.restaurant(&path).await;
    let menu = fixture.client().get(&format!("{path}/menu")).await;
    fixture.recorded().await;
    fixture.clock.advance(Duration::from_secs(1));

    for (path, body) in &all {
        for body in [body, &json!({ "name": null, "until": body["until"] })] {
            let (status, answer) = meral.client.put(path, body.clone()).await.parts();
            assert_eq!(status, 200, "{path}: {answer}");
            assert_eq!(fixture.recorded().await, [], "{path}: {body}");
        }
    }
    let switch = format!("{path}/options/{option}/availability");
    assert_eq!(meral.client.patch(&switch, json!({ "is_available": true })).await.status, 200);

    assert_eq!(fixture.recorded().await, []);
    assert_eq!(fixture.restaurant(&path).await, before);
    assert_eq!(fixture.client().get(&format!("{path}/menu")).await.header("etag"), menu.header("etag"));
}

async fn what_differs_in_one_word_is_recorded(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap", "Izgara"] })).await;
    let all = all(&meral, &path).await;
    let options = json!([changed(all[2].1["options"][0].clone(), json!({ "price": 1 })), all[2].1["options"][1]]);
    let changes = [
        json!({ "position": 3 }),
        json!({ "name": "Gece" }),
        json!({ "options": options }),
        json!({ "until": null }),
        json!({ "cuisines": ["Izgara", "Kebap"] }),
        json!({ "last_order_min": 15 }),
        json!({ "complementary_ids": [] }),
        json!({ "min_basket": 1 }),
    ];
    fixture.recorded().await;

    for ((path, body), change) in all.into_iter().zip(changes) {
        let (status, answer) = meral.client.put(&path, changed(body, change)).await.parts();
        assert_eq!((status, fixture.recorded().await.len()), (200, 1), "{path}: {answer}");
    }
    assert_eq!(fixture.client().get(&path).await.json()["cuisines"], json!(["Izgara", "Kebap"]));
}

async fn what_was_deleted_leaves_a_short_row(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap"] })).await;
    let all = all(&meral, &path).await;
    let (meal, shown) = all[6].clone();
    let row = fixture.restaurant(&path).await;

    let deleted = meral.client.delete(&path).await.parts();

    assert_eq!(
        (deleted.0, &deleted.1["phone_number"], &deleted.1["cuisines"]),
        (200, &all[4].1["phone_number"], &json!(["Kebap"]))
    );
    assert_eq!(shown["name"], "Adana Kebap");
    assert_eq!([meral.client.get(&meal).await.status, meral.client.get(&path).await.status], [404, 404]);
    let database = &fixture.context.database;
    let menu = store::menu::load(database, row.id).await.unwrap();
    assert_eq!((menu.categories, menu.meals, menu.complements, menu.offer), Default::default());
    assert_eq!(store::cuisine::list(database, vec![row.id]).await.unwrap(), []);
    assert_eq!(store::restaurant::list_existing(database, vec![row.id]).await.unwrap(), [row.id], "an import knows it");
    let left = row.deleted(fixture.context.now());
    assert_eq!((left.phone_number, left.email, left.description, left.logo), (None, None, None, None));
    assert!(fixture.recorded().await.pop().unwrap().catalog.is_none());
}
