//! The relay against every order of commits, faults and turns, in a world of memory.
//!
//! Two relays take turns without knowing of each other: one may go on with what it has read long after the other took over.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use clock::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use crate::delivery::{Delivery, Payload};
use crate::log::{Batch, batch};
use crate::model::position::{LogPosition, SnapshotRange};
use crate::model::relay::{Relaying, Ticket};
use crate::source::Arrival;
use crate::store::outbox::Wanted;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_commits_is_copied_and_no_key_is_reordered_whatever_happens(
        moves in prop::collection::vec(any_move(), 0..120),
    ) {
        let mut world = World::new();

        for taken in moves {
            world.take(taken);
        }
        world.come_to_rest();

        world.keeps_all_promises();
    }
}

#[derive(Debug, Clone, Copy)]
enum Move {
    /// A transaction adds rows of these keys, as far as no other open one has any of them.
    Record([u8; 2]),
    /// An open transaction ends.
    Commit(usize),
    RollBack(usize),
    /// A relay begins its turn; what it had sent and not written is gone.
    TakeOver(usize),
    Read(usize, u64),
    /// What was sent first is written.
    Write(usize),
    Acknowledge(usize, usize),
    Checkpoint(usize),
}

fn any_move() -> impl Strategy<Value = Move> {
    let relay = 0..2_usize;
    prop_oneof![
        6 => prop::array::uniform2(0..4_u8).prop_map(Move::Record),
        6 => (0..4_usize).prop_map(Move::Commit),
        1 => (0..4_usize).prop_map(Move::RollBack),
        1 => relay.clone().prop_map(Move::TakeOver),
        6 => (relay.clone(), 1..4_u64).prop_map(|(relay, limit)| Move::Read(relay, limit)),
        8 => relay.clone().prop_map(Move::Write),
        6 => (relay.clone(), 0..4_usize).prop_map(|(relay, place)| Move::Acknowledge(relay, place)),
        3 => relay.prop_map(Move::Checkpoint),
    ]
}

struct World {
    /// The rows of each transaction, by its id.
    transactions: BTreeMap<u32, Vec<Row>>,
    open: Vec<u32>,
    committed: BTreeSet<u32>,
    rows: i64,
    checkpoint: LogPosition,
    epoch: u32,
    relays: [Option<Turn>; 2],
    topic: Vec<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    seq: i64,
    key: u8,
}

struct Turn {
    epoch: u32,
    relaying: Relaying,
    sent: VecDeque<(Ticket, i64)>,
    written: Vec<Ticket>,
}

impl World {
    fn new() -> Self {
        let nothing: Arc<str> = "".into();
        Self {
            transactions: BTreeMap::new(),
            open: Vec::new(),
            committed: BTreeSet::new(),
            rows: 0,
            checkpoint: LogPosition {
                cut: SnapshotRange::Between {
                    seen: Arc::clone(&nothing),
                    until: Arc::clone(&nothing),
                    server: nothing,
                },
                seq: 0,
            },
            epoch: 0,
            relays: [None, None],
            topic: Vec::new(),
        }
    }

    fn take(&mut self, taken: Move) {
        match taken {
            Move::Record(keys) => self.record(keys),
            Move::Commit(place) if place < self.open.len() => drop(self.committed.insert(self.open.remove(place))),
            Move::RollBack(place) if place < self.open.len() => {
                drop(self.transactions.remove(&self.open.remove(place)))
            }
            Move::Commit(_) | Move::RollBack(_) => (),
            Move::TakeOver(relay) => {
                self.epoch += 1;
                let relaying = Relaying::behind(self.checkpoint.clone());
                let turn = Turn { epoch: self.epoch, relaying, sent: VecDeque::new(), written: Vec::new() };
                self.relays[relay] = Some(turn);
            }
            Move::Read(relay, limit) => self.read(relay, limit),
            Move::Write(relay) => {
                let Some(turn) = &mut self.relays[relay] else { return };
                if let Some((ticket, seq)) = turn.sent.pop_front() {
                    self.topic.push(seq);
                    turn.written.push(ticket);
                }
            }
            Move::Acknowledge(relay, place) => {
                let Some(turn) = &mut self.relays[relay] else { return };
                if place < turn.written.len() {
                    turn.relaying.done(turn.written.remove(place));
                }
            }
            Move::Checkpoint(relay) => self.store_checkpoint(relay),
        }
    }

    /// Rows are numbered now and committed later, but those of one key in the order of their numbers: the key is locked.
    fn record(&mut self, keys: [u8; 2]) {
        let locked: BTreeSet<u8> = self.open.iter().flat_map(|id| &self.transactions[id]).map(|row| row.key).collect();
        if keys.iter().any(|key| locked.contains(key)) {
            return;
        }
        let id = u32::try_from(self.rows).unwrap_or_default();
        let rows = keys.map(|key| {
            self.rows += 1;
            Row { seq: self.rows, key }
        });
        self.transactions.insert(id, rows.to_vec());
        self.open.push(id);
    }

