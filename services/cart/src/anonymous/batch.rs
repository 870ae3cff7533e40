//! Changes of one cart that are written at once, or not at all.

use std::time::Duration;

use data_encoding::HEXLOWER;
use ephemeral::{Count, EphemeralError, Expiring, Swap, Window};
use tokio::sync::oneshot;

use super::{AnonymousError, AskedChange, CartStore, of_cart};
use crate::model::anonymous::{CartId, CartRefusal, Change, Changed, Stamp, Standing, TTL_DAYS};

/// No batch begins another attempt later. Where three processes change one cart without a pause, one of them is last some twenty
/// times in a row within a minute.
const ATTEMPTS_TIMEOUT: Duration = Duration::from_millis(1_500);
/// So often others may have been faster: more often than there is time for, unless the clock stands still.
const MAX_ATTEMPTS: u32 = 128;
/// So many of them follow at once on what was found; whoever has written just now has to read first, and is behind then.
const ATTEMPTS_WITHOUT_PAUSE: u32 = 4;
/// The longest pause before another attempt.
const MAX_BACKOFF: Duration = Duration::from_millis(32);
/// New carts of one network, by their windows' names.
const NEW_CARTS: [(&str, Window); 2] = [
    ("carts", Window { limit: 300, length: Duration::from_secs(60 * 60) }),
    ("carts-of-a-day", Window { limit: 1_000, length: DAY }),
];
/// Carts that one network has kept for longer than others are.
const LONG_CARTS: [(&str, Window); 1] = [("long-carts", Window { limit: 100, length: DAY })];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A change that is not answered yet.
pub(super) struct Waiting {
    pub(super) asked: AskedChange,
    pub(super) answer: oneshot::Sender<Result<Changed, AnonymousError>>,
}

type Answers = Vec<Result<Changed, CartRefusal>>;

pub(super) struct Batch {
    store: CartStore,
    id: CartId,
    waiting: Vec<Waiting>,
}

impl Batch {
    pub(super) fn new(store: CartStore, id: CartId, waiting: Vec<Waiting>) -> Self {
        Self { store, id, waiting }
    }

    /// Writes the changes and answers those who wait for them; one who is gone meanwhile hears nothing.
    pub(super) async fn run(self) {
        let answers = self.write().await;
        for (index, Waiting { answer, .. }) in self.waiting.into_iter().enumerate() {
            let own = match &answers {
                Ok(answers) => answers[index].clone().map_err(AnonymousError::from),
                Err(error) => Err(error.clone()),
            };
            drop(answer.send(own));
        }
    }

    async fn write(&self) -> Result<Answers, AnonymousError> {
        let CartStore { ephemeral, sources } = &self.store;
        let (key, began) = (self.id.key(), sources.now());
        let mut found = ephemeral.get(&key).await.map_err(|error| of_cart(&error))?;
        for attempt in 1..=MAX_ATTEMPTS {
            let mut standing = Standing::read(self.id, found.as_deref()).map_err(CartRefusal::from)?;
            let answers = self.fold(&mut standing).await?;
            let next = match &standing {
                Standing::Absent => None,
                Standing::Present(cart, bytes) => Some(Expiring { value: bytes, ttl: cart.ttl() }),
            };
            let written = next.map(|next| next.value);
            if found.as_deref() == written {
                return Ok(answers);
            }
            match ephemeral.swap(&key, found.as_deref(), next).await {
                Ok(Swap::Done) => return Ok(answers),
                Ok(Swap::Found(other)) if attempt <= ATTEMPTS_WITHOUT_PAUSE => found = other,
                Ok(Swap::Found(_)) => {
                    self.pause(attempt - ATTEMPTS_WITHOUT_PAUSE).await;
                    // What was found is old by now where so many write.
                    found = ephemeral.get(&key).await.map_err(|error| of_cart(&error))?;
                }
                Err(error) => return if self.stands(&key, written).await { Ok(answers) } else { Err(of_cart(&error)) },
            }
            if (sources.now() - began).to_std().is_ok_and(|elapsed| elapsed >= ATTEMPTS_TIMEOUT) {
                break;
            }
        }
        tracing::warn!("an anonymous cart is changed by too many at once");
        Err(AnonymousError::Unavailable)
    }

    /// Lets others go first, who may have been waiting as long.
    async fn pause(&self, failures: u32) {
        let sources = &self.store.sources;
        let longest = Duration::from_millis(1_u64 << failures.min(5)).min(MAX_BACKOFF);
        sources.sleep(longest.mul_f64(sources.fraction())).await;
    }

    /// Makes one change after the other of what stands there.
    async fn fold(&self, standing: &mut Standing) -> Result<Answers, AnonymousError> {
        let sources = &self.store.sources;
        let stamp = Stamp { now: sources.now(), nonce: HEXLOWER.encode(&sources.bytes::<8>()) };
        let mut answers = Vec::with_capacity(self.waiting.len());
        for Waiting { asked, .. } in &self.waiting {
            let AskedChange { change, if_match, .. } = asked;
            let answer = match self.limit(standing, asked).await? {
                Some(refusal) => Err(refusal),
                None => standing.apply(self.id, (change, if_match.as_ref()), &stamp),
            };
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Refuses to make a cart for a network that has made so many, and to keep one for long that has so many of those.
    async fn limit(&self, standing: &Standing, asked: &AskedChange) -> Result<Option<CartRefusal>, AnonymousError> {
        let windows: &[(&str, Window)] = match &asked.change {
            Change::Extend(days) if *days > TTL_DAYS && !matches!(standing, Standing::Absent) => &LONG_CARTS,
            change if standing.is_made_by(change, asked.if_match.as_ref()) => &NEW_CARTS,
            Change::Add(_)
            | Change::Update(..)
            | Change::Remove(_)
            | Change::Clear
            | Change::Extend(_)
            | Change::Take(..)
            | Change::Return(_) => &[],
        };
        let member = self.id.text();
        for (name, window) in windows {
            let key = format!("{name}:{}", asked.network);
            match self.store.ephemeral.count(&key, member.as_bytes(), *window).await {
                Ok(Count::Within(_)) => {}
                Ok(Count::Full { retry_after }) => return Ok(Some(CartRefusal::TooManyCarts(retry_after))),
                Err(EphemeralError::Absent) => return Err(AnonymousError::Absent),
                Err(error @ (EphemeralError::Unavailable(_) | EphemeralError::Foreign { .. })) => {
                    tracing::warn!(%error, "carts of a network can't be counted");
                    return Err(AnonymousError::Unavailable);
                }
            }
        }
        Ok(None)
    }

    /// Whether the write whose answer was lost has happened by now. No other write leaves the same bytes.
    async fn stands(&self, key: &str, written: Option<&[u8]>) -> bool {
        self.store.ephemeral.get(key).await.is_ok_and(|found| found.as_deref() == written)
    }
}
