//! What a consumer gives up, an operator finds, replays or discards.

use std::time::Duration;

use super::Harness;
use super::events::{Counted, Malformed};
use super::scene::{Scene, of_key};
use super::scribe::Act;
use crate::dead_letters::{
    CannotClose, Closing, DeadLetter, DeadLetterId, Details, Filter, Remedy, Run, Scope, Slice, State, Verdict, close,
    close_one, list, show,
};
use crate::{Consumer, TraceParent};

const HOUR: Duration = Duration::from_secs(60 * 60);
pub(super) const REPLAY: Verdict<'_> = Verdict { remedy: Remedy::Replay, run: Run::Real, actor: "ayse" };
pub(super) const DISCARD: Verdict<'_> = Verdict { remedy: Remedy::Discard, run: Run::Real, actor: "ayse" };

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

const EVERYTHING: Slice = Slice { after: None, limit: 1000 };

/// All letters in any state.
async fn letters<H: Harness>(scene: &Scene<H>) -> Vec<DeadLetter> {
    list(scene.database(), &all(), Scope::All, EVERYTHING).await.unwrap()
}

async fn details<H: Harness>(scene: &Scene<H>, id: DeadLetterId) -> Details {
    show(scene.database(), id).await.unwrap().unwrap()
}

/// Closes all that is to be closed, and tells which letters that were.
async fn finish(mut closing: Closing<'_>) -> Vec<DeadLetter> {
    let mut closed = Vec::new();
    while let Some(letters) = closing.next().await.unwrap() {
        closed.extend(letters);
    }
    closed
}

async fn replay_all<H: Harness>(scene: &Scene<H>) -> Vec<DeadLetter> {
    finish(close(scene.database(), &all(), REPLAY)).await
}

fn ids(letters: &[DeadLetter]) -> Vec<DeadLetterId> {
    letters.iter().map(|letter| letter.id).collect()
}

pub async fn a_refused_event_becomes_a_dead_letter_at_once<H: Harness>() {
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

pub async fn what_cannot_be_parsed_becomes_a_dead_letter<H: Harness>() {
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

pub async fn a_letter_tells_its_event_and_trace<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Refuse("no")]);
    let trace = TraceParent::new([1; 16], [2; 8]);

    trace.clone().scope(scene.count([("a", 1)])).await;
    scene.idle().await;

    let letter = scene.open_letters().await.remove(0);
    let Details { letter: shown, traceparent, history, .. } = details(&scene, letter.id).await;
    assert_eq!(shown, letter);
    assert_eq!(traceparent.as_deref(), Some(trace.as_str()));
    assert_eq!(history, []);
    assert_eq!(show(scene.database(), DeadLetterId(4711)).await.unwrap(), None);
}

pub async fn a_replayed_event_goes_to_the_failed_consumer_alone_and_once<H: Harness>() {
    let scene = Scene::<H>::cast(&["first", "second"], |scribes| {
        scribes.iter().map(|scribe| Consumer::named(scribe.name).hears::<Counted>(scribe.clone())).collect()
    })
    .await;
    scene.scribes[0].when_hearing(1, [Act::Refuse("no")]);
    scene.count([("a", 1)]).await;
    scene.idle().await;
    let letter = scene.open_letters().await.remove(0);

    let replayed = close_one(scene.database(), letter.id, REPLAY).await.unwrap();
    scene.idle().await;
    let again = replay_all(&scene).await;
    scene.idle().await;

    assert_eq!(replayed, DeadLetter { state: State::Replayed, ..letter });
    assert_eq!(again, []);
    assert_eq!(of_key(&scene.effects_of("first").await, "a"), [1]);
    assert_eq!(of_key(&scene.effects_of("second").await, "a"), [1]);
    assert_eq!(scene.scribes[0].settled(), [1]);
}

