//! Merges whose process dies at each step, while others add to the same cart. No unit is lost, and none is there twice.

mod overtaken;
mod undo;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use database::Connection;
use ephemeral::redis::{Node, Topology};
use ephemeral::{EphemeralStore, Expiring, Redis, Result, Swap};
use futures_util::FutureExt;
use kit::on_every_database;
use kit::testing::{Front, InFront};
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;
use tokio::sync::Notify;

use super::*;
use crate::anonymous::{AnonymousCarts, AskedChange};
use crate::fixture::Fixture;
use crate::model::anonymous::tests::{id, meal, peer, some};
use crate::model::anonymous::{AddItem, Change};

use overtaken::Overtaken;

on_every_database! {
    Fixture:
    no_unit_is_lost_or_doubled_by_a_merge_that_dies_at_any_step,
    no_unit_is_lost_or_doubled_on_redis,
    merges_at_once_and_adds_beside_them_keep_all_units,
    a_cart_that_was_read_before_another_merge_of_it_is_not_merged_once_more,
    a_cart_that_an_older_store_brings_back_is_not_merged_once_more,
    a_sweep_finishes_what_a_process_left_behind,
    a_merge_that_cant_be_read_keeps_no_other_waiting,
    what_nobody_asks_for_any_more_is_forgotten,
    a_user_keeps_the_newest_merges_alone,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What happens to a process that merges, by the number of its call to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// It stops before the call.
    Before(u64),
    /// It stops when the call is done, and does not hear of that.
    Behind(u64),
    Never,
}

/// Everything that a merge asks the store for, until it is finished.
const DEATHS: [Death; 7] = [
    Death::Before(1),
    Death::Before(2),
    Death::Behind(2),
    Death::Before(3),
    Death::Behind(3),
    Death::Before(4),
    Death::Never,
];

/// A store in front of which others add whenever the process calls, and that stops the process.
struct Deadly {
    store: Arc<dyn EphemeralStore>,
    death: Death,
    calls: AtomicU64,
    died: Notify,
    /// Who adds.
    crowd: Option<Arc<Crowd>>,
}

/// Others who add to the cart, and count what they have added.
struct Crowd {
    store: Arc<dyn EphemeralStore>,
    carts: AnonymousCarts,
    /// Decides what happens.
    state: Mutex<u64>,
    added: AtomicU64,
    clock: clock::ManualClock,
}

impl Crowd {
    fn new(fixture: &Fixture, store: &Arc<dyn EphemeralStore>, seed: u64) -> Arc<Self> {
        let context = kit::Context { ephemeral: Arc::clone(store), ..fixture.context.clone() };
        let (carts, added) = (AnonymousCarts::new(&context), AtomicU64::new(0));
        // Of a generator whose state must not be 0 (xorshift64).
        let state = Mutex::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        Arc::new(Self { store: Arc::clone(store), carts, state, added, clock: fixture.clock.clone() })
    }

    fn below(&self, end: u64) -> u64 {
        let mut state = self.state.lock().unwrap();
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % end
    }

    /// Adds nothing, or by our service, or as the first platform does, which drops what it does not know.
    async fn come_by(&self) {
        self.clock.advance(Duration::from_millis(1));
        let (who, number, quantity) = (self.below(4), self.below(2) as u32, 1 + self.below(2) as u32);
        match who {
            0 | 1 => self.add(some(number, quantity)).await,
            2 => self.add_as_peer(&meal(number), quantity).await,
            _ => {}
        }
    }

    async fn add(&self, item: AddItem) {
        self.clock.advance(Duration::from_millis(1));
        self.added.fetch_add(item.quantity.into(), Ordering::Relaxed);
        let (change, network) = (Change::Add(item), "192.0.2.0/24".to_owned());
        self.carts.change(id(), AskedChange { change, if_match: None, network }).await.unwrap();
    }

