use std::sync::atomic::AtomicUsize;

use async_trait::async_trait;
use clock::{ManualClock, SeededRandom};
use contracts::{Role, Secret, UserId};
use ephemeral::{Embedded, EphemeralError, FEED_PAGE};
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::access::{HEADER_TYPE, ISSUER};
use crate::testing::{Front, InFront};

const ENDED: usize = 3 * FEED_PAGE + 1;

/// A store of which each second page comes too late, and every page after others had their turn.
struct Slow {
    store: Embedded,
    asked: AtomicUsize,
    given: AtomicUsize,
    _folder: TempDir,
}

impl Slow {
    async fn with_a_long_feed(sources: &Sources) -> Arc<Front<Self>> {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path(), sources.clone()).unwrap();
        for number in 0..ENDED {
            let revocation = Revocation { session: session(number), until: sources.now() + Duration::from_secs(900) };
            let entry = serde_json::to_vec(&revocation).unwrap();
            store.append(REVOCATIONS_FEED, &entry, Duration::from_secs(900)).await.unwrap();
        }
        FeedEpoch::begin(&store, sources, store.incarnation().await.unwrap()).await.unwrap();
        Arc::new(Front(Self { store, asked: AtomicUsize::new(0), given: AtomicUsize::new(0), _folder: folder }))
    }
}

#[async_trait]
impl InFront for Slow {
    fn behind(&self) -> &dyn EphemeralStore {
        &self.store
    }

    async fn follow(&self, feed: &str, after: Position, wait: Duration) -> ephemeral::Result<Followed> {
        tokio::task::yield_now().await;
        if self.asked.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            return Err(EphemeralError::Unavailable("no answer in time".into()));
        }
        let page = self.store.follow(feed, after, wait).await?;
        self.given.fetch_add(page.entries.len(), Ordering::Relaxed);
        Ok(page)
    }
}

fn session(number: usize) -> SessionId {
    SessionId(Uuid::from_u128(number as u128))
}

#[tokio::test]
async fn a_long_feed_is_read_on_where_a_page_failed_and_answers_nobody_before_its_end() {
    let sources =
        Sources::new(ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(3600)), SeededRandom::new(1));
    let store = Slow::with_a_long_feed(&sources).await;
    let keys = TokenKeys::Shared { secret: Secret::new("a secret"), access_ttl: Duration::from_secs(900) };
    let guard = Guard::new(store.clone(), sources, &keys);

    let mut seen = Vec::new();
    while !guard.is_prepared() {
        let prepared = guard.prepare().await;
        seen.push((prepared.is_ok(), guard.is_prepared(), guard.is_current()));
        assert!(seen.len() < 100, "it is never read up: {seen:?}");
    }

    let (last, before_it) = seen.split_last().unwrap();
    assert_eq!((*last, before_it.len()), ((true, true, true), 3), "each page but the last is followed by a failure");
    assert!(before_it.iter().all(|attempt| *attempt == (false, false, false)), "{seen:?}");
    assert!((0..ENDED).all(|number| guard.has_ended(session(number))));
    assert_eq!(store.given.load(Ordering::Relaxed), ENDED, "no page is read twice");
}

#[tokio::test]
async fn what_is_published_is_read_to_the_end_of_a_long_feed() {
    let sources =
        Sources::new(ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(3600)), SeededRandom::new(1));
    let feed = Slow::with_a_long_feed(&sources).await;
    let guard = Guard::new(Arc::new(feed.store.clone()), sources, &TokenKeys::Published);

    let published = guard.published().await.unwrap();

    assert_eq!(published, (0..ENDED).map(session).collect());
}

#[tokio::test]
async fn what_was_forgotten_by_a_clock_that_was_hours_ahead_is_read_again_when_it_is_set_right() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(3600));
    let sources = Sources::new(clock.clone(), SeededRandom::new(1));
    let feed = Slow::with_a_long_feed(&sources).await;
    let guard = Guard::new(Arc::new(feed.store.clone()), sources, &TokenKeys::Published);
    let ahead = Duration::from_secs(5 * 60 * 60);
    guard.prepare().await.unwrap();

    clock.advance(ahead);
    guard.prepare().await.unwrap();
    let by_then = guard.has_ended(session(0));
    clock.set_back(ahead);
    guard.prepare().await.unwrap();

    assert!(!by_then);
    assert!((0..ENDED).all(|number| guard.has_ended(session(number))));
}

/// An access token of ours under `secret`.
fn token(sources: &Sources, secret: &str) -> String {
    let now = sources.now().timestamp();
    let claims = AccessClaims {
        role: Role::User,
        iss: ISSUER.to_owned(),
        sub: UserId(Uuid::nil()),
        exp: now + 900,
        iat: now,
        jti: "a token".to_owned(),
        sid: Some(session(ENDED)),
        aud: None,
    };
    let header = Header { typ: Some(HEADER_TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

#[tokio::test]
async fn requests_that_wait_for_the_feed_read_it_once_also_where_that_fails() {
    let sources =
        Sources::new(ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(3600)), SeededRandom::new(1));
    let store = Slow::with_a_long_feed(&sources).await;
    let keys = TokenKeys::Shared { secret: Secret::new("a secret"), access_ttl: Duration::from_secs(900) };
    let guard = Guard::new(store.clone(), sources.clone(), &keys);
    let token = token(&sources, "a secret");

    let refused = join_all((0..100).map(|_| guard.check(&token))).await;

    assert!(refused.iter().all(Result::is_err));
    assert_eq!(store.asked.load(Ordering::Relaxed), 2, "one page that came, and one that did not");
    while !guard.is_prepared() {
        guard.prepare().await.ok();
    }
    assert!(guard.check(&token).await.is_ok());
}

#[tokio::test]
async fn without_a_store_a_token_under_the_shared_secret_is_good_until_it_expires() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(3600));
    let sources = Sources::new(clock.clone(), SeededRandom::new(1));
    let keys = TokenKeys::Shared { secret: Secret::new("a secret"), access_ttl: Duration::from_secs(900) };
    let guard = Guard::without_store(sources.clone(), &keys);
    let [token, forged] = ["a secret", "another secret"].map(|secret| token(&sources, secret));

    let (good, refused) = (guard.check(&token).await, guard.check(&forged).await);
    clock.advance(Duration::from_secs(900));
    let expired = guard.check(&token).await;

    assert!(good.is_ok(), "{good:?}");
    assert!(matches!(refused, Err(Refusal::Invalid)), "{refused:?}");
    assert!(matches!(expired, Err(Refusal::Expired)), "{expired:?}");
    assert_eq!((guard.knowledge(), guard.is_current()), (Knowledge::SignatureAlone, false));
    assert!(matches!(guard.require(Knowledge::Revocations), Err(Refusal::NotSetUp(Knowledge::Revocations))));
}

#[tokio::test]
async fn without_a_store_and_a_secret_nobody_is_checked() {
    let sources =
        Sources::new(ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(3600)), SeededRandom::new(1));
    let guard = Guard::without_store(sources.clone(), &TokenKeys::Published);

    for token in [token(&sources, "a secret").as_str(), "", "no token"] {
        let refused = guard.check(token).await;
        assert!(matches!(refused, Err(Refusal::NotSetUp(Knowledge::SignatureAlone))), "{refused:?}");
    }
}
