//! The promises of the parent module, checked on a hundred thousand simulated lives of one session.
//!
//! A life is a list of things that happen to a server, an honest client and a thief. Beside them stands a witness who
//! remembers all and knows by the theorem, not by the rules, what each refresh must be answered.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use uuid::Uuid;

use super::*;

const LIVES: u32 = 100_000;
const TEN_SECONDS: TimeDelta = TimeDelta::seconds(10);
const DAY: TimeDelta = TimeDelta::days(1);
const IDLE: TimeDelta = TimeDelta::days(30);
/// Shorter than in production, so that many lives reach it.
const LONGEST: TimeDelta = TimeDelta::days(60);

/// How long nothing happens; around every limit that there is.
const WAITS: [TimeDelta; 10] = [
    TimeDelta::seconds(1),
    TimeDelta::seconds(9),
    TEN_SECONDS,
    TimeDelta::milliseconds(10_001),
    TimeDelta::minutes(15),
    TimeDelta::hours(20),
    TimeDelta::hours(25),
    TimeDelta::days(10),
    TimeDelta::hours(29 * 24 + 23),
    TimeDelta::hours(30 * 24 + 12),
];

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Happening {
    OwnerRefreshes(Sending, Fate),
    OwnerRefreshesOften(u16),
    TimePasses(TimeDelta),
    OwnerSignsOut,
    ThiefCopies,
    ThiefRefreshes { copy: usize, sending: Sending },
    ServerRestarts,
    StoreLosesWrites(u16),
    StoreIsWiped,
}

/// With which key an attempt is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sending {
    WithNewKey,
    WithoutKey,
    /// The thief copied the key too.
    WithCopiedKey,
}

/// What becomes of a request of the owner.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Answered,
    AnswerLost,
    RequestLost,
    /// The server dies between telling the ledger and writing the store.
    ServerDies,
}

impl Happening {
    /// Small codes mean simple things, so that a failing life shrinks to a simple one.
    fn of(code: u16) -> Self {
        let (kind, detail) = (code % 64, code / 64);
        let fates = [Fate::Answered, Fate::AnswerLost, Fate::RequestLost, Fate::AnswerLost, Fate::ServerDies];
        let sendings = [Sending::WithNewKey, Sending::WithoutKey, Sending::WithCopiedKey];
        let detail_of = |length: usize| usize::from(detail) % length;
        match kind {
            0..24 => Self::OwnerRefreshes(sendings[detail_of(2)], fates[usize::from(detail / 2) % fates.len()]),
            24..31 => Self::OwnerRefreshesOften(2 + detail % 8),
            31..45 => Self::TimePasses(WAITS[detail_of(WAITS.len())]),
            45..50 => Self::ThiefCopies,
            50..56 => Self::ThiefRefreshes { copy: usize::from(detail / 3), sending: sendings[detail_of(3)] },
            56..60 => Self::StoreLosesWrites(1 + detail % 4),
            60..62 => Self::StoreIsWiped,
            62 => Self::ServerRestarts,
            _ => Self::OwnerSignsOut,
        }
    }
}

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
                    self.owner_refreshes(Sending::WithNewKey, Fate::Answered)?;
                }
            }
            Happening::TimePasses(time) => {
                self.now = self.owner.patience().map_or(self.now + time, |until| until.min(self.now + time))
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
            None => Attempt { key: (sending == Sending::WithNewKey).then(|| self.new_key()), first_sent: self.now },
        };
        self.owner.unanswered = Some(attempt.clone());
        // Whoever has no key and no time left must get through, or has not kept to the theorem.
        let fate = if self.owner.patience() == Some(self.now) { Fate::Answered } else { fate };
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
            Sending::WithNewKey => Some(self.new_key()),
            Sending::WithoutKey => None,
            Sending::WithCopiedKey => copied_key,
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
            Rotation::Reuse | Rotation::Ended => None,
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
    fn patience(&self) -> Option<Timestamp> {
        let attempt = self.unanswered.as_ref().filter(|attempt| attempt.key.is_none())?;
        Some(attempt.first_sent + TEN_SECONDS)
    }
}

/// The server with its store and its ledger, as the theorem supposes them.
struct Server {
    store: Option<RefreshState>,
    overwritten: Vec<Option<RefreshState>>,
    ledger: Ledger,
}

impl Server {
    fn begin(state: RefreshState) -> Self {
        let RefreshState { user_id, device_id, checkpoint, ends_at, .. } = state;
        let ledger = Ledger { user_id, device_id, checkpoint, ends_at, revoked: false };
        Self { store: Some(state), overwritten: Vec::new(), ledger }
    }

    fn standing(&self, now: Timestamp) -> Option<&RefreshState> {
        let idle = IDLE.to_std().unwrap();
        self.store.as_ref().filter(|state| now < state.rotated_at + state.time_to_live(idle))
    }

