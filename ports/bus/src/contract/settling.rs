//! What an effect means to other stores is told until it is told.

use std::time::Duration;

use super::Harness;
use super::scene::{Scene, of_key};
use super::scribe::Act;

const HOUR: Duration = Duration::from_secs(60 * 60);

pub async fn settling_is_repeated_until_it_succeeds_and_the_effect_is_not<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_settling(1, [Act::Fail("not yet"), Act::Refuse("nor now"), Act::Fail("still not")]);
    scene.count([("a", 1)]).await;
    scene.idle().await;

    for _ in 0..4 {
        scene.pass(HOUR).await;
    }

    assert_eq!(scene.scribe().heard(), [1]);
    assert_eq!(scene.scribe().settled(), [1, 1, 1, 1]);
    assert_eq!(scene.effects().await, [("a".to_owned(), 1)]);
    assert_eq!(scene.rows("bus_parked").await, 0);
}

pub async fn an_event_that_does_not_settle_holds_its_own_key_alone<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_settling(1, [Act::Fail("not yet")]);

    scene.count([("a", 1), ("a", 2), ("b", 3)]).await;
    scene.idle().await;
    let before = scene.effects().await;
    scene.pass(HOUR).await;

    assert_eq!(before, [("a".to_owned(), 1), ("b".to_owned(), 3)]);
    assert_eq!(of_key(&scene.effects().await, "a"), [1, 2]);
    assert_eq!(scene.scribe().settled(), [1, 3, 1, 2]);
}

pub async fn settling_is_never_given_up<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_settling(1, vec![Act::Fail("not yet"); 40]);
    scene.count([("a", 1)]).await;
    scene.idle().await;

    for _ in 0..40 {
        scene.pass(Duration::from_secs(2 * 60)).await;
    }

    assert_eq!(scene.scribe().settled().len(), 41);
    assert_eq!(scene.open_letters().await, []);
}

pub async fn what_was_settled_is_settled_again_when_delivered_again<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    scene.count([("a", 1), ("b", 2)]).await;
    scene.idle().await;

    scene.stop().await;
    scene.harness.rewind().await;
    scene.start().await;
    scene.idle().await;

    assert_eq!(scene.scribe().heard(), [1, 2]);
    assert_eq!(scene.scribe().settled(), [1, 2, 1, 2]);
}

pub async fn what_waits_to_settle_is_left_alone_when_delivered_again<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    scene.scribe().when_settling(1, [Act::Fail("not yet")]);
    scene.count([("a", 1)]).await;
    scene.idle().await;

    scene.stop().await;
    scene.harness.rewind().await;
    scene.start().await;
    scene.idle().await;
    let before_its_time = scene.scribe().settled();
    scene.pass(HOUR).await;

    assert_eq!((before_its_time, scene.scribe().settled()), (vec![1], vec![1, 1]));
}
