//! What a database refuses about one event holds up that event alone, and while nothing can be written nobody gives up.

use std::sync::Arc;
use std::time::Duration;

use database::{Connection, WriteTransaction};
use sea_orm::DbBackend;
use tokio::sync::Notify;

use super::Harness;
use super::events::{Missorted, Sorted};
use super::fixture::{Fixture, of_key, within_deadline};
use super::recorder::Act;
use crate::dead_letters::DeadLetter;
use crate::{BusUrl, Consumer, real_time, relay};

/// Long enough for a batch to go back to its source.
const LONG: Duration = Duration::from_secs(6);
const HOUR: Duration = Duration::from_secs(60 * 60);

pub async fn an_event_whose_statements_are_refused_holds_its_own_key_alone<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, vec![Act::DatabaseAway; 22]);

    fixture.count([("a", 1), ("a", 2), ("b", 3)]).await;
    fixture.pass_until(async || of_key(&fixture.effects().await, "b") == [3]).await;
    let of_refused = of_key(&fixture.effects().await, "a");
    for _ in 0..12 {
        fixture.harness.pass(2 * HOUR);
        fixture.come_to_rest().await;
    }

    assert_eq!(of_refused, [0; 0]);
    assert_eq!(of_key(&fixture.effects().await, "a"), [1, 2]);
    assert_eq!(
        fixture.recorder().heard().iter().filter(|number| **number == 1).count(),
        23,
        "two refusals are an attempt"
    );
    assert_eq!(fixture.rows("bus_parked").await, 0);
}

pub async fn an_event_whose_statements_are_always_refused_becomes_a_dead_letter<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, vec![Act::DatabaseAway; 100]);

    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.come_to_rest().await;
    for _ in 0..12 {
        fixture.harness.pass(2 * HOUR);
        fixture.come_to_rest().await;
    }

    let letters = fixture.open_letters().await;
    assert_eq!(letters.iter().map(|letter| letter.attempts).collect::<Vec<_>>(), [12]);
    assert_eq!(of_key(&fixture.effects().await, "a"), [2]);
}

/// A fixture whose consumer has three more events before it once `told`: a first of a key, the next one, and another key's.
async fn about_to_hear<H: Harness>(released: &Arc<Notify>) -> Fixture<H> {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().after_commit_of(0, [Act::Await(Arc::clone(released))]);
    fixture.count([("z", 0)]).await;
    within_deadline(fixture.recorder().reached()).await;
    fixture.count([("a", 1), ("a", 2), ("b", 3)]).await;
    fixture
}

/// On SQLite whoever writes anything keeps all others from it, so there it is the whole database that is locked.
pub async fn a_row_that_somebody_keeps_locked_holds_up_no_other_key<H: Harness>() {
    let released = Arc::new(Notify::new());
    let fixture = about_to_hear::<H>(&released).await;
    fixture.recorder().when_hearing(1, vec![Act::Touch; 100]);
    let other = fixture.harness.connect().await;
    let holder = other.begin_write().await.unwrap();
    holder.execute_unprepared("UPDATE contract_row SET number = 100").await.unwrap();

    released.notify_one();
    if fixture.database().get_database_backend() == DbBackend::Sqlite {
        stays_as_it_is(&fixture, &holder).await;
    } else {
        fixture.pass_until(async || of_key(&fixture.effects().await, "b") == [3]).await;
    }
    let of_locked = of_key(&fixture.effects().await, "a");
    drop(holder);
    fixture.come_to_rest().await;
    fixture.pass(HOUR).await;

    assert_eq!(of_locked, [0; 0]);
    all_is_done(&fixture).await;
}

/// On SQLite nobody writes meanwhile, and so nobody is faster.
pub async fn who_is_overtaken_hears_again_at_once<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    let (other, released) = (fixture.harness.connect().await, Arc::new(Notify::new()));
    let others_write = fixture.database().get_database_backend() == DbBackend::Postgres;
    let times = if others_write { 4 } else { 1 };
    fixture.recorder().when_hearing(1, vec![Act::TouchAfter(Arc::clone(&released)); times]);

    fixture.count([("a", 1)]).await;
    for _ in 0..times {
        within_deadline(fixture.recorder().reached()).await;
        if others_write {
            let faster = other.begin_write().await.unwrap();
            faster.execute_unprepared("UPDATE contract_row SET number = 100").await.unwrap();
            faster.commit().await.unwrap();
        }
        released.notify_one();
    }
    fixture.idle().await;

    let heard = if others_write { vec![1; 5] } else { vec![1] };
    assert_eq!(fixture.recorder().heard(), heard, "nothing is parked while the clock stands still");
    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
}

pub async fn while_nothing_can_be_written_nothing_is_parked_or_lost<H: Harness>() {
    let released = Arc::new(Notify::new());
    let fixture = about_to_hear::<H>(&released).await;
    let other = fixture.harness.connect().await;
    let holder = other.begin_write().await.unwrap();
    lock_ledger(&holder).await;

    released.notify_one();
    stays_as_it_is(&fixture, &holder).await;
    drop(holder);
    fixture.come_to_rest().await;
    fixture.pass(HOUR).await;

    all_is_done(&fixture).await;
}

