//! Where orders go to.

use std::time::Duration;

use contracts::{AddressChanged, AddressDetails, AddressId, EntityId, EntityType, Event, UserId};
use kit::on_every_database;
use serde_json::json;

use super::checkout::{order, refused};
use crate::fixture::Fixture;

on_every_database! {
    Fixture: an_order_goes_to_an_address_of_its_diner_within_the_area
}

async fn an_order_goes_to_an_address_of_its_diner_within_the_area(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let place = json!({ "city": "İstanbul", "district": "Kadıköy", "latitude": 40.9819, "longitude": 29.0256, "radius_m": 3_000 });
    fixture.change(&mut kitchen, |catalog| catalog.place = Some(serde_json::from_value(place).unwrap())).await;
    fixture.clock.advance(Duration::from_secs(2));
    let (user, other) = (fixture.new_user(), fixture.new_user());
    let (ayse, ali) = (fixture.client().user(user), fixture.client().user(other));
    let id = || AddressId(fixture.context.sources.uuid());
    let (near, far) = (address(user, id(), [40.99, 29.03]), address(user, id(), [41.1, 29.03]));
    let to = |id: AddressId| json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }], "address_id": id });
    for event in [&near, &far, &near] {
        fixture.hear(event.clone()).await.unwrap();
    }

    let foreign = refused(&ali, to(near.id)).await;
    let outside = refused(&ayse, to(far.id)).await;
    let by_name = order(&ayse, to(near.id)).await;
    let by_default =
        order(&ayse, json!({ "payment_method": "pos", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] })).await;
    let deleted = AddressChanged { version: 2, address: None, ..near.clone() };
    for late in [deleted, near.clone()] {
        fixture.hear(late).await.unwrap();
    }
    fixture.clock.advance(Duration::from_secs(5 * 60));
    let gone = refused(&ayse, to(near.id)).await;

    assert_eq!(foreign, (404, "ADDRESS_NOT_FOUND".to_owned()));
    assert_eq!(outside, (422, "OUTSIDE_DELIVERY_AREA".to_owned()));
    assert_eq!((&by_name["address"]["title"], &by_default["address"]["title"]), (&json!("Ev"), &json!("Ev")));
    assert_eq!(gone, (404, "ADDRESS_NOT_FOUND".to_owned()));
}

pub(super) fn address(user: UserId, id: AddressId, [latitude, longitude]: [f64; 2]) -> AddressChanged {
    let mut examples =
        AddressChanged::EXAMPLES.iter().map(|example| serde_json::from_str::<AddressChanged>(example).unwrap());
    let example = examples.find(|example| example.address.is_some()).unwrap();
    let details = AddressDetails {
        title: "Ev".to_owned(),
        latitude: Some(latitude),
        longitude: Some(longitude),
        is_default: latitude < 41.0,
        ..example.address.clone().unwrap()
    };
    AddressChanged {
        id,
        version: 1,
        entity_type: EntityType::User,
        entity_id: EntityId(user.0),
        address: Some(details),
        ..example
    }
}
