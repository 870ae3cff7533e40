//! An event that fails is tried again in its place, and holds nothing but its own key.

use std::time::Duration;

use super::Harness;
use super::fixture::{Fixture, of_key, within_deadline};
use super::recorder::Act;

const HOUR: Duration = Duration::from_secs(60 * 60);

pub async fn a_failing_event_holds_its_own_key_alone<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet")]);

    fixture.count([("a", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5)]).await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [1, 3, 5]);
    assert_eq!(fixture.effects().await, [("b".to_owned(), 3), ("b".to_owned(), 5)]);
}

pub async fn what_waited_flows_in_order_once_the_event_succeeds<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet"), Act::Fail("still not")]);
    fixture.recorder().when_hearing(4, [Act::Fail("nor this one")]);
    fixture.count([("a", 1), ("a", 2), ("a", 3), ("a", 4), ("a", 5)]).await;
    fixture.idle().await;

    for _ in 0..4 {
        fixture.pass(HOUR).await;
    }
    fixture.count([("a", 6)]).await;
    fixture.idle().await;

    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(fixture.recorder().heard(), [1, 1, 1, 2, 3, 4, 4, 5, 6]);
    assert_eq!(fixture.recorder().after_commits(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(fixture.rows("bus_parked").await, 0);
}

pub async fn an_event_is_not_tried_before_its_time<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    for number in 0..10 {
        fixture.recorder().when_hearing(number, [Act::Fail("not yet"), Act::Fail("still not")]);
        fixture.count([(number.to_string().as_str(), number)]).await;
    }
    fixture.idle().await;

    fixture.pass(Duration::from_millis(400)).await;
    let too_early = fixture.recorder().heard().len();
    fixture.pass(Duration::from_millis(1_100)).await;

    assert_eq!((too_early, fixture.recorder().heard().len()), (10, 20));
}

pub async fn an_event_is_tried_as_soon_as_its_time_has_come<H: Harness>() {
    let fixture = Fixture::<H>::open().await;

    for number in 0..10 {
        fixture.recorder().when_hearing(number, [Act::Fail("not yet")]);
        fixture.count([(number.to_string().as_str(), number)]).await;
        fixture.idle().await;
        // For about half of them this is late enough, and idle waits until those were tried.
        fixture.pass(Duration::from_millis(999)).await;
        fixture.pass(Duration::from_secs(1)).await;
    }

    assert_eq!(fixture.effects().await.len(), 10);
}

pub async fn a_panic_is_a_failure<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Panic]);
    fixture.recorder().after_commit_of(2, [Act::Panic]);

    fixture.count([("a", 1), ("b", 2)]).await;
    fixture.idle().await;
    fixture.pass(HOUR).await;

    assert_eq!(fixture.effects().await, [("b".to_owned(), 2), ("a".to_owned(), 1)]);
    assert_eq!(fixture.recorder().after_commits().iter().filter(|number| **number == 2).count(), 2);
}

pub async fn an_event_that_always_fails_becomes_a_dead_letter<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, vec![Act::Fail("never"); 100]);
    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.idle().await;

    for _ in 0..12 {
        assert_eq!(fixture.open_letters().await, [], "after {} attempts", fixture.recorder().heard().len());
        fixture.pass(2 * HOUR).await;
        if fixture.recorder().heard().contains(&2) {
            break;
        }
    }

    let letters = fixture.open_letters().await;
    let [letter] = &letters[..] else { panic!("one letter, not {letters:?}") };
    assert_eq!((letter.reason.as_str(), letter.attempts, letter.key.as_str()), ("never", 12, "a"));
    assert_eq!(of_key(&fixture.effects().await, "a"), [2]);
}

pub async fn a_death_while_retrying_leaves_one_effect<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet"), Act::Hang]);
    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.idle().await;
    fixture.harness.pass(HOUR);
    within_deadline(fixture.recorder().reached()).await;

    fixture.crash().await;
    fixture.pass(HOUR).await;

    assert_eq!(fixture.recorder().heard(), [1, 1, 1, 2]);
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
}

pub async fn a_death_after_the_commit_of_a_retry_finishes_it_again<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet")]);
    fixture.recorder().after_commit_of(1, [Act::Hang]);
    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.idle().await;
    fixture.harness.pass(HOUR);
    within_deadline(fixture.recorder().reached()).await;

    fixture.crash().await;
    fixture.pass(HOUR).await;

    assert_eq!(fixture.recorder().heard(), [1, 1, 2]);
    assert_eq!(fixture.recorder().after_commits(), [1, 1, 2]);
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
}

/// A fixture in which one event is to be heard again and another one to be finished.
async fn with_parked<H: Harness>() -> Fixture<H> {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet")]);
    fixture.recorder().after_commit_of(2, [Act::Fail("not yet")]);
    fixture.count([("a", 1), ("b", 2)]).await;
    fixture.idle().await;
    assert_eq!(fixture.rows("bus_parked").await, 2);
    fixture
}

pub async fn what_waits_is_tried_when_the_clock_is_set_back<H: Harness>() {
    let fixture = with_parked::<H>().await;

    let parked_at = fixture.now();
    fixture.harness.set_back(HOUR);
    fixture.pass_until_before(parked_at, async || fixture.rows("bus_parked").await == 0).await;

    assert_eq!(fixture.recorder().heard(), [1, 2, 1]);
    assert_eq!(of_key(&fixture.effects().await, "a"), [1]);
}

pub async fn what_waits_for_longer_than_anything_does_is_tried_by_the_next_process<H: Harness>() {
    let mut fixture = with_parked::<H>().await;

    let parked_at = fixture.now();
    fixture.stop().await;
    fixture.harness.set_back(3 * HOUR);
    fixture.start().await;
    fixture.pass_until_before(parked_at, async || fixture.rows("bus_parked").await == 0).await;

    assert_eq!(of_key(&fixture.effects().await, "a"), [1]);
}
