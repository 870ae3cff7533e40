//! What a repeated request can rely on, on both databases.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use database::idempotency::{LONGEST_ANSWER, MIGRATIONS};
use database::{Connection, Database};
use uuid::Uuid;

use super::*;
use crate::on_every_database;
use crate::testing::{Engine, TestPorts};

const SCOPE: &str = "a test";

on_every_database! {
    Fixture:
    a_repeat_has_the_first_answer_for_a_day,
    without_a_key_the_same_request_is_a_repeat_for_half_a_minute_by_every_clock,
    without_a_key_what_a_clock_asked_that_was_ahead_is_no_repeat,
    what_may_be_wanted_twice_is_a_repeat_for_half_a_minute_exactly,
    with_a_key_what_a_clock_asked_that_was_ahead_is_a_repeat,
    of_two_at_once_one_has_the_effect_and_both_its_answer,
    what_was_rolled_back_was_not_asked,
    an_answer_without_end_is_not_kept,
    what_is_no_answer_is_not_given_as_one,
    what_is_older_than_a_day_is_forgotten,
}

/// Ports with the table of requests that may come again.
struct Fixture(TestPorts);

impl Fixture {
    async fn on(engine: Engine) -> Option<Self> {
        Some(Self(TestPorts::fresh(engine, &[MIGRATIONS]).await?))
    }

    fn database(&self) -> &Database {
        &self.0.context.database
    }

    fn request(&self, key: Key<'_>, asked: &str) -> Request {
        Request::new(self.database().vault(), SCOPE, (UserId(Uuid::from_u128(1)), key), &asked)
    }

    /// Asks under `key`; `body` is the answer if this is no repeat.
    async fn ask(&self, key: Key<'_>, asked: &str, body: &str) -> Asked {
        self.begin(self.request(key, asked), body).await
    }

    async fn begin(&self, request: Request, body: &str) -> Asked {
        let tx = self.database().begin_read_committed().await.unwrap();
        match begin(tx, Some(request)).await.unwrap() {
            Begun::Fresh(fresh) => {
                fresh.commit(Answer::json(StatusCode::CREATED, Locale::En, &body)).await.unwrap();
                Asked::Fresh
            }
            Begun::Answered(Answer { body, is_replayed: true, .. }) => Asked::Answered(body),
            Begun::Answered(answer) => panic!("{answer:?} is no repeat"),
            Begun::Reused => Asked::Reused,
        }
    }

