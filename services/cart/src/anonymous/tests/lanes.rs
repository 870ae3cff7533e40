//! Who waits for the same cart, and leaves.

use std::sync::atomic::Ordering;

use clock::{ManualClock, SeededRandom};
use futures_util::FutureExt;
use futures_util::future::join_all;
use kit::testing::Front;

use super::faulty::{Fate, Faulty};
use super::*;

/// Carts over a store that can be made to hang.
fn carts() -> (Arc<AnonymousCarts>, Arc<Front<Faulty>>, TempDir) {
    let (store, folder) = embedded();
    let faulty = Faulty::new(store, |_| Fate::Answered);
    (carts_over(&(Arc::clone(&faulty) as Arc<dyn EphemeralStore>)), faulty, folder)
}

#[tokio::test]
async fn what_waits_is_written_at_once_and_each_sees_the_cart_right_after_its_change() {
    let (carts, store, _folder) = carts();
    let gate = store.gate.write().await;
    let mut waiting: Vec<_> = (0..65).map(|number| carts.change(id(), add(some(number % 5, 1))).boxed()).collect();
    assert!(waiting.iter_mut().all(|change| change.now_or_never().is_none()));
    drop(gate);

    let answers = join_all(waiting).await;

    let counts: Vec<u64> = answers.into_iter().map(|answer| answer.unwrap().cart.item_count()).collect();
    assert_eq!(counts, (1..=65).collect::<Vec<u64>>());
    // The first alone, because nobody else was there yet.
    assert_eq!(store.swaps.load(Ordering::Relaxed), 2);
    assert!(carts.lanes.are_empty());
}

#[tokio::test]
async fn others_go_on_with_the_work_of_one_who_leaves() {
    let (carts, store, _folder) = carts();
    let gate = store.gate.write().await;
    let mut waiting: Vec<_> = (0..5).map(|number| carts.change(id(), add(some(number, 1))).boxed()).collect();
    assert!(waiting.iter_mut().all(|change| change.now_or_never().is_none()));

    // The first has begun its write, and the second waits for its turn.
    waiting.drain(..2);
    drop(gate);
    let answers = join_all(waiting).await;

    let cart = &answers.last().unwrap().as_ref().unwrap().cart;
    assert_eq!(cart.lines.iter().map(|line| line.meal_id.clone()).collect::<Vec<_>>(), [0, 2, 3, 4].map(meal));
    assert!(carts.lanes.are_empty());
}

#[tokio::test]
async fn nothing_is_left_of_those_who_all_leave() {
    let (carts, store, _folder) = carts();
    let gate = store.gate.write().await;
    let mut waiting: Vec<_> = (0..5).map(|number| carts.change(id(), add(some(number, 1))).boxed()).collect();
    assert!(waiting.iter_mut().all(|change| change.now_or_never().is_none()));

    drop(waiting);
    drop(gate);

    assert!(carts.lanes.are_empty());
    assert_eq!(carts.find(id()).await, Err(CartRefusal::NoCart.into()));
}

#[tokio::test]
async fn so_many_wait_for_one_cart_and_no_more() {
    let (carts, store, _folder) = carts();
    let gate = store.gate.write().await;
    let mut waiting: Vec<_> = (0..1_025).map(|number| carts.change(id(), add(some(number % 25, 1))).boxed()).collect();
    assert!(waiting.iter_mut().all(|change| change.now_or_never().is_none()));

    let refused = carts.change(id(), add(some(1, 1))).await;
    let other = crate::model::anonymous::CartId::random([7; 16]);
    let elsewhere = carts.change(other, add(some(1, 1))).now_or_never();
    waiting.pop();
    let instead = carts.change(id(), add(some(1, 1))).now_or_never();
    drop(gate);
    let answers = join_all(waiting).await;

    assert_eq!((refused, elsewhere, instead), (Err(AnonymousError::Unavailable), None, None));
    assert_eq!(answers.into_iter().filter(std::result::Result::is_ok).count(), 1_024);
    assert!(carts.lanes.are_empty());
}

