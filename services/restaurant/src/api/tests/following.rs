//! How the index follows the tables: beside a database that fails, and by itself.

use std::time::Duration;

use database::Connection as _;
use kit::on_every_database;
use kit::testing::{RunningTasks, at_last};
use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::{index, store};

on_every_database! {
    Fixture:
    while_changes_cant_be_read_searches_go_on_from_what_is_known_and_nothing_is_missed,
    what_is_found_is_read_from_the_database_and_fails_with_it,
    a_sweep_that_failed_is_due_at_once,
    a_process_that_follows_by_itself_soon_finds_what_another_has_written,
}

impl Fixture {
    /// From now on each query of `table` fails.
    async fn lose(&self, table: &str) {
        self.change(&format!("ALTER TABLE {table} RENAME TO {table}_away")).await;
    }

    async fn regain(&self, table: &str) {
        self.change(&format!("ALTER TABLE {table}_away RENAME TO {table}")).await;
    }

    async fn change(&self, sql: &str) {
        let tx = self.context.database.begin_write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What is found without another round of the follower.
    async fn find(&self, query: &str) -> Vec<String> {
        let (status, found) = self.client().get(&format!("/restaurants/search?query={query}")).await.parts();
        assert_eq!(status, 200, "{found}");
        names(&found)
    }
}

fn names(found: &Value) -> Vec<String> {
    let found = found["restaurants"].as_array().unwrap().iter();
    found.map(|found| found["name"].as_str().unwrap().to_owned()).collect()
}

async fn while_changes_cant_be_read_searches_go_on_from_what_is_known_and_nothing_is_missed(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({})).await;
    fixture.follow().await;
    let id = fixture.restaurant(&path).await.id;

    fixture.lose("restaurant_meal").await;
    let tx = fixture.context.database.begin_write().await.unwrap();
    let before = store::restaurant::begin_version(&tx, id, None).await.unwrap().unwrap();
    let renamed = store::restaurant::Restaurant { name: "Demir Kebap".parse().unwrap(), ..before };
    store::restaurant::update(&tx, &renamed.found_anew(tx.now())).await.unwrap();
    tx.commit().await.unwrap();
    let rounds = [fixture.restaurants.index.follow().await.is_ok(), fixture.restaurants.index.follow().await.is_ok()];
    let meanwhile = [fixture.find("cipa").await, fixture.find("demir").await];
    fixture.regain("restaurant_meal").await;
    fixture.follow().await;

    assert_eq!(rounds, [false, false]);
    assert_eq!(meanwhile, [vec!["Demir Kebap".to_owned()], vec![]], "found as it was, shown as it is");
    assert_eq!([fixture.find("cipa").await, fixture.find("demir").await], [vec![], vec!["Demir Kebap".to_owned()]]);
}

async fn what_is_found_is_read_from_the_database_and_fails_with_it(fixture: Fixture) {
    fixture.open_restaurant(json!({})).await;
    fixture.follow().await;

    fixture.lose("restaurant_restaurant").await;
    let round = fixture.restaurants.index.follow().await;
    let failed = fixture.client().get("/restaurants/search?query=cipa").await.status;
    let nothing = fixture.find("susi").await;
    fixture.regain("restaurant_restaurant").await;

    assert!(round.is_err());
    assert_eq!((failed, nothing), (500, vec![]), "what refuses a query is not away");
    assert_eq!(fixture.find("cipa").await, ["Çıpa Kebap"]);
}

async fn a_sweep_that_failed_is_due_at_once(fixture: Fixture) {
    fixture.open_restaurant(json!({})).await;
    fixture.follow().await;
    // As after a restore: no time gives it away.
    fixture.change("UPDATE restaurant_restaurant SET name = 'Eski Kebap', search_version = 0").await;
    fixture.clock.advance(Duration::from_secs(60));

    fixture.lose("restaurant_meal").await;
    let failed = fixture.restaurants.index.follow().await;
    fixture.regain("restaurant_meal").await;
    fixture.follow().await;

    assert!(failed.is_err());
    assert_eq!(fixture.find("eski").await, ["Eski Kebap"]);
}

async fn a_process_that_follows_by_itself_soon_finds_what_another_has_written(fixture: Fixture) {
    let other = fixture.another_process().await;
    let following = RunningTasks::start(vec![index::task(&other.restaurants.index)]);
    let is_ready = async || (other.client().get("/restaurants/search").await.status == 200).then_some(());
    at_last("all restaurants have been read", is_ready).await;

    for name in ["Demir Kebap", "Pusula Börek", "Fener Pide"] {
        fixture.open_restaurant(json!({ "name": name })).await;
        let is_found = async || {
            fixture.clock.advance(Duration::from_millis(250));
            (other.find(&name.replace(" ", "+")).await == [name]).then_some(())
        };
        at_last("another process finds it", is_found).await;
    }

    following.stop().await;
}
