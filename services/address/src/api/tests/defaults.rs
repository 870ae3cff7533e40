//! An owner has one default at most, however many ask at once and wherever.

use futures_util::future::join_all;
use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::{Fixture, home_with, id_of};

on_every_database! {
    Fixture:
    a_new_default_takes_the_place_of_the_one_before,
    ten_defaults_at_once_are_all_written_and_one_stays,
    a_hundred_defaults_at_once_are_all_written_and_one_stays,
    changes_to_the_default_at_once_leave_one,
    each_owner_has_a_default_of_each_kind,
}

fn defaults(list: &Value) -> usize {
    list.as_array().unwrap().iter().filter(|address| address["is_default"] == true).count()
}

async fn a_new_default_takes_the_place_of_the_one_before(fixture: Fixture) {
    let (ayse, first) = fixture.with_a_home().await;
    let path = format!("/addresses/{first}");
    ayse.put(&path, json!({ "is_default": true })).await;

    fixture.a_moment_later();
    ayse.post("/addresses", home_with(json!({ "is_default": true }))).await;
    let taken = ayse.get(&path).await.json();
    ayse.put(&path, json!({ "is_default": true })).await;
    let list = ayse.get("/addresses").await.json();

    assert_eq!(taken["is_default"], false);
    assert_eq!((&list[0]["is_default"], &list[1]["is_default"]), (&json!(true), &json!(false)));
    ayse.put(&path, json!({ "is_default": false })).await;
    assert_eq!(defaults(&ayse.get("/addresses").await.json()), 0);
}

/// So many creations at once on two processes: the answers, and what stands there then.
async fn at_once(fixture: &Fixture, count: usize) -> (Vec<u16>, Value) {
    let user_id = fixture.new_user();
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let clients = [fixture.client().user(user_id), elsewhere.user(user_id)];
    let default = || home_with(json!({ "is_default": true }));
    let creations = (0..count).map(|turn| clients[turn % 2].post("/addresses", default()));
    let answers = join_all(creations).await.into_iter().map(|answer| answer.status).collect();
    (answers, clients[0].get("/addresses").await.json())
}

async fn ten_defaults_at_once_are_all_written_and_one_stays(fixture: Fixture) {
    let (answers, list) = at_once(&fixture, 10).await;

    assert_eq!(answers, [201; 10]);
    assert_eq!((list.as_array().unwrap().len(), defaults(&list)), (10, 1));
}

async fn a_hundred_defaults_at_once_are_all_written_and_one_stays(fixture: Fixture) {
    let (answers, list) = at_once(&fixture, 100).await;

    assert_eq!(answers, [201; 100]);
    assert_eq!((list.as_array().unwrap().len(), defaults(&list)), (100, 1));
}

async fn changes_to_the_default_at_once_leave_one(fixture: Fixture) {
    let user_id = fixture.new_user();
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let clients = [fixture.client().user(user_id), elsewhere.user(user_id)];
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(id_of(&clients[0].post("/addresses", home_with(json!({}))).await.json()));
    }

    let changes = ids.iter().enumerate().map(|(turn, id)| {
        let (client, path) = (clients[turn % 2].clone(), format!("/addresses/{id}"));
        async move { client.put(&path, json!({ "is_default": true })).await.status }
    });
    let answers = join_all(changes).await;

    assert_eq!(answers, [200; 6]);
    assert_eq!(defaults(&clients[1].get("/addresses").await.json()), 1);
}

async fn each_owner_has_a_default_of_each_kind(fixture: Fixture) {
    let user_id = fixture.new_user();
    let (meral, ayse) = (fixture.client().manager(user_id), fixture.client().user(fixture.new_user()));
    let default = || home_with(json!({ "is_default": true }));

    for client in [&meral, &ayse] {
        client.post("/addresses", default()).await;
    }
    meral.post("/addresses?entity_type=RESTAURANT", default()).await;

    for list in [
        meral.get("/addresses").await.json(),
        meral.get("/addresses?entity_type=RESTAURANT").await.json(),
        ayse.get("/addresses").await.json(),
    ] {
        assert_eq!((list.as_array().unwrap().len(), defaults(&list)), (1, 1), "{list}");
    }
}
