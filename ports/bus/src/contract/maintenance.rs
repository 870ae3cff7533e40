//! The bus reports how it is doing, and keeps nothing longer than it must.

use std::time::Duration;

use database::Connection;
use sea_orm::DbBackend;

use super::Harness;
use super::dead_letters::{DISCARD, REPLAY};
use super::events::{Counted, Echoed, Malformed};
use super::fixture::{Fixture, within_deadline};
use super::recorder::Act;
use crate::{BusUrl, Consumer, ConsumerLag, ConsumerStatus, dead_letters};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn events_leave_the_outbox_once_every_consumer_has_taken_them<H: Harness>() {
    let mut fixture = Fixture::<H>::consumers(&["quick", "slow"], |recorders| {
        recorders.iter().map(|recorder| Consumer::named(recorder.name).hears::<Counted>(recorder.clone())).collect()
    })
    .await;
    let maintain = async |fixture: &Fixture<H>| {
        fixture.bus.maintain().await.unwrap();
        fixture.rows("bus_outbox WHERE topic = 'contract_counted'").await
    };

    fixture.count([("a", 1)]).await;
    fixture.idle().await;
    let after_both_took_one = maintain(&fixture).await;
    fixture.recorders[1].after_commit_of(2, [Act::Hang]);
    fixture.count([("a", 2)]).await;
    within_deadline(fixture.recorders[1].reached()).await;
    within_deadline(async { while lag(&fixture, "quick").await > 0 {} }).await;
    maintain(&fixture).await;
    fixture.crash().await;
    fixture.idle().await;

    let finished = fixture.recorders[1].after_commits();
    assert_eq!(finished.iter().filter(|number| **number == 2).count(), 2, "what one has not taken is kept for it");
    assert_eq!((after_both_took_one, maintain(&fixture).await), (0, 0));
}

async fn lag<H: Harness>(fixture: &Fixture<H>, consumer: &str) -> u64 {
    let status = fixture.bus.status().await.unwrap();
    let consumers = status.topics.iter().flat_map(|topic| &topic.consumers);
    consumers.filter(|status| status.consumer == consumer).map(|status| status.lag.unwrap().records).sum()
}

pub async fn who_begins_to_hear_within_fourteen_days_hears_what_waited<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.record([Echoed { key: "a".to_owned(), number: 1 }]).await;
    fixture.idle().await;
    fixture.harness.pass(13 * DAY);
    fixture.bus.maintain().await.unwrap();

    fixture.stop().await;
    fixture.recast(|recorders| vec![Consumer::named("late").hears::<Echoed>(recorders[0].clone())]);
    fixture.start().await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [1]);
}

pub async fn events_that_nobody_hears_leave_after_fourteen_days<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.record([Echoed { key: "a".to_owned(), number: 1 }]).await;
    fixture.idle().await;

    fixture.harness.pass(15 * DAY);
    fixture.bus.maintain().await.unwrap();

    assert_eq!(fixture.rows("bus_outbox").await, 0);
}

pub async fn the_inbox_forgets_after_fourteen_days<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.count([("a", 1)]).await;
    fixture.idle().await;
    fixture.harness.pass(13 * DAY);
    fixture.count([("a", 2)]).await;
    fixture.idle().await;
    fixture.bus.maintain().await.unwrap();
    let after_13_days = fixture.rows("bus_inbox").await;

    fixture.harness.pass(2 * DAY);
    fixture.bus.maintain().await.unwrap();

    assert_eq!((after_13_days, fixture.rows("bus_inbox").await), (2, 1));
}

pub async fn the_inbox_keeps_what_a_dead_letter_names_and_a_letter_stays_for_90_days<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Refuse("no")]);
    fixture.count([("a", 1), ("b", 2)]).await;
    fixture.idle().await;
    let rows = async |fixture: &Fixture<H>, table| {
        fixture.bus.maintain().await.unwrap();
        fixture.rows(table).await
    };

    fixture.harness.pass(15 * DAY);
    let while_open = rows(&fixture, "bus_inbox").await;
    let letter = fixture.open_letters().await.remove(0);
    dead_letters::close_one(fixture.database(), letter.id, DISCARD).await.unwrap();
    let once_closed = rows(&fixture, "bus_inbox").await;
    fixture.harness.pass(89 * DAY);
    let after_89_days = rows(&fixture, "bus_dead_letter").await;
    fixture.harness.pass(2 * DAY);

    assert_eq!((while_open, once_closed, after_89_days), (1, 0, 1));
    assert_eq!((rows(&fixture, "bus_dead_letter").await, rows(&fixture, "bus_dead_letter_action").await), (0, 0));
}

pub async fn the_inbox_keeps_what_waits_to_finish_however_long<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().after_commit_of(1, vec![Act::Fail("not yet"); 1_000]);
    fixture.count([("a", 1)]).await;
    fixture.idle().await;

    fixture.harness.pass(15 * DAY);
    fixture.bus.maintain().await.unwrap();

    assert_eq!((fixture.rows("bus_parked").await, fixture.rows("bus_inbox").await), (1, 1));
    fixture.stop().await;
}

