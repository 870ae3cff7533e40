//! Knows by the theorem, and not by the rules, what each refresh must be answered.

use std::collections::HashMap;

use clock::Timestamp;

use super::super::{AttemptKey, Presented};
use super::happening::Fate;
use super::server::Server;
use super::{DAY, Generation, IDLE, LONGEST, Party, RETRY_WINDOW};

/// What a refresh must be answered.
#[derive(Debug)]
pub(super) enum Expected {
    Answer,
    Reuse,
    Refusal,
    AnswerOrRefusal,
}

/// Remembers everything that happened, also what the store forgot.
pub(super) struct Witness {
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
    pub(super) fn begin(now: Timestamp) -> Self {
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

    pub(super) fn expects(&self, party: Party, presented: &Presented, server: &Server) -> Expected {
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
            is_same_attempt || presented.at - *at <= RETRY_WINDOW
        })
    }

    pub(super) fn sees(&mut self, party: Party, presented: &Presented, is_rotation: bool, fate: Fate) {
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

    pub(super) fn store_forgets(&mut self) {
        self.presented = [None; 2];
    }
}