#[tokio::test]
async fn a_refused_change_does_not_touch_the_others_of_its_batch() {
    let (carts, store, _folder) = carts();
    let gate = store.gate.write().await;
    let elsewhere = AddItem { restaurant_id: meal(9), ..some(1, 1) };
    let changes = [some(1, 1), some(1, 98), elsewhere, some(1, 1), some(2, 1)];
    let mut waiting: Vec<_> = changes.map(|item| carts.change(id(), add(item)).boxed()).into_iter().collect();
    assert!(waiting.iter_mut().all(|change| change.now_or_never().is_none()));
    drop(gate);

    let answers = join_all(waiting).await;

    let counts: Vec<_> = answers.into_iter().map(|answer| answer.map(|changed| changed.cart.item_count())).collect();
    let refused = |refusal: CartRefusal| Err(AnonymousError::from(refusal));
    assert_eq!(
        counts,
        [Ok(1), Ok(99), refused(CartRefusal::OtherRestaurant), refused(CartRefusal::QuantityLimit), Ok(100),]
    );
}

#[tokio::test]
async fn a_network_makes_so_many_carts_an_hour_and_changes_those_that_it_has() {
    let (carts, _, _folder) = carts();
    for number in 0..300 {
        carts.change(numbered(number), add(some(1, 1))).await.unwrap();
    }

    let another = carts.change(numbered(300), add(some(1, 1))).await;
    let again = carts.change(numbered(299), add(some(1, 1))).await;
    let elsewhere = AskedChange { network: "198.51.100.0/24".to_owned(), ..add(some(1, 1)) };
    let from_elsewhere = carts.change(numbered(300), elsewhere).await;
    let then = carts.change(numbered(300), add(some(1, 1))).await;

    assert!(matches!(another, Err(AnonymousError::Refused(CartRefusal::TooManyCarts(_)))), "{another:?}");
    assert_eq!([again, from_elsewhere, then].map(|answer| answer.unwrap().cart.item_count()), [2, 1, 2]);
}

#[tokio::test]
async fn a_network_makes_so_many_carts_a_day_however_it_spreads_them() {
    let (store, _folder, clock) = with_a_clock();
    let carts = carts_at(&store, &clock);
    for number in 0..1_000 {
        if number % 250 == 0 {
            clock.advance(Duration::from_secs(60 * 60));
        }
        carts.change(numbered(number), add(some(1, 1))).await.unwrap();
    }
    clock.advance(Duration::from_secs(60 * 60));

    let another = carts.change(numbered(1_000), add(some(1, 1))).await;
    clock.advance(DAY);
    let a_day_later = carts.change(numbered(1_000), add(some(1, 1))).await;

    assert!(matches!(another, Err(AnonymousError::Refused(CartRefusal::TooManyCarts(_)))), "{another:?}");
    assert!(a_day_later.is_ok(), "{a_day_later:?}");
}

#[tokio::test]
async fn a_network_keeps_so_many_carts_for_long_a_day_and_others_as_long_as_any() {
    let (store, _folder, clock) = with_a_clock();
    let carts = carts_at(&store, &clock);
    for number in 0..101 {
        carts.change(numbered(number), add(some(1, 1))).await.unwrap();
    }
    for number in 0..100 {
        carts.change(numbered(number), asked(Change::Extend(31))).await.unwrap();
    }

    let another = carts.change(numbered(100), asked(Change::Extend(31))).await;
    let no_longer_than_any = carts.change(numbered(100), asked(Change::Extend(30))).await;
    let again = carts.change(numbered(7), asked(Change::Extend(365))).await;
    clock.advance(DAY);
    let a_day_later = carts.change(numbered(100), asked(Change::Extend(31))).await;

    assert!(matches!(another, Err(AnonymousError::Refused(CartRefusal::TooManyCarts(_)))), "{another:?}");
    assert!(no_longer_than_any.is_ok() && again.is_ok() && a_day_later.is_ok(), "{again:?} {a_day_later:?}");
}

fn numbered(number: u16) -> CartId {
    CartId::random([number.to_be_bytes(); 8].concat().try_into().unwrap())
}

/// A store whose clock a test sets forward.
fn with_a_clock() -> (Arc<dyn EphemeralStore>, TempDir, ManualClock) {
    let (clock, folder) = (ManualClock::at("2026-03-02T12:00:00Z".parse().unwrap()), tempfile::tempdir().unwrap());
    let sources = Sources::new(clock.clone(), SeededRandom::new(1));
    (Arc::new(Embedded::open(folder.path(), sources).unwrap()), folder, clock)
}

fn carts_at(store: &Arc<dyn EphemeralStore>, clock: &ManualClock) -> AnonymousCarts {
    let sources = Sources::new(clock.clone(), SeededRandom::new(2));
    AnonymousCarts::over(CartStore { ephemeral: Arc::clone(store), sources })
}
