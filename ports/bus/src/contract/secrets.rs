//! A secret reaches its consumer and is readable nowhere else.

use std::time::Duration;

use contracts::Secret;

use super::Harness;
use super::dead_letters::{DISCARD, REPLAY};
use super::events::{Variables, Whispered};
use super::fixture::Fixture;
use super::recorder::Act;
use crate::Consumer;
use crate::dead_letters::{self, DeadLetter, State};

const TOKEN: &str = "vErYsEcReT0123456789";
const HOUR: Duration = Duration::from_secs(60 * 60);

async fn fixture<H: Harness>() -> Fixture<H> {
    Fixture::consumers(&["recorder"], |recorders| {
        vec![Consumer::named("recorder").hears::<Whispered>(recorders[0].clone())]
    })
    .await
}

fn whispered() -> Whispered {
    Whispered { key: "a".to_owned(), number: 1, variables: Variables { token: Secret::new(TOKEN) } }
}

fn assert_hidden<H: Harness>(fixture: &Fixture<H>) {
    let bytes = fixture.harness.at_rest();
    assert!(bytes.windows(b"bus_outbox".len()).any(|window| window == b"bus_outbox"), "this is where rows stand");
    assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()), "a secret stands on disk");
}

pub async fn a_secret_is_sealed_at_rest_and_gone_after_consumption<H: Harness>() {
    let mut fixture = fixture::<H>().await;
    fixture.stop().await;
    fixture.record([whispered()]).await;
    assert_hidden(&fixture);

    fixture.start().await;
    fixture.idle().await;
    fixture.bus.maintain().await.unwrap();

    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
    assert_eq!(fixture.rows("bus_outbox").await, 0);
    assert_hidden(&fixture);
}

pub async fn a_parked_secret_is_sealed<H: Harness>() {
    let fixture = fixture::<H>().await;
    fixture.recorder().when_hearing(1, [Act::Fail("could not use vErYsEcReT0123456789")]);

    fixture.record([whispered()]).await;
    fixture.idle().await;
    assert_eq!(fixture.rows("bus_parked").await, 1);
    assert_hidden(&fixture);
    fixture.pass(HOUR).await;

    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
}

async fn refused<H: Harness>() -> (Fixture<H>, DeadLetter) {
    let fixture = fixture::<H>().await;
    fixture.recorder().when_hearing(1, [Act::Refuse("vErYsEcReT0123456789 is too short")]);
    fixture.record([whispered()]).await;
    fixture.idle().await;
    let letter = fixture.open_letters().await.remove(0);
    (fixture, letter)
}

pub async fn a_dead_letter_shows_no_secret_and_replays_it<H: Harness>() {
    let (fixture, letter) = refused::<H>().await;

    assert_eq!(letter.reason, "*** is too short");
    assert_eq!(letter.payload, serde_json::json!({"key": "a", "number": 1, "variables": {"token": "***"}}));
    assert_hidden(&fixture);
    dead_letters::close_one(fixture.database(), letter.id, REPLAY).await.unwrap();
    fixture.idle().await;

    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
    assert_hidden(&fixture);
}

pub async fn a_closed_letter_holds_no_secret<H: Harness>() {
    let (fixture, letter) = refused::<H>().await;

    dead_letters::close_one(fixture.database(), letter.id, DISCARD).await.unwrap();

    assert_eq!(fixture.rows("bus_dead_letter WHERE sealed").await, 0);
    let closed = dead_letters::show(fixture.database(), letter.id).await.unwrap().unwrap();
    assert_eq!(closed.letter, DeadLetter { state: State::Discarded, ..letter });
}
