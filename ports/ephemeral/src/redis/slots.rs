//! Which server of a cluster holds a key. Pure.

use std::ops::RangeInclusive;

use super::server::Node;

const SLOTS: u16 = 16384;

/// The slot of `key`: of what stands between its first braces, if anything does, else of the whole key.
pub(super) fn slot_of(key: &str) -> u16 {
    let tagged = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    checksum(tagged.filter(|tag| !tag.is_empty()).unwrap_or(key).as_bytes()) % SLOTS
}

/// CRC-16/XMODEM, as the specification of Redis Cluster asks for.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(
            sum ^ (u16::from(*byte) << 8),
            |sum, _| {
                if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 }
            },
        )
    })
}

/// The masters of a cluster and the slots that each holds.
#[derive(Debug, Default)]
pub(super) struct SlotMap(Vec<(RangeInclusive<u16>, Node)>);

impl SlotMap {
    pub(super) fn new(owners: Vec<(RangeInclusive<u16>, Node)>) -> Self {
        Self(owners)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn owner(&self, slot: u16) -> Option<&Node> {
        self.0.iter().find(|(slots, _)| slots.contains(&slot)).map(|(_, node)| node)
    }

    pub(super) fn owners(&self) -> impl Iterator<Item = &Node> {
        self.0.iter().map(|(_, node)| node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_that_redis_itself_computes() {
        // Said by CLUSTER KEYSLOT.
        for (key, slot) in [("123456789", 12739), ("", 0), ("foo", 12182), ("feed:revocations", 10022)] {
            assert_eq!(slot_of(key), slot, "{key}");
        }
    }

    #[test]
    fn keys_with_the_same_tag_stand_together() {
        assert_eq!(slot_of("{foo}.bar"), slot_of("foo"));
        assert_eq!(slot_of("a{foo}{bar}"), slot_of("foo"));
        assert_eq!(slot_of("{}foo"), checksum(b"{}foo") % SLOTS);
        assert_eq!(slot_of("foo{bar"), checksum(b"foo{bar") % SLOTS);
    }

    #[test]
    fn each_slot_has_the_owner_whose_range_it_is_in() {
        let node = |port| Node { host: "redis".to_owned(), port };
        let map = SlotMap::new(vec![(0..=99, node(1)), (100..=100, node(2)), (102..=16383, node(1))]);

        let owners = [0, 99, 100, 101, 102, 16383].map(|slot| map.owner(slot).map(|owner| owner.port));

        assert_eq!(owners, [Some(1), Some(1), Some(2), None, Some(1), Some(1)]);
    }
}
