//! Every event has its effect once, in order, whatever dies in between.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::Harness;
use super::events::{Counted, Echoed};
use super::fixture::{Fixture, of_key, within_deadline};
use super::recorder::Act;
use crate::{Consumer, TraceParent, outbox};

pub async fn events_of_one_key_have_their_effects_in_order<H: Harness>() {
    let fixture = Fixture::<H>::open().await;

    fixture.count((0..60).map(|number| (["a", "b", "c"][number as usize % 3], number))).await;
    fixture.idle().await;

    let effects = fixture.effects().await;
    assert_eq!(effects.len(), 60);
    for key in ["a", "b", "c"] {
        assert!(of_key(&effects, key).is_sorted(), "the order of {key} holds");
    }
}

pub async fn what_was_rolled_back_is_never_heard<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    let tx = fixture.database().begin_write().await.unwrap();
    outbox::record(&tx, &Counted { key: "a".to_owned(), number: 1 }).await.unwrap();

    drop(tx);
    fixture.count([("a", 2)]).await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [2]);
}

pub async fn what_was_recorded_while_nobody_ran_is_heard<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.stop().await;

    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.start().await;
    fixture.idle().await;

    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
}

pub async fn every_consumer_hears_every_event<H: Harness>() {
    let fixture = Fixture::<H>::consumers(&["first", "second"], |recorders| {
        recorders.iter().map(|recorder| Consumer::named(recorder.name).hears::<Counted>(recorder.clone())).collect()
    })
    .await;
    fixture.recorders[0].when_hearing(1, [Act::Refuse("not mine")]);

    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.idle().await;

    assert_eq!(of_key(&fixture.effects_of("first").await, "a"), [2]);
    assert_eq!(of_key(&fixture.effects_of("second").await, "a"), [1, 2]);
}

pub async fn a_consumer_hears_several_topics<H: Harness>() {
    let mut fixture = Fixture::<H>::consumers(&["recorder"], |recorders| {
        vec![Consumer::named("recorder").hears::<Counted>(recorders[0].clone()).hears::<Echoed>(recorders[0].clone())]
    })
    .await;

    fixture.count([("a", 1)]).await;
    fixture.idle().await;
    fixture.stop().await;
    fixture.record([Echoed { key: "b".to_owned(), number: 2 }, Echoed { key: "b".to_owned(), number: 3 }]).await;
    fixture.count([("a", 4)]).await;
    fixture.start().await;
    fixture.idle().await;

    // Each Counted is echoed, once, to the same consumer.
    let effects = fixture.effects().await;
    assert_eq!((of_key(&effects, "a"), of_key(&effects, "b")), (vec![1, 1, 4, 4], vec![2, 3]));
}

pub async fn one_of_many_that_fails_takes_nothing_from_the_others<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(2, [Act::Fail("not yet")]);
    fixture.recorder().when_hearing(4, [Act::Refuse("never")]);
    fixture.recorder().when_hearing(7, [Act::Panic]);
    fixture.stop().await;
    fixture.count([("a", 1), ("b", 2), ("c", 3), ("d", 4), ("b", 5), ("e", 6), ("f", 7), ("g", 8)]).await;

    fixture.start().await;
    fixture.idle().await;

    let (mut heard, mut effects) = (fixture.recorder().heard(), fixture.effects().await);
    heard.sort_unstable();
    effects.sort_unstable();
    assert_eq!(heard, [1, 2, 3, 4, 6, 7, 8], "what waits behind another is not heard");
    assert_eq!(effects, [("a", 1), ("c", 3), ("e", 6), ("g", 8)].map(|(key, number)| (key.to_owned(), number)));
    assert_eq!(fixture.rows("bus_parked").await, 3);
    assert_eq!(fixture.open_letters().await.len(), 1);
}

pub async fn one_of_many_that_takes_long_loses_none_of_the_others<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    let released = Arc::new(Notify::new());
    fixture.recorder().when_hearing(2, [Act::Await(Arc::clone(&released))]);
    fixture.stop().await;
    fixture.count(["a", "b", "c", "d", "a"].into_iter().zip(1..)).await;
    fixture.start().await;
    within_deadline(fixture.recorder().reached()).await;

    fixture.harness.pass(Duration::from_secs(1));
    released.notify_one();
    fixture.idle().await;

    let (mut heard, mut finished) = (fixture.recorder().heard(), fixture.recorder().after_commits());
    heard.sort_unstable();
    finished.sort_unstable();
    assert_eq!((heard, finished), (vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]));
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 5]);
}

pub async fn a_death_before_the_commit_leaves_one_effect<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Hang]);
    // The handler keeps its transaction open, behind which a database with one writer would record nothing more.
    fixture.stop().await;
    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.start().await;
    within_deadline(fixture.recorder().reached()).await;

    fixture.crash().await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [1, 1, 2]);
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
}

pub async fn a_death_after_the_commit_leaves_one_effect_and_finishes_it<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().after_commit_of(1, [Act::Hang]);
    fixture.count([("a", 1), ("a", 2)]).await;
    within_deadline(fixture.recorder().reached()).await;

    fixture.crash().await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [1, 2]);
    // A log that is copied may deliver both once more, and what is delivered again is finished again.
    assert!(fixture.recorder().after_commits().starts_with(&[1, 1, 2]));
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
}

