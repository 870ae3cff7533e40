//! A store that answers too late, not at all, or with an error after all was done.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use clock::{SeededRandom, SystemClock};
use ephemeral::{Count, EphemeralError, Expiring, Result, Swap, Window};
use futures_util::future::join_all;
use kit::testing::{Front, InFront};
use tokio::sync::RwLock;

use super::*;

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Answered,
    /// It is not done.
    Refused,
    /// It is done, and nobody hears of it.
    AnswerLost,
    /// It is done right before the call after next, and nobody hears of it.
    Late,
    /// Somebody else writes the same cart right before.
    Beaten,
}

/// Decides by what is called.
type Plan = Box<dyn FnMut(&'static str) -> Fate + Send>;

/// Key, expected value, new value and its time to live.
type LateSwap = (String, Option<Vec<u8>>, Option<(Vec<u8>, Duration)>);

pub(super) struct Faulty {
    store: Embedded,
    plan: Mutex<Plan>,
    late: Mutex<Vec<LateSwap>>,
    /// Whoever writes here keeps all calls waiting.
    pub(super) gate: RwLock<()>,
    pub(super) swaps: AtomicU64,
}

impl Faulty {
    pub(super) fn new(store: Embedded, plan: impl FnMut(&'static str) -> Fate + Send + 'static) -> Arc<Front<Self>> {
        let (plan, late): (Plan, _) = (Box::new(plan), Mutex::default());
        let (gate, swaps) = (RwLock::default(), AtomicU64::new(0));
        Arc::new(Front(Self { store, plan: Mutex::new(plan), late, gate, swaps }))
    }

    async fn fate(&self, call: &'static str) -> Fate {
        drop(self.gate.read().await);
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for (key, expected, new) in late {
            let new = new.as_ref().map(|(value, ttl)| Expiring { value, ttl: *ttl });
            self.store.swap(&key, expected.as_deref(), new).await.unwrap();
        }
        (self.plan.lock().unwrap())(call)
    }
}

fn lost<T>() -> Result<T> {
    Err(EphemeralError::Unavailable("the answer is lost".into()))
}

#[async_trait]
impl InFront for Faulty {
    fn behind(&self) -> &dyn EphemeralStore {
        &self.store
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        if self.fate("get").await == Fate::Answered { self.store.get(key).await } else { lost() }
    }

    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        self.swaps.fetch_add(1, Ordering::Relaxed);
        match self.fate("swap").await {
            Fate::Answered => self.store.swap(key, expected, new).await,
            Fate::Refused => lost(),
            Fate::AnswerLost => {
                self.store.swap(key, expected, new).await?;
                lost()
            }
            Fate::Beaten => {
                let faster = [self.store.get(key).await?.unwrap_or_default(), b" ".to_vec()].concat();
                self.store.put(key, &faster, Duration::from_secs(60)).await?;
                self.store.swap(key, expected, new).await
            }
            Fate::Late => {
                let new = new.map(|Expiring { value, ttl }| (value.to_vec(), ttl));
                let swap = (key.to_owned(), expected.map(<[u8]>::to_vec), new);
                self.late.lock().unwrap().push(swap);
                lost()
            }
        }
    }

    async fn count(&self, key: &str, member: &[u8], window: Window) -> Result<Count> {
        if self.fate("count").await == Fate::Answered { self.store.count(key, member, window).await } else { lost() }
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_found_done() {
    let (store, _folder) = embedded();
    let lossy = Faulty::new(store, |call| if call == "swap" { Fate::AnswerLost } else { Fate::Answered });
    let store: Arc<dyn EphemeralStore> = lossy;
    let carts = carts_over(&store);

    let answers = join_all((0..10).map(|number| carts.change(id(), add(some(number, 1))))).await;

    assert!(answers.iter().all(std::result::Result::is_ok), "{answers:?}");
    assert_eq!(carts.find(id()).await.unwrap().cart.item_count(), 10);
}

#[tokio::test]
async fn a_write_that_is_refused_is_unavailable_for_all_who_waited_for_it() {
    let (store, _folder) = embedded();
    let carts = carts_over(&(Arc::new(store.clone()) as Arc<dyn EphemeralStore>));
    let seen = carts.change(id(), add(some(1, 1))).await.unwrap();
    let refusing = Faulty::new(store, |call| if call == "swap" { Fate::Refused } else { Fate::Answered });
    let broken = carts_over(&(refusing as Arc<dyn EphemeralStore>));

    let answers = join_all((0..10).map(|number| broken.change(id(), add(some(number, 1))))).await;

    assert!(answers.iter().all(|answer| *answer == Err(AnonymousError::Unavailable)), "{answers:?}");
    assert_eq!(carts.find(id()).await.unwrap().etag, seen.etag);
}

#[tokio::test]
async fn a_cart_that_cannot_be_read_is_neither_absent_nor_written() {
    let (store, _folder) = embedded();
    let silent = Faulty::new(store, |call| if call == "get" { Fate::Refused } else { Fate::Answered });
    let store: Arc<dyn EphemeralStore> = Arc::clone(&silent) as _;
    let carts = carts_over(&store);

    let found = carts.find(id()).await;
    let added = carts.change(id(), add(some(1, 1))).await;

    assert_eq!((found, added), (Err(AnonymousError::Unavailable), Err(AnonymousError::Unavailable)));
    assert_eq!(silent.swaps.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_change_outlasts_thirty_others_that_were_faster() {
    let (store, _folder) = embedded();
    let carts = carts_over(&(Arc::new(store.clone()) as Arc<dyn EphemeralStore>));
    carts.change(id(), add(some(1, 1))).await.unwrap();
    let mut faster = 30;
    let busy = Faulty::new(store, move |call| {
        let is_beaten = call == "swap" && faster > 0;
        faster -= u32::from(is_beaten);
        if is_beaten { Fate::Beaten } else { Fate::Answered }
    });

    let answer = carts_over(&(busy as Arc<dyn EphemeralStore>)).change(id(), add(some(1, 1))).await;

    assert_eq!(answer.unwrap().cart.item_count(), 2);
}

/// Clients that repeat what is not answered, with the same key, over two processes and a store that fails a third of the time.
async fn retried(seed: u64) -> (u64, Vec<u32>) {
    let (store, _folder) = embedded();
    let sources = Sources::new(SystemClock, SeededRandom::new(seed));
    let plan = move |_| match (sources.fraction() * 12.0) as u32 {
        0 => Fate::Refused,
        1 | 2 => Fate::AnswerLost,
        3 => Fate::Late,
        _ => Fate::Answered,
    };
    let faulty: Arc<dyn EphemeralStore> = Faulty::new(store.clone(), plan);
    let replicas = [carts_over(&faulty), carts_over(&faulty)];
    let client = async |number: u32| {
        for nth in 0..10 {
            let item = keyed(&format!("{number} {nth}"), some(number, 1));
            while replicas[number as usize % 2].change(id(), add(item.clone())).await.is_err() {}
        }
    };

    join_all((0..4).map(client)).await;

    let cart = carts_over(&(Arc::new(store) as Arc<dyn EphemeralStore>)).find(id()).await.unwrap().cart;
    (cart.item_count(), cart.lines.iter().map(|line| line.quantity).collect())
}

#[tokio::test]
async fn adds_that_are_repeated_with_their_keys_count_once_whatever_the_store_does() {
    for seed in 0..100 {
        assert_eq!(retried(seed).await, (40, vec![10; 4]), "seed {seed}");
    }
}
