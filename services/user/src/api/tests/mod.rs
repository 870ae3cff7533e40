//! Requests through the router, as a client sees them.

mod audiences;
mod campaign_stops;
mod campaigns;
mod consent;
mod expansion;
mod expansion_limits;
mod favorites;
mod pages;
mod preferences;
mod profile;

use std::time::Duration;

use kit::access::FeedEpoch;
use kit::on_every_database;
use kit::testing::Engine;
use serde_json::Value;

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    the_service_answers_for_its_health_to_everybody,
    everything_else_needs_a_valid_session,
    every_path_is_also_taken_with_a_slash_at_its_end,
    nobody_works_on_what_is_anothers,
    a_process_that_starts_answers_nobody_by_a_feed_of_another_run_of_the_store,
}

async fn the_service_answers_for_its_health_to_everybody(fixture: Fixture) {
    let anonymous = fixture.client();
    let healthy = anonymous.get("/users/health").await.parts();
    fixture.context.database.close().await.unwrap();
    let shared = anonymous.get("/users/health").await.parts();
    fixture.clock.advance(Duration::from_secs(1));
    let (status, _) = anonymous.get("/users/health").await.parts();

    assert_eq!(healthy, (200, serde_json::json!({ "status": "ok" })));
    assert_eq!(shared, healthy, "the answer of a second ago serves everybody");
    assert_eq!(status, 503);
}

async fn everything_else_needs_a_valid_session(fixture: Fixture) {
    let anonymous = fixture.client();
    let forged = anonymous.with_token("forged");
    let paths = ["/users/me", "/users/preferences", "/favorites", "/favorites/restaurants", "/favorites/cuisines"];

    for path in paths {
        let (without, answer) = anonymous.get(path).await.parts();
        let (with_forged, refusal) = forged.get(path).await.parts();

        assert_eq!((without, &answer["code"]), (401, &"NO_TOKEN".into()), "{path}");
        assert_eq!((with_forged, &refusal["code"]), (401, &"INVALID_TOKEN".into()), "{path}");
    }
}

async fn every_path_is_also_taken_with_a_slash_at_its_end(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());

    assert_eq!(ayse.get("/favorites/").await.parts(), ayse.get("/favorites").await.parts());
    assert_eq!(ayse.get("/users/me/").await.parts().0, 404);
    assert_eq!(ayse.delete("/favorites/cuisine/kebap/").await.parts(), (200, Value::Null));
}

async fn nobody_works_on_what_is_anothers(fixture: Fixture) {
    let (user_id, other) = (fixture.new_user(), fixture.new_user());
    let ayse = fixture.client().user(user_id);
    let cuisine = |user_id| serde_json::json!({ "cuisine": "kebap", "user_id": user_id });

    let in_query = ayse.get(&format!("/favorites?user_id={other}")).await.parts();
    let in_body = ayse.post("/favorites/cuisine", cuisine(other)).await.parts();
    let own_in_query = ayse.get(&format!("/favorites?user_id={user_id}")).await.parts();
    let own_in_body = ayse.post("/favorites/cuisine", cuisine(user_id)).await.parts();

    assert_eq!((in_query.0, &in_query.1["code"]), (403, &"OTHER_USER".into()));
    assert_eq!((in_body.0, &in_body.1["code"]), (403, &"OTHER_USER".into()));
    assert_eq!((own_in_query.0, own_in_body.0), (200, 200));
}

async fn a_process_that_starts_answers_nobody_by_a_feed_of_another_run_of_the_store(fixture: Fixture) {
    let store = fixture.context.ephemeral.as_ref();
    FeedEpoch::begin(store, &fixture.context.sources, "an earlier run".to_owned()).await.unwrap();
    let ayse = fixture.client().user(fixture.new_user());

    let doubted = ayse.get("/favorites").await.parts().0;
    let incarnation = store.incarnation().await.unwrap();
    FeedEpoch::begin(store, &fixture.context.sources, incarnation).await.unwrap();
    let published_again = ayse.get("/favorites").await.parts().0;

    assert_eq!((doubted, published_again), (503, 200));
}

#[tokio::test]
async fn every_route_for_owners_says_that_it_asks_for_them() {
    let fixture = Fixture::on(Engine::Sqlite).await.unwrap();
    let (_, description) = super::routes(&fixture.user).split_for_parts();
    let description = serde_json::to_value(description).unwrap();

    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    let of_users = operations.filter(|(path, ..)| !path.starts_with("/admin/"));
    let owned: Vec<_> = of_users.filter(|(.., operation)| operation.get("security").is_some()).collect();

    assert!(owned.len() > 10, "{owned:?}");
    for (path, method, operation) in owned {
        assert_eq!(operation["security"], serde_json::json!([{ "bearer": ["owner"] }]), "{method} {path}");
    }
}
