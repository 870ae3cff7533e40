//! The promises of the parent module, checked on a hundred thousand simulated lives of one session.
//!
//! A life is a list of things that happen to a server, an honest owner and a thief. Beside them stands a witness who
//! remembers everything.

mod happening;
mod server;
mod witness;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use uuid::Uuid;

use super::*;
use happening::{Fate, Happening, Sending};
use server::Server;
use witness::{Expected, Witness};

const LIVES: u32 = 100_000;
const RETRY_WINDOW: TimeDelta = TimeDelta::seconds(10);
const DAY: TimeDelta = TimeDelta::days(1);
const IDLE: TimeDelta = TimeDelta::days(30);
/// Shorter than in production, so that many lives reach it.
const LONGEST: TimeDelta = TimeDelta::days(60);

/// **Theorem.** Given
/// - a server that decides one refresh of a session at a time, carries out [`Rotation`]s in their order, and after a crash
///   takes what the ledger knows as revoked out of the store;
/// - a store that may lose its last writes or all of them, and a ledger that loses nothing;
/// - an owner who has one refresh under way, stores its answer before using it, and sends an attempt that was not answered
///   again: with the same key whenever it likes, or without a key within ten seconds of its first sending;
///
/// then
/// 1. *no false log-out*: while nobody else has refreshed the session, the owner's every refresh is answered with the
///    successor of what it presents, unless the owner signed out, the absolute end has come, it was idle for 30 days, or a
///    store that was not wiped has lost more than three rotations;
/// 2. *no missed theft*: whoever presents what the other party has presented or passed already (since the store last lost
///    something), is answered only if it is a retry, that is the same generation with the same key or within ten seconds of
///    its rotation; otherwise the session ends there and then, for both;
/// 3. *bounded mercy*: nobody is answered who is more than three generations ahead of the store or, on a wiped store, older
///    than the ledger's checkpoint; and nobody after sign-out, theft, the absolute end, or 31 days of idleness.
#[test]
fn no_owner_is_signed_out_and_no_thief_goes_unnoticed() {
    let config = Config { cases: LIVES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::XorShift));
    let happenings = prop::collection::vec(any::<u16>().prop_map(Happening::of), 1..48);

    let proven = runner.run(&(any::<bool>(), happenings), |(is_thief_about, happenings)| {
        let mut life = Life::begin();
        let is_theft = |happening: &Happening| matches!(happening, Happening::ThiefRefreshes { .. });
        happenings
            .into_iter()
            .filter(|happening| is_thief_about || !is_theft(happening))
            .try_for_each(|happening| life.goes_on(happening))
    });

    if let Err(TestError::Fail(reason, life)) = proven {
        panic!("{reason} in {life:#?}");
    }
    proven.unwrap();
}

type Checked<T> = Result<T, TestCaseError>;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Party {
    Owner,
    Thief,
}

struct Life {
    now: Timestamp,
    server: Server,
    owner: Owner,
    copies: Vec<(Generation, Option<AttemptKey>)>,
    witness: Witness,
    keys: u32,
}

struct Owner {
    held: Generation,
    unanswered: Option<Attempt>,
}

#[derive(Clone)]
struct Attempt {
    key: Option<AttemptKey>,
    first_sent: Timestamp,
}

