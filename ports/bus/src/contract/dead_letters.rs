//! What a consumer gives up, an operator finds, replays or discards.

use std::time::Duration;

use super::Harness;
use super::events::{Counted, Malformed};
use super::fixture::{Fixture, of_key};
use super::recorder::Act;
use crate::dead_letters::{
    CannotClose, Closing, DeadLetter, DeadLetterId, Details, Filter, GivenUp, Operation, Resolution, RunMode, Scope,
    Slice, State, close, close_one, give_up, list, show,
};
use crate::{Consumer, TraceParent};

const HOUR: Duration = Duration::from_secs(60 * 60);
pub(super) const REPLAY: Resolution<'_> =
    Resolution { operation: Operation::Replay, run: RunMode::Real, actor: "ayse" };
pub(super) const DISCARD: Resolution<'_> =
    Resolution { operation: Operation::Discard, run: RunMode::Real, actor: "ayse" };

/// A fixture in which the events with `numbers` were refused, each under a key of its own.
async fn refused<H: Harness>(numbers: &[u32]) -> Fixture<H> {
    let fixture = Fixture::<H>::open().await;
    for number in numbers {
        fixture.recorder().when_hearing(*number, [Act::Refuse("not this way")]);
        fixture.count([(number.to_string().as_str(), *number)]).await;
    }
    fixture.idle().await;
    fixture
}

fn all() -> Filter {
    Filter::default()
}

const EVERYTHING: Slice = Slice { after: None, limit: 1000 };

/// All letters in any state.
async fn letters<H: Harness>(fixture: &Fixture<H>) -> Vec<DeadLetter> {
    list(fixture.database(), &all(), Scope::All, EVERYTHING).await.unwrap()
}

async fn details<H: Harness>(fixture: &Fixture<H>, id: DeadLetterId) -> Details {
    show(fixture.database(), id).await.unwrap().unwrap()
}

/// Closes all that is to be closed, and answers which letters that were.
async fn finish(mut closing: Closing<'_>) -> Vec<DeadLetter> {
    let mut closed = Vec::new();
    while let Some(letters) = closing.next().await.unwrap() {
        closed.extend(letters);
    }
    closed
}

async fn replay_all<H: Harness>(fixture: &Fixture<H>) -> Vec<DeadLetter> {
    finish(close(fixture.database(), &all(), REPLAY)).await
}

fn ids(letters: &[DeadLetter]) -> Vec<DeadLetterId> {
    letters.iter().map(|letter| letter.id).collect()
}

pub async fn a_refused_event_becomes_a_dead_letter_at_once<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Refuse("unknown dish")]);

    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.idle().await;

    let letters = fixture.open_letters().await;
    let [letter] = &letters[..] else { panic!("one letter, not {letters:?}") };
    assert_eq!(
        serde_json::to_value(letter).unwrap(),
        serde_json::json!({
            "id": letter.id,
            "consumer": "recorder",
            "topic": "contract_counted",
            "key": "a",
            "reason": "unknown dish",
            "attempts": 1,
            "payload": {"key": "a", "number": 1},
            "state": "open",
            "created_at": letter.created_at,
        })
    );
    assert_eq!(of_key(&fixture.effects().await, "a"), [2]);
}

pub async fn what_cannot_be_parsed_becomes_a_dead_letter<H: Harness>() {
    let fixture = Fixture::<H>::open().await;

    fixture.record([Malformed { key: "a".to_owned() }]).await;
    fixture.count([("a", 2)]).await;
    fixture.idle().await;

    let letters = fixture.open_letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].reason, "not a contract.counted.v1: missing field `number` at line 1 column 11");
    assert_eq!(letters[0].payload, serde_json::json!({"key": "a"}));
    assert_eq!(fixture.recorder().heard(), [2]);
}

