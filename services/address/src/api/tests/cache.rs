//! What is cached is never older than the last answered change, and the store of the cache is never needed.

use std::time::Duration;

use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::Client;
use serde_json::{Value, json};
use testkit::Counters;

use crate::actions::cached::forget_stale;
use crate::fixture::{Fixture, home};
use crate::state::Addresses;
use crate::store;

on_every_database! {
    Fixture:
    what_one_process_changes_the_next_read_of_another_sees,
    what_is_read_is_cached_and_what_is_not_there_is_not,
    without_the_store_everything_is_answered,
    a_thousand_reads_of_a_cold_key_load_it_once,
    without_the_store_reads_at_once_share_their_loads,
    what_a_writer_that_died_left_cached_another_process_forgets,
    what_could_not_be_forgotten_is_forgotten_once_the_store_is_back,
    what_can_t_be_forgotten_is_given_up_once_nothing_is_cached_any_more,
}

async fn what_one_process_changes_the_next_read_of_another_sees(fixture: Fixture) {
    let user_id = fixture.new_user();
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let (here, there) = (fixture.client().user(user_id), elsewhere.user(user_id));
    let created = here.post("/addresses", home()).await.json();
    let path = format!("/addresses/{}", created["id"].as_str().unwrap());
    assert_eq!(
        (there.get(&path).await.json(), there.get("/addresses").await.json()),
        (created.clone(), json!([created]))
    );

    let changed = here.put(&path, json!({ "title": "Yuva", "is_default": true })).await.json();
    let seen = (there.get(&path).await.json(), there.get("/addresses").await.json());
    fixture.a_moment_later();
    let other = here.post("/addresses", crate::fixture::home_with(json!({ "is_default": true }))).await.json();
    let lost = (there.get(&path).await.json(), there.get("/addresses").await.json());
    there.delete(&path).await;
    let gone = (here.get(&path).await.status, here.get("/addresses").await.json());

    assert_eq!(seen, (changed.clone(), json!([changed])));
    assert_eq!((&lost.0["is_default"], &lost.1[0]["is_default"]), (&json!(false), &json!(false)));
    assert_eq!(gone, (404, json!([other])));
}

async fn what_is_read_is_cached_and_what_is_not_there_is_not(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let owner = ayse.get("/addresses").await.json()[0]["entity_id"].as_str().unwrap().to_owned();
    let stands = async |key: String| {
        let value = fixture.context.ephemeral.get(&key).await.unwrap();
        value.is_some_and(|value| value.starts_with(b"V"))
    };

    let before = stands(format!("cache:address:{id}")).await;
    ayse.get(&format!("/addresses/{id}")).await;
    let nobody = fixture.new_user();
    fixture.client().user(nobody).get("/addresses").await;
    fixture.client().user(nobody).get(&format!("/addresses/{nobody}")).await;

    assert!(!before);
    assert!(stands(format!("cache:address:{id}")).await);
    assert!(stands(format!("cache:addresses:{owner}")).await);
    assert!(!stands(format!("cache:addresses:{nobody}")).await);
    assert!(!stands(format!("cache:address:{nobody}")).await);
}

async fn without_the_store_everything_is_answered(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    fixture.ephemeral.begin();

    let answers = [
        ayse.get(&path).await.status,
        ayse.get("/addresses").await.status,
        ayse.post("/addresses", home()).await.status,
        ayse.put(&path, json!({ "title": "Yuva" })).await.status,
        ayse.get(&path).await.status,
        ayse.delete(&path).await.status,
    ];

    assert_eq!(answers, [200, 200, 201, 200, 200, 200]);
}

/// A thousand reads at once: whether all are answered alike, and how many loads they have cost.
async fn a_thousand_reads(client: &Client, path: &str) -> (bool, u64) {
    let counters = Counters::start();
    let answers = join_all((0..1_000).map(|_| client.get(path))).await;
    let are_alike = answers.iter().all(|answer| answer.status == 200 && answer.text == answers[0].text);
    (are_alike, counters.sum("cache_loads_total", &[]))
}

async fn a_thousand_reads_of_a_cold_key_load_it_once(fixture: Fixture) {
    let user_id = fixture.new_user();
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let (here, there) = (fixture.client().user(user_id), elsewhere.user(user_id));
    let created = here.post("/addresses", home()).await.json();

    for path in [format!("/addresses/{}", created["id"].as_str().unwrap()), "/addresses".to_owned()] {
        assert_eq!(a_thousand_reads(&here, &path).await, (true, 1), "{path}");
        assert_eq!(a_thousand_reads(&there, &path).await, (true, 0), "{path} is cached for all processes");
    }
}

async fn without_the_store_reads_at_once_share_their_loads(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    fixture.ephemeral.begin();

    let (are_alike, loads) = a_thousand_reads(&ayse, &format!("/addresses/{id}")).await;

    // Whoever comes while one is under way shares the next one.
    assert!(are_alike && (2..100).contains(&loads), "{loads}");
}

/// What is read of the address by itself and in the list.
async fn titles(client: &Client, path: &str) -> [Value; 2] {
    let list = client.get("/addresses").await.json();
    [client.get(path).await.json()["title"].clone(), list[0]["title"].clone()]
}

async fn what_a_writer_that_died_left_cached_another_process_forgets(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    forget_stale(&fixture.addresses).await.unwrap();
    titles(&ayse, &path).await;
    // A writer that dies right behind its commit, and could not reach the store before, leaves no trace there.
    fixture.ephemeral.begin();
    ayse.put(&path, json!({ "title": "Yuva" })).await;
    fixture.ephemeral.end();
    let old = titles(&ayse, &path).await;
    let (replica, _) = fixture.client_of_replica().await;

    forget_stale(&Addresses::new(replica.context.clone())).await.unwrap();

    assert_eq!((old, titles(&ayse, &path).await), (["Ev", "Ev"].map(Value::from), ["Yuva", "Yuva"].map(Value::from)));
    assert!(store::stale::list(&fixture.context.database, None, 1).await.unwrap().is_empty());
}

async fn what_can_t_be_forgotten_is_given_up_once_nothing_is_cached_any_more(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    forget_stale(&fixture.addresses).await.unwrap();
    fixture.ephemeral.begin();
    ayse.put(&format!("/addresses/{id}"), json!({ "title": "Yuva" })).await;

    let at_first = forget_stale(&fixture.addresses).await.is_ok();
    fixture.clock.advance(Duration::from_secs(11 * 60));
    let later = forget_stale(&fixture.addresses).await.is_ok();

    assert_eq!((at_first, later), (false, true));
    assert!(store::stale::list(&fixture.context.database, None, 1).await.unwrap().is_empty());
}

async fn what_could_not_be_forgotten_is_forgotten_once_the_store_is_back(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    forget_stale(&fixture.addresses).await.unwrap();
    titles(&ayse, &path).await;
    fixture.ephemeral.begin();

    ayse.delete(&path).await;
    assert!(forget_stale(&fixture.addresses).await.is_err());
    let left = store::stale::list(&fixture.context.database, None, 9).await.unwrap().len();
    fixture.ephemeral.end();
    let old = ayse.get(&path).await.status;
    forget_stale(&fixture.addresses).await.unwrap();

    assert_eq!((left, old, ayse.get(&path).await.status), (1, 200, 404));
    assert_eq!(ayse.get("/addresses").await.json(), json!([]));
}
