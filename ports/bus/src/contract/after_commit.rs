//! What follows a commit in other stores is tried until it succeeds.

use std::time::Duration;

use super::Harness;
use super::fixture::{Fixture, of_key};
use super::recorder::Act;

const HOUR: Duration = Duration::from_secs(60 * 60);

pub async fn what_follows_the_commit_is_repeated_until_it_succeeds_and_the_effect_is_not<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().after_commit_of(1, [Act::Fail("not yet"), Act::Refuse("nor now"), Act::Fail("still not")]);
    fixture.count([("a", 1)]).await;
    fixture.idle().await;

    for _ in 0..4 {
        fixture.pass(HOUR).await;
    }

    assert_eq!(fixture.recorder().heard(), [1]);
    assert_eq!(fixture.recorder().after_commits(), [1, 1, 1, 1]);
    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
    assert_eq!(fixture.rows("bus_parked").await, 0);
}

pub async fn an_event_that_does_not_finish_holds_its_own_key_alone<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().after_commit_of(1, [Act::Fail("not yet")]);

    fixture.count([("a", 1), ("a", 2), ("b", 3)]).await;
    fixture.idle().await;
    let before = fixture.effects().await;
    fixture.pass(HOUR).await;

    assert_eq!(before, [("a".to_owned(), 1), ("b".to_owned(), 3)]);
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
    assert_eq!(fixture.recorder().after_commits(), [1, 3, 1, 2]);
}

pub async fn what_follows_the_commit_is_never_given_up<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().after_commit_of(1, vec![Act::Fail("not yet"); 40]);
    fixture.count([("a", 1)]).await;
    fixture.idle().await;

    for _ in 0..40 {
        fixture.pass(Duration::from_secs(2 * 60)).await;
    }

    assert_eq!(fixture.recorder().after_commits().len(), 41);
    assert_eq!(fixture.open_letters().await, []);
}

pub async fn what_was_finished_is_finished_again_when_delivered_again<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.count([("a", 1), ("b", 2)]).await;
    fixture.idle().await;

    fixture.stop().await;
    fixture.harness.rewind().await;
    fixture.start().await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [1, 2]);
    assert_eq!(fixture.recorder().after_commits(), [1, 2, 1, 2]);
}

pub async fn what_waits_to_finish_is_left_alone_when_delivered_again<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().after_commit_of(1, [Act::Fail("not yet")]);
    fixture.count([("a", 1)]).await;
    fixture.idle().await;

    fixture.stop().await;
    fixture.harness.rewind().await;
    fixture.start().await;
    fixture.idle().await;
    let before_its_time = fixture.recorder().after_commits();
    fixture.pass(HOUR).await;

    assert_eq!((before_its_time, fixture.recorder().after_commits()), (vec![1], vec![1, 1]));
}
