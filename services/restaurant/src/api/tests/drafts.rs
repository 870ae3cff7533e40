//! A restaurant is a draft until its address is known, whichever comes first.

use clock::{Random, SeededRandom};
use contracts::{AddressChanged, EntityType, Role};
use kit::on_every_database;
use kit::testing::Client;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_draft_is_its_owners_until_the_address_arrives,
    a_token_that_is_worth_nothing_is_refused_where_nothing_is_found,
    an_address_that_came_first_serves_at_once,
    an_address_that_is_deleted_makes_a_draft_again,
    nobody_hangs_a_restaurant_on_anothers_address,
    an_address_of_an_admin_is_everybodys,
    where_people_live_is_not_kept,
    a_restaurant_moves_with_its_address_id,
    late_doubled_and_reordered_addresses_end_in_the_same_state,
    an_address_and_a_restaurant_that_come_at_once_find_each_other,
}

async fn reason(client: &Client, path: &str) -> Value {
    let (status, restaurant) = client.get(path).await.parts();
    assert_eq!(status, 200, "{restaurant}");
    restaurant["draft_reason"].clone()
}

async fn a_draft_is_its_owners_until_the_address_arrives(fixture: Fixture) {
    let meral = fixture.manager();
    let (status, created) = meral.client.post("/restaurants", meral.restaurant(json!({}))).await.parts();
    let path = format!("/restaurants/{}", created["id"].as_str().unwrap());
    let draft = meral.client.get(&path).await.json();
    let hidden =
        [fixture.client().get(&path).await.status, fixture.client().get(&format!("{path}/hours")).await.status];
    let list = fixture.list("").await;

    fixture.deliver(meral.address(1)).await.unwrap();

    assert_eq!((status, &created["draft_reason"]), (201, &json!("ADDRESS_UNKNOWN")));
    assert_eq!((&draft["draft_reason"], draft.get("address")), (&json!("ADDRESS_UNKNOWN"), None));
    assert_eq!((hidden, list), ([404, 404], json!([])));
    let shown = fixture.client().get(&path).await.json();
    assert_eq!((shown.get("draft_reason"), &shown["address"]["city"]), (None, &json!("İstanbul")));
    assert_eq!(fixture.list("").await, json!([shown]));
    let visible: Vec<_> = fixture.recorded().await.into_iter().map(|event| event.catalog.unwrap().visible).collect();
    assert_eq!(visible, [false, true]);
}

async fn a_token_that_is_worth_nothing_is_refused_where_nothing_is_found(fixture: Fixture) {
    let (meral, visible) = fixture.open_restaurant(json!({})).await;
    let draft = meral.create(json!({ "address_id": fixture.manager().address_id })).await;
    let meal = meral.create_meal(&draft, json!({})).await;
    let (anyone, forged) = (fixture.client(), fixture.client().with_token("forged"));
    let hidden = ["", "/hours", "/menu", "/categories", "/groups", "/mealtimes"].map(|part| format!("{draft}{part}"));

    for path in hidden.iter().chain([&meal, &format!("{meal}/complementary")]) {
        let statuses = [&anyone, &forged, &meral.client].map(|client| client.get(path));
        let [none, worthless, owners] = futures_util::future::join_all(statuses).await.try_into().unwrap();
        assert_eq!((none.status, worthless.status, owners.status), (404, 401, 200), "{path}");
    }
    assert_eq!(forged.get(&visible).await.status, 200, "everybody sees it");
    assert_eq!(fixture.list("").await.as_array().unwrap().len(), 1);
    assert_eq!(forged.get("/restaurants").await.status, 200);
}

async fn an_address_that_came_first_serves_at_once(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({})).await;

    assert_eq!(reason(&fixture.client(), &path).await, Value::Null);
}

async fn an_address_that_is_deleted_makes_a_draft_again(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;

    fixture.deliver(meral.deletion(2)).await.unwrap();

    assert_eq!(fixture.client().get(&path).await.status, 404);
    assert_eq!(reason(&meral.client, &path).await, "ADDRESS_UNKNOWN");
    fixture.deliver(meral.address(1)).await.unwrap();
    assert_eq!(reason(&meral.client, &path).await, "ADDRESS_UNKNOWN", "a late event brings nothing back");
    let last = fixture.recorded().await.pop().unwrap().catalog.unwrap();
    assert_eq!((last.visible, last.place), (false, None));
}

