//! What a consumer gives up, an operator finds, replays or discards.

use std::time::Duration;

use super::Harness;
use super::events::{Counted, Malformed};
use super::scene::{Scene, of_key};
use super::scribe::Act;
use crate::dead_letters::{DeadLetterId, Filter, Run, Scope, State, discard, list, replay, show};
use crate::{Consumer, TraceParent};

const HOUR: Duration = Duration::from_secs(60 * 60);

pub(super) async fn run_all<H: Harness>() {
    a_refused_event_becomes_a_dead_letter_at_once::<H>().await;
    what_cannot_be_parsed_becomes_a_dead_letter::<H>().await;
    a_letter_tells_its_event_and_trace::<H>().await;
    a_replayed_event_goes_to_the_failed_consumer_alone_and_once::<H>().await;
    a_replayed_event_waits_behind_its_key::<H>().await;
    a_replayed_event_may_fail_again::<H>().await;
    a_dry_run_tells_exactly_what_would_happen_and_changes_nothing::<H>().await;
    a_discarded_letter_stays_discarded_and_tells_by_whom::<H>().await;
    letters_are_filtered::<H>().await;
    a_replay_from_another_process_is_noticed::<H>().await;
}

/// A scene in which the events with `numbers` were refused, each under a key of its own.
async fn refused<H: Harness>(numbers: &[u32]) -> Scene<H> {
    let scene = Scene::<H>::open().await;
    for number in numbers {
        scene.scribe().when_hearing(*number, [Act::Refuse("not this way")]);
        scene.count([(number.to_string().as_str(), *number)]).await;
    }
    scene.idle().await;
    scene
}

fn all() -> Filter {
    Filter::default()
}

async fn a_refused_event_becomes_a_dead_letter_at_once<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Refuse("unknown dish")]);

    scene.count([("a", 1), ("a", 2)]).await;
    scene.idle().await;

    let letters = scene.open_letters().await;
    let [letter] = &letters[..] else { panic!("one letter, not {letters:?}") };
    assert_eq!(
        serde_json::to_value(letter).unwrap(),
        serde_json::json!({
            "id": letter.id,
            "consumer": "scribe",
            "topic": "contract_counted",
            "key": "a",
            "reason": "unknown dish",
            "attempts": 1,
            "payload": {"key": "a", "number": 1},
            "state": "open",
            "created_at": letter.created_at,
        })
    );
    assert_eq!(of_key(&scene.effects().await, "a"), [2]);
}

async fn what_cannot_be_parsed_becomes_a_dead_letter<H: Harness>() {
    let scene = Scene::<H>::open().await;

    scene.record([Malformed { key: "a".to_owned() }]).await;
    scene.count([("a", 2)]).await;
    scene.idle().await;

    let letters = scene.open_letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].reason, "not a contract.counted.v1: missing field `number` at line 1 column 11");
    assert_eq!(letters[0].payload, serde_json::json!({"key": "a"}));
    assert_eq!(scene.scribe().heard(), [2]);
}

async fn a_letter_tells_its_event_and_trace<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Refuse("no")]);
    let trace = TraceParent::new([1; 16], [2; 8]);

    trace.clone().scope(scene.count([("a", 1)])).await;
    scene.idle().await;

    let letter = scene.open_letters().await.remove(0);
    let details = show(scene.database(), letter.id).await.unwrap().unwrap();
    assert_eq!(details.letter, letter);
    assert_eq!(details.traceparent.as_deref(), Some(trace.as_str()));
    assert_eq!(details.history, []);
    let nobody: DeadLetterId = "4711".parse().unwrap();
    assert_eq!(show(scene.database(), nobody).await.unwrap(), None);
}

async fn a_replayed_event_goes_to_the_failed_consumer_alone_and_once<H: Harness>() {
    let scene = Scene::<H>::cast(&["first", "second"], |scribes| {
        scribes.iter().map(|scribe| Consumer::named(scribe.name).hears::<Counted>(scribe.clone())).collect()
    })
    .await;
    scene.scribes[0].when_hearing(1, [Act::Refuse("no")]);
    scene.count([("a", 1)]).await;
    scene.idle().await;
    let letter = scene.open_letters().await.remove(0);

    let replayed = replay(scene.database(), &Filter::only(letter.id), Run::Real, "ayse").await.unwrap();
    scene.idle().await;
    let again = replay(scene.database(), &Filter::only(letter.id), Run::Real, "ayse").await.unwrap();
    scene.idle().await;

    assert_eq!(
        replayed.iter().map(|letter| (letter.id, letter.state)).collect::<Vec<_>>(),
        [(letter.id, State::Replayed)]
    );
    assert_eq!(again, []);
    assert_eq!(of_key(&scene.effects_of("first").await, "a"), [1]);
    assert_eq!(of_key(&scene.effects_of("second").await, "a"), [1]);
    assert_eq!(scene.scribes[0].settled(), [1]);
}

