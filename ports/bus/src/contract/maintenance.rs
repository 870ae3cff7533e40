//! The bus tells how it is doing, and keeps nothing longer than it must.

use std::time::Duration;

use super::Harness;
use super::dead_letters::{DISCARD, REPLAY};
use super::events::{Counted, Echoed};
use super::scene::{Scene, within_deadline};
use super::scribe::Act;
use crate::{BusUrl, Consumer, ConsumerLag, ConsumerStatus, dead_letters};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn events_leave_the_outbox_once_every_consumer_has_taken_them<H: Harness>() {
    let mut scene = Scene::<H>::cast(&["quick", "slow"], |scribes| {
        scribes.iter().map(|scribe| Consumer::named(scribe.name).hears::<Counted>(scribe.clone())).collect()
    })
    .await;
    let maintain = async |scene: &Scene<H>| {
        scene.bus.maintain().await.unwrap();
        scene.rows("bus_outbox WHERE topic = 'contract_counted'").await
    };

    scene.count([("a", 1)]).await;
    scene.idle().await;
    let after_both_took_one = maintain(&scene).await;
    scene.scribes[1].when_settling(2, [Act::Hang]);
    scene.count([("a", 2)]).await;
    within_deadline(scene.scribes[1].reached()).await;
    within_deadline(async { while lag(&scene, "quick").await > 0 {} }).await;
    maintain(&scene).await;
    scene.crash().await;
    scene.idle().await;

    let settled = scene.scribes[1].settled();
    assert_eq!(settled.iter().filter(|number| **number == 2).count(), 2, "what one has not taken is kept for it");
    assert_eq!((after_both_took_one, maintain(&scene).await), (0, 0));
}

async fn lag<H: Harness>(scene: &Scene<H>, consumer: &str) -> u64 {
    let status = scene.bus.status().await.unwrap();
    let consumers = status.topics.iter().flat_map(|topic| &topic.consumers);
    consumers.filter(|status| status.consumer == consumer).map(|status| status.lag.unwrap().records).sum()
}

pub async fn who_begins_to_hear_within_fourteen_days_hears_what_waited<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    scene.record([Echoed { key: "a".to_owned(), number: 1 }]).await;
    scene.idle().await;
    scene.harness.pass(13 * DAY);
    scene.bus.maintain().await.unwrap();

    scene.stop().await;
    scene.recast(|scribes| vec![Consumer::named("late").hears::<Echoed>(scribes[0].clone())]);
    scene.start().await;
    scene.idle().await;

    assert_eq!(scene.scribe().heard(), [1]);
}

pub async fn events_that_nobody_hears_leave_after_fourteen_days<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.record([Echoed { key: "a".to_owned(), number: 1 }]).await;
    scene.idle().await;

    scene.harness.pass(15 * DAY);
    scene.bus.maintain().await.unwrap();

    assert_eq!(scene.rows("bus_outbox").await, 0);
}

pub async fn the_inbox_forgets_after_fourteen_days<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.count([("a", 1)]).await;
    scene.idle().await;
    scene.harness.pass(13 * DAY);
    scene.count([("a", 2)]).await;
    scene.idle().await;
    scene.bus.maintain().await.unwrap();
    let after_13_days = scene.rows("bus_inbox").await;

    scene.harness.pass(2 * DAY);
    scene.bus.maintain().await.unwrap();

    assert_eq!((after_13_days, scene.rows("bus_inbox").await), (2, 1));
}

pub async fn the_inbox_keeps_what_a_dead_letter_names_and_a_letter_stays_for_90_days<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Refuse("no")]);
    scene.count([("a", 1), ("b", 2)]).await;
    scene.idle().await;
    let rows = async |scene: &Scene<H>, table| {
        scene.bus.maintain().await.unwrap();
        scene.rows(table).await
    };

    scene.harness.pass(15 * DAY);
    let while_open = rows(&scene, "bus_inbox").await;
    let letter = scene.open_letters().await.remove(0);
    dead_letters::close_one(scene.database(), letter.id, DISCARD).await.unwrap();
    let once_closed = rows(&scene, "bus_inbox").await;
    scene.harness.pass(89 * DAY);
    let after_89_days = rows(&scene, "bus_dead_letter").await;
    scene.harness.pass(2 * DAY);

    assert_eq!((while_open, once_closed, after_89_days), (1, 0, 1));
    assert_eq!((rows(&scene, "bus_dead_letter").await, rows(&scene, "bus_dead_letter_action").await), (0, 0));
}

pub async fn what_is_older_than_the_inbox_remembers_is_heard_only_if_it_can_not_come_again<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    scene.stop().await;
    scene.count([("a", 1)]).await;
    scene.harness.pass(15 * DAY);

    scene.start().await;
    scene.idle().await;

    if scene.harness.url() == BusUrl::Embedded {
        assert_eq!(scene.effects().await, [("a".to_owned(), 1)]);
        return;
    }
    let letter = scene.open_letters().await.remove(0);
    assert!(letter.reason.starts_with("too old: "), "{}", letter.reason);
    dead_letters::close_one(scene.database(), letter.id, REPLAY).await.unwrap();
    scene.idle().await;
    assert_eq!(scene.effects().await, [("a".to_owned(), 1)]);
}

pub async fn the_status_tells_what_waits<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet")]);
    scene.scribe().when_hearing(2, [Act::Refuse("never")]);
    scene.count([("a", 1), ("b", 2)]).await;
    scene.idle().await;
    scene.stop().await;
    scene.count([("a", 3), ("b", 4)]).await;
    scene.harness.pass(Duration::from_secs(90));

    let status = scene.bus.status().await.unwrap();

    let topic = status.topics.iter().find(|topic| topic.topic == "contract_counted").unwrap();
    assert_eq!((topic.depth, topic.oldest_seconds), (2, 90.0));
    let lag = Some(ConsumerLag { records: 2, seconds: 90.0 });
    let waiting = ConsumerStatus { consumer: "scribe".to_owned(), lag, parked_keys: 1 };
    assert_eq!(topic.consumers, [waiting]);
    assert_eq!(status.dead_letters, [("exhausted", 0), ("refused", 1)].into());
}
