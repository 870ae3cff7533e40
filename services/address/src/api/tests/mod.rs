//! Requests through the router, as a client sees them.

mod addresses;
mod cache;
mod defaults;
mod input;
mod pages;
mod places;
mod rights;
mod write_limit;

use kit::on_every_database;
use kit::testing::Engine;
use serde_json::json;

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    the_service_answers_for_its_health_to_everybody,
    every_path_is_also_taken_with_a_slash_at_its_end,
    nobody_works_on_what_is_anothers_by_naming_them,
}

async fn the_service_answers_for_its_health_to_everybody(fixture: Fixture) {
    assert_eq!(fixture.client().get("/addresses/health").await.parts(), (200, json!({ "status": "ok" })));
    assert_eq!(fixture.client().with_token("forged").get("/addresses/health/").await.status, 200);
}

async fn every_path_is_also_taken_with_a_slash_at_its_end(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;

    assert_eq!(ayse.get("/addresses/").await.parts(), ayse.get("/addresses").await.parts());
    assert_eq!(ayse.get(&format!("/addresses/{id}/")).await.status, 200);
    assert_eq!(ayse.post("/addresses/", crate::fixture::home()).await.status, 201);
    assert_eq!(ayse.put(&format!("/addresses/{id}/"), json!({})).await.status, 200);
    assert_eq!(ayse.delete(&format!("/addresses/{id}/")).await.status, 200);
}

async fn nobody_works_on_what_is_anothers_by_naming_them(fixture: Fixture) {
    let (user_id, other) = (fixture.new_user(), fixture.new_user());
    let ayse = fixture.client().user(user_id);
    let home = |user_id| crate::fixture::home_with(json!({ "user_id": user_id }));

    let own = ayse.post("/addresses", home(user_id)).await.parts();
    let path = format!("/addresses/{}", own.1["id"].as_str().unwrap());
    let refused = [
        ayse.post("/addresses", home(other)).await.parts(),
        ayse.put(&path, home(other)).await.parts(),
        ayse.get(&format!("/addresses?user_id={other}")).await.parts(),
        ayse.get(&format!("{path}?user_id={other}")).await.parts(),
        ayse.delete(&format!("{path}?user_id={other}")).await.parts(),
    ];

    assert_eq!(own.0, 201);
    for (status, problem) in refused {
        assert_eq!(status, 403, "{problem}");
    }
    assert_eq!(ayse.get(&format!("/addresses?user_id={user_id}")).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_route_for_owners_says_that_it_asks_for_them() {
    let fixture = Fixture::on(Engine::Sqlite).await.unwrap();
    let (_, description) = super::routes(&fixture.addresses).split_for_parts();
    let description = serde_json::to_value(description).unwrap();

    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    let owned: Vec<_> = operations.filter(|(.., operation)| operation.get("security").is_some()).collect();

    assert_eq!(owned.len(), 5, "{owned:?}");
    for (path, method, operation) in owned {
        let security = operation["security"].as_array().unwrap();
        assert!(security.contains(&json!({ "bearer": ["owner"] })), "{method} {path}");
    }
}