pub async fn a_replayed_event_waits_behind_its_key<H: Harness>() {
    let scene = Scene::<H>::open().await;
    scene.scribe().when_hearing(1, [Act::Refuse("no")]);
    scene.scribe().when_hearing(2, [Act::Fail("not yet")]);
    scene.count([("a", 1), ("a", 2), ("a", 3)]).await;
    scene.idle().await;

    replay_all(&scene).await;
    scene.count([("a", 4)]).await;
    scene.idle().await;
    scene.pass(HOUR).await;

    assert_eq!(of_key(&scene.effects().await, "a"), [2, 3, 1, 4]);
}

pub async fn a_replayed_event_may_fail_again<H: Harness>() {
    let scene = refused::<H>(&[1]).await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet"), Act::Refuse("still no")]);

    replay_all(&scene).await;
    scene.idle().await;
    scene.pass(HOUR).await;

    let letters = scene.open_letters().await;
    assert_eq!(letters.iter().map(|letter| letter.reason.as_str()).collect::<Vec<_>>(), ["still no"]);
    assert_eq!(letters[0].payload, serde_json::json!({"key": "1", "number": 1}));
    assert_eq!(scene.effects().await, []);
}

pub async fn replayed_events_of_one_key_keep_their_order<H: Harness>() {
    let scene = Scene::<H>::open().await;
    for number in 1..=3 {
        scene.scribe().when_hearing(number, [Act::Refuse("no")]);
    }
    scene.count([("a", 1), ("a", 2), ("a", 3)]).await;
    scene.idle().await;
    scene.scribe().when_hearing(1, [Act::Fail("not yet")]);

    replay_all(&scene).await;
    scene.idle().await;
    let before = scene.effects().await;
    scene.pass(HOUR).await;

    assert_eq!(before, []);
    assert_eq!(of_key(&scene.effects().await, "a"), [1, 2, 3]);
}

pub async fn many_letters_are_replayed_in_batches<H: Harness>() {
    let mut scene = Scene::<H>::open().await;
    for number in 0..250 {
        scene.scribe().when_hearing(number, [Act::Refuse("no")]);
        scene.count([((number % 7).to_string().as_str(), number)]).await;
    }
    scene.idle().await;
    scene.stop().await;

    let (everything, mut batches) = (all(), Vec::new());
    let mut closing = close(scene.database(), &everything, REPLAY);
    while let Some(letters) = closing.next().await.unwrap() {
        batches.push(letters.len());
    }

    assert_eq!(batches, [100, 100, 50]);
    assert_eq!(scene.rows("bus_parked WHERE next_at IS NOT NULL").await, 7);
    scene.start().await;
    scene.idle().await;
    for key in 0..7 {
        let numbers: Vec<u32> = (0..250).filter(|number| number % 7 == key).collect();
        assert_eq!(of_key(&scene.effects().await, &key.to_string()), numbers);
    }
}

pub async fn a_replay_leaves_alone_what_is_given_up_meanwhile<H: Harness>() {
    let scene = refused::<H>(&[1]).await;
    scene.scribe().when_hearing(1, [Act::Refuse("still no")]);
    let everything = all();
    let mut closing = close(scene.database(), &everything, REPLAY);

    let first = closing.next().await.unwrap().unwrap();
    scene.idle().await;
    let rest = finish(closing).await;

    assert_eq!((first.len(), rest.len()), (1, 0));
    assert_eq!(scene.open_letters().await.len(), 1);
}

pub async fn a_dry_run_tells_exactly_what_would_happen_and_changes_nothing<H: Harness>() {
    let scene = refused::<H>(&[1, 2, 3]).await;
    let before = letters(&scene).await;
    let two = Filter { key: Some("2".to_owned()), ..all() };

    let replayable = finish(close(scene.database(), &two, Verdict { run: Run::Dry, ..REPLAY })).await;
    let discardable = finish(close(scene.database(), &two, Verdict { run: Run::Dry, ..DISCARD })).await;
    let one = close_one(scene.database(), before[1].id, Verdict { run: Run::Dry, ..REPLAY }).await.unwrap();
    scene.idle().await;

    assert_eq!(letters(&scene).await, before);
    assert_eq!(scene.rows("bus_dead_letter_action").await, 0);
    assert_eq!(scene.scribe().heard(), [1, 2, 3]);
    let done = finish(close(scene.database(), &two, REPLAY)).await;
    assert_eq!(ids(&replayable), ids(&done));
    assert_eq!(ids(&discardable), ids(&done));
    assert_eq!([one.id][..], ids(&done));
}

