//! A read-through cache of what stands in the database, in the ephemeral store.
//!
//! No read that begins after a change was acknowledged answers what was before it. Whoever finds nothing leaves a lease, a
//! value of its own kind, asks the database, and puts the answer in the place of exactly that lease. [`Cache::changed`]
//! removes what stands there between commit and acknowledgement. So a lease that still stands when it is filled was left
//! behind the last removal, and the answer was asked for behind the last commit, however long the reader slept, whichever
//! command came late, and whatever expired: a removed lease never comes back. This is the lease of memcache (Nishtala et
//! al., *Scaling Memcache at Facebook*, NSDI 2013, section 3.2.1). Reads of one process share what they find only with
//! reads that came before they began (see `flights.rs`).
//!
//! A store that is away, slow or holds something else is bypassed: the database answers. A writer that dies between commit
//! and removal has left a lease by [`Cache::changing`], which nobody fills, so reads are answered by the database until it
//! expires. Where the store did not take that one either, the service removes what stands there by what it has written down
//! with the change, such as a row of `address_stale`; a store that loses a removal by itself (a failover of Redis) answers what
//! was for [`TTL`] at most.

mod flights;

#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use clock::Sources;
use database::DatabaseError;
use ephemeral::{EphemeralError, EphemeralStore, Expiring, Swap};
use futures_util::FutureExt;
use metrics::{Unit, describe_counter};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Context;
use flights::Flights;

/// How long a value stays, give or take a fifth.
pub const TTL: Duration = Duration::from_secs(60);
/// How long a lease stays whose reader or writer never comes back. Nobody fills meanwhile.
const LEASE_TTL: Duration = Duration::from_secs(5);
/// How long a read waits for the store before it goes to the database, and again before it leaves its answer there. An
/// adapter that gives up earlier by itself learns from it, and refuses the next read at once.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

/// What can be read through a cache: values of `T`, each behind a key of its own. Cheap to clone.
pub struct Cache<T, E = DatabaseError> {
    name: &'static str,
    store: Arc<dyn EphemeralStore>,
    sources: Sources,
    flights: Flights<Read<T, E>>,
}

/// What a read found, and how.
#[derive(Debug, Clone)]
struct Read<T, E> {
    answer: Result<Option<T>, E>,
    outcome: Outcome,
}

/// Where the answer of a read came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// From the store.
    Hit,
    /// From the database, and it was left in the store unless something changed meanwhile.
    Miss,
    /// From the database, because the store is away or another read is about to fill it.
    Bypass,
}

/// What stands at a key.
enum Standing<T> {
    Value(T),
    /// Ours.
    Lease(Entry<T>),
    /// Another's lease, or something that is no value.
    Other,
}

/// What is written at a key: its first byte distinguishes a lease from a value.
struct Entry<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T, E> Clone for Cache<T, E> {
    fn clone(&self) -> Self {
        let Self { name, store, sources, flights } = self;
        Self { name, store: Arc::clone(store), sources: sources.clone(), flights: flights.clone() }
    }
}

