//! Values with a time to live.

use super::instant::Instant;
use super::row::Kind;
use super::tree::Tree;
use crate::{Expiring, Result, Swap};

impl Tree {
    pub(super) fn get(&self, key: &str, now: Instant) -> Result<Option<Vec<u8>>> {
        Ok(self.slot(key)?.standing(Kind::Value, now)?.map(<[u8]>::to_vec))
    }

    pub(super) fn put(&mut self, key: &str, new: Expiring<'_>, now: Instant) -> Result<()> {
        let slot = self.slot(key)?;
        if new.ttl.is_zero() {
            return self.clear(slot);
        }
        self.fill(slot, (Kind::Value, new.value.to_vec()), now, now.plus(new.ttl))
    }

    pub(super) fn swap(
        &mut self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Expiring<'_>>,
        now: Instant,
    ) -> Result<Swap> {
        let slot = self.slot(key)?;
        let found = slot.standing(Kind::Value, now)?;
        if found != expected {
            return Ok(Swap::Found(found.map(<[u8]>::to_vec)));
        }
        match new {
            Some(new) => self.fill(slot, (Kind::Value, new.value.to_vec()), now, now.plus(new.ttl))?,
            None => self.clear(slot)?,
        }
        Ok(Swap::Done)
    }
}
