//! The demo town and its pictures, which everybody sees.

use contracts::{AddressChanged, EntityId, EntityType, Role, UserId};
use kit::on_every_database;
use kit::testing::Engine;
use serde_json::{Value, json};

use crate::actions::DemoTown;
use crate::fixture::Fixture;
use crate::model::demo;

on_every_database! {
    Fixture:
    a_town_is_the_same_on_each_database,
    a_town_is_written_down_once_and_what_was_changed_since_stays_so,
}

/// A route that names no restaurant.
pub(super) const PICTURES: (&str, &str) = ("GET", "/media/demo/{kind}/{file}");

#[tokio::test]
async fn a_picture_is_a_picture_and_nothing_else_has_one() {
    let anyone = Fixture::on(Engine::Sqlite).await.unwrap().client();
    let meal = demo::town().next().unwrap().meals()[0];

    let found = anyone.get(&demo::meal_picture(&meal)).await;

    assert_eq!((found.status, found.header("content-type")), (200, "image/svg+xml"));
    assert!(found.header("content-security-policy").contains("sandbox"));
    assert!(found.text.starts_with("<svg "), "{}", found.text);
    for path in
        ["/media/demo/meal/17.svg", "/media/demo/restaurant/17", &demo::meal_picture(&meal).replace("meal", "x")]
    {
        assert_eq!(anyone.get(path).await.status, 404, "{path}");
    }
}

/// What a start of a demo writes down in this service and in that of addresses.
async fn start(fixture: &Fixture) {
    let managers = [1, 2, 3].map(|number| UserId(uuid::Uuid::from_u128(number)));
    let town = DemoTown::missing(&fixture.context.database).await.unwrap();
    for (id, manager, details) in town.places(&managers) {
        let address = AddressChanged {
            id,
            entity_type: EntityType::Restaurant,
            entity_id: EntityId(manager.0),
            created_by: manager,
            created_as: Role::Manager,
            version: 1,
            address: Some(details),
            changed_at: fixture.context.now(),
        };
        fixture.deliver(address).await.unwrap();
    }
    town.seed(&fixture.context.database, &managers).await.unwrap();
}

/// All that everybody sees: restaurants with their menus, and campaigns.
async fn shown(fixture: &Fixture) -> Value {
    let mut restaurants = Vec::new();
    for restaurant in fixture.list("?limit=100&sort=name+asc").await.as_array().unwrap() {
        let menu = fixture.client().get(&format!("/restaurants/{}/menu", restaurant["id"].as_str().unwrap())).await;
        restaurants.push(json!([restaurant, menu.json()]));
    }
    json!([restaurants, fixture.client().get("/campaigns").await.json()])
}

async fn a_town_is_the_same_on_each_database(fixture: Fixture) {
    let other = Fixture::on(Engine::Sqlite).await.unwrap();

    start(&fixture).await;
    start(&other).await;

    let shown = [shown(&fixture).await, shown(&other).await];
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[0][0].as_array().unwrap().len(), 24);
    let campaign = &shown[0][1][0];
    let discount = ["code", "kind", "value", "per_user_limit", "restaurant_id"].map(|field| campaign[field].clone());
    assert_eq!(discount, [json!("LEZZET10"), json!("percent"), json!(10), json!(1), Value::Null], "{campaign}");
    let events = fixture.recorded().await;
    assert_eq!(events, other.recorded().await);
    assert_eq!(events.last().unwrap().campaigns[0].code.as_deref(), Some("LEZZET10"));
}

async fn a_town_is_written_down_once_and_what_was_changed_since_stays_so(fixture: Fixture) {
    start(&fixture).await;
    let first = shown(&fixture).await;
    let admin = fixture.client().admin(fixture.new_user());
    let campaign = format!("/campaigns/{}", first[1][0]["id"].as_str().unwrap());
    let ids = [0, 1].map(|number| first[0][number][0]["id"].as_str().unwrap().to_owned());
    admin.put(&format!("/restaurants/{}", ids[0]), json!({ "name": "Demir Kebap" })).await;
    admin.delete(&format!("/restaurants/{}", ids[1])).await;
    admin.delete(&campaign).await;
    let changed = shown(&fixture).await;
    fixture.recorded().await;

    start(&fixture).await;

    assert_ne!(first, changed);
    assert_eq!(shown(&fixture).await, changed);
    assert_eq!(fixture.recorded().await, []);
    assert_eq!(changed[1], json!([]));
}