impl Life {
    fn begin() -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let state = RefreshState::begin(UserId(Uuid::nil()), None, now, now + LONGEST);
        Self {
            now,
            witness: Witness::begin(now),
            server: Server::begin(state),
            owner: Owner { held: Generation::FIRST, unanswered: None },
            copies: Vec::new(),
            keys: 0,
        }
    }

    fn goes_on(&mut self, happening: Happening) -> Checked<()> {
        match happening {
            Happening::OwnerRefreshes(sending, fate) => self.owner_refreshes(sending, fate)?,
            Happening::OwnerRefreshesOften(times) => {
                for _ in 0..times {
                    self.owner_refreshes(Sending::Keyed, Fate::Answered)?;
                }
            }
            Happening::TimePasses(time) => {
                self.now = self.owner.deadline().map_or(self.now + time, |until| until.min(self.now + time))
            }
            Happening::OwnerSignsOut => self.server.revoke(),
            Happening::ThiefCopies => {
                let key = self.owner.unanswered.as_ref().and_then(|attempt| attempt.key.clone());
                self.copies.push((self.owner.held, key));
            }
            Happening::ThiefRefreshes { copy, sending } => self.thief_refreshes(copy, sending)?,
            Happening::ServerRestarts => self.server.restart(),
            Happening::StoreLosesWrites(writes) => {
                if self.server.lose_writes(writes) {
                    self.witness.store_forgets();
                }
            }
            Happening::StoreIsWiped => {
                self.server.wipe();
                self.witness.store_forgets();
            }
        }
        Ok(())
    }

    fn owner_refreshes(&mut self, sending: Sending, fate: Fate) -> Checked<()> {
        let attempt = match self.owner.unanswered.clone() {
            Some(attempt) => attempt,
            None => Attempt { key: (sending == Sending::Keyed).then(|| self.new_key()), first_sent: self.now },
        };
        self.owner.unanswered = Some(attempt.clone());
        // Whoever has no key and no time left must get through, or has not kept to the theorem.
        let fate = if self.owner.deadline() == Some(self.now) { Fate::Answered } else { fate };
        if fate == Fate::RequestLost {
            return Ok(());
        }
        let presented = Presented { generation: self.owner.held, attempt: attempt.key, at: self.now };
        let answer = self.refresh(Party::Owner, &presented, fate)?;
        if let (Some(successor), Fate::Answered) = (answer, fate) {
            self.owner = Owner { held: successor, unanswered: None };
        }
        Ok(())
    }

    fn thief_refreshes(&mut self, copy: usize, sending: Sending) -> Checked<()> {
        let Some((generation, copied_key)) = self.copies.get(copy % self.copies.len().max(1)).cloned() else {
            return Ok(());
        };
        let attempt = match sending {
            Sending::Keyed => Some(self.new_key()),
            Sending::Unkeyed => None,
            Sending::Copied => copied_key,
        };
        let presented = Presented { generation, attempt, at: self.now };
        if let Some(successor) = self.refresh(Party::Thief, &presented, Fate::Answered)? {
            self.copies.push((successor, None));
        }
        Ok(())
    }

    fn refresh(&mut self, party: Party, presented: &Presented, fate: Fate) -> Checked<Option<Generation>> {
        let expected = self.witness.expects(party, presented, &self.server);
        let rotation = self.server.refresh(presented, fate);
        let answer = match &rotation {
            Rotation::Advance { state, .. } => Some(state.generation),
            Rotation::Repeat { generation } => Some(*generation),
            Rotation::Reuse | Rotation::Lost | Rotation::Ended => None,
        };
        let successor = Some(presented.generation.next());
        let is_kept = match expected {
            Expected::Answer => answer == successor,
            Expected::Reuse => rotation == Rotation::Reuse && self.server.ledger.revoked,
            Expected::Refusal => answer.is_none(),
            Expected::AnswerOrRefusal => answer.is_none() || answer == successor,
        };
        prop_assert!(is_kept, "{party:?} got {rotation:?} for {presented:?}, but expected was {expected:?}");
        if answer.is_some() {
            self.witness.sees(party, presented, matches!(rotation, Rotation::Advance { .. }), fate);
        }
        Ok(answer)
    }

    fn new_key(&mut self) -> AttemptKey {
        self.keys += 1;
        AttemptKey(self.keys.to_string())
    }
}

impl Owner {
    /// Until when a client without a key must be answered.
    fn deadline(&self) -> Option<Timestamp> {
        let attempt = self.unanswered.as_ref().filter(|attempt| attempt.key.is_none())?;
        Some(attempt.first_sent + RETRY_WINDOW)
    }
}