pub async fn what_is_delivered_again_has_no_second_effect<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(2, [Act::Fail("not yet")]);
    fixture.recorder().when_hearing(4, [Act::Refuse("never")]);
    fixture.count([("a", 1), ("b", 2), ("b", 3), ("c", 4)]).await;
    fixture.idle().await;

    fixture.stop().await;
    fixture.harness.rewind().await;
    fixture.start().await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [1, 2, 4], "parked events and dead letters are left where they are");
    assert_eq!(fixture.recorder().after_commits(), [1, 1], "nothing follows what was not heard");
    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
    assert_eq!(fixture.rows("bus_parked").await, 2);
    assert_eq!(fixture.open_letters().await.len(), 1);
}

pub async fn what_a_consumer_records_commits_with_its_effect<H: Harness>() {
    let fixture = Fixture::<H>::consumers(&["recorder", "echo"], |recorders| {
        vec![
            Consumer::named("recorder").hears::<Counted>(recorders[0].clone()),
            Consumer::named("echo").hears::<Echoed>(recorders[1].clone()),
        ]
    })
    .await;
    fixture.recorder().when_hearing(1, [Act::Refuse("after it recorded")]);

    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.idle().await;

    assert_eq!(fixture.recorder().heard(), [1, 2]);
    assert_eq!(of_key(&fixture.effects_of("echo").await, "a"), [2]);
}

pub async fn a_stop_lets_the_event_at_hand_finish<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    let released = Arc::new(Notify::new());
    fixture.recorder().when_hearing(1, [Act::Await(Arc::clone(&released))]);
    fixture.stop().await;
    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.start().await;
    within_deadline(fixture.recorder().reached()).await;

    fixture.ask_to_stop();
    released.notify_one();
    fixture.stop().await;
    let effects_of_first_run = fixture.effects().await;
    fixture.start().await;
    fixture.idle().await;

    assert_eq!(effects_of_first_run, [("a".to_owned(), 1)]);
    assert_eq!(fixture.recorder().heard(), [1, 2]);
    assert_eq!(fixture.recorder().after_commits(), [1, 2], "what was finished is not delivered again");
}

pub async fn an_event_is_heard_in_the_trace_of_its_cause<H: Harness>() {
    let fixture = Fixture::<H>::consumers(&["recorder", "echo"], |recorders| {
        vec![
            Consumer::named("recorder").hears::<Counted>(recorders[0].clone()),
            Consumer::named("echo").hears::<Echoed>(recorders[1].clone()),
        ]
    })
    .await;
    let trace = TraceParent::new([7; 16], [3; 8]);

    trace.clone().scope(fixture.count([("a", 1)])).await;
    fixture.count([("a", 2)]).await;
    fixture.idle().await;

    for recorder in &fixture.recorders {
        assert_eq!(recorder.traces(), [Some(trace.clone()), None], "{}", recorder.name);
    }
}

/// Time stands still here, so whatever is not heard when it is recorded is never heard.
pub async fn what_is_recorded_while_consumers_poll_is_heard_at_once<H: Harness>() {
    let mut fixture = Fixture::<H>::consumers(&["counts", "echoes"], |recorders| {
        let [counts, echoes] = [recorders[0].clone(), recorders[1].clone()];
        let counts = Consumer::named("counts").hears::<Counted>(counts);
        vec![counts, Consumer::named("echoes").hears::<Echoed>(echoes.clone()).hears::<Counted>(echoes)]
    })
    .await;
    let mut writers = JoinSet::new();
    for writer in 0..3_u32 {
        let database = fixture.database().clone();
        writers.spawn(async move {
            for round in 0..40 {
                let tx = database.begin_write().await.unwrap();
                let (key, number) = (writer.to_string(), writer * 40 + round);
                outbox::record(&tx, &Counted { key, number }).await.unwrap();
                // Others commit between this row and its commit.
                for _ in 0..round % 4 {
                    tokio::task::yield_now().await;
                }
                tx.commit().await.unwrap();
            }
        });
    }

    writers.join_all().await;
    fixture.idle().await;

    let (counts, echoes) = (fixture.effects_of("counts").await, fixture.effects_of("echoes").await);
    fixture.stop().await;
    // Both consumers record an echo of each.
    assert_eq!((counts.len(), echoes.len()), (120, 120 + 240));
}

pub async fn a_backlog_drains<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    fixture.stop().await;
    let events: Vec<_> = (0..5_000).map(|number| Counted { key: (number % 100).to_string(), number }).collect();
    for events in events.chunks(outbox::LIMIT) {
        let tx = fixture.database().begin_write().await.unwrap();
        outbox::record_all(&tx, events).await.unwrap();
        tx.commit().await.unwrap();
    }

    fixture.start().await;
    fixture.idle().await;

    let effects = fixture.effects().await;
    assert_eq!((effects.len(), fixture.rows("bus_parked").await), (5_000, 0));
    assert!((0..100).all(|key: u32| of_key(&effects, &key.to_string()).is_sorted()));
}

pub async fn a_transaction_records_a_thousand_events_at_most<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    let events: Vec<_> = (0..1_001).map(|number| Counted { key: number.to_string(), number }).collect();
    let tx = fixture.database().begin_write().await.unwrap();

    let refused = outbox::record_all(&tx, &events).await.unwrap_err();
    outbox::record_all(&tx, &events[..1_000]).await.unwrap();
    tx.commit().await.unwrap();
    fixture.idle().await;

    assert!(refused.to_string().ends_with("a fan-out records them chunk by chunk"), "{refused}");
    assert_eq!(fixture.effects().await.len(), 1_000);
}
