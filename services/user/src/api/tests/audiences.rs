//! How many a campaign of a restaurant would reach, as that is published.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::{AudienceCounted, CatalogChanged, RestaurantId};
use kit::on_every_database;
use kit::testing::Recorded;
use serde_json::json;

use crate::actions::count_audiences;
use crate::fixture::Fixture;
use crate::store;

on_every_database! {
    Fixture:
    followers_of_a_restaurant_and_of_what_it_cooks_are_counted_once,
    so_few_that_they_could_be_guessed_are_not_counted_out,
    a_restaurant_is_counted_once_a_minute,
    a_consent_and_a_new_cuisine_change_the_count,
    a_cuisine_of_many_restaurants_changes_all_of_them,
    all_that_has_changed_is_worked_off_in_one_round,
    late_catalogs_change_nothing_and_a_deleted_restaurant_is_counted_no_more,
    a_large_audience_is_counted_in_steps_and_again_only_once_enough_has_changed,
}

async fn cook(fixture: &Fixture, version: i64, cuisines: &[&str]) -> RestaurantId {
    let restaurant = fixture.new_restaurant();
    fixture.hear(fixture.catalog(restaurant, version, cuisines)).await;
    restaurant
}

/// What is published of the restaurant within the next `seconds`.
async fn counted(
    fixture: &Fixture,
    recorded: &Recorded<AudienceCounted>,
    restaurant: RestaurantId,
    seconds: u64,
) -> Vec<(Option<u64>, Option<u64>)> {
    for _ in 0..seconds {
        count_audiences(&fixture.user).await.unwrap();
        fixture.clock.advance(Duration::from_secs(1));
    }
    let of_restaurant = recorded.take().await.into_iter().filter(|counted| counted.restaurant_id == restaurant);
    of_restaurant.map(|counted| (counted.followers, counted.consenting)).collect()
}

/// So many who have agreed and follow the cuisine.
async fn fans(fixture: &Fixture, count: usize, cuisine: &str) {
    let tx = fixture.context.database.begin_write().await.unwrap();
    let mut fans = Vec::new();
    for _ in 0..count {
        fans.push(fixture.diner(&tx).await);
    }
    tx.commit().await.unwrap();
    for fan in fans {
        fixture.client().user(fan).post("/favorites/cuisine", json!({ "cuisine": cuisine })).await;
    }
}

async fn followers_of_a_restaurant_and_of_what_it_cooks_are_counted_once(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let restaurant = cook(&fixture, 1, &["Köfte", "Pide"]).await;
    let diners = fixture.diners(6, restaurant).await;
    fans(&fixture, 3, "KÖFTE").await;
    fans(&fixture, 2, "lahmacun").await;
    fixture.client().user(diners[0]).post("/favorites/cuisine", json!({ "cuisine": "pide" })).await;
    let silent = fixture.client().user(fixture.new_user());
    silent.post("/favorites/restaurant", json!({ "restaurant_id": restaurant.to_string() })).await;

    assert_eq!(counted(&fixture, &recorded, restaurant, 1).await, [(Some(10), Some(9))]);
}

async fn so_few_that_they_could_be_guessed_are_not_counted_out(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let restaurant = cook(&fixture, 1, &["Köfte"]).await;
    fixture.diners(4, restaurant).await;
    let silent = fixture.client().user(fixture.new_user());
    silent.post("/favorites/cuisine", json!({ "cuisine": "köfte" })).await;

    assert_eq!(counted(&fixture, &recorded, restaurant, 1).await, [(Some(5), None)]);
}

async fn a_restaurant_is_counted_once_a_minute(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let restaurant = cook(&fixture, 1, &["Köfte"]).await;
    let mut counts = Vec::new();
    for _ in 0..10 {
        fans(&fixture, 1, "köfte").await;
        counts.extend(counted(&fixture, &recorded, restaurant, 3).await);
    }

    let at_last = counted(&fixture, &recorded, restaurant, 40).await;
    let quiet = counted(&fixture, &recorded, restaurant, 130).await;

    assert_eq!((counts.len(), at_last), (1, vec![(Some(10), Some(10))]));
    assert_eq!(quiet, []);
}

