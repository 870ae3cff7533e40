//! Which partitions know a producer, and what waits until they do.
//!
//! A broker takes any sequence number from a producer of which it knows nothing in a partition (KIP-360). So when it refuses
//! a batch for a moment, such as just after its restart, it still takes the next one, which is on its way already. librdkafka
//! (2.12) concludes from the success of a later batch that the earlier one stands before it: that is left out for good, and
//! nobody is told. A broker that knows the producer refuses such a gap. So a partition gets one record, and the next once that
//! is acknowledged. <https://github.com/confluentinc/librdkafka/issues/4134> tells of others who lost records.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// How long a partition surely knows a producer that writes nothing: less than a broker's `producer.id.expiration.ms`, which is
/// a day.
const KNOWN_TTL: Duration = Duration::from_hours(1);

/// The partitions that one producer writes to. `R` is a record.
pub(super) struct FirstContacts<R> {
    topics: BTreeMap<String, Vec<Contact<R>>>,
}

/// A producer and a partition.
struct Contact<R> {
    on_their_way: usize,
    acknowledged: Option<Instant>,
    waiting: VecDeque<R>,
}

/// A partition, as the partitioner chooses it for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partition(usize);

impl Partition {
    /// Where `murmur2_random` puts `key`, which is where Java's clients put it.
    pub(super) fn of(key: &str, partitions: usize) -> Self {
        let hash = murmur2::murmur2(key.as_bytes(), murmur2::KAFKA_SEED) & 0x7fff_ffff;
        Self(hash as usize % partitions.max(1))
    }
}

impl<R> FirstContacts<R> {
    /// Whether a record may be sent to that partition at `now`, as one that is on its way from now on. What may not has to
    /// [`wait`](Self::wait).
    pub(super) fn admits(&mut self, topic: &str, partition: Partition, now: Instant) -> bool {
        let contact = self.contact(topic, partition);
        let is_known = contact.acknowledged.is_some_and(|at| now.saturating_duration_since(at) < KNOWN_TTL);
        let admits = contact.on_their_way == 0 || is_known;
        contact.on_their_way += usize::from(admits);
        admits
    }

    /// Notes that a record that was admitted is not sent after all.
    pub(super) fn withdraw(&mut self, topic: &str, partition: Partition) {
        let contact = self.contact(topic, partition);
        contact.on_their_way = contact.on_their_way.saturating_sub(1);
    }

    /// Lets `record` wait behind the one that was admitted.
    pub(super) fn wait(&mut self, topic: &str, partition: Partition, record: R) {
        self.contact(topic, partition).waiting.push_back(record);
    }

    /// Notes at `now` that a record is acknowledged. What is returned waited for that; it has to be sent at once, as records
    /// that are on their way from now on.
    pub(super) fn acknowledge(&mut self, topic: &str, partition: Partition, now: Instant) -> VecDeque<R> {
        let contact = self.contact(topic, partition);
        contact.acknowledged = Some(now);
        contact.on_their_way = contact.on_their_way.saturating_sub(1) + contact.waiting.len();
        std::mem::take(&mut contact.waiting)
    }

    /// Drops all that waits.
    pub(super) fn give_up(&mut self) {
        self.topics.values_mut().flatten().for_each(|contact| contact.waiting.clear());
    }

    fn contact(&mut self, topic: &str, Partition(number): Partition) -> &mut Contact<R> {
        let contacts = self.topics.entry(topic.to_owned()).or_default();
        if contacts.len() <= number {
            contacts.resize_with(number + 1, Contact::default);
        }
        &mut contacts[number]
    }
}

impl<R> Default for FirstContacts<R> {
    fn default() -> Self {
        Self { topics: BTreeMap::new() }
    }
}

impl<R> Default for Contact<R> {
    fn default() -> Self {
        Self { on_their_way: 0, acknowledged: None, waiting: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "topic";
    const HERE: Partition = Partition(1);
    const THERE: Partition = Partition(0);

    #[test]
    fn a_partition_gets_one_record_until_that_is_acknowledged_and_then_all_in_their_order() {
        let (mut contacts, now) = (FirstContacts::default(), Instant::now());

        assert!(contacts.admits(TOPIC, HERE, now) && !contacts.admits(TOPIC, HERE, now));
        contacts.wait(TOPIC, HERE, 2);
        assert!(!contacts.admits(TOPIC, HERE, now));
        contacts.wait(TOPIC, HERE, 3);
        assert!(contacts.admits(TOPIC, THERE, now), "each partition knows a producer for itself");

        assert_eq!(contacts.acknowledge(TOPIC, HERE, now), [2, 3]);
        assert!(contacts.admits(TOPIC, HERE, now) && contacts.admits(TOPIC, HERE, now));
    }

    #[test]
    fn a_partition_that_heard_nothing_for_long_gets_one_record_again_once_none_is_on_its_way() {
        let (mut contacts, now) = (FirstContacts::<u8>::default(), Instant::now());
        assert!(contacts.admits(TOPIC, HERE, now));
        contacts.acknowledge(TOPIC, HERE, now);
        assert!(contacts.admits(TOPIC, HERE, now + KNOWN_TTL / 2));

        let later = now + KNOWN_TTL;
        assert!(!contacts.admits(TOPIC, HERE, later), "one of half an hour ago is on its way");
        contacts.acknowledge(TOPIC, HERE, later);
        let much_later = later + KNOWN_TTL;
        assert!(contacts.admits(TOPIC, HERE, much_later) && !contacts.admits(TOPIC, HERE, much_later));
    }

    #[test]
    fn what_is_not_sent_after_all_holds_up_nothing() {
        let (mut contacts, now) = (FirstContacts::<u8>::default(), Instant::now());
        assert!(contacts.admits(TOPIC, HERE, now));

        contacts.withdraw(TOPIC, HERE);

        assert!(contacts.admits(TOPIC, HERE, now));
    }

    #[test]
    fn a_key_stands_where_clients_in_java_put_it() {
        // From the tests of Kafka's own `Utils.murmur2`.
        let hashes = [("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536)];

        for (key, hash) in hashes {
            let expected = usize::try_from(hash & 0x7fff_ffff).unwrap() % 12;
            assert_eq!(Partition::of(key, 12), Partition(expected), "{key}");
        }
    }
}