    fn refresh(&mut self, presented: &Presented, fate: Fate) -> Rotation {
        let rotation = match self.standing(presented.at) {
            Some(state) => rotate(state, presented),
            None => rebuild(&self.ledger, presented, IDLE.to_std().unwrap()),
        };
        match &rotation {
            Rotation::Advance { state, checkpoint } => {
                let told = checkpoint.filter(|new| new.generation >= self.ledger.checkpoint.generation);
                self.ledger.checkpoint = told.unwrap_or(self.ledger.checkpoint);
                if fate != Fate::ServerDies {
                    self.write(Some(state.clone()));
                }
            }
            Rotation::Reuse => self.revoke(),
            Rotation::Repeat { .. } | Rotation::Ended => {}
        }
        rotation
    }

    fn revoke(&mut self) {
        self.ledger.revoked = true;
        self.write(None);
    }

    fn write(&mut self, state: Option<RefreshState>) {
        self.overwritten.push(std::mem::replace(&mut self.store, state));
    }

    fn restart(&mut self) {
        let bytes = self.store.as_ref().map(|state| serde_json::to_vec(state).unwrap());
        self.store = bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap()).filter(|_| !self.ledger.revoked);
    }

    /// Whether there was anything to lose.
    fn lose_writes(&mut self, writes: u16) -> bool {
        let kept = self.overwritten.len().saturating_sub(writes.into());
        let lost = self.overwritten.drain(kept..).next();
        let is_lost = lost.is_some();
        self.store = lost.unwrap_or(self.store.take()).filter(|_| !self.ledger.revoked);
        is_lost
    }

    fn wipe(&mut self) {
        self.store = None;
        self.overwritten.clear();
    }
}

/// What a refresh must be answered.
#[derive(Debug)]
enum Expected {
    Answer,
    Reuse,
    Refusal,
    AnswerOrRefusal,
}

/// Remembers everything that happened, also what the store forgot.
struct Witness {
    begun: Timestamp,
    /// The last rotation, even if the server died in it.
    used: Timestamp,
    /// The last one that it survived.
    rotated: Timestamp,
    newest: Generation,
    /// When each generation gave way to the next, and for which attempt.
    rotations: HashMap<Generation, (Timestamp, Option<AttemptKey>)>,
    is_stolen: bool,
    /// The newest that each party has presented since the store last forgot something.
    presented: [Option<Generation>; 2],
}

impl Witness {
    fn begin(now: Timestamp) -> Self {
        Self {
            begun: now,
            used: now,
            rotated: now,
            newest: Generation::FIRST,
            rotations: HashMap::new(),
            is_stolen: false,
            presented: [None; 2],
        }
    }

    fn expects(&self, party: Party, presented: &Presented, server: &Server) -> Expected {
        let at = presented.at;
        if server.ledger.revoked || at >= self.begun + LONGEST || at >= self.used + IDLE + DAY {
            return Expected::Refusal;
        }
        let stored = server.standing(at).map(|state| state.generation);
        let has_lost_too_much = stored.is_some_and(|stored| self.newest.ahead_of(stored) > 3);
        if party == Party::Owner && !self.is_stolen && !has_lost_too_much {
            return if at < self.rotated + IDLE { Expected::Answer } else { Expected::AnswerOrRefusal };
        }
        let is_beyond_mercy = match stored {
            Some(stored) => presented.generation.ahead_of(stored) > 3,
            None => presented.generation < server.ledger.checkpoint.generation,
        };
        match is_beyond_mercy || self.is_theft(party, presented) {
            // On the thirty-first day of idleness the session may be over already.
            true if at >= self.rotated + IDLE => Expected::Refusal,
            true => Expected::Reuse,
            false => Expected::AnswerOrRefusal,
        }
    }

    fn is_theft(&self, party: Party, presented: &Presented) -> bool {
        let other = match party {
            Party::Owner => Party::Thief,
            Party::Thief => Party::Owner,
        };
        let passed = self.presented[other as usize];
        passed > Some(presented.generation) || (passed == Some(presented.generation) && !self.is_retry(presented))
    }

    fn is_retry(&self, presented: &Presented) -> bool {
        self.rotations.get(&presented.generation).is_some_and(|(at, attempt)| {
            let is_same_attempt = presented.attempt.is_some() && presented.attempt == *attempt;
            is_same_attempt || presented.at - *at <= TEN_SECONDS
        })
    }

    fn sees(&mut self, party: Party, presented: &Presented, is_rotation: bool, fate: Fate) {
        if is_rotation {
            self.used = presented.at;
        }
        if fate == Fate::ServerDies {
            return;
        }
        let newest = &mut self.presented[party as usize];
        *newest = (*newest).max(Some(presented.generation));
        self.is_stolen |= party == Party::Thief;
        if is_rotation {
            self.rotated = presented.at;
            self.newest = self.newest.max(presented.generation.next());
            self.rotations.insert(presented.generation, (presented.at, presented.attempt.clone()));
        }
    }

    fn store_forgets(&mut self) {
        self.presented = [None; 2];
    }
}