pub async fn a_dead_letter_shows_its_event_and_trace<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Refuse("no")]);
    let trace = TraceParent::new([1; 16], [2; 8]);

    trace.clone().scope(fixture.count([("a", 1)])).await;
    fixture.idle().await;

    let letter = fixture.open_letters().await.remove(0);
    let Details { letter: shown, traceparent, history, .. } = details(&fixture, letter.id).await;
    assert_eq!(shown, letter);
    assert_eq!(traceparent.as_deref(), Some(trace.as_str()));
    assert_eq!(history, []);
    assert_eq!(show(fixture.database(), DeadLetterId(4711)).await.unwrap(), None);
}

pub async fn a_replayed_event_goes_to_the_failed_consumer_alone_and_once<H: Harness>() {
    let fixture = Fixture::<H>::consumers(&["first", "second"], |recorders| {
        recorders.iter().map(|recorder| Consumer::named(recorder.name).hears::<Counted>(recorder.clone())).collect()
    })
    .await;
    fixture.recorders[0].when_hearing(1, [Act::Refuse("no")]);
    fixture.count([("a", 1)]).await;
    fixture.idle().await;
    let letter = fixture.open_letters().await.remove(0);

    let replayed = close_one(fixture.database(), letter.id, REPLAY).await.unwrap();
    fixture.idle().await;
    let again = replay_all(&fixture).await;
    fixture.idle().await;

    assert_eq!(replayed, DeadLetter { state: State::Replayed, ..letter });
    assert_eq!(again, []);
    assert_eq!(of_key(&fixture.effects_of("first").await, "a"), [1]);
    assert_eq!(of_key(&fixture.effects_of("second").await, "a"), [1]);
    assert_eq!(fixture.recorders[0].after_commits(), [1]);
}

pub async fn a_replayed_event_waits_behind_its_key<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, [Act::Refuse("no")]);
    fixture.recorder().when_hearing(2, [Act::Fail("not yet")]);
    fixture.count([("a", 1), ("a", 2), ("a", 3)]).await;
    fixture.idle().await;

    replay_all(&fixture).await;
    fixture.count([("a", 4)]).await;
    fixture.idle().await;
    fixture.pass(HOUR).await;

    assert_eq!(of_key(&fixture.effects().await, "a"), [2, 3, 1, 4]);
}

pub async fn a_replayed_event_may_fail_again<H: Harness>() {
    let fixture = refused::<H>(&[1]).await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet"), Act::Refuse("still no")]);

    replay_all(&fixture).await;
    fixture.idle().await;
    fixture.pass(HOUR).await;

    let letters = fixture.open_letters().await;
    assert_eq!(letters.iter().map(|letter| letter.reason.as_str()).collect::<Vec<_>>(), ["still no"]);
    assert_eq!(letters[0].payload, serde_json::json!({"key": "1", "number": 1}));
    assert_eq!(fixture.effects().await, []);
}

pub async fn replayed_events_of_one_key_keep_their_order<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    for number in 1..=3 {
        fixture.recorder().when_hearing(number, [Act::Refuse("no")]);
    }
    fixture.count([("a", 1), ("a", 2), ("a", 3)]).await;
    fixture.idle().await;
    fixture.recorder().when_hearing(1, [Act::Fail("not yet")]);

    replay_all(&fixture).await;
    fixture.idle().await;
    let before = fixture.effects().await;
    fixture.pass(HOUR).await;

    assert_eq!(before, []);
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2, 3]);
}

pub async fn many_letters_are_replayed_in_batches<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    for number in 0..250 {
        fixture.recorder().when_hearing(number, [Act::Refuse("no")]);
        fixture.count([((number % 7).to_string().as_str(), number)]).await;
    }
    fixture.idle().await;
    fixture.stop().await;

    let (everything, mut batches) = (all(), Vec::new());
    let mut closing = close(fixture.database(), &everything, REPLAY);
    while let Some(letters) = closing.next().await.unwrap() {
        batches.push(letters.len());
    }

    assert_eq!(batches, [100, 100, 50]);
    assert_eq!(fixture.rows("bus_parked WHERE next_at IS NOT NULL").await, 7);
    fixture.start().await;
    fixture.idle().await;
    for key in 0..7 {
        let numbers: Vec<u32> = (0..250).filter(|number| number % 7 == key).collect();
        assert_eq!(of_key(&fixture.effects().await, &key.to_string()), numbers);
    }
}

