//! Which fault comes when: every kind of a rig once, shuffled, then again.

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
    /// Kafka refuses what is written to one topic.
    TopicRefused,
    /// Redis is killed; what it answered is on its disk.
    RedisKilled,
    /// Redis loses everything.
    RedisWiped,
    /// Redis loses everything since a moment some seconds ago.
    RedisRolledBack,
    /// Postgres stops immediately.
    PostgresKilled,
    /// All connections to Postgres fall silent and stay open; new ones work.
    PostgresFrozen,
    /// All sessions on Postgres may only read from then on; new ones may write.
    PostgresSwitchedOver,
    /// A transaction with an event stays open for a minute.
    TransactionOpen,
    /// Somebody else holds the lock of a row that a handler needs.
    RowLocked,
    /// A process with consumers hangs for longer than its session in the group.
    ConsumerStopped,
    /// The process that relays hangs, another one takes over, and the first wakes up.
    TwoRelays,
    /// A further replica joins and leaves.
    Rebalance,
    /// The events of one key can't be handled.
    KeyFailing,
    /// The clock of all our processes jumps by an hour, ahead or back, and back again.
    ClockJumped,
    /// The disk of the data folder is full for a while.
    DiskFull,
    /// Many clients send requests and never read an answer.
    ClientsThatDoNotRead,
}

/// What runs, and which faults it goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rig {
    /// One server with embedded state.
    Embedded,
    /// Our processes on Redis, Kafka and Postgres.
    Fleet,
}

/// A server that is killed finds a new place to be killed in almost every time.
const KILLS_IN_A_TURN: usize = 8;

impl Rig {
    /// What it goes through in each turn.
    fn faults(self) -> &'static [Fault] {
        match self {
            Self::Embedded => &[Fault::ProcessKilled, Fault::DiskFull, Fault::ClientsThatDoNotRead],
            Self::Fleet => &[
                Fault::ProcessKilled,
                Fault::ProcessStopped,
                Fault::KafkaKilled,
                Fault::TopicRefused,
                Fault::RedisKilled,
                Fault::RedisWiped,
                Fault::RedisRolledBack,
                Fault::PostgresKilled,
                Fault::PostgresFrozen,
                Fault::PostgresSwitchedOver,
                Fault::TransactionOpen,
                Fault::RowLocked,
                Fault::ConsumerStopped,
                Fault::TwoRelays,
                Fault::Rebalance,
                Fault::KeyFailing,
            ],
        }
    }

    /// What it can go through, but does only when asked to.
    fn faults_by_name_alone(self) -> &'static [Fault] {
        match self {
            // In a run in order no request may be cut off, which a kill does.
            Self::Embedded => &[Fault::ProcessStopped, Fault::ClockJumped],
            Self::Fleet => &[Fault::ClockJumped],
        }
    }

    /// Whether it can go through `fault`.
    pub(crate) fn can(self, fault: Fault) -> bool {
        self.faults().contains(&fault) || self.faults_by_name_alone().contains(&fault)
    }
}

/// The faults of a run.
pub(crate) struct Plan {
    rig: Rig,
    only: Option<Fault>,
    left_out: Vec<Fault>,
    next: Vec<Fault>,
}

impl Plan {
    /// All that `rig` goes through, or one kind alone.
    pub(crate) fn new(rig: Rig, only: Option<Fault>) -> Self {
        Self { rig, only, left_out: Vec::new(), next: Vec::new() }
    }

    /// Makes no `fault`, which can't be made here.
    pub(crate) fn leave_out(&mut self, fault: Fault) {
        self.left_out.push(fault);
    }

    /// Whether `fault` will come.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.turn().contains(&fault)
    }

    /// How many rounds show each kind at least once.
    pub(crate) fn rounds(&self) -> u32 {
        u32::try_from(self.turn().len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn next(&mut self, random: &mut StdRng) -> Fault {
        if self.next.is_empty() {
            self.next = shuffled(self.turn(), random);
        }
        self.next.pop().expect("a turn has faults")
    }

    fn turn(&self) -> Vec<Fault> {
        if let Some(only) = self.only {
            return vec![only];
        }
        let more = if self.rig == Rig::Embedded { KILLS_IN_A_TURN - 1 } else { 0 };
        let kills = std::iter::repeat_n(Fault::ProcessKilled, more);
        self.rig.faults().iter().copied().chain(kills).filter(|fault| !self.left_out.contains(fault)).collect()
    }
}

/// The last one comes first. A transaction is opened after Postgres was killed, so that it can stay open.
fn shuffled(mut faults: Vec<Fault>, random: &mut StdRng) -> Vec<Fault> {
    faults.shuffle(random);
    if let Some(open) = faults.iter().position(|fault| *fault == Fault::TransactionOpen)
        && faults.contains(&Fault::PostgresKilled)
    {
        faults.remove(open);
        let killed = faults.iter().position(|fault| *fault == Fault::PostgresKilled);
        faults.insert(killed.unwrap_or_default(), Fault::TransactionOpen);
    }
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
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_turn_of_rounds_shows_every_fault_and_a_transaction_opens_once_postgres_is_back() {
        for (rig, seed) in [Rig::Embedded, Rig::Fleet].into_iter().flat_map(|rig| (0..50).map(move |seed| (rig, seed)))
        {
            let (mut plan, mut random) = (Plan::new(rig, None), StdRng::seed_from_u64(seed));

            let faults: Vec<Fault> = (0..plan.rounds()).map(|_| plan.next(&mut random)).collect();

            let (shown, wanted): (BTreeSet<_>, BTreeSet<_>) = (faults.iter().collect(), rig.faults().iter().collect());
            assert_eq!(shown, wanted);
            let place = |fault| faults.iter().position(|other| *other == fault);
            assert_eq!(
                place(Fault::TransactionOpen),
                place(Fault::PostgresKilled).filter(|_| rig == Rig::Fleet).map(|killed| killed + 1)
            );
        }
    }

    #[test]
    fn every_fault_can_be_made_somewhere() {
        for fault in Fault::value_variants() {
            assert!(Rig::Embedded.can(*fault) || Rig::Fleet.can(*fault), "{fault:?}");
        }
    }

    #[test]
    fn what_can_not_be_made_here_does_not_come() {
        let mut plan = Plan::new(Rig::Fleet, None);

        plan.leave_out(Fault::KafkaKilled);

        assert!(!plan.has(Fault::KafkaKilled));
    }
}
