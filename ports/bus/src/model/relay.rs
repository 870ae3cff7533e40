//! What a relay has sent, what of that is acknowledged, and so up to where the log need not be read again.

use std::collections::VecDeque;

use super::position::LogPosition;

/// One turn at relaying: it begins at a checkpoint and ends when anything goes wrong, to begin again there.
#[derive(Debug)]
pub(crate) struct Relaying {
    /// Behind which to read on.
    read: LogPosition,
    /// What is on its way, in the order in which it was sent.
    sent: VecDeque<Sent>,
    /// How long their payloads are together.
    bytes: usize,
    /// The number of the first one that is on its way.
    first: Ticket,
    /// All before is acknowledged.
    reached: LogPosition,
    checkpoint: LogPosition,
}

/// What was sent, counted from the beginning of the turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ticket(u64);

#[derive(Debug)]
struct Sent {
    /// Up to where the log is done with, once this one and all before are.
    mark: LogPosition,
    bytes: usize,
    is_done: bool,
}

impl Relaying {
    /// A turn that begins behind `checkpoint`.
    pub(crate) fn behind(checkpoint: LogPosition) -> Self {
        Self {
            read: checkpoint.clone(),
            sent: VecDeque::new(),
            bytes: 0,
            first: Ticket(0),
            reached: checkpoint.clone(),
            checkpoint,
        }
    }

    /// Behind which to read on.
    pub(crate) fn next_read(&self) -> &LogPosition {
        &self.read
    }

    /// How many are on their way.
    pub(crate) fn on_their_way(&self) -> usize {
        self.sent.len()
    }

    /// How long the payloads of those are together.
    pub(crate) fn bytes_on_their_way(&self) -> usize {
        self.bytes
    }

    /// The next one, with a payload of so many `bytes`, is sent; `mark` is where the log is read up to with it.
    pub(crate) fn send(&mut self, mark: LogPosition, bytes: usize) -> Ticket {
        let ticket = Ticket(self.first.0 + self.sent.len() as u64);
        self.sent.push_back(Sent { mark, bytes, is_done: false });
        self.bytes += bytes;
        ticket
    }

    /// All that was found up to `mark` is sent.
    pub(crate) fn read_to(&mut self, mark: LogPosition) {
        self.read = mark;
    }

    /// The one with `ticket` is in the topic, or among the dead letters; it may take any order.
    pub(crate) fn done(&mut self, ticket: Ticket) {
        let place = ticket.0.checked_sub(self.first.0).and_then(|place| usize::try_from(place).ok());
        if let Some(sent) = place.and_then(|place| self.sent.get_mut(place)) {
            sent.is_done = true;
        }
        while let Some(sent) = self.sent.pop_front_if(|sent| sent.is_done) {
            self.reached = sent.mark;
            self.bytes -= sent.bytes;
            self.first.0 += 1;
        }
    }

    /// What the checkpoint may become, if that is further than it is.
    pub(crate) fn next_checkpoint(&self) -> Option<&LogPosition> {
        (self.reached != self.checkpoint).then_some(&self.reached)
    }

    /// The checkpoint is stored.
    pub(crate) fn checkpointed(&mut self, mark: LogPosition) {
        self.checkpoint = mark;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::position::SnapshotRange;

    fn mark(seq: i64) -> LogPosition {
        LogPosition { cut: SnapshotRange::Whole, seq }
    }

    #[test]
    fn the_checkpoint_waits_for_the_first_that_is_not_acknowledged() {
        let mut relaying = Relaying::behind(mark(10));
        let tickets: Vec<Ticket> = (11..15).map(|seq| relaying.send(mark(seq), 10)).collect();

        relaying.done(tickets[1]);
        relaying.done(tickets[3]);
        let while_the_first_is_missing = relaying.next_checkpoint().cloned();
        relaying.done(tickets[0]);

        assert_eq!(while_the_first_is_missing, None);
        assert_eq!(relaying.next_checkpoint(), Some(&mark(12)));
        assert_eq!((relaying.on_their_way(), relaying.bytes_on_their_way()), (2, 20));
    }

    #[test]
    fn what_is_acknowledged_twice_counts_once() {
        let mut relaying = Relaying::behind(mark(0));
        let first = relaying.send(mark(1), 10);
        let second = relaying.send(mark(2), 10);

        relaying.done(first);
        relaying.done(first);

        assert_eq!(relaying.next_checkpoint(), Some(&mark(1)));
        relaying.done(second);
        assert_eq!(relaying.next_checkpoint(), Some(&mark(2)));
    }

    #[test]
    fn a_stored_checkpoint_is_not_stored_again() {
        let mut relaying = Relaying::behind(mark(0));
        let ticket = relaying.send(mark(1), 10);
        relaying.done(ticket);

        relaying.checkpointed(mark(1));

        assert_eq!(relaying.next_checkpoint(), None);
    }
}
