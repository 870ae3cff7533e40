//! Many restaurants at one address: a food court, or whatever an import brought.

use std::collections::HashSet;

use bus::fan_out::{Place, Then};
use contracts::{AddressChanged, CatalogChanged, Role};
use kit::on_every_database;
use serde_json::json;

use crate::actions::address::{RESTAURANTS_AT_ONCE, follow_address};
use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_change_of_an_address_records_a_few_restaurants_at_a_time_and_each_once,
    all_restaurants_at_an_address_follow_it,
    who_is_overtaken_by_a_newer_address_stops_and_nobody_is_left_behind,
    who_hangs_restaurants_on_anothers_address_makes_no_work,
}

async fn food_court(fixture: &Fixture, stalls: usize) -> (Manager, Vec<String>) {
    let meral = fixture.manager();
    let mut paths = Vec::new();
    for stall in 0..stalls {
        paths.push(meral.create(json!({ "name": format!("Tezgâh {stall}") })).await);
    }
    fixture.recorded().await;
    (meral, paths)
}

async fn streets(fixture: &Fixture, paths: &[String]) -> HashSet<String> {
    let mut streets = HashSet::new();
    for path in paths {
        let restaurant = fixture.client().get(path).await.json();
        streets.insert(restaurant["address"]["address"].as_str().unwrap_or_default().to_owned());
    }
    streets
}

async fn a_change_of_an_address_records_a_few_restaurants_at_a_time_and_each_once(fixture: Fixture) {
    let (meral, paths) = food_court(&fixture, 25).await;
    fixture.hear(meral.address(1)).await.unwrap();
    let (mut chunks, mut recorded, mut cursor) = (Vec::new(), Vec::new(), None);

    loop {
        let tx = fixture.context.database.begin_write().await.unwrap();
        let place = Place { subject: format!("{} 1", meral.address_id), cursor };
        let chunk = follow_address(&tx, &place).await.unwrap();
        tx.commit().await.unwrap();
        chunks.push(chunk.events.len());
        recorded.extend(chunk.events);
        let Then::GoOn { cursor: behind, .. } = chunk.then else { break };
        cursor = Some(behind);
    }

    assert_eq!((chunks, RESTAURANTS_AT_ONCE), (vec![10, 10, 5], 10));
    let ids: HashSet<String> = recorded.iter().map(|event| format!("/restaurants/{}", event.restaurant_id)).collect();
    assert_eq!(ids, paths.into_iter().collect());
    assert!(recorded.iter().all(is_visible), "{recorded:?}");
}

fn is_visible(event: &CatalogChanged) -> bool {
    event.catalog.as_ref().is_some_and(|catalog| catalog.visible)
}

async fn all_restaurants_at_an_address_follow_it(fixture: Fixture) {
    let (meral, paths) = food_court(&fixture, 21).await;

    fixture.deliver(meral.address(1)).await.unwrap();
    let arrived = fixture.recorded().await;
    fixture.deliver(meral.deletion(2)).await.unwrap();
    let gone = fixture.recorded().await;

    assert_eq!((arrived.len(), arrived.iter().filter(|event| is_visible(event)).count()), (21, 21));
    assert_eq!((gone.len(), gone.iter().filter(|event| is_visible(event)).count()), (21, 0));
    assert!(gone.iter().all(|event| event.version == 3), "{gone:?}");
    assert_eq!(fixture.client().get(&paths[20]).await.status, 404);
}

async fn who_is_overtaken_by_a_newer_address_stops_and_nobody_is_left_behind(fixture: Fixture) {
    let (meral, paths) = food_court(&fixture, 15).await;
    fixture.hear(meral.address(1)).await.unwrap();
    let tx = fixture.context.database.begin_write().await.unwrap();
    let first = Place { subject: format!("{} 1", meral.address_id), cursor: None };
    let Then::GoOn { cursor, .. } = follow_address(&tx, &first).await.unwrap().then else { panic!("that was all") };
    tx.commit().await.unwrap();

    fixture.hear(meral.address(2)).await.unwrap();
    let tx = fixture.context.database.begin_write().await.unwrap();
    let overtaken = follow_address(&tx, &Place { cursor: Some(cursor), ..first }).await.unwrap();
    tx.commit().await.unwrap();
    fixture.come_to_rest().await;

    assert_eq!((overtaken.events.len(), overtaken.then), (0, Then::End));
    assert_eq!(streets(&fixture, &paths).await, HashSet::from(["Sahil Yolu 2".to_owned()]));
}

async fn who_hangs_restaurants_on_anothers_address_makes_no_work(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let kerem = fixture.manager();
    let theirs = kerem.create(json!({ "address_id": meral.address_id })).await;
    fixture.recorded().await;

    fixture.deliver(meral.address(2)).await.unwrap();
    let of_another = fixture.recorded().await;
    let everybodys = AddressChanged { created_as: Role::Admin, ..meral.address(3) };
    fixture.deliver(everybodys).await.unwrap();

    let changed: Vec<String> = of_another.iter().map(|event| format!("/restaurants/{}", event.restaurant_id)).collect();
    assert_eq!(changed, [path]);
    assert_eq!(fixture.client().get(&theirs).await.json().get("draft_reason"), None);
}
