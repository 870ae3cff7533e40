//! Readers in two processes and writers, in a thousand orders of their steps, with commands lost and late, and keys that
//! go by themselves.

use std::future::poll_fn;
use std::sync::Mutex;
use std::task::Poll;

use futures_util::future::BoxFuture;
use testkit::servers::shared;

use super::stepped::{Gate, Lease, Stepped};
use super::*;
use crate::testing::Front;

const INTERLEAVINGS: u32 = 1_000;
const READERS: [usize; 4] = [0, 0, 0, 1];
const WRITERS: usize = 2;
/// What each reader and writer does, one after the other.
const TURNS: u32 = 3;

/// One row of a database, and what its writers were promised.
#[derive(Debug, Default)]
struct Row {
    committed: u32,
    acknowledged: u32,
}

/// Everything that one interleaving consists of.
#[derive(Clone)]
struct World {
    stepped: Arc<Front<Stepped>>,
    gate: Gate,
    clock: ManualClock,
    /// One in each process.
    caches: [Cache<u32, Infallible>; 2],
    row: Arc<Mutex<Row>>,
    id: u32,
    found: Arc<Mutex<Found>>,
}

/// What the interleavings led through; they prove little where one of these stays empty.
#[derive(Debug, Default)]
struct Found {
    /// Reads that answered what was before an acknowledged change.
    old: u32,
    read: u32,
    loaded: u32,
    refused_fills: u32,
}

impl World {
    fn new(store: Arc<dyn EphemeralStore>, lease: Lease, id: u32, found: Arc<Mutex<Found>>) -> Self {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let random = Sources::new(clock.clone(), SeededRandom::new(u64::from(id)));
        let gate = Gate::default();
        let (late, refused_fills) = (Mutex::default(), Arc::default());
        let stepped = Stepped { store, gate: gate.clone(), random: random.clone(), lease, late, refused_fills };
        let stepped = Arc::new(Front(stepped));
        let caches = [0, 1].map(|_| cache(stepped.clone(), random.clone()));
        Self { stepped, gate, clock, caches, row: Arc::default(), id, found }
    }

    async fn read(self, process: usize) {
        for _ in 0..TURNS {
            let acknowledged = self.row.lock().unwrap().acknowledged;
            let answered = self.read_once(process).await;
            self.found.lock().unwrap().read += 1;
            if answered < acknowledged {
                self.found.lock().unwrap().old += 1;
            }
        }
    }

    async fn read_once(&self, process: usize) -> u32 {
        let world = self.clone();
        let load = move || async move {
            world.gate.pass().await;
            let committed = world.row.lock().unwrap().committed;
            world.found.lock().unwrap().loaded += 1;
            world.gate.pass().await;
            Ok(Some(committed))
        };
        self.caches[process].read(self.id, load).await.unwrap().unwrap()
    }

    /// A writer dies behind each fifth commit; nobody was promised anything then.
    async fn write(self, process: usize) {
        for _ in 0..TURNS {
            self.gate.pass().await;
            self.caches[process].changing(self.id).await;
            self.gate.pass().await;
            let version = {
                let mut row = self.row.lock().unwrap();
                row.committed += 1;
                row.committed
            };
            self.gate.pass().await;
            if self.stepped.draw(5) == 0 {
                continue;
            }
            while self.caches[process].changed(self.id).await.is_err() {}
            let mut row = self.row.lock().unwrap();
            row.acknowledged = row.acknowledged.max(version);
        }
    }

    /// What happens without anybody's doing.
    async fn disturb(&self) {
        match self.stepped.draw(30) {
            0 => self.stepped.store.remove(&format!("cache:number:{}", self.id)).await.unwrap(),
            1 => self.clock.advance(STORE_TIMEOUT),
            2 => self.stepped.deliver_late().await,
            _ => {}
        }
    }

    async fn run(self) {
        let readers = READERS.iter().map(|process| -> BoxFuture<'static, ()> { self.clone().read(*process).boxed() });
        let writers = (0..WRITERS).map(|process| -> BoxFuture<'static, ()> { self.clone().write(process).boxed() });
        let mut actors: Vec<_> = readers.chain(writers).collect();
        while !actors.is_empty() {
            self.disturb().await;
            let chosen = self.stepped.draw(u32::try_from(actors.len()).unwrap()) as usize;
            if step(&mut actors[chosen], &self.gate).await == Step::Done {
                drop(actors.swap_remove(chosen));
            }
        }
        while !self.stepped.late.lock().unwrap().is_empty() {
            self.stepped.deliver_late().await;
        }
        self.found.lock().unwrap().refused_fills += self.stepped.refused_fills.load(Ordering::Relaxed);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Waiting,
    Done,
}

/// Lets `actor` go on to the next gate, however long a store that is elsewhere takes for it.
async fn step(actor: &mut BoxFuture<'static, ()>, gate: &Gate) -> Step {
    poll_fn(|context| match actor.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(Step::Done),
        Poll::Pending if gate.was_reached() => Poll::Ready(Step::Waiting),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// A store that answers nothing before somebody lets it.
pub(super) fn hanging(store: Arc<dyn EphemeralStore>, random: Sources) -> Arc<dyn EphemeralStore> {
    let (gate, lease, late, refused_fills) = (Gate::shut(), Lease::Checked, Mutex::default(), Arc::default());
    Arc::new(Front(Stepped { store, gate, random, lease, late, refused_fills }))
}

async fn interleave(store: Arc<dyn EphemeralStore>, lease: Lease) -> Found {
    let found = Arc::default();
    for id in 0..INTERLEAVINGS {
        World::new(Arc::clone(&store), lease, id, Arc::clone(&found)).run().await;
    }
    std::mem::take(&mut found.lock().unwrap())
}

fn assert_none_is_old(found: &Found) {
    assert_eq!(found.old, 0, "{found:?}");
    assert!(found.loaded < found.read / 10 * 9, "hardly a read was answered by the store: {found:?}");
    assert!(found.refused_fills > INTERLEAVINGS / 10, "hardly a lease was removed in time: {found:?}");
}

#[tokio::test]
async fn no_read_answers_what_was_before_an_acknowledged_change_embedded() {
    let (store, _folder) = embedded();

    assert_none_is_old(&interleave(store, Lease::Checked).await);
}

#[tokio::test]
async fn no_read_answers_what_was_before_an_acknowledged_change_redis() {
    if !shared::are_wanted() {
        return;
    }
    let (store, _server) = start_redis().await;

    assert_none_is_old(&interleave(store, Lease::Checked).await);
}

/// The interleavings are worth something: a store that fills without a look at the lease does not get through them.
#[tokio::test]
async fn without_the_lease_the_interleavings_find_old_answers() {
    let (store, _folder) = embedded();

    let found = interleave(store, Lease::Unchecked).await;

    assert!(found.old > 0, "{found:?}");
}