async fn a_replayed_event_waits_behind_its_key<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Refuse("no")]);
    scene.scribe().when_hearing(2, [Act::Fail("not yet")]);
    scene.count([("a", 1), ("a", 2), ("a", 3)]).await;
    scene.idle().await;

    replay(scene.database(), &all(), Run::Real, "ayse").await.unwrap();
    scene.count([("a", 4)]).await;
    scene.idle().await;
    scene.pass(HOUR).await;

    assert_eq!(of_key(&scene.effects().await, "a"), [2, 3, 1, 4]);
}

async fn a_replayed_event_may_fail_again<H: Harness>() {
    let scene = refused::<H>(&[1]).await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet"), Act::Refuse("still no")]);

    replay(scene.database(), &all(), Run::Real, "ayse").await.unwrap();
    scene.idle().await;
    scene.pass(HOUR).await;

    let letters = scene.open_letters().await;
    assert_eq!(letters.iter().map(|letter| letter.reason.as_str()).collect::<Vec<_>>(), ["still no"]);
    assert_eq!(letters[0].payload, serde_json::json!({"key": "1", "number": 1}));
    assert_eq!(scene.effects().await, []);
}

async fn a_dry_run_tells_exactly_what_would_happen_and_changes_nothing<H: Harness>() {
    let scene = refused::<H>(&[1, 2, 3]).await;
    let before = list(scene.database(), &all(), Scope::All).await.unwrap();
    let two = Filter { key: Some("2".to_owned()), ..all() };

    let replayable = replay(scene.database(), &two, Run::Dry, "ayse").await.unwrap();
    let discardable = discard(scene.database(), &two, Run::Dry, "ayse").await.unwrap();
    scene.idle().await;

    assert_eq!(list(scene.database(), &all(), Scope::All).await.unwrap(), before);
    assert_eq!(scene.rows("bus_dead_letter_action").await, 0);
    assert_eq!(scene.scribe().heard(), [1, 2, 3]);
    let done = replay(scene.database(), &two, Run::Real, "ayse").await.unwrap();
    let ids = |letters: &[crate::dead_letters::DeadLetter]| letters.iter().map(|letter| letter.id).collect::<Vec<_>>();
    assert_eq!(ids(&replayable), ids(&done));
    assert_eq!(ids(&discardable), ids(&done));
}

async fn a_discarded_letter_stays_discarded_and_tells_by_whom<H: Harness>() {
    let scene = refused::<H>(&[1, 2]).await;
    let letter = scene.open_letters().await.remove(0);

    let discarded = discard(scene.database(), &Filter::only(letter.id), Run::Real, "ayse").await.unwrap();
    let replayed = replay(scene.database(), &Filter::only(letter.id), Run::Real, "berk").await.unwrap();
    scene.idle().await;

    assert_eq!((discarded.len(), replayed.len()), (1, 0));
    assert_eq!(scene.effects().await, []);
    assert_eq!(scene.open_letters().await.len(), 1);
    assert_eq!(list(scene.database(), &all(), Scope::All).await.unwrap().len(), 2);
    let details = show(scene.database(), letter.id).await.unwrap().unwrap();
    let history: Vec<_> = details.history.iter().map(|action| (action.action, action.actor.as_str())).collect();
    assert_eq!(history, [(State::Discarded, "ayse")]);
}

async fn letters_are_filtered<H: Harness>() {
    let scene = refused::<H>(&[1, 2]).await;
    scene.scribe().when_hearing(3, [Act::Refuse(r"neither 5% nor a \_")]);
    scene.count([("3", 3)]).await;
    scene.idle().await;
    let keys = async |filter: Filter| -> Vec<String> {
        let letters = list(scene.database(), &filter, Scope::Open).await.unwrap();
        letters.into_iter().map(|letter| letter.key).collect()
    };

    let some = |text: &str| Some(text.to_owned());

    assert_eq!(keys(all()).await, ["1", "2", "3"]);
    assert_eq!(keys(Filter { key: some("2"), ..all() }).await, ["2"]);
    assert_eq!(keys(Filter { reason: some("this way"), ..all() }).await, ["1", "2"]);
    assert_eq!(keys(Filter { reason: some("this way"), key: some("1"), ..all() }).await, ["1"]);
    assert_eq!(keys(Filter { reason: some("t_is%way"), ..all() }).await, [""; 0]);
    assert_eq!(keys(Filter { reason: some(r"5% nor a \_"), ..all() }).await, ["3"]);
    assert_eq!(keys(Filter { consumer: some("scribe"), ..all() }).await.len(), 3);
    assert_eq!(keys(Filter { consumer: some("nobody"), ..all() }).await, [""; 0]);
    assert_eq!(keys(Filter { topic: some("contract_counted"), ..all() }).await.len(), 3);
    assert_eq!(keys(Filter { topic: some("contract_echoed"), ..all() }).await, [""; 0]);
}

async fn a_replay_from_another_process_is_noticed<H: Harness>() {
    let scene = refused::<H>(&[1]).await;
    let other = scene.harness.connect().await;

    replay(&other, &all(), Run::Real, "ayse").await.unwrap();
    scene.pass(Duration::from_secs(1)).await;

    assert_eq!(scene.effects().await, [("1".to_owned(), 1)]);
}
