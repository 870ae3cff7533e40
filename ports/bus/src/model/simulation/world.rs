//! One consumer and its database, in memory.
//!
//! It keeps what a database keeps and forgets in a crash what a process forgets. Each call of [`World::lives`] is a moment
//! at which the process may die; what is written between two of them is one transaction.

use std::collections::BTreeMap;
use std::time::Duration;

use clock::Backoff;

use super::{Event, Met, Move, POLICY, Turn};
use crate::model::{Admission, Cause, Fault, InboxState, Key, Next, Refusal, Stage, Tried, admit};

pub(super) struct World {
    events: Vec<Event>,
    now: Duration,
    /// How often each event was heard, not counting what the database kept from being an attempt.
    pub(super) heard: Vec<u32>,
    hear_faults_met: Vec<usize>,
    after_commit_faults_met: Vec<usize>,
    finished: Vec<bool>,
    // What a database keeps.
    inbox: BTreeMap<usize, InboxState>,
    parked: Vec<Parked>,
    pub(super) dead: BTreeMap<usize, Cause>,
    effects: Vec<usize>,
    position: usize,
    // What a process forgets.
    cursor: usize,
    dies_after: Option<u8>,
}

#[derive(Clone, Copy)]
struct Parked {
    event: usize,
    stage: Stage,
    attempts: u32,
    /// Set for the first of each key alone.
    due: Option<Duration>,
}

struct InFlight {
    event: usize,
    origin: Origin,
    stage: Stage,
    attempts: u32,
    refusals: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Origin {
    Source,
    Parked,
}

struct Crash;

impl Met {
    /// What the rules know: to them a database that is away is as one that refuses a statement.
    fn as_reported(self) -> Fault {
        match self {
            Self::Failed => Fault::Failed,
            Self::Refused => Fault::Refused(Refusal::ByConsumer),
            Self::DatabaseAway | Self::StatementRefused => Fault::DatabaseAway,
        }
    }
}

impl World {
    pub(super) fn new(events: Vec<Event>) -> Self {
        Self {
            now: Duration::ZERO,
            heard: vec![0; events.len()],
            hear_faults_met: vec![0; events.len()],
            after_commit_faults_met: vec![0; events.len()],
            finished: vec![false; events.len()],
            events,
            inbox: BTreeMap::new(),
            parked: Vec::new(),
            dead: BTreeMap::new(),
            effects: Vec::new(),
            position: 0,
            cursor: 0,
            dies_after: None,
        }
    }

    pub(super) fn take(&mut self, turn: Turn) {
        self.dies_after = turn.dies_after;
        let survived = match turn.what {
            Move::Arrive => self.arrive(),
            Move::Retry => self.retry(),
            Move::Acknowledge => self.lives().map(|()| self.position = self.position.max(self.cursor)),
            Move::Redeliver(events) => {
                self.cursor = self.cursor.saturating_sub(events);
                Ok(())
            }
            Move::Pass(time) => {
                self.now += time;
                Ok(())
            }
        };
        if let Err(Crash) = survived {
            self.cursor = self.position;
        }
    }

    /// Nobody dies any more, and time passes.
    pub(super) fn come_to_rest(&mut self) {
        for _ in 0..1_000 {
            let what = match (self.cursor < self.events.len(), self.parked.is_empty()) {
                (true, _) => Move::Arrive,
                (false, false) => Move::Retry,
                (false, true) => return,
            };
            self.take(Turn { what, dies_after: None });
            self.now += Duration::from_secs(24 * 60 * 60);
        }
        panic!("some event is never done with");
    }

    pub(super) fn keeps_all_promises(&self) {
        for event in 0..self.events.len() {
            let has_effect = self.effects.contains(&event);
            assert_ne!(has_effect, self.dead.contains_key(&event), "an event has its effect or is a dead letter");
            assert!(!has_effect || self.finished[event], "what had its effect was finished");
            let is_refused = self.events[event].hear.contains(&Met::Refused);
            assert!(!(has_effect && is_refused), "what was refused has no effect");
            if self.dead.get(&event) == Some(&Cause::Exhausted) {
                assert!(self.heard[event] >= POLICY.tries, "nothing is given up before the last try");
            }
        }
    }

    fn lives(&mut self) -> Result<(), Crash> {
        match &mut self.dies_after {
            Some(0) => return Err(Crash),
            Some(moments) => *moments -= 1,
            None => (),
        }
        Ok(())
    }

    fn arrive(&mut self) -> Result<(), Crash> {
        let event = self.cursor;
        let Some(arriving) = self.events.get(event) else { return Ok(()) };
        let is_easy = arriving.hear.is_empty();
        let known = self.inbox.get(&event).copied().unwrap_or(InboxState::New);
        let key = if self.first_of_key(event).is_some() { Key::Parked } else { Key::Free };
        match admit(known, key) {
            Admission::Start(stage) => {
                self.work_on(InFlight { event, origin: Origin::Source, stage, attempts: 0, refusals: 0 })?
            }
            Admission::QueueBehind => {
                self.lives()?;
                self.inbox.insert(event, InboxState::SetAside);
                self.push(Parked { event, stage: Stage::Hear, attempts: 0, due: Some(self.now) });
            }
            Admission::Leave => (),
        }
        if is_easy && known == InboxState::New && key == Key::Free {
            assert!(self.effects.contains(&event), "a free key flows, whatever happens to others");
        }
        self.cursor += 1;
        Ok(())
    }

    fn retry(&mut self) -> Result<(), Crash> {
        let due = self.parked.iter().find(|row| row.due.is_some_and(|due| due <= self.now));
        let Some(&Parked { event, stage, attempts, .. }) = due else { return Ok(()) };
        self.work_on(InFlight { event, origin: Origin::Parked, stage, attempts, refusals: 0 })
    }