pub async fn a_replay_leaves_alone_what_is_given_up_meanwhile<H: Harness>() {
    let fixture = refused::<H>(&[1]).await;
    fixture.recorder().when_hearing(1, [Act::Refuse("still no")]);
    let everything = all();
    let mut closing = close(fixture.database(), &everything, REPLAY);

    let first = closing.next().await.unwrap().unwrap();
    fixture.idle().await;
    let rest = finish(closing).await;

    assert_eq!((first.len(), rest.len()), (1, 0));
    assert_eq!(fixture.open_letters().await.len(), 1);
}

pub async fn a_dry_run_reports_exactly_what_would_happen_and_changes_nothing<H: Harness>() {
    let fixture = refused::<H>(&[1, 2, 3]).await;
    let before = letters(&fixture).await;
    let two = Filter { key: Some("2".to_owned()), ..all() };

    let replayable = finish(close(fixture.database(), &two, Resolution { run: RunMode::Dry, ..REPLAY })).await;
    let discardable = finish(close(fixture.database(), &two, Resolution { run: RunMode::Dry, ..DISCARD })).await;
    let one = close_one(fixture.database(), before[1].id, Resolution { run: RunMode::Dry, ..REPLAY }).await.unwrap();
    fixture.idle().await;

    assert_eq!(letters(&fixture).await, before);
    assert_eq!(fixture.rows("bus_dead_letter_action").await, 0);
    assert_eq!(fixture.recorder().heard(), [1, 2, 3]);
    let done = finish(close(fixture.database(), &two, REPLAY)).await;
    assert_eq!(ids(&replayable), ids(&done));
    assert_eq!(ids(&discardable), ids(&done));
    assert_eq!([one.id][..], ids(&done));
}

pub async fn a_discarded_letter_stays_discarded_and_shows_by_whom<H: Harness>() {
    let fixture = refused::<H>(&[1, 2]).await;
    let letter = fixture.open_letters().await.remove(0);
    let first = Filter { key: Some("1".to_owned()), ..all() };

    let discarded = finish(close(fixture.database(), &first, DISCARD)).await;
    let replayed = finish(close(fixture.database(), &first, Resolution { actor: "berk", ..REPLAY })).await;
    fixture.idle().await;

    assert_eq!(ids(&discarded), [letter.id]);
    assert_eq!(replayed, []);
    assert_eq!(fixture.effects().await, []);
    assert_eq!(fixture.open_letters().await.len(), 1);
    assert_eq!(letters(&fixture).await.len(), 2);
    let history = details(&fixture, letter.id).await.history;
    let history: Vec<_> = history.iter().map(|action| (action.action, action.actor.as_str())).collect();
    assert_eq!(history, [(State::Discarded, "ayse")]);
}

pub async fn what_is_not_open_is_not_closed_again<H: Harness>() {
    let fixture = refused::<H>(&[1]).await;
    let id = fixture.open_letters().await.remove(0).id;
    close_one(fixture.database(), id, DISCARD).await.unwrap();

    let closed = [
        close_one(fixture.database(), id, Resolution { actor: "berk", ..REPLAY }).await,
        close_one(fixture.database(), id, Resolution { run: RunMode::Dry, actor: "berk", ..REPLAY }).await,
        close_one(fixture.database(), id, Resolution { actor: "berk", ..DISCARD }).await,
    ];
    let unknown = close_one(fixture.database(), DeadLetterId(4711), Resolution { actor: "berk", ..REPLAY }).await;

    for closed in closed {
        assert!(matches!(closed, Err(CannotClose::NotOpen { state: State::Discarded, .. })), "{closed:?}");
    }
    assert!(matches!(unknown, Err(CannotClose::Unknown(DeadLetterId(4711)))), "{unknown:?}");
    assert_eq!(details(&fixture, id).await.history.len(), 1);
}

