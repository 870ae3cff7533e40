//! All connections that are held, by what is on them and by whose they are: taking in one more does not walk through all of them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use ipnet::IpNet;
use tokio::time::Instant;

use super::Admission;
use super::held::{Held, Standing, Turn};

/// How often it is logged that clients have too many connections.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

pub(super) struct State {
    pub(super) total: usize,
    pub(super) per_client: usize,
    held: HashMap<u64, Held>,
    of_client: HashMap<IpNet, BTreeSet<u64>>,
    leaving: HashSet<u64>,
    /// Each behind the event since which it stands so, the longest first.
    new: BTreeSet<(u64, u64)>,
    idle: BTreeSet<(u64, u64)>,
    awaited: HashSet<u64>,
    /// Counts what happens, so that what was earlier has the smaller number.
    events: u64,
    logged_at: Option<Instant>,
}

impl State {
    pub(super) fn new(total: usize, per_client: usize) -> Self {
        Self {
            total,
            per_client,
            held: HashMap::new(),
            of_client: HashMap::new(),
            leaving: HashSet::new(),
            new: BTreeSet::new(),
            idle: BTreeSet::new(),
            awaited: HashSet::new(),
            events: 0,
            logged_at: None,
        }
    }

    pub(super) fn next_event(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= self.total
    }

    pub(super) fn is_any_leaving(&self) -> bool {
        !self.leaving.is_empty()
    }

    pub(super) fn get(&self, number: u64) -> Option<&Held> {
        self.held.get(&number)
    }

    pub(super) fn insert(&mut self, number: u64, held: Held) {
        if let Some(client) = held.client {
            self.of_client.entry(client).or_default().insert(number);
        }
        self.enlist(number, held.standing());
        self.held.insert(number, held);
    }

    pub(super) fn remove(&mut self, number: u64) {
        let Some(held) = self.held.remove(&number) else { return };
        self.delist(number, held.idle_since);
        if let Some(client) = held.client
            && let Some(numbers) = self.of_client.get_mut(&client)
        {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.of_client.remove(&client);
            }
        }
    }

    /// Changes what is known of a connection, and answers it as it is then.
    pub(super) fn change(&mut self, number: u64, change: impl FnOnce(&mut Held)) -> Option<&Held> {
        let held = self.held.get_mut(&number)?;
        let idle_since = held.idle_since;
        change(held);
        let standing = held.standing();
        self.delist(number, idle_since);
        self.enlist(number, standing);
        self.held.get(&number)
    }

    /// How many connections the client has that answer requests which are soon over.
    pub(super) fn count_requesting(&self, client: IpNet) -> usize {
        let is_counted = |held: &&Held| held.standing() != Standing::Leaving && !held.connection.is_streaming();
        self.held_of(client).filter(is_counted).count()
    }

    /// Whether the client has more than its share, and is waited for.
    pub(super) fn is_waited_for_crowd(&self, client: IpNet) -> bool {
        self.is_crowding(client) && self.held_of(client).any(|held| held.waits_since().is_some())
    }

    /// Lets a connection give way whose place one of that `admission` may have. If none can, the error is when the first one may.
    pub(super) fn make_room(&mut self, now: Instant, admission: Admission) -> Result<(), Option<Instant>> {
        match admission {
            Admission::First => self.close_one(now, |_, _| true),
            Admission::Last => self.close_one(now, |state, held| held.client.is_some_and(|it| state.is_crowding(it))),
            Admission::Refused => Err(None),
        }
    }

    /// Lets one of the client's connections give way that answer no stream, if one can.
    pub(super) fn close_one_of(&mut self, now: Instant, client: IpNet) -> bool {
        let is_crowding = self.is_crowding(client);
        let numbers = self.of_client.get(&client).into_iter().flatten();
        let turns = numbers.filter_map(|number| {
            let held = self.held.get(number).filter(|held| !held.connection.is_streaming())?;
            Some((held.turn(now, is_crowding)?, *number))
        });
        let due = turns.filter(|((at, _), _)| *at <= now).min_by_key(|((_, turn), _)| *turn);
        due.map(|((_, turn), number)| self.close(number, turn)).is_some()
    }

    /// Lets one of the connections that are meant give way. If none can, the error is when the first one may.
    pub(super) fn close_one(
        &mut self,
        now: Instant,
        is_meant: impl Fn(&Self, &Held) -> bool,
    ) -> Result<(), Option<Instant>> {
        let turn = |number: &u64| {
            let held = self.held.get(number).filter(|held| is_meant(self, held))?;
            let is_crowding = held.client.is_some_and(|client| self.is_crowding(client));
            held.turn(now, is_crowding).map(|(at, turn)| (at, turn, *number))
        };
        // Of those that are new the longest is due first.
        let new = self.new.iter().find_map(|(_, number)| turn(number));
        let idle = self.idle.iter().find_map(|(_, number)| turn(number));
        let is_due = |candidate: &(Instant, Turn, u64)| candidate.0 <= now;
        let mut first = new.into_iter().chain(idle).filter(is_due).min_by_key(|(_, turn, _)| *turn);
        let mut next = new.map(|(at, ..)| at);
        if first.is_none() {
            let awaited: Vec<_> = self.awaited.iter().filter_map(turn).collect();
            first = awaited.iter().copied().filter(is_due).min_by_key(|(_, turn, _)| *turn);
            next = awaited.iter().map(|(at, ..)| *at).chain(next).min();
        }
        let Some((_, turn, number)) = first else { return Err(next) };
        self.close(number, turn);
        Ok(())
    }

    fn close(&mut self, number: u64, turn: Turn) {
        self.change(number, |held| match turn {
            Turn::Idle(_) => held.connection.gives_way().cancel(),
            Turn::Crowding(_) | Turn::Awaited(_) => held.connection.give_up(),
        });
    }

    pub(super) fn log_refusal(&mut self, client: IpNet) {
        metrics::counter!("http_connections_refused_total").increment(1);
        if self.logged_at.is_none_or(|logged_at| logged_at.elapsed() > LOG_INTERVAL) {
            self.logged_at = Some(Instant::now());
            let connections = self.held_of(client).count();
            tracing::warn!(%client, connections, "connections are refused: their client has too many; a proxy belongs into TRUSTED_PROXIES");
        }
    }

    fn held_of(&self, client: IpNet) -> impl Iterator<Item = &Held> {
        let numbers = self.of_client.get(&client).into_iter().flatten();
        numbers.filter_map(|number| self.held.get(number))
    }

    /// Whether the client has more than would be left for each if connections were shared out evenly, also to one more.
    fn is_crowding(&self, client: IpNet) -> bool {
        let share = (self.total / (self.of_client.len() + 1)).max(1);
        self.of_client.get(&client).is_some_and(|numbers| numbers.len() > share)
    }

    fn enlist(&mut self, number: u64, standing: Standing) {
        match standing {
            Standing::Leaving => drop(self.leaving.insert(number)),
            Standing::New(since) => drop(self.new.insert((since, number))),
            Standing::Idle(since) => drop(self.idle.insert((since, number))),
            Standing::Awaited => drop(self.awaited.insert(number)),
            Standing::Busy => {}
        }
    }

    fn delist(&mut self, number: u64, idle_since: Option<u64>) {
        if let Some(since) = idle_since {
            self.new.remove(&(since, number));
            self.idle.remove(&(since, number));
        }
        self.leaving.remove(&number);
        self.awaited.remove(&number);
    }
}