    fn read(&mut self, relay: usize, limit: u64) {
        let Some(turn) = &self.relays[relay] else { return };
        let batch = self.batch_behind(turn.relaying.next_read(), limit);
        let turn = self.relays[relay].as_mut().expect("it has its turn");
        for arrival in &batch.arrivals {
            let ticket = turn.relaying.send(batch.position_at(arrival.offset), 1);
            turn.sent.push_back((ticket, arrival.offset));
        }
        turn.relaying.read_to(batch.end);
    }

    /// What a database answers to the two queries of the log.
    fn batch_behind(&self, mark: &LogPosition, limit: u64) -> Batch {
        let SnapshotRange::Between { seen, until, server } = &mark.cut else { panic!("cuts lie between snapshots") };
        let rows = |seen: &str, until: &str, behind: i64| {
            let mut rows: Vec<i64> = self
                .committed
                .iter()
                .filter(|id| is_visible(until, **id) && !is_visible(seen, **id))
                .flat_map(|id| &self.transactions[id])
                .map(|row| row.seq)
                .filter(|seq| *seq > behind)
                .collect();
            rows.sort_unstable();
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            rows.into_iter().map(arrival).collect::<Vec<_>>()
        };
        let wanted = Wanted { topic: None, limit };
        let rest = rows(seen, until, mark.seq);
        if !rest.is_empty() {
            return batch(rest, (seen, until, server), mark, wanted);
        }
        let now: Arc<str> = self.committed.iter().map(|id| format!("{id},")).collect::<String>().into();
        batch(rows(until, &now, 0), (until, &now, server), mark, wanted)
    }

    fn store_checkpoint(&mut self, relay: usize) {
        let Some(turn) = &mut self.relays[relay] else { return };
        let Some(mark) = turn.relaying.next_checkpoint().cloned() else { return };
        if turn.epoch != self.epoch {
            self.relays[relay] = None;
            return;
        }
        turn.relaying.checkpointed(mark.clone());
        self.checkpoint = mark;
        let SnapshotRange::Between { seen, until, .. } = &self.checkpoint.cut else {
            panic!("cuts lie between snapshots")
        };
        for (id, rows) in &self.transactions {
            for row in rows {
                let is_done = is_visible(seen, *id) || is_visible(until, *id) && row.seq <= self.checkpoint.seq;
                assert!(!is_done || self.topic.contains(&row.seq), "no checkpoint passes what is not written");
            }
        }
    }

    /// All transactions commit, and one relay works on undisturbed.
    fn come_to_rest(&mut self) {
        self.committed.extend(std::mem::take(&mut self.open));
        self.take(Move::TakeOver(0));
        let rows: usize = self.committed.iter().map(|id| self.transactions[id].len()).sum();
        // A read that finds nothing goes on to the next cut.
        for _ in 0..rows + 2 {
            self.take(Move::Read(0, 3));
            while self.relays[0].as_ref().is_some_and(|turn| turn.relaying.on_their_way() > 0) {
                self.take(Move::Write(0));
                self.take(Move::Acknowledge(0, 0));
            }
            self.take(Move::Checkpoint(0));
        }
    }

    fn keeps_all_promises(&self) {
        let mut copied = BTreeSet::new();
        let first_copies: Vec<i64> = self.topic.iter().copied().filter(|seq| copied.insert(*seq)).collect();
        let rows = || self.committed.iter().flat_map(|id| &self.transactions[id]);
        assert!(rows().all(|row| copied.contains(&row.seq)), "nothing that committed is lost");
        assert_eq!(rows().count(), copied.len(), "nothing else is copied");
        for key in 0..4 {
            let of_key: BTreeSet<i64> = rows().filter(|row| row.key == key).map(|row| row.seq).collect();
            assert!(first_copies.iter().filter(|seq| of_key.contains(seq)).is_sorted(), "nobody overtakes");
        }
    }
}

fn is_visible(snapshot: &str, id: u32) -> bool {
    snapshot.split(',').any(|visible| visible == id.to_string())
}

fn arrival(seq: i64) -> Arrival {
    let delivery = Delivery {
        id: Uuid::nil(),
        event_type: String::new(),
        topic: String::new(),
        key: String::new(),
        payload: Payload::Plain(Vec::new()),
        traceparent: None,
        recorded_at: Timestamp::UNIX_EPOCH,
    };
    Arrival { offset: seq, delivery }
}