    /// Only in a cart that is there: its first add would be one of ours.
    async fn add_as_peer(&self, meal: &str, quantity: u32) {
        let Some(bytes) = self.store.get(&id().key()).await.unwrap() else { return };
        let mut cart = peer::read(&bytes).unwrap();
        let line = cart["items"].as_array_mut().unwrap().iter_mut().find(|line| line["meal_id"] == meal);
        let Some(line) = line else { return };
        line["quantity"] = (line["quantity"].as_u64().unwrap() + u64::from(quantity)).into();
        self.added.fetch_add(quantity.into(), Ordering::Relaxed);
        self.store.put(&id().key(), &peer::write(&cart), 30 * DAY).await.unwrap();
    }
}

impl Deadly {
    /// In front of `store`, with the crowd.
    fn new(store: &Arc<dyn EphemeralStore>, death: Death, crowd: &Arc<Crowd>) -> Arc<Front<Self>> {
        Self::beside(store, death, Some(Arc::clone(crowd)))
    }

    /// In front of `store`, where nobody comes by.
    fn alone(store: &Arc<dyn EphemeralStore>, death: Death) -> Arc<Front<Self>> {
        Self::beside(store, death, None)
    }

    fn beside(store: &Arc<dyn EphemeralStore>, death: Death, crowd: Option<Arc<Crowd>>) -> Arc<Front<Self>> {
        let store = Arc::clone(store);
        Arc::new(Front(Self { store, death, calls: AtomicU64::new(0), died: Notify::new(), crowd }))
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        self.disturb(number).await;
        if self.death == Death::Before(number) {
            self.die().await;
        }
        let answer = call.await;
        self.disturb(number).await;
        if self.death == Death::Behind(number) {
            self.die().await;
        }
        answer
    }

    /// Others come by, but not so often that the process would pause: the clock stands still then.
    async fn disturb(&self, call: u64) {
        if let Some(crowd) = self.crowd.as_ref().filter(|_| call <= 4) {
            crowd.come_by().await;
        }
    }

    async fn die(&self) {
        self.died.notify_one();
        std::future::pending::<()>().await;
    }
}

#[async_trait]
impl InFront for Deadly {
    fn behind(&self) -> &dyn EphemeralStore {
        &*self.store
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.call(self.store.get(key)).await
    }

    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        self.call(self.store.swap(key, expected, new)).await
    }
}

fn asked() -> AskedMerge {
    let network = "192.0.2.0/24".to_owned();
    AskedMerge { cart_id: id(), strategy: MergeStrategy::default(), if_match: None, run: Run::Merge, network }
}

fn over(fixture: &Fixture, store: &Arc<dyn EphemeralStore>) -> Arc<Carts> {
    Carts::new(kit::Context { ephemeral: Arc::clone(store), ..fixture.context.clone() })
}

/// Units in the cart of the user and in the anonymous one.
async fn units(carts: &Carts, user_id: UserId) -> (u64, u64) {
    let lines = store::line::list(&carts.context.database, user_id).await.unwrap();
    let of_user = lines.iter().map(|line| u64::from(line.quantity.unsigned_abs())).sum();
    let anonymous = match carts.anonymous.find(id()).await {
        Err(AnonymousError::Refused(CartRefusal::NoCart)) => 0,
        found => found.unwrap().cart.item_count(),
    };
    (of_user, anonymous)
}

