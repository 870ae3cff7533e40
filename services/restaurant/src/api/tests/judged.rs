//! What diners type and whom they mean, through HTTP; and that no series of changes answers otherwise than a process that has
//! just read all.

use std::time::Duration;

use contracts::AddressChanged;
use database::Connection as _;
use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

#[path = "../../../../../search/tests/judged/town.rs"]
mod town;

on_every_database! {
    Fixture:
    each_query_puts_the_restaurant_that_is_meant_first_and_alone,
    any_series_of_changes_answers_like_a_process_that_has_just_read_all,
}

/// Opens all restaurants of the town, of whom everything is as the town says.
async fn open_town(fixture: &Fixture) {
    for (name, place, cuisine, dishes) in town::RESTAURANTS {
        let meral = fixture.manager();
        fixture.deliver(at(&meral, 1, place)).await.unwrap();
        let path = meral.create(json!({ "name": name, "description": null, "cuisines": [cuisine] })).await;
        let dishes: Vec<(&str, i64)> = dishes.split(", ").map(|dish| (dish, 10_000)).collect();
        fixture.serve(&path, &dishes).await;
    }
}

fn at(meral: &Manager, version: i64, place: &str) -> AddressChanged {
    let mut event = meral.address(version);
    let address = event.address.as_mut().unwrap();
    let (city, district) = place.split_once('/').unwrap();
    (address.city, address.district) = (city.to_owned(), district.to_owned());
    event
}

/// Lets the ratings go up, or down, in the order of the town.
async fn rate(fixture: &Fixture, rising: bool) {
    for (place, (name, ..)) in town::RESTAURANTS.iter().enumerate() {
        let rating = if rising { place + 1 } else { town::RESTAURANTS.len() - place };
        let rated = format!(
            "UPDATE restaurant_restaurant SET rating_avg = {rating}, search_version = search_version + 1 WHERE name = '{}'",
            name.replace('\'', "''")
        );
        fixture.context.database.execute_unprepared(&rated).await.unwrap();
    }
}

async fn each_query_puts_the_restaurant_that_is_meant_first_and_alone(fixture: Fixture) {
    open_town(&fixture).await;
    let escaped = |query: &str| query.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let mut wrong = Vec::new();

    for rising in [true, false] {
        rate(&fixture, rising).await;
        fixture.follow().await;
        for (meant, query) in town::QUERIES {
            let found = fixture.search(&format!("page_size=3&query={}", escaped(query))).await;
            if found["restaurants"][0]["name"] != town::RESTAURANTS[meant - 1].0 {
                wrong.push(format!("{query}: {meant}, not {}", found["restaurants"][0]["name"]));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for query in town::NOTHING {
        let found = fixture.search(&format!("query={}", escaped(query))).await;
        assert_eq!((&found["total"], &found["restaurants"]), (&json!(0), &json!([])), "{query}");
    }
    let part = fixture.search("query=stanb&page_size=100").await;
    let names: Vec<&Value> = part["restaurants"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    let in_istanbul = town::RESTAURANTS.iter().filter(|(_, place, ..)| place.starts_with("İstanbul"));
    assert_eq!(names, in_istanbul.map(|(name, ..)| *name).collect::<Vec<_>>());
}

/// What anybody may ask of it.
async fn answers(fixture: &Fixture) -> Vec<Value> {
    let asked = [
        "page_size=100",
        "query=kebap",
        "query=kebabi+tavuk",
        "query=cigkofte&sort=name",
        "query=lahmacn",
        "query=avuk+doner",
        "query=kadikoy&city=istanbul",
        "query=susi+kebap",
        "open_now=true&sort_by=prep_time&sort_order=desc",
        "cuisines=pide,kebap&max_delivery=15&sort_by=delivery_fee",
        "lat=41&lon=29&sort_by=distance&delivers=true",
    ];
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(fixture.search(asked).await);
    }
    answers
}

async fn any_series_of_changes_answers_like_a_process_that_has_just_read_all(fixture: Fixture) {
    const WORDS: [&str; 8] = ["kebap", "kebabı", "tavuk", "döner", "çiğ köfte", "çiğköfte", "lahmacun", "pide"];
    let below = |end: usize| u64::from_be_bytes(fixture.context.sources.bytes()) as usize % end;
    let word = || WORDS[below(WORDS.len())];
    let other = fixture.another_process().await;
    let mut owned: Vec<(Manager, String, i64)> = Vec::new();

    for change in 0..120 {
        fixture.clock.advance(Duration::from_millis(below(1_500) as u64));
        let which = below(owned.len().max(1));
        match (below(12), owned.get_mut(which)) {
            (0..4, _) | (_, None) => {
                let meral = fixture.manager();
                let place = ["İstanbul/Kadıköy", "İstanbul/Fatih", "Ankara/Çankaya"][below(3)];
                fixture.deliver(at(&meral, 1, place)).await.unwrap();
                let (name, cuisine) = (format!("{} {}", word(), word()), word());
                let body =
                    json!({ "name": name, "description": word(), "cuisines": [cuisine], "delivery_fee": below(30) });
                let path = meral.create(body).await;
                owned.push((meral, path, 1));
            }
            (4..6, Some((meral, path, _))) => {
                let renamed = json!({ "name": format!("{} evi", word()), "prep_time_min": below(60) });
                meral.client.put(path, renamed).await;
            }
            (6..8, Some((_, path, _))) => fixture.serve(path, &[(word(), 1_000), (word(), 2_000)]).await,
            (8, Some((meral, path, _))) => {
                let monday = ["11:00-23:00", "closed"][below(2)];
                let hours = json!({ "opening_hours": { "monday": monday } });
                meral.client.put(&format!("{path}/hours"), hours).await;
            }
            (9, Some((meral, _, version))) => {
                *version += 1;
                fixture.deliver(meral.deletion(*version)).await.unwrap();
            }
            (10, Some((meral, _, version))) => {
                *version += 1;
                fixture.deliver(at(meral, *version, "İstanbul/Üsküdar")).await.unwrap();
            }
            (_, Some(_)) => {
                let (meral, path, _) = owned.swap_remove(which);
                assert_eq!(meral.client.delete(&path).await.status, 200);
            }
        }
        if change % 3 == below(3) {
            other.follow().await;
        }
        if change % 20 == 19 {
            let fresh = fixture.another_process().await;
            assert_eq!(answers(&other).await, answers(&fresh).await, "after change {change}");
            assert_eq!(answers(&fixture).await, answers(&fresh).await, "where they were made");
        }
    }
}
