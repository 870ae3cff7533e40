//! Checks access tokens, and follows the feed that says which of them were revoked.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::{SetBack, Sources, Timestamp};
use contracts::SessionId;
use ephemeral::{Absent, EphemeralStore, Followed, Position};
use quick_cache::sync::Cache;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::keys::KeyRing;
use super::revocations::{CLOCK_TOLERANCE, Denylist};
use super::{AccessClaims, FeedEpoch, Knowledge, REVOCATIONS_FEED, Refusal, Revocation, TokenKeys};

/// A feed that is silent for longer is reported, and routes that must know answer 503.
const FEED_TIMEOUT: Duration = Duration::from_secs(3);
/// How long one poll of the feed waits for news.
const POLL_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the next poll waits after one that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// Tokens whose signature was checked already; one phone uses one token for some hundred calls.
const VERIFIED_TOKENS: usize = 10_000;

/// Checks access tokens; cheap to clone.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    knowledge: Knowledge,
    store: Arc<dyn EphemeralStore>,
    sources: Sources,
    keys: KeyRing,
    verified: Cache<String, Verified>,
    denylist: Denylist,
    position: Mutex<Position>,
    /// When the feed was last read up to its end, in Unix milliseconds.
    heard_at: AtomicI64,
    /// Whether the feed holds every revocation that still matters; not after a wipe, until auth has published them again.
    is_complete: AtomicBool,
    /// Whether the feed was read up to its end while it was complete, so that there is a set to answer by.
    is_prepared: AtomicBool,
    /// Whether there is an auth of ours, whose feed has to be read before its tokens can be checked.
    expects_feed: AtomicBool,
    /// How often entries of the feed were found to be lost.
    gaps: AtomicU64,
    /// Counts what has added to the denylist.
    revoked: watch::Sender<u64>,
    /// Notices a clock that was ahead, by which revocations were forgotten that are in force.
    clock: Mutex<SetBack>,
    /// Held by whoever prepares; the others wait for the outcome.
    preparing: tokio::sync::Mutex<()>,
    /// How often somebody has prepared, with or without success.
    preparations: AtomicU64,
}

/// Claims whose signature was checked.
#[derive(Clone)]
struct Verified {
    claims: Arc<AccessClaims>,
    /// Of the keys that it was checked with.
    edition: u64,
}

impl Guard {
    /// A guard that knows nothing yet and refuses everybody, until [`Guard::prepare`] or [`Guard::follow`] has read it up.
    #[must_use]
    pub fn new(store: Arc<dyn EphemeralStore>, sources: Sources, keys: &TokenKeys) -> Self {
        Self::knowing(Knowledge::Revocations, store, sources, keys)
    }

    /// A guard of a process without a store, where no revocation ever arrives: under a shared secret a token is good until it
    /// expires, and without one nobody can be checked at all.
    #[must_use]
    pub fn without_store(sources: Sources, keys: &TokenKeys) -> Self {
        let knowledge = match keys {
            TokenKeys::Shared { .. } => Knowledge::SignatureAlone,
            TokenKeys::Published => Knowledge::Nothing,
        };
        Self::knowing(knowledge, Arc::new(Absent), sources, keys)
    }

    fn knowing(knowledge: Knowledge, store: Arc<dyn EphemeralStore>, sources: Sources, keys: &TokenKeys) -> Self {
        Self(Arc::new(Inner {
            knowledge,
            store,
            sources,
            keys: KeyRing::new(keys),
            verified: Cache::new(VERIFIED_TOKENS),
            denylist: Denylist::default(),
            position: Mutex::new(Position::START),
            heard_at: AtomicI64::new(0),
            is_complete: AtomicBool::new(false),
            is_prepared: AtomicBool::new(false),
            expects_feed: AtomicBool::new(!matches!(keys, TokenKeys::Shared { .. })),
            gaps: AtomicU64::new(0),
            revoked: watch::Sender::new(0),
            clock: Mutex::default(),
            preparing: tokio::sync::Mutex::default(),
            preparations: AtomicU64::new(0),
        }))
    }

    /// Loads the keys and reads the whole feed.
    ///
    /// # Errors
    /// The store is away.
    pub async fn prepare(&self) -> ephemeral::Result<()> {
        self.listen(Duration::ZERO).await
    }

    /// How much this guard can know of a token.
    #[must_use]
    pub fn knowledge(&self) -> Knowledge {
        self.0.knowledge
    }

    /// Turns away whoever comes where less than `least` can be known of a token.
    ///
    /// # Errors
    /// [`Refusal::NotSetUp`]
    pub fn require(&self, least: Knowledge) -> Result<(), Refusal> {
        if self.0.knowledge < least { Err(Refusal::NotSetUp(least)) } else { Ok(()) }
    }