/// What is waited for has nothing to do with the clock, so nobody need move that.
pub async fn once_everything_can_be_written_again_it_goes_on_though_the_clock_stands_still<H: Harness>() {
    let released = Arc::new(Notify::new());
    let fixture = about_to_hear::<H>(&released).await;
    let other = fixture.harness.connect().await;
    let holder = other.begin_write().await.unwrap();
    lock_ledger(&holder).await;

    released.notify_one();
    for _ in 0..LONG.as_secs() {
        // The server ends a transaction that does nothing for long.
        holder.execute_unprepared("SELECT 1").await.unwrap();
        real_time::pause(Duration::from_secs(1)).await;
    }
    drop(holder);
    fixture.idle().await;

    all_is_done(&fixture).await;
}

/// Whoever takes its place waits for it as long as it takes, and then goes on though the clock stands still.
pub async fn while_another_process_relays_this_one_does_not<H: Harness>() {
    let mut fixture = Fixture::<H>::open().await;
    if fixture.harness.url() == BusUrl::Embedded {
        return;
    }
    fixture.stop().await;
    let other = fixture.harness.connect().await;
    let lock = within_deadline(async {
        loop {
            // A server notices a moment later that its holder is gone.
            if let Some(lock) = other.try_session_lock(relay::NAME).await.unwrap() {
                break lock;
            }
        }
    })
    .await;

    fixture.count([("a", 1)]).await;
    fixture.start().await;
    let is_idle = tokio::time::timeout(Duration::from_secs(3), fixture.idle()).await.is_ok();
    let effects = fixture.effects().await;
    drop(lock);
    fixture.idle().await;

    assert_eq!((is_idle, effects), (false, Vec::new()));
    assert_eq!(fixture.effects().await, [("a".to_owned(), 1)]);
}

async fn lock_ledger(holder: &WriteTransaction) {
    if holder.get_database_backend() == DbBackend::Postgres {
        let lock = "LOCK TABLE bus_inbox, bus_parked, bus_dead_letter IN EXCLUSIVE MODE";
        holder.execute_unprepared(lock).await.unwrap();
    }
}

/// The server ends a transaction that does nothing for long, so `holder` keeps asking.
async fn stays_as_it_is<H: Harness>(fixture: &Fixture<H>, holder: &WriteTransaction) {
    let mut rest = std::pin::pin!(fixture.come_to_rest());
    for _ in 0..LONG.as_secs() {
        assert!(tokio::time::timeout(Duration::from_secs(1), &mut rest).await.is_err(), "nothing goes on");
        holder.execute_unprepared("SELECT 1").await.unwrap();
    }
    assert_eq!(fixture.rows("bus_parked").await + fixture.rows("bus_dead_letter").await, 0);
    assert_eq!(fixture.effects().await, [("z".to_owned(), 0)]);
}

async fn all_is_done<H: Harness>(fixture: &Fixture<H>) {
    let effects = fixture.effects().await;
    assert_eq!((of_key(&effects, "a"), of_key(&effects, "b")), (vec![1, 2], vec![3]));
    assert_eq!(fixture.rows("bus_parked").await + fixture.rows("bus_dead_letter").await, 0);
}

pub async fn what_cannot_be_parsed_becomes_a_dead_letter_whatever_it_holds<H: Harness>() {
    let fixture = Fixture::<H>::consumers(&["recorder"], |recorders| {
        vec![Consumer::named("recorder").hears::<Sorted>(recorders[0].clone())]
    })
    .await;
    let controls = (0..0x20).chain([0x7f, 0x85, 0x2028]).filter_map(char::from_u32);
    let sorts: Vec<String> = controls.map(|c| format!("a{c}b")).chain(["x".repeat(100_000)]).collect();

    let missorted = sorts.iter().enumerate().map(|(number, sort)| {
        let start: String = sort.chars().take(3).collect();
        Missorted { key: format!("{number} {start}"), sort: sort.clone() }
    });
    fixture.record(missorted).await;
    fixture.idle().await;

    let letters = fixture.open_letters().await;
    assert_eq!(letters.len(), sorts.len());
    for (letter, sort) in letters.iter().zip(&sorts) {
        assert!(letter.reason.starts_with("not a contract.sorted.v1: unknown variant `"), "{}", letter.reason);
        assert!(letter.reason.chars().count() <= 2_001, "{}", letter.reason.len());
        assert!(letter.payload["sort"] == sort.as_str(), "the event is kept as it came");
    }
    assert_eq!(letters[0].key, "0 a\u{fffd}b");
}

/// Whatever a database may not take: here it takes no type.
pub async fn a_letter_that_cannot_be_written_is_written_without_the_words_of_others<H: Harness>() {
    let fixture = Fixture::<H>::open().await;
    fixture.recorder().when_hearing(1, vec![Act::Refuse("no"); 10]);
    let tx = fixture.database().begin_write().await.unwrap();
    tx.execute_unprepared(refuse_types(tx.get_database_backend())).await.unwrap();
    tx.commit().await.unwrap();

    fixture.count([("a", 1), ("a", 2)]).await;
    fixture.come_to_rest().await;

    let letters = fixture.open_letters().await;
    let [DeadLetter { key, reason, payload, .. }] = &letters[..] else { panic!("one letter, not {letters:?}") };
    assert_eq!(reason, "what the event says of itself can't be written down; the log says why");
    assert_ne!(key, "a");
    assert_eq!(*payload, serde_json::json!({"key": "a", "number": 1}));
    assert_eq!(of_key(&fixture.effects().await, "a"), [2]);
}

fn refuse_types(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite {
        "CREATE TRIGGER refuse_types BEFORE INSERT ON bus_dead_letter WHEN NEW.type <> '' \
         BEGIN SELECT RAISE(ABORT, 'no types'); END"
    } else {
        "ALTER TABLE bus_dead_letter ADD CHECK (type = '')"
    }
}
