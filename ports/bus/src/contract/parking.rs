//! An event that fails is tried again in its place, and holds nothing but its own key.

use std::time::Duration;

use super::Harness;
use super::scene::{Scene, of_key, within_deadline};
use super::scribe::Act;

const HOUR: Duration = Duration::from_secs(60 * 60);

pub async fn a_failing_event_holds_its_own_key_alone<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet")]);

    scene.count([("a", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5)]).await;
    scene.idle().await;

    assert_eq!(scene.scribe().heard(), [1, 3, 5]);
    assert_eq!(scene.effects().await, [("b".to_owned(), 3), ("b".to_owned(), 5)]);
}

pub async fn what_waited_flows_in_order_once_the_event_succeeds<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet"), Act::Fail("still not")]);
    scene.scribe().when_hearing(4, [Act::Fail("nor this one")]);
    scene.count([("a", 1), ("a", 2), ("a", 3), ("a", 4), ("a", 5)]).await;
    scene.idle().await;

    for _ in 0..4 {
        scene.pass(HOUR).await;
    }
    scene.count([("a", 6)]).await;
    scene.idle().await;

    assert_eq!(of_key(&scene.effects().await, "a"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(scene.scribe().heard(), [1, 1, 1, 2, 3, 4, 4, 5, 6]);
    assert_eq!(scene.scribe().settled(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(scene.rows("bus_parked").await, 0);
}

pub async fn an_event_is_not_tried_before_its_time<H: Harness>() {
    let scene = Scene::<H>::open().await;
    for number in 0..10 {
        scene.scribe().when_hearing(number, [Act::Fail("not yet"), Act::Fail("still not")]);
        scene.count([(number.to_string().as_str(), number)]).await;
    }
    scene.idle().await;

    scene.pass(Duration::from_millis(400)).await;
    let too_early = scene.scribe().heard().len();
    scene.pass(Duration::from_millis(1_100)).await;

    assert_eq!((too_early, scene.scribe().heard().len()), (10, 20));
}

pub async fn an_event_is_tried_as_soon_as_its_time_has_come<H: Harness>() {
    let scene = Scene::<H>::open().await;

    for number in 0..10 {
        scene.scribe().when_hearing(number, [Act::Fail("not yet")]);
        scene.count([(number.to_string().as_str(), number)]).await;
        scene.idle().await;
        // For about half of them this is late enough, and idle waits until those were tried.
        scene.pass(Duration::from_millis(999)).await;
        scene.pass(Duration::from_secs(1)).await;
    }

    assert_eq!(scene.effects().await.len(), 10);
}

pub async fn a_panic_is_a_failure<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Panic]);
    scene.scribe().when_settling(2, [Act::Panic]);

    scene.count([("a", 1), ("b", 2)]).await;
    scene.idle().await;
    scene.pass(HOUR).await;

    assert_eq!(scene.effects().await, [("b".to_owned(), 2), ("a".to_owned(), 1)]);
    assert_eq!(scene.scribe().settled().iter().filter(|number| **number == 2).count(), 2);
}

pub async fn an_event_that_always_fails_becomes_a_dead_letter<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, vec![Act::Fail("never"); 100]);
    scene.count([("a", 1), ("a", 2)]).await;
    scene.idle().await;

    for _ in 0..12 {
        assert_eq!(scene.open_letters().await, [], "after {} attempts", scene.scribe().heard().len());
        scene.pass(2 * HOUR).await;
        if scene.scribe().heard().contains(&2) {
            break;
        }
    }

    let letters = scene.open_letters().await;
    let [letter] = &letters[..] else { panic!("one letter, not {letters:?}") };
    assert_eq!((letter.reason.as_str(), letter.attempts, letter.key.as_str()), ("never", 12, "a"));
    assert_eq!(of_key(&scene.effects().await, "a"), [2]);
}

pub async fn a_death_while_retrying_leaves_one_effect<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet"), Act::Hang]);
    scene.count([("a", 1), ("a", 2)]).await;
    scene.idle().await;
    scene.harness.pass(HOUR);
    within_deadline(scene.scribe().reached()).await;

    scene.crash().await;
    scene.pass(HOUR).await;

    assert_eq!(scene.scribe().heard(), [1, 1, 1, 2]);
    assert_eq!(of_key(&scene.effects().await, "a"), [1, 2]);
}

pub async fn a_death_while_settling_a_retry_settles_it_again<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet")]);
    scene.scribe().when_settling(1, [Act::Hang]);
    scene.count([("a", 1), ("a", 2)]).await;
    scene.idle().await;
    scene.harness.pass(HOUR);
    within_deadline(scene.scribe().reached()).await;

    scene.crash().await;
    scene.pass(HOUR).await;

    assert_eq!(scene.scribe().heard(), [1, 1, 2]);
    assert_eq!(scene.scribe().settled(), [1, 1, 2]);
    assert_eq!(of_key(&scene.effects().await, "a"), [1, 2]);
}

/// A scene in which one event is to be heard again and another one to be settled.
async fn with_parked<H: Harness>() -> Scene<H> {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet")]);
    scene.scribe().when_settling(2, [Act::Fail("not yet")]);
    scene.count([("a", 1), ("b", 2)]).await;
    scene.idle().await;
    assert_eq!(scene.rows("bus_parked").await, 2);
    scene
}

pub async fn what_waits_is_tried_when_the_clock_is_set_back<H: Harness>() {
    let scene = with_parked::<H>().await;

    let parked_at = scene.now();
    scene.harness.set_back(HOUR);
    scene.pass_until_before(parked_at, async || scene.rows("bus_parked").await == 0).await;

    assert_eq!(scene.scribe().heard(), [1, 2, 1]);
    assert_eq!(of_key(&scene.effects().await, "a"), [1]);
}

pub async fn what_waits_for_longer_than_anything_does_is_tried_by_the_next_process<H: Harness>() {
    let mut scene = with_parked::<H>().await;

    let parked_at = scene.now();
    scene.stop().await;
    scene.harness.set_back(3 * HOUR);
    scene.start().await;
    scene.pass_until_before(parked_at, async || scene.rows("bus_parked").await == 0).await;

    assert_eq!(of_key(&scene.effects().await, "a"), [1]);
}