impl<T, E> Cache<T, E>
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// The cache `name`, whose keys begin with `cache:<name>:`.
    #[must_use]
    pub fn new(name: &'static str, context: &Context) -> Self {
        describe_counter!("cache_reads_total", Unit::Count, "Reads through a cache, by cache and outcome");
        describe_counter!("cache_loads_total", Unit::Count, "Loads that reads through a cache have made, by cache");
        let Context { ephemeral, sources, .. } = context;
        Self { name, store: Arc::clone(ephemeral), sources: sources.clone(), flights: Flights::default() }
    }

    /// The value of `id`: what stands in the store, else what `load` finds, by one statement on the database that takes the
    /// writes. What is not there is found anew by each read. Who may see the value is checked behind each read.
    ///
    /// # Errors
    /// Those of `load` alone.
    pub async fn read<F>(&self, id: impl Display, load: impl FnOnce() -> F + Send + 'static) -> Result<Option<T>, E>
    where
        F: Future<Output = Result<Option<T>, E>> + Send + 'static,
    {
        let key = self.key(id);
        let (cache, own_key) = (self.clone(), key.clone());
        let Read { answer, outcome } =
            self.flights.join(&key, async move { cache.find(&own_key, load).await }.boxed()).await;
        metrics::counter!("cache_reads_total", "cache" => self.name, "outcome" => outcome.label()).increment(1);
        answer
    }

    /// Keeps the value of `id` from being answered or filled for as long as a lease stands, as a change of it is about to be
    /// committed by a process that may die before it calls [`Cache::changed`]. Called with the change written and not committed.
    pub async fn changing(&self, id: impl Display) {
        let (key, lease) = (self.key(id), Entry::<T>::lease(&self.sources));
        if let Err(error) = self.in_time(self.store.put(&key, &lease.bytes, LEASE_TTL)).await {
            tracing::debug!(cache = self.name, %error, "what is about to change stays cached");
        }
    }

    /// Forgets the value of `id`. Called between the commit of a change and its acknowledgement, and again by what was
    /// written down with the change, until it succeeds.
    ///
    /// # Errors
    /// The store is away: what stands there may be what was, so the value has to be forgotten again.
    pub async fn changed(&self, id: impl Display) -> ephemeral::Result<()> {
        let key = self.key(id);
        self.in_time(self.store.remove(&key)).await
    }

    fn key(&self, id: impl Display) -> String {
        format!("cache:{}:{id}", self.name)
    }

    async fn find<F>(&self, key: &str, load: impl FnOnce() -> F) -> Read<T, E>
    where
        F: Future<Output = Result<Option<T>, E>>,
    {
        let standing = self.in_time(self.claim(key)).await.unwrap_or_else(|error| {
            tracing::debug!(cache = self.name, %error, "the cache is bypassed");
            Standing::Other
        });
        match standing {
            Standing::Value(value) => Read { answer: Ok(Some(value)), outcome: Outcome::Hit },
            Standing::Other => Read { answer: self.counted(load).await, outcome: Outcome::Bypass },
            Standing::Lease(lease) => {
                let answer = self.counted(load).await;
                let value = answer.as_ref().ok().and_then(Option::as_ref).map(Entry::value);
                if let Err(error) = self.in_time(self.replace(key, &lease, value)).await {
                    tracing::debug!(cache = self.name, %error, "what was loaded is not cached");
                }
                Read { answer, outcome: Outcome::Miss }
            }
        }
    }

    /// Reads that are shared count once.
    fn counted<F>(&self, load: impl FnOnce() -> F) -> F {
        metrics::counter!("cache_loads_total", "cache" => self.name).increment(1);
        load()
    }

    /// What stands at `key`; a lease of this read, if nothing did.
    async fn claim(&self, key: &str) -> ephemeral::Result<Standing<T>> {
        if let Some(bytes) = self.store.get(key).await? {
            return Ok(Entry { bytes, of: PhantomData }.standing());
        }
        let lease = Entry::lease(&self.sources);
        let new = Expiring { value: &lease.bytes, ttl: LEASE_TTL };
        Ok(match self.store.swap(key, None, Some(new)).await? {
            Swap::Done => Standing::Lease(lease),
            Swap::Found(Some(bytes)) => Entry { bytes, of: PhantomData }.standing(),
            Swap::Found(None) => Standing::Other,
        })
    }

    /// Puts `value`, or nothing, in the place of `lease`, if that still stands; otherwise something changed meanwhile.
    async fn replace(&self, key: &str, lease: &Entry<T>, value: Option<Entry<T>>) -> ephemeral::Result<()> {
        let ttl = ttl_of(key);
        let new = value.as_ref().map(|value| Expiring { value: &value.bytes, ttl });
        self.store.swap(key, Some(&lease.bytes), new).await?;
        Ok(())
    }

    /// A command that is given up may still be carried out: it does no harm later.
    async fn in_time<A>(&self, command: impl Future<Output = ephemeral::Result<A>>) -> ephemeral::Result<A> {
        tokio::select! {
            biased;
            answered = command => answered,
            () = self.sources.sleep(STORE_TIMEOUT) => {
                Err(EphemeralError::Unavailable(format!("no answer within {STORE_TIMEOUT:?}").into()))
            }
        }
    }
}

impl Outcome {
    fn label(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }
}

impl<T: Serialize + DeserializeOwned> Entry<T> {
    const LEASE: u8 = b'L';
    const VALUE: u8 = b'V';

    fn lease(sources: &Sources) -> Self {
        let mut bytes = vec![Self::LEASE];
        bytes.extend(sources.bytes::<16>());
        Self { bytes, of: PhantomData }
    }

    fn value(value: &T) -> Self {
        let mut bytes = vec![Self::VALUE];
        serde_json::to_writer(&mut bytes, value).expect("what is cached has texts as the keys of its maps");
        Self { bytes, of: PhantomData }
    }

    fn standing(&self) -> Standing<T> {
        let value = self.bytes.strip_prefix(&[Self::VALUE]).and_then(|json| serde_json::from_slice(json).ok());
        value.map_or(Standing::Other, Standing::Value)
    }
}

/// Spread by key, so that what was cached together does not expire together.
fn ttl_of(key: &str) -> Duration {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let percent = u32::try_from(hasher.finish() % 41).expect("it is at most 40");
    TTL * (80 + percent) / 100
}