pub async fn a_part_of_the_maintenance_that_fails_keeps_none_of_the_others<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Refuse("no")]);
    fixture.count([("a", 1), ("b", 2)]).await;
    fixture.idle().await;
    let letter = fixture.open_letters().await.remove(0);
    dead_letters::close_one(fixture.database(), letter.id, DISCARD).await.unwrap();
    let tx = fixture.database().begin_write().await.unwrap();
    tx.execute_unprepared(keep_outbox(tx.get_database_backend())).await.unwrap();
    tx.commit().await.unwrap();

    let recorded = fixture.rows("bus_outbox").await;

    fixture.harness.pass(91 * DAY);
    let maintained = fixture.bus.maintain().await;

    assert!(recorded > 0 && maintained.is_err(), "what failed is reported");
    let kept = ["bus_outbox", "bus_inbox", "bus_dead_letter"].map(async |table| fixture.rows(table).await);
    assert_eq!(futures_util::future::join_all(kept).await, [recorded, 0, 0]);
}

fn keep_outbox(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite {
        "CREATE TRIGGER keep_outbox BEFORE DELETE ON bus_outbox BEGIN SELECT RAISE(ABORT, 'no'); END"
    } else {
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$; \
         CREATE TRIGGER keep_outbox BEFORE DELETE ON bus_outbox FOR EACH ROW EXECUTE FUNCTION keep()"
    }
}

pub async fn what_is_older_than_the_inbox_remembers_is_heard_only_if_it_can_not_come_again<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.stop().await;
    fixture.count([("a", 1)]).await;
    fixture.harness.pass(15 * DAY);

    fixture.start().await;
    fixture.idle().await;

    if fixture.harness.url() == BusUrl::Embedded {
        assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
        return;
    }
    let letter = fixture.open_letters().await.remove(0);
    assert!(letter.reason.starts_with("too old: "), "{}", letter.reason);
    dead_letters::close_one(fixture.database(), letter.id, REPLAY).await.unwrap();
    fixture.idle().await;
    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
}

pub async fn the_status_counts_what_waits<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet")]);
    fixture.recorder().when_hearing(2, [Act::Refuse("never")]);
    fixture.count([("a", 1), ("b", 2)]).await;
    fixture.idle().await;
    fixture.stop().await;
    fixture.count([("a", 3), ("b", 4)]).await;
    fixture.harness.pass(Duration::from_secs(90));

    let status = fixture.bus.status().await.unwrap();

    let topic = status.topics.iter().find(|topic| topic.topic == "contract_counted").unwrap();
    assert_eq!((topic.depth, topic.oldest_seconds), (2, 90.0));
    let lag = Some(ConsumerLag { records: 2, seconds: 90.0 });
    let waiting = ConsumerStatus { consumer: "recorder".to_owned(), lag, parked_keys: 1 };
    assert_eq!(topic.consumers, [waiting]);
    assert_eq!(open_letters(&fixture).await, [("refused", 1)]);
}

pub async fn a_consumer_knows_until_when_it_has_heard<H: Harness>() {
    let mut fixture = Fixture::<H>::consumers(&["recorder"], |recorders| {
        let consumer = Consumer::named("recorder").hears::<Counted>(recorders[0].clone());
        vec![consumer.dates::<Counted>(recorders[0].heard_until.clone())]
    })
    .await;
    let heard_until = fixture.recorder().heard_until.clone();
    let untold = heard_until.get();
    fixture.count([("a", 1)]).await;
    fixture.idle().await;
    fixture.bus.maintain().await.unwrap();
    let at_rest = heard_until.get().map(|until| fixture.database().sources().now() - until);
    fixture.stop().await;
    fixture.count([("a", 2)]).await;
    fixture.harness.pass(Duration::from_secs(90));

    fixture.bus.maintain().await.unwrap();

    let behind = heard_until.get().map(|until| fixture.database().sources().now() - until);
    let [none, ninety] = [0, 90].map(chrono::TimeDelta::seconds);
    assert_eq!((untold, at_rest, behind), (None, Some(none), Some(ninety)));

    fixture.recorder().when_hearing(2, [Act::Fail("not yet")]);
    fixture.start().await;
    fixture.idle().await;
    fixture.bus.maintain().await.unwrap();
    assert_eq!(
        heard_until.get().map(|until| fixture.database().sources().now() - until),
        Some(ninety),
        "one is parked"
    );
}

pub async fn dead_letters_are_counted_by_why_the_event_was_given_up<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(2, [Act::Refuse("never")]);
    fixture.record([Malformed { key: "a".to_owned() }]).await;
    fixture.count([("b", 2)]).await;
    fixture.idle().await;
    let young = open_letters(&fixture).await;
    fixture.stop().await;
    fixture.count([("c", 3)]).await;
    fixture.harness.pass(15 * DAY);
    fixture.start().await;
    fixture.idle().await;
    let old = open_letters(&fixture).await;

    for letter in fixture.open_letters().await {
        dead_letters::close_one(fixture.database(), letter.id, DISCARD).await.unwrap();
    }

    assert_eq!(young, [("malformed", 1), ("refused", 1)]);
    // Only what may be delivered again can have been heard by somebody who has forgotten it.
    let expired = (fixture.harness.url() != BusUrl::Embedded).then_some(("expired", 1));
    assert_eq!(old, expired.into_iter().chain(young).collect::<Vec<_>>());
    assert_eq!(open_letters(&fixture).await, []);
}

/// Why events were given up, and how many letters of each sort are open.
async fn open_letters<H: Harness>(fixture: &Fixture<H>) -> Vec<(&'static str, u64)> {
    let counted = fixture.bus.status().await.unwrap().dead_letters;
    counted.into_iter().filter(|(_, letters)| *letters > 0).collect()
}
