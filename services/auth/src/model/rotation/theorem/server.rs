//! The server that the theorem supposes, with its forgetful store and its ledger.

use super::super::{Ledger, Presented, RefreshState, Rotation, rebuild, rotate};
use super::IDLE;
use super::happening::Fate;
use clock::Timestamp;

/// The server with its store and its ledger, as the theorem supposes them.
pub(super) struct Server {
    store: Option<RefreshState>,
    overwritten: Vec<Option<RefreshState>>,
    pub(super) ledger: Ledger,
}

impl Server {
    pub(super) fn begin(state: RefreshState) -> Self {
        let RefreshState { user_id, device_id, checkpoint, ends_at, .. } = state;
        let ledger = Ledger { user_id, device_id, checkpoint, ends_at, revoked: false };
        Self { store: Some(state), overwritten: Vec::new(), ledger }
    }

    pub(super) fn standing(&self, now: Timestamp) -> Option<&RefreshState> {
        let idle = IDLE.to_std().unwrap();
        self.store.as_ref().filter(|state| now < state.rotated_at + state.ttl(idle))
    }

    pub(super) fn refresh(&mut self, presented: &Presented, fate: Fate) -> Rotation {
        let rotation = match self.standing(presented.at) {
            Some(state) => rotate(state, presented),
            None => rebuild(&self.ledger, presented, IDLE.to_std().unwrap()),
        };
        match &rotation {
            Rotation::Advance { state, checkpoint } => {
                let newer = checkpoint.filter(|new| new.generation >= self.ledger.checkpoint.generation);
                self.ledger.checkpoint = newer.unwrap_or(self.ledger.checkpoint);
                if fate != Fate::ServerDies {
                    self.write(Some(state.clone()));
                }
            }
            Rotation::Reuse | Rotation::Lost => self.revoke(),
            Rotation::Repeat { .. } | Rotation::Ended => {}
        }
        rotation
    }

    pub(super) fn revoke(&mut self) {
        self.ledger.revoked = true;
        self.write(None);
    }

    fn write(&mut self, state: Option<RefreshState>) {
        self.overwritten.push(std::mem::replace(&mut self.store, state));
    }

    pub(super) fn restart(&mut self) {
        let bytes = self.store.as_ref().map(|state| serde_json::to_vec(state).unwrap());
        self.store = bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap()).filter(|_| !self.ledger.revoked);
    }

    /// Whether there was anything to lose.
    pub(super) fn lose_writes(&mut self, writes: u16) -> bool {
        let kept = self.overwritten.len().saturating_sub(writes.into());
        let lost = self.overwritten.drain(kept..).next();
        let is_lost = lost.is_some();
        self.store = lost.unwrap_or(self.store.take()).filter(|_| !self.ledger.revoked);
        is_lost
    }

    pub(super) fn wipe(&mut self) {
        self.store = None;
        self.overwritten.clear();
    }
}