pub async fn letters_are_filtered<H: Harness>() {
    let fixture = refused::<H>(&[1, 2]).await;
    fixture.recorder().when_hearing(3, [Act::Refuse(r"neither 5% nor a \_")]);
    fixture.count([("3", 3)]).await;
    fixture.idle().await;
    let keys = async |filter: Filter| -> Vec<String> {
        let letters = list(fixture.database(), &filter, Scope::Only(State::Open), EVERYTHING).await.unwrap();
        letters.into_iter().map(|letter| letter.key).collect()
    };

    let some = |text: &str| Some(text.to_owned());

    assert_eq!(keys(all()).await, ["1", "2", "3"]);
    assert_eq!(keys(Filter { key: some("2"), ..all() }).await, ["2"]);
    assert_eq!(keys(Filter { reason: some("this way"), ..all() }).await, ["1", "2"]);
    assert_eq!(keys(Filter { reason: some("this way"), key: some("1"), ..all() }).await, ["1"]);
    assert_eq!(keys(Filter { reason: some("t_is%way"), ..all() }).await, [""; 0]);
    assert_eq!(keys(Filter { reason: some(r"5% nor a \_"), ..all() }).await, ["3"]);
    assert_eq!(keys(Filter { consumer: some("recorder"), ..all() }).await.len(), 3);
    assert_eq!(keys(Filter { consumer: some("nobody"), ..all() }).await, [""; 0]);
    assert_eq!(keys(Filter { topic: some("contract_counted"), ..all() }).await.len(), 3);
    assert_eq!(keys(Filter { topic: some("contract_echoed"), ..all() }).await, [""; 0]);
}

pub async fn letters_are_listed_slice_by_slice<H: Harness>() {
    let fixture = refused::<H>(&[1, 2, 3]).await;
    let all_ids = ids(&letters(&fixture).await);
    close_one(fixture.database(), all_ids[1], DISCARD).await.unwrap();
    let slice =
        async |scope, after| ids(&list(fixture.database(), &all(), scope, Slice { after, limit: 2 }).await.unwrap());

    assert_eq!(slice(Scope::All, None).await, all_ids[..2]);
    assert_eq!(slice(Scope::All, Some(all_ids[1])).await, all_ids[2..]);
    assert_eq!(slice(Scope::All, Some(all_ids[2])).await, []);
    assert_eq!(slice(Scope::Only(State::Open), None).await, [all_ids[0], all_ids[2]]);
    assert_eq!(slice(Scope::Only(State::Discarded), None).await, [all_ids[1]]);
}

pub async fn a_replay_from_another_process_is_noticed<H: Harness>() {
    let fixture = refused::<H>(&[1]).await;
    let other = fixture.harness.connect().await;

    finish(close(&other, &all(), REPLAY)).await;
    fixture.pass(Duration::from_secs(1)).await;

    assert_eq!(fixture.effects().await, [("1".to_owned(), 1)]);
}

pub async fn what_a_consumer_gives_up_later_is_replayed_like_every_other<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.count([("a", 1)]).await;
    fixture.idle().await;
    let json = serde_json::to_vec(&Counted { key: "a".to_owned(), number: 2 }).unwrap();
    let tx = fixture.database().begin_read_committed().await.unwrap();
    let (id, recorded_at) = (tx.sources().uuid(), tx.now());
    let given_up = GivenUp { id, key: "a", json: &json, recorded_at, reason: "nobody came" };
    give_up::<Counted>(&tx, "recorder", given_up).await.unwrap();
    tx.commit().await.unwrap();

    let letters = fixture.open_letters().await;
    let [letter] = &letters[..] else { panic!("one letter, not {letters:?}") };
    assert_eq!((letter.reason.as_str(), letter.key.as_str()), ("nobody came", "a"));
    replay_all(&fixture).await;
    fixture.idle().await;

    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
    assert!(fixture.open_letters().await.is_empty());
}
