//! Which fault comes when: every kind once, shuffled, then again.

use clap::ValueEnum;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Fault {
    /// One of our processes is killed.
    ProcessKilled,
    /// One of our processes is asked to stop.
    ProcessStopped,
    /// Kafka is killed.
    KafkaKilled,
    /// Redis is killed; what it answered is on its disk.
    RedisKilled,
    /// Redis loses everything.
    RedisWiped,
    /// Postgres stops immediately.
    PostgresKilled,
    /// A transaction with an event stays open for a minute.
    TransactionOpen,
    /// A process with consumers hangs for longer than its session in the group.
    ConsumerStopped,
    /// The process that relays hangs, another one takes over, and the first wakes up.
    TwoRelays,
    /// A further replica joins and leaves.
    Rebalance,
    /// The events of one key can't be handled.
    KeyFailing,
}

/// The faults of a run.
pub(crate) struct Plan {
    only: Option<Fault>,
    next: Vec<Fault>,
}

impl Plan {
    pub(crate) fn new(only: Option<Fault>) -> Self {
        Self { only, next: Vec::new() }
    }

    pub(crate) fn next(&mut self, random: &mut StdRng) -> Fault {
        if let Some(only) = self.only {
            return only;
        }
        if self.next.is_empty() {
            self.next = shuffled(random);
        }
        self.next.pop().expect("a round of faults has some")
    }
}

/// The last one comes first. A transaction is opened after Postgres was killed, so that it can stay open.
fn shuffled(random: &mut StdRng) -> Vec<Fault> {
    let mut faults: Vec<Fault> =
        Fault::value_variants().iter().copied().filter(|fault| *fault != Fault::TransactionOpen).collect();
    faults.shuffle(random);
    let killed = faults.iter().position(|fault| *fault == Fault::PostgresKilled);
    faults.insert(killed.unwrap_or_default(), Fault::TransactionOpen);
    faults
}

impl Fault {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_turn_of_rounds_shows_every_fault_once_and_a_transaction_opens_once_postgres_is_back() {
        for seed in 0..50 {
            let (mut plan, mut random) = (Plan::new(None), StdRng::seed_from_u64(seed));

            let faults: Vec<Fault> = (0..Fault::value_variants().len()).map(|_| plan.next(&mut random)).collect();

            let mut kinds = faults.clone();
            kinds.sort();
            assert_eq!(kinds, Fault::value_variants());
            let place = |fault| faults.iter().position(|other| *other == fault);
            assert_eq!(place(Fault::TransactionOpen), place(Fault::PostgresKilled).map(|killed| killed + 1));
        }
    }
}