    /// The claims of `token`, if it opens anything.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn check(&self, token: &str) -> Result<Arc<AccessClaims>, Refusal> {
        self.require(Knowledge::SignatureAlone)?;
        let claims = match self.0.verified.get(token) {
            Some(verified) if verified.edition == self.0.keys.edition() => verified.claims,
            Some(_) | None => self.verify(token).await?,
        };
        let now = self.0.sources.now();
        // Further ahead minted only a clock that was set right since. No revocation is remembered for as long as its tokens say
        // that they live; whoever holds one refreshes it.
        if claims.exp <= now.timestamp() || claims.iat > (now + CLOCK_TOLERANCE).timestamp() {
            return Err(Refusal::Expired);
        }
        match (self.0.knowledge, claims.sid) {
            (Knowledge::Nothing | Knowledge::SignatureAlone, _) => Ok(claims),
            (Knowledge::Revocations, Some(session)) => self.require_session(session).await.map(|()| claims),
            (Knowledge::Revocations, None) => self.check_with_peers(claims).await,
        }
    }

    /// Turns away whoever comes with `session` after that was ended, as far as that can be known here.
    ///
    /// # Errors
    /// It was ended, or it is not known yet what was.
    pub async fn require_session(&self, session: SessionId) -> Result<(), Refusal> {
        if self.0.knowledge < Knowledge::Revocations {
            return Ok(());
        }
        if !self.is_prepared() {
            // Its signature is good, so an auth of ours has minted it.
            self.expect_feed();
            self.prepare_once().await?;
        }
        if !self.is_prepared() {
            Err(Refusal::Stale)
        } else if self.0.denylist.contains(session) {
            Err(Refusal::Revoked)
        } else {
            Ok(())
        }
    }

    /// One request at a time reads the feed; those that waited for it find what it found, also where it failed.
    async fn prepare_once(&self) -> ephemeral::Result<()> {
        let before = self.0.preparations.load(Ordering::Relaxed);
        let _turn = self.0.preparing.lock().await;
        if self.is_prepared() || self.0.preparations.load(Ordering::Relaxed) != before {
            return Ok(());
        }
        let prepared = self.prepare().await;
        self.0.preparations.fetch_add(1, Ordering::Relaxed);
        prepared
    }

    async fn verify(&self, token: &str) -> Result<Arc<AccessClaims>, Refusal> {
        // Asked first: keys that leave meanwhile make it an old edition.
        let edition = self.0.keys.edition();
        let claims = Arc::new(self.0.keys.decode(token, self.0.store.as_ref(), &self.0.sources).await?);
        self.0.verified.insert(token.to_owned(), Verified { claims: claims.clone(), edition });
        Ok(claims)
    }

    /// A peer of the first platform minted it, and writes its revocations by token.
    async fn check_with_peers(&self, claims: Arc<AccessClaims>) -> Result<Arc<AccessClaims>, Refusal> {
        match self.0.store.get(&contracts::keys::revoked_token(&claims.jti)).await? {
            Some(_) => Err(Refusal::Revoked),
            None => Ok(claims),
        }
    }

    /// Whether the feed was read up to its end within the last three seconds, so that every revocation before that is known here.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let heard_at = self.0.heard_at.load(Ordering::Relaxed);
        let silence = self.0.sources.now().timestamp_millis() - heard_at;
        u128::try_from(silence).is_ok_and(|silence| silence <= FEED_TIMEOUT.as_millis()) || silence < 0
    }

    /// Whether the keys are known and the revocations were read, so that callers can be distinguished.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        self.0.is_prepared.load(Ordering::Relaxed) && self.0.keys.are_known()
    }

    /// Whether peers of the first platform mint tokens too, which are good without an auth of ours.
    #[must_use]
    pub fn accepts_peers(&self) -> bool {
        self.0.keys.are_shared()
    }

    /// Whether there is an auth of ours: none is known of where peers mint tokens, until it runs here or a token of it comes.
    #[must_use]
    pub fn expects_feed(&self) -> bool {
        self.0.expects_feed.load(Ordering::Relaxed)
    }

    /// Notes that there is an auth of ours.
    pub fn expect_feed(&self) {
        self.0.expects_feed.store(true, Ordering::Relaxed);
    }

    /// Whether `session` is known to have ended while tokens of it may be alive.
    #[must_use]
    pub fn has_ended(&self, session: SessionId) -> bool {
        self.0.denylist.contains(session)
    }

    /// Changes whenever sessions are known to have ended that were not before.
    #[must_use]
    pub fn revoked(&self) -> watch::Receiver<u64> {
        self.0.revoked.subscribe()
    }

    /// How often entries of the feed were found to be lost: the store came back older, or was wiped. Whoever makes that good
    /// remembers the number that it began with, so that nothing is forgotten where it fails.
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.0.gaps.load(Ordering::Relaxed)
    }

    /// Publishes to every process that a session ended; this one knows when the call returns.
    ///
    /// # Errors
    /// The store is away: this process refuses the session, the others don't know yet.
    pub async fn revoke(&self, revocation: Revocation) -> ephemeral::Result<()> {
        self.0.denylist.add(revocation);
        self.0.revoked.send_modify(|count| *count += 1);
        let entry = serde_json::to_vec(&revocation).expect("an id and a time are JSON");
        let keep = (revocation.until - self.0.sources.now()).to_std().unwrap_or_default();
        self.0.store.append(REVOCATIONS_FEED, &entry, keep).await?;
        Ok(())
    }

    /// The sessions whose end stands in the feed, as the store holds it at present: read whole, and not remembered.
    ///
    /// # Errors
    /// The store is away.
    pub async fn published(&self) -> ephemeral::Result<HashSet<SessionId>> {
        let (mut published, mut after) = (HashSet::new(), Position::START);
        loop {
            let page = self.0.store.follow(REVOCATIONS_FEED, after, Duration::ZERO).await?;
            let revocations =
                page.entries.iter().filter_map(|(_, entry)| serde_json::from_slice::<Revocation>(entry).ok());
            published.extend(revocations.map(|revocation| revocation.session));
            match page.entries.last() {
                Some((last, _)) if page.more && !page.gap => after = *last,
                // What a gap hides counts as not published, which costs an entry that is there twice.
                Some(_) | None => return Ok(published),
            }
        }
    }

    /// Follows the feed until `stop`.
    pub async fn follow(self, stop: CancellationToken) {
        let mut is_silent = false;
        loop {
            let before = self.position();
            let Some(heard) = stop.run_until_cancelled(self.listen(POLL_TIMEOUT)).await else { return };
            match &heard {
                Ok(()) if is_silent => tracing::info!("the revocation feed answers again"),
                Ok(()) => {}
                Err(error) if is_silent => tracing::debug!(%error, "the revocation feed still does not answer"),
                Err(error) => {
                    tracing::warn!(%error, "the revocation feed does not answer; the last known set stays in force");
                }
            }
            is_silent = heard.is_err();
            // A reader that some pages came to asks for the next one at once.
            if is_silent && self.position() == before {
                stop.run_until_cancelled(self.0.sources.sleep(RETRY_INTERVAL)).await;
            }
        }
    }

    async fn listen(&self, wait: Duration) -> ephemeral::Result<()> {
        self.read_anew_if_set_back();
        self.0.keys.follow(self.0.store.as_ref(), &self.0.sources).await?;
        // Asked before the feed is read: what was published before the epoch began is in it then.
        let is_complete = self.is_complete().await?;
        let is_whole = self.read_up(wait).await?;
        let now = self.0.sources.now();
        self.0.is_complete.store(is_complete && is_whole, Ordering::Relaxed);
        if is_whole {
            self.0.is_prepared.fetch_or(is_complete, Ordering::Relaxed);
            self.0.heard_at.store(now.timestamp_millis(), Ordering::Relaxed);
        }
        self.0.denylist.trim(now);
        Ok(())
    }

    /// What a clock that was ahead made this guard forget stands in the feed.
    fn read_anew_if_set_back(&self) {
        let mut clock = self.0.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if clock.notice(self.0.sources.now()) {
            *self.0.position.lock().unwrap_or_else(PoisonError::into_inner) = Position::START;
            clock.acknowledge();
        }
    }

    /// Reads up to the end of the feed, page by page, and says whether nothing was missing. Each page is kept as soon as it
    /// has come, so whoever reads on after a failure goes on behind the last one.
    async fn read_up(&self, mut wait: Duration) -> ephemeral::Result<bool> {
        loop {
            let after = self.position();
            let page = self.0.store.follow(REVOCATIONS_FEED, after, wait).await?;
            self.apply(&page, after, self.0.sources.now());
            if page.gap || !page.more {
                return Ok(!page.gap);
            }
            wait = Duration::ZERO;
        }
    }

    async fn is_complete(&self) -> ephemeral::Result<bool> {
        if self.0.is_complete.load(Ordering::Relaxed) {
            return Ok(true);
        }
        Ok(FeedEpoch::find(self.0.store.as_ref()).await?.is_some())
    }

    fn apply(&self, page: &Followed, after: Position, now: Timestamp) {
        for (_, entry) in &page.entries {
            match serde_json::from_slice::<Revocation>(entry) {
                Ok(revocation) if revocation.until + CLOCK_TOLERANCE > now => self.0.denylist.add(revocation),
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "an entry of the revocation feed can't be read"),
            }
        }
        if !page.entries.is_empty() {
            self.0.revoked.send_modify(|count| *count += 1);
        }
        if page.gap {
            tracing::warn!("the revocation feed has a gap; reading it again from its start");
            self.0.gaps.fetch_add(1, Ordering::Relaxed);
        }
        let last = page.entries.last().map_or(after, |(position, _)| *position);
        let next = if page.gap { Position::START } else { last };
        let mut position = self.0.position.lock().unwrap_or_else(PoisonError::into_inner);
        // A request that prepares and the follower read at the same time; whoever was slower takes nobody back.
        if *position == after {
            *position = next;
        }
    }

    fn position(&self) -> Position {
        *self.0.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