    fn work_on(&mut self, mut work: InFlight) -> Result<(), Crash> {
        for _ in 0..100 {
            let met = match work.stage {
                Stage::Hear => self.hear(&work)?,
                Stage::AfterCommit => self.after_commit(&work)?,
            };
            let ended = met.map_err(Met::as_reported);
            work.refusals += u32::from(ended == Err(Fault::DatabaseAway));
            match POLICY.next(work.stage, ended, Tried { attempts: work.attempts + 1, refusals: work.refusals }) {
                Next::RunAfterCommit => work = InFlight { stage: Stage::AfterCommit, attempts: 0, refusals: 0, ..work },
                Next::Finish => return self.finish(&work),
                // While nothing can be written, this neither: the event stays in hand.
                Next::Park(_) | Next::DeadLetter(_) if met == Err(Met::DatabaseAway) => (),
                Next::Park(backoff) => return self.park(&work, backoff),
                Next::DeadLetter(cause) => return self.bury(&work, met, cause),
                Next::Wait => assert_eq!(ended, Err(Fault::DatabaseAway)),
            }
        }
        panic!("an attempt leads nowhere");
    }

    fn hear(&mut self, work: &InFlight) -> Result<Result<(), Met>, Crash> {
        self.lives()?;
        let fault = self.events[work.event].hear.get(self.hear_faults_met[work.event]).copied();
        match fault {
            // What can never succeed is refused again after a crash.
            Some(Met::Refused) | None => self.heard[work.event] += 1,
            Some(Met::Failed) => {
                self.heard[work.event] += 1;
                self.hear_faults_met[work.event] += 1;
            }
            Some(Met::StatementRefused) => {
                self.heard[work.event] += u32::from(work.refusals > 0);
                self.hear_faults_met[work.event] += 1;
            }
            Some(Met::DatabaseAway) => self.hear_faults_met[work.event] += 1,
        }
        if let Some(fault) = fault {
            return Ok(Err(fault));
        }
        self.lives()?;
        self.write_effect(work.event);
        match work.origin {
            Origin::Source => self.set_known(work.event, InboxState::Heard),
            Origin::Parked => {
                let row = self.row(work.event);
                (row.stage, row.attempts) = (Stage::AfterCommit, 0);
            }
        }
        Ok(Ok(()))
    }

    fn write_effect(&mut self, event: usize) {
        for other in (0..self.events.len()).filter(|other| self.events[*other].key == self.events[event].key) {
            let has_effect = self.effects.contains(&other);
            if other < event {
                let is_over = has_effect && self.finished[other] || self.dead.contains_key(&other);
                assert!(is_over, "nobody overtakes");
            } else {
                assert!(!has_effect, "no effect is written twice, and nobody was overtaken");
            }
        }
        self.effects.push(event);
    }

    fn after_commit(&mut self, work: &InFlight) -> Result<Result<(), Met>, Crash> {
        self.lives()?;
        assert!(self.effects.contains(&work.event), "only what had its effect is finished");
        let fault = self.events[work.event].after_commit.get(self.after_commit_faults_met[work.event]).copied();
        match fault {
            Some(_) => self.after_commit_faults_met[work.event] += 1,
            None => self.finished[work.event] = true,
        }
        Ok(fault.map_or(Ok(()), Err))
    }

    fn finish(&mut self, work: &InFlight) -> Result<(), Crash> {
        if work.origin == Origin::Parked {
            self.lives()?;
            self.remove(work.event);
        }
        Ok(())
    }

    fn park(&mut self, work: &InFlight, backoff: Backoff) -> Result<(), Crash> {
        self.lives()?;
        let attempts = work.attempts + 1;
        let delay = backoff.nominal(attempts);
        assert!(
            work.stage == Stage::Hear || delay <= Duration::from_secs(60),
            "settling is tried at least every minute"
        );
        let due = Some(self.now + delay);
        match work.origin {
            Origin::Source => {
                self.set_known(work.event, InboxState::SetAside);
                self.push(Parked { event: work.event, stage: work.stage, attempts, due });
            }
            Origin::Parked => {
                let row = self.row(work.event);
                (row.attempts, row.due) = (attempts, due);
            }
        }
        Ok(())
    }

    fn bury(&mut self, work: &InFlight, met: Result<(), Met>, cause: Cause) -> Result<(), Crash> {
        assert_eq!(met == Err(Met::Refused), cause != Cause::Exhausted, "a dead letter names its true cause");
        self.lives()?;
        match work.origin {
            Origin::Source => self.set_known(work.event, InboxState::SetAside),
            Origin::Parked => self.remove(work.event),
        }
        assert_eq!(self.dead.insert(work.event, cause), None, "an event becomes a dead letter once");
        Ok(())
    }

    fn set_known(&mut self, event: usize, known: InboxState) {
        self.inbox.insert(event, known);
    }

    fn push(&mut self, row: Parked) {
        let is_first = self.first_of_key(row.event).is_none();
        self.parked.push(Parked { due: row.due.filter(|_| is_first), ..row });
    }

    fn remove(&mut self, event: usize) {
        self.parked.retain(|row| row.event != event);
        let now = self.now;
        if let Some(next) = self.first_of_key(event) {
            self.row(next).due = Some(now);
        }
    }

    fn first_of_key(&self, event: usize) -> Option<usize> {
        let key = self.events[event].key;
        self.parked.iter().map(|row| row.event).find(|parked| self.events[*parked].key == key)
    }

    fn row(&mut self, event: usize) -> &mut Parked {
        self.parked.iter_mut().find(|row| row.event == event).expect("what is parked has its row")
    }
}