    /// Writes `assignment` into all rows, as a fault of somebody else might.
    async fn falsify(&self, assignment: &str) {
        let tx = self.database().begin_write().await.unwrap();
        tx.execute_unprepared(&format!("UPDATE idempotency_key SET {assignment}")).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn count(&self) -> i64 {
        let tx = self.database().begin_write().await.unwrap();
        let rows = tx.execute_unprepared("UPDATE idempotency_key SET status = status").await.unwrap().rows_affected();
        i64::try_from(rows).unwrap()
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Fresh,
    Answered(String),
    Reused,
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

async fn a_repeat_has_the_first_answer_for_a_day(fixture: Fixture) {
    let k = key("k");
    let first = fixture.ask(Key::Sent(&k), "this", "first").await;
    let again = fixture.ask(Key::Sent(&k), "this", "second").await;
    let other = fixture.ask(Key::Sent(&k), "that", "second").await;
    fixture.0.clock.advance(RETENTION);
    let next_day = fixture.ask(Key::Sent(&k), "that", "second").await;

    assert_eq!([first, other, next_day], [Asked::Fresh, Asked::Reused, Asked::Fresh]);
    assert_eq!(again, Asked::Answered("\"first\"".to_owned()));
}

async fn without_a_key_the_same_request_is_a_repeat_for_half_a_minute_by_every_clock(fixture: Fixture) {
    let first = fixture.ask(Key::Unsent, "this", "first").await;
    let other = fixture.ask(Key::Unsent, "that", "second").await;
    fixture.0.clock.set_back(SKEW);
    let by_a_clock_behind = fixture.ask(Key::Unsent, "this", "third").await;
    fixture.0.clock.advance(2 * SKEW + REPEAT_WINDOW - Duration::from_micros(1));
    let by_a_clock_ahead = fixture.ask(Key::Unsent, "this", "fourth").await;
    fixture.0.clock.advance(Duration::from_micros(1));
    let later = fixture.ask(Key::Unsent, "this", "fifth").await;

    assert_eq!([first, other, later], [Asked::Fresh, Asked::Fresh, Asked::Fresh]);
    assert_eq!([by_a_clock_behind, by_a_clock_ahead], [(); 2].map(|()| Asked::Answered("\"first\"".to_owned())));
}

async fn without_a_key_what_a_clock_asked_that_was_ahead_is_no_repeat(fixture: Fixture) {
    fixture.ask(Key::Unsent, "this", "first").await;
    fixture.0.clock.set_back(SKEW + Duration::from_micros(1));

    let set_right = fixture.ask(Key::Unsent, "this", "second").await;

    assert_eq!(set_right, Asked::Fresh);
}

async fn what_may_be_wanted_twice_is_a_repeat_for_half_a_minute_exactly(fixture: Fixture) {
    let k = key("k");
    let ask = async |key| fixture.begin(fixture.request(key, "this").exactly(), "first").await;
    let first = [ask(Key::Unsent).await, ask(Key::Sent(&k)).await];
    fixture.0.clock.advance(REPEAT_WINDOW - Duration::from_micros(1));
    let again = ask(Key::Unsent).await;
    fixture.0.clock.advance(Duration::from_micros(1));
    let later = [ask(Key::Unsent).await, ask(Key::Sent(&k)).await];

    assert_eq!(first, [Asked::Fresh, Asked::Fresh]);
    assert_eq!(again, Asked::Answered("\"first\"".to_owned()));
    assert_eq!(later, [Asked::Fresh, Asked::Answered("\"first\"".to_owned())]);
}

async fn with_a_key_what_a_clock_asked_that_was_ahead_is_a_repeat(fixture: Fixture) {
    let k = key("k");
    fixture.ask(Key::Sent(&k), "this", "first").await;
    fixture.0.clock.set_back(2 * RETENTION);

    let set_right = fixture.ask(Key::Sent(&k), "this", "second").await;

    assert_eq!(set_right, Asked::Answered("\"first\"".to_owned()));
}

async fn of_two_at_once_one_has_the_effect_and_both_its_answer(fixture: Fixture) {
    for round in 0..20 {
        let k = key(&format!("k{round}"));
        let (one, two) =
            tokio::join!(fixture.ask(Key::Sent(&k), "this", "one"), fixture.ask(Key::Sent(&k), "this", "two"));

        match (one, two) {
            (Asked::Fresh, Asked::Answered(body)) => assert_eq!(body, "\"one\""),
            (Asked::Answered(body), Asked::Fresh) => assert_eq!(body, "\"two\""),
            both => panic!("{both:?}"),
        }
    }
}

async fn what_was_rolled_back_was_not_asked(fixture: Fixture) {
    let k = key("k");
    let request = fixture.request(Key::Sent(&k), "this");
    let tx = fixture.database().begin_read_committed().await.unwrap();
    let Begun::Fresh(fresh) = begin(tx, Some(request)).await.unwrap() else { panic!("it is no repeat") };
    drop(fresh);

    assert_eq!(fixture.ask(Key::Sent(&k), "that", "first").await, Asked::Fresh);
}

async fn an_answer_without_end_is_not_kept(fixture: Fixture) {
    let k = key("k");
    let request = fixture.request(Key::Sent(&k), "this");
    let tx = fixture.database().begin_read_committed().await.unwrap();
    let Begun::Fresh(fresh) = begin(tx, Some(request)).await.unwrap() else { panic!("it is no repeat") };
    let long = Answer::json(StatusCode::OK, Locale::Tr, &"x".repeat(LONGEST_ANSWER));

    assert!(fresh.commit(long).await.is_err());

    assert_eq!(fixture.ask(Key::Sent(&k), "this", "second").await, Asked::Fresh);
}

async fn what_is_no_answer_is_not_given_as_one(fixture: Fixture) {
    let k = key("k");
    for false_value in
        ["status = 7", "status = -200", "status = NULL", "language = 'de'", "language = NULL", "body = NULL"]
    {
        fixture.ask(Key::Sent(&k), "this", "first").await;
        fixture.falsify(false_value).await;
        let tx = fixture.database().begin_read_committed().await.unwrap();

        let begun = begin(tx, Some(fixture.request(Key::Sent(&k), "this"))).await;

        assert!(begun.is_err(), "{false_value}: {begun:?}");
        fixture.falsify("status = 201, language = 'en', body = ''").await;
    }
}

async fn what_is_older_than_a_day_is_forgotten(fixture: Fixture) {
    let (old, new) = (key("old"), key("new"));
    fixture.ask(Key::Sent(&old), "this", "first").await;
    fixture.0.clock.advance(RETENTION - Duration::from_secs(1));
    fixture.ask(Key::Sent(&new), "this", "first").await;
    forget_old(fixture.database()).await.unwrap();
    let before = fixture.count().await;
    fixture.0.clock.advance(Duration::from_secs(1));

    forget_old(fixture.database()).await.unwrap();

    assert_eq!((before, fixture.count().await), (2, 1));
}