async fn a_consent_and_a_new_cuisine_change_the_count(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let restaurant = cook(&fixture, 1, &["Köfte"]).await;
    let diners = fixture.diners(6, restaurant).await;
    fans(&fixture, 5, "pide").await;

    let first = counted(&fixture, &recorded, restaurant, 70).await;
    let refusal = json!({ "commercial_mail": { "granted": false } });
    fixture.client().user(diners[0]).put("/users/preferences", refusal).await;
    let refused = counted(&fixture, &recorded, restaurant, 70).await;
    fixture.hear(fixture.catalog(restaurant, 2, &["Köfte", "Pide"])).await;
    let cooking = counted(&fixture, &recorded, restaurant, 70).await;

    assert_eq!(first, [(Some(6), Some(6))]);
    assert_eq!(refused, [(Some(6), Some(5))]);
    assert_eq!(cooking, [(Some(11), Some(10))]);
}

async fn a_cuisine_of_many_restaurants_changes_all_of_them(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let mut restaurants = Vec::new();
    for _ in 0..30 {
        restaurants.push(cook(&fixture, 1, &["Köfte"]).await);
    }
    for _ in 0..5 {
        count_audiences(&fixture.user).await.unwrap();
    }
    fixture.clock.advance(Duration::from_secs(60));
    recorded.take().await;

    fans(&fixture, 5, "köfte").await;
    for _ in 0..5 {
        count_audiences(&fixture.user).await.unwrap();
    }

    let mut counted: Vec<RestaurantId> = recorded.take().await.iter().map(|counted| counted.restaurant_id).collect();
    counted.sort();
    assert_eq!(counted, restaurants);
}

async fn all_that_has_changed_is_worked_off_in_one_round(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let mut restaurants = Vec::new();
    for _ in 0..60 {
        let restaurant = cook(&fixture, 1, &["Köfte"]).await;
        let client = fixture.client().user(fixture.diners(1, restaurant).await[0]);
        client.post("/favorites/cuisine", json!({ "cuisine": "köfte" })).await;
        client.put("/users/preferences", json!({ "commercial_mail": { "granted": false } })).await;
        restaurants.push(restaurant);
    }

    count_audiences(&fixture.user).await.unwrap();

    let marks = store::audience_mark::list(&fixture.context.database, 1_000).await.unwrap();
    assert!(marks.is_empty(), "{marks:?}");
    for _ in 0..5 {
        count_audiences(&fixture.user).await.unwrap();
    }
    let counted: BTreeMap<RestaurantId, Option<u64>> =
        recorded.take().await.into_iter().map(|counted| (counted.restaurant_id, counted.followers)).collect();
    let all: BTreeMap<_, _> = restaurants.into_iter().map(|restaurant| (restaurant, Some(60))).collect();
    assert_eq!(counted, all);
}

async fn late_catalogs_change_nothing_and_a_deleted_restaurant_is_counted_no_more(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let restaurant = cook(&fixture, 3, &["Köfte"]).await;
    fans(&fixture, 5, "köfte").await;
    let first = counted(&fixture, &recorded, restaurant, 70).await;

    fixture.hear(fixture.catalog(restaurant, 2, &["Pide"])).await;
    let late = counted(&fixture, &recorded, restaurant, 70).await;
    let deleted = CatalogChanged { catalog: None, ..fixture.catalog(restaurant, 4, &[]) };
    fixture.hear(deleted).await;
    fixture.hear(fixture.catalog(restaurant, 3, &["Köfte"])).await;
    fans(&fixture, 5, "köfte").await;
    let gone = counted(&fixture, &recorded, restaurant, 70).await;

    assert_eq!((first, late, gone), (vec![(Some(5), Some(5))], Vec::new(), Vec::new()));
    let kept = store::restaurant::find(&fixture.context.database, restaurant).await.unwrap().unwrap();
    assert_eq!((kept.version, kept.is_deleted), (4, true));
}

async fn a_large_audience_is_counted_in_steps_and_again_only_once_enough_has_changed(fixture: Fixture) {
    let recorded = Recorded::<AudienceCounted>::of(&fixture.context).await;
    let restaurant = cook(&fixture, 1, &["Köfte"]).await;
    fixture.diners(2_200, restaurant).await;

    let first = counted(&fixture, &recorded, restaurant, 70).await;
    fans(&fixture, 54, "köfte").await;
    let nearly = counted(&fixture, &recorded, restaurant, 70).await;
    fans(&fixture, 1, "köfte").await;
    let changed = counted(&fixture, &recorded, restaurant, 70).await;

    assert_eq!(first, [(Some(2_200), Some(2_200))]);
    assert_eq!((nearly, changed), (Vec::new(), vec![(Some(2_255), Some(2_255))]));
}