pub async fn a_discarded_letter_stays_discarded_and_tells_by_whom<H: Harness>() {
    let scene = refused::<H>(&[1, 2]).await;
    let letter = scene.open_letters().await.remove(0);
    let first = Filter { key: Some("1".to_owned()), ..all() };

    let discarded = finish(close(scene.database(), &first, DISCARD)).await;
    let replayed = finish(close(scene.database(), &first, Verdict { actor: "berk", ..REPLAY })).await;
    scene.idle().await;

    assert_eq!(ids(&discarded), [letter.id]);
    assert_eq!(replayed, []);
    assert_eq!(scene.effects().await, []);
    assert_eq!(scene.open_letters().await.len(), 1);
    assert_eq!(letters(&scene).await.len(), 2);
    let history = details(&scene, letter.id).await.history;
    let history: Vec<_> = history.iter().map(|action| (action.action, action.actor.as_str())).collect();
    assert_eq!(history, [(State::Discarded, "ayse")]);
}

pub async fn what_is_not_open_is_not_closed_again<H: Harness>() {
    let scene = refused::<H>(&[1]).await;
    let id = scene.open_letters().await.remove(0).id;
    close_one(scene.database(), id, DISCARD).await.unwrap();

    let closed = [
        close_one(scene.database(), id, Verdict { actor: "berk", ..REPLAY }).await,
        close_one(scene.database(), id, Verdict { run: Run::Dry, actor: "berk", ..REPLAY }).await,
        close_one(scene.database(), id, Verdict { actor: "berk", ..DISCARD }).await,
    ];
    let unknown = close_one(scene.database(), DeadLetterId(4711), Verdict { actor: "berk", ..REPLAY }).await;

    for closed in closed {
        assert!(matches!(closed, Err(CannotClose::NotOpen { state: State::Discarded, .. })), "{closed:?}");
    }
    assert!(matches!(unknown, Err(CannotClose::Unknown(DeadLetterId(4711)))), "{unknown:?}");
    assert_eq!(details(&scene, id).await.history.len(), 1);
}

pub async fn letters_are_filtered<H: Harness>() {
    let scene = refused::<H>(&[1, 2]).await;
    scene.scribe().when_hearing(3, [Act::Refuse(r"neither 5% nor a \_")]);
    scene.count([("3", 3)]).await;
    scene.idle().await;
    let keys = async |filter: Filter| -> Vec<String> {
        let letters = list(scene.database(), &filter, Scope::Only(State::Open), EVERYTHING).await.unwrap();
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

pub async fn letters_are_listed_slice_by_slice<H: Harness>() {
    let scene = refused::<H>(&[1, 2, 3]).await;
    let all_ids = ids(&letters(&scene).await);
    close_one(scene.database(), all_ids[1], DISCARD).await.unwrap();
    let slice =
        async |scope, after| ids(&list(scene.database(), &all(), scope, Slice { after, limit: 2 }).await.unwrap());

    assert_eq!(slice(Scope::All, None).await, all_ids[..2]);
    assert_eq!(slice(Scope::All, Some(all_ids[1])).await, all_ids[2..]);
    assert_eq!(slice(Scope::All, Some(all_ids[2])).await, []);
    assert_eq!(slice(Scope::Only(State::Open), None).await, [all_ids[0], all_ids[2]]);
    assert_eq!(slice(Scope::Only(State::Discarded), None).await, [all_ids[1]]);
}

pub async fn a_replay_from_another_process_is_noticed<H: Harness>() {
    let scene = refused::<H>(&[1]).await;
    let other = scene.harness.connect().await;

    finish(close(&other, &all(), REPLAY)).await;
    scene.pass(Duration::from_secs(1)).await;

    assert_eq!(scene.effects().await, [("1".to_owned(), 1)]);
}