/// One merge that dies so, what finishes it by chance, and adds all along; then all that is left is merged, too.
async fn survive(fixture: &Fixture, real: &Arc<dyn EphemeralStore>, death: Death, seed: u64) {
    let (crowd, user_id) = (Crowd::new(fixture, real, seed), fixture.new_user());
    crowd.add(some(0, 2)).await;
    let deadly = Deadly::new(real, death, &crowd);
    let dying = over(fixture, &(Arc::clone(&deadly) as Arc<dyn EphemeralStore>));
    let carts = over(fixture, real);

    tokio::select! {
        merged = merge_cart(&dying, user_id, asked()) => { merged.unwrap(); }
        () = deadly.died.notified() => {}
    }
    crowd.come_by().await;
    if crowd.below(2) == 0 {
        finish_merges(&carts).await.unwrap();
        let (of_user, anonymous) = units(&carts, user_id).await;
        assert_eq!(of_user + anonymous, crowd.added.load(Ordering::Relaxed), "{death:?}, seed {seed}, after the sweep");
    }
    crowd.come_by().await;
    merge_cart(&carts, user_id, asked()).await.unwrap();
    finish_merges(&carts).await.unwrap();

    let all = crowd.added.load(Ordering::Relaxed);
    assert_eq!(units(&carts, user_id).await, (all, 0), "{death:?}, seed {seed}");
}

async fn no_unit_is_lost_or_doubled_by_a_merge_that_dies_at_any_step(fixture: Fixture) {
    for death in DEATHS {
        for seed in 0..10 {
            survive(&fixture, &fixture.context.ephemeral, death, seed).await;
        }
    }
}

async fn on(server: &RedisServer) -> Arc<dyn EphemeralStore> {
    let topology = Topology::Single(Node { host: "127.0.0.1".to_owned(), port: server.port() });
    let command_timeout = ephemeral::RedisServer::COMMAND_TIMEOUT;
    let address = ephemeral::RedisServer { topology, credentials: None, database: 0, tls: None, command_timeout };
    Arc::new(Redis::open(&address, clock::Sources::system()).await.unwrap())
}

async fn no_unit_is_lost_or_doubled_on_redis(fixture: Fixture) {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let redis = on(&server).await;
    for death in DEATHS {
        for seed in 0..5 {
            survive(&fixture, &redis, death, seed).await;
        }
    }
}

async fn merges_at_once_and_adds_beside_them_keep_all_units(fixture: Fixture) {
    let (real, user_id) = (&fixture.context.ephemeral, fixture.new_user());
    let crowd = Crowd::new(&fixture, real, 1);
    let replicas = [over(&fixture, real), over(&fixture, real)];
    let adding = async {
        for number in 0..40 {
            crowd.add(some(number % 4, 1)).await;
            crowd.clock.advance(Duration::from_millis(1));
        }
    };
    let merging = async |carts: &Carts| {
        for _ in 0..10 {
            // Too many at once are asked to come again.
            while merge_cart(carts, user_id, asked()).await.is_err() {}
        }
    };

    tokio::join!(adding, merging(&replicas[0]), merging(&replicas[1]));
    merge_cart(&replicas[0], user_id, asked()).await.unwrap();

    assert_eq!(units(&replicas[0], user_id).await, (40, 0));
}

async fn a_cart_that_was_read_before_another_merge_of_it_is_not_merged_once_more(fixture: Fixture) {
    let (real, user_id) = (Arc::clone(&fixture.context.ephemeral), fixture.new_user());
    let crowd = Crowd::new(&fixture, &real, 1);
    crowd.add(some(0, 2)).await;
    let (others, carts) = (Arc::clone(&crowd), over(&fixture, &real));
    let overtaking = async move {
        others.add(some(0, 3)).await;
        merge_cart(&carts, user_id, asked()).await.unwrap();
    };
    let overtaken = over(&fixture, &Overtaken::at(1, &real, overtaking.boxed()));

    merge_cart(&overtaken, user_id, asked()).await.unwrap();

    assert_eq!(units(&overtaken, user_id).await, (5, 0));
}

async fn a_cart_that_an_older_store_brings_back_is_not_merged_once_more(fixture: Fixture) {
    let (carts, user_id) = (&fixture.carts, fixture.new_user());
    let crowd = Crowd::new(&fixture, &fixture.context.ephemeral, 1);
    crowd.add(some(0, 2)).await;
    let older = fixture.context.ephemeral.get(&id().key()).await.unwrap().unwrap();
    crowd.add(some(0, 3)).await;
    merge_cart(carts, user_id, asked()).await.unwrap();

    fixture.ephemeral.roll_back(&id().key(), &older).await;
    merge_cart(carts, user_id, asked()).await.unwrap();

    assert_eq!(units(carts, user_id).await, (5, 0));
}