async fn nobody_hangs_a_restaurant_on_anothers_address(fixture: Fixture) {
    let (meral, kerem) = (fixture.manager(), fixture.manager());
    let theirs = json!({ "address_id": meral.address_id });
    let before = kerem.create(theirs.clone()).await;
    fixture.deliver(meral.address(1)).await.unwrap();
    let after = kerem.create(theirs).await;

    for path in [before, after] {
        assert_eq!(reason(&kerem.client, &path).await, "ADDRESS_OF_ANOTHER");
        assert_eq!(kerem.client.get(&path).await.json().get("address"), None);
        assert_eq!(fixture.client().get(&path).await.status, 404);
    }
}

async fn an_address_of_an_admin_is_everybodys(fixture: Fixture) {
    let (admin, kerem) = (fixture.manager(), fixture.manager());
    let path = kerem.create(json!({ "address_id": admin.address_id })).await;

    fixture.deliver(AddressChanged { created_as: Role::Admin, ..admin.address(1) }).await.unwrap();

    assert_eq!(reason(&fixture.client(), &path).await, Value::Null);
}

async fn where_people_live_is_not_kept(fixture: Fixture) {
    let meral = fixture.manager();
    let path = meral.create(json!({})).await;

    fixture.deliver(AddressChanged { entity_type: EntityType::User, ..meral.address(1) }).await.unwrap();

    assert_eq!(reason(&meral.client, &path).await, "ADDRESS_UNKNOWN");
    assert_eq!(fixture.recorded().await.len(), 1);
}

async fn a_restaurant_moves_with_its_address_id(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let new = Manager { address_id: fixture.manager().address_id, ..fixture.manager() };

    let moved = meral.client.put(&path, json!({ "address_id": new.address_id })).await.json();
    fixture.deliver(AddressChanged { created_by: meral.id, ..new.address(5) }).await.unwrap();
    let arrived = fixture.client().get(&path).await.json();
    fixture.deliver(meral.deletion(2)).await.unwrap();

    assert_eq!((&moved["draft_reason"], moved.get("address")), (&json!("ADDRESS_UNKNOWN"), None));
    assert_eq!(arrived["address"]["address"], "Sahil Yolu 5");
    assert_eq!(fixture.client().get(&path).await.json(), arrived, "the address before is none of its business");
}

async fn late_doubled_and_reordered_addresses_end_in_the_same_state(fixture: Fixture) {
    // Postgres takes five times as long for one.
    let orders = if fixture.is_on_postgres() { 200 } else { 1_000 };
    let random = SeededRandom::new(11);
    let anyone = fixture.client();
    for order in 0..orders {
        let meral = fixture.manager();
        let is_deleted_last = below(&random, 2) == 0;
        let event = |version| match version {
            4 if is_deleted_last => meral.deletion(4),
            version => meral.address(version),
        };
        let mut versions: Vec<i64> = (1..=4).flat_map(|version| vec![version; 1 + below(&random, 2)]).collect();
        for last in (1..versions.len()).rev() {
            versions.swap(last, below(&random, last + 1));
        }
        let arrival = below(&random, versions.len() + 1);
        let (before, after) = versions.split_at(arrival);

        for version in before {
            fixture.deliver(event(*version)).await.unwrap();
        }
        let path = meral.create(json!({})).await;
        for version in after {
            fixture.deliver(event(*version)).await.unwrap();
        }

        let seen = anyone.get(&path).await;
        let recorded = fixture.recorded().await.pop().unwrap().catalog.unwrap();
        let what = format!("order {order}: {before:?}, the restaurant, {after:?}");
        assert_eq!((recorded.visible, recorded.place.is_some()), (!is_deleted_last, !is_deleted_last), "{what}");
        if is_deleted_last {
            assert_eq!(seen.status, 404, "{what}");
            assert_eq!(reason(&meral.client, &path).await, "ADDRESS_UNKNOWN", "{what}");
        } else {
            assert_eq!(seen.json()["address"]["address"], "Sahil Yolu 4", "{what}");
        }
    }
}

/// A number below `end`, which is small.
fn below(random: &SeededRandom, end: usize) -> usize {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(end).unwrap()).unwrap()
}

async fn an_address_and_a_restaurant_that_come_at_once_find_each_other(fixture: Fixture) {
    for _ in 0..20 {
        let meral = fixture.manager();

        let (path, delivered) = tokio::join!(meral.create(json!({})), fixture.deliver(meral.address(1)));
        // As the bus does where another transaction was faster.
        if delivered.is_err() {
            fixture.deliver(meral.address(1)).await.unwrap();
        }

        assert_eq!(reason(&fixture.client(), &path).await, Value::Null);
    }
}
