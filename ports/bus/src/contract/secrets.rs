//! A secret reaches its consumer and is readable nowhere else.

use std::time::Duration;

use contracts::Secret;

use super::Harness;
use super::dead_letters::{DISCARD, REPLAY};
use super::events::{Variables, Whispered};
use super::scene::Scene;
use super::scribe::Act;
use crate::Consumer;
use crate::dead_letters::{self, DeadLetter, State};

const TOKEN: &str = "vErYsEcReT0123456789";
const HOUR: Duration = Duration::from_secs(60 * 60);

async fn scene<H: Harness>() -> Scene<H> {
    Scene::cast(&["scribe"], |scribes| vec![Consumer::named("scribe").hears::<Whispered>(scribes[0].clone())]).await
}

fn whispered() -> Whispered {
    Whispered { key: "a".to_owned(), number: 1, variables: Variables { token: Secret::new(TOKEN) } }
}

fn assert_hidden<H: Harness>(scene: &Scene<H>) {
    let bytes = scene.harness.at_rest();
    assert!(bytes.windows(b"bus_outbox".len()).any(|window| window == b"bus_outbox"), "this is where rows stand");
    assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()), "a secret stands on disk");
}

pub async fn a_secret_is_sealed_at_rest_and_gone_after_consumption<H: Harness>() {
    let mut scene = scene::<H>().await;
    scene.stop().await;
    scene.record([whispered()]).await;
    assert_hidden(&scene);

    scene.start().await;
    scene.idle().await;
    scene.bus.maintain().await.unwrap();

    assert_eq!(scene.effects().await, [("a".to_owned(), 1)]);
    assert_eq!(scene.rows("bus_outbox").await, 0);
    assert_hidden(&scene);
}

pub async fn a_parked_secret_is_sealed<H: Harness>() {
    let scene = scene::<H>().await;
    scene.scribe().when_hearing(1, [Act::Fail("could not use vErYsEcReT0123456789")]);

    scene.record([whispered()]).await;
    scene.idle().await;
    assert_eq!(scene.rows("bus_parked").await, 1);
    assert_hidden(&scene);
    scene.pass(HOUR).await;

    assert_eq!(scene.effects().await, [("a".to_owned(), 1)]);
}

async fn refused<H: Harness>() -> (Scene<H>, DeadLetter) {
    let scene = scene::<H>().await;
    scene.scribe().when_hearing(1, [Act::Refuse("vErYsEcReT0123456789 is too short")]);
    scene.record([whispered()]).await;
    scene.idle().await;
    let letter = scene.open_letters().await.remove(0);
    (scene, letter)
}

pub async fn a_dead_letter_shows_no_secret_and_replays_it<H: Harness>() {
    let (scene, letter) = refused::<H>().await;

    assert_eq!(letter.reason, "*** is too short");
    assert_eq!(letter.payload, serde_json::json!({"key": "a", "number": 1, "variables": {"token": "***"}}));
    assert_hidden(&scene);
    dead_letters::close_one(scene.database(), letter.id, REPLAY).await.unwrap();
    scene.idle().await;

    assert_eq!(scene.effects().await, [("a".to_owned(), 1)]);
    assert_hidden(&scene);
}

pub async fn a_closed_letter_holds_no_secret<H: Harness>() {
    let (scene, letter) = refused::<H>().await;

    dead_letters::close_one(scene.database(), letter.id, DISCARD).await.unwrap();

    assert_eq!(scene.rows("bus_dead_letter WHERE sealed").await, 0);
    let closed = dead_letters::show(scene.database(), letter.id).await.unwrap().unwrap();
    assert_eq!(closed.letter, DeadLetter { state: State::Discarded, ..letter });
}