/// A merge that was committed and not finished.
async fn left_behind(fixture: &Fixture, user_id: UserId) {
    let crowd = Crowd::new(fixture, &fixture.context.ephemeral, 1);
    crowd.add(some(0, 2)).await;
    let deadly = Deadly::new(&fixture.context.ephemeral, Death::Before(2), &crowd);
    let dying = over(fixture, &(Arc::clone(&deadly) as Arc<dyn EphemeralStore>));
    tokio::select! {
        merged = merge_cart(&dying, user_id, asked()) => panic!("it goes on: {merged:?}"),
        () = deadly.died.notified() => {}
    }
}

async fn a_sweep_finishes_what_a_process_left_behind(fixture: Fixture) {
    let user_id = fixture.new_user();
    left_behind(&fixture, user_id).await;
    let database = &fixture.context.database;
    let before = store::merge::find_unfinished(database, id()).await.unwrap();

    fixture.ephemeral.begin();
    let away = finish_merges(&fixture.carts).await;
    fixture.ephemeral.end();
    finish_merges(&fixture.carts).await.unwrap();

    assert!(before.is_some() && away.is_err());
    assert_eq!(store::merge::find_unfinished(database, id()).await.unwrap(), None);
}

async fn what_nobody_asks_for_any_more_is_forgotten(fixture: Fixture) {
    let (user_id, carts) = (fixture.new_user(), &fixture.carts);
    left_behind(&fixture, user_id).await;
    let known = async || {
        let last = store::merge::find_last(&carts.context.database, (id(), user_id), fixture.context.now() - 30 * DAY);
        last.await.unwrap().is_some()
    };

    fixture.clock.advance(3 * DAY);
    trim(carts).await.unwrap();
    let unsettled = known().await;
    finish_merges(carts).await.unwrap();
    trim(carts).await.unwrap();

    assert_eq!((unsettled, known().await), (true, false));
}

async fn a_user_keeps_the_newest_merges_alone(fixture: Fixture) {
    let (user_id, carts) = (fixture.new_user(), &fixture.carts);
    let crowd = Crowd::new(&fixture, &fixture.context.ephemeral, 1);
    for number in 0..30 {
        fixture.a_moment_later();
        crowd.add(some(number % 20, 1)).await;
        merge_cart(carts, user_id, asked()).await.unwrap();
    }

    let tx = carts.context.database.begin_write().await.unwrap();
    let kept = store::merge::list_surplus(&tx, user_id, (0, 100)).await.unwrap().len();
    assert_eq!((kept, units(carts, user_id).await), (20, (30, 0)));
}

async fn a_merge_that_cant_be_read_keeps_no_other_waiting(fixture: Fixture) {
    left_behind(&fixture, fixture.new_user()).await;
    let database = &fixture.context.database;
    let left = store::merge::find_unfinished(database, id()).await.unwrap().unwrap();
    let tx = database.begin_write().await.unwrap();
    let first = MergeId(uuid::Uuid::from_u128(1));
    let unreadable = Merge { id: first, base_etag: "unreadable".parse().unwrap(), ..left.clone() };
    store::merge::insert(&tx, unreadable).await.unwrap();
    tx.execute_unprepared("UPDATE cart_merge SET base = '[]' WHERE base_etag = 'unreadable'").await.unwrap();
    tx.commit().await.unwrap();

    let failed = finish_merges(&fixture.carts).await;

    let finished = store::merge::find_of_anyone(database, left.id).await.unwrap().unwrap();
    assert!(failed.is_err() && finished.settled_at.is_some());
    assert!(store::merge::find_of_anyone(database, first).await.is_err());
}
