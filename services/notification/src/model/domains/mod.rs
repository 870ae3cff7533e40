//! How many mails go to one domain in a second.
//!
//! Commercial mail keeps to a rate for each domain of its recipients. A domain that asks for fewer gets half of that for a quarter
//! of an hour, and then more by and by; as long as it has less than all, other mail keeps to that rate, too, in a row of its own: it
//! waits for no campaign, which leaves so much less.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Timestamp;
use contracts::MailClass;

/// The rates of all domains, for the mails of this process.
#[derive(Debug)]
pub(crate) struct Domains {
    /// Mails a second to one domain, by all senders together.
    rate: u32,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    senders: u32,
    slow: HashMap<String, Slowness>,
    rows: HashMap<String, Rows>,
}

/// A domain that has asked for fewer mails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slowness {
    /// How much of the rate it gets at first.
    pub(crate) share: f64,
    /// When it asked.
    pub(crate) slowed_at: Timestamp,
}

/// The mails to one domain.
#[derive(Debug, Clone, Copy)]
struct Rows {
    commercial: Row,
    transactional: Row,
    /// The last place that was given to a commercial mail that has to wait.
    last_place: Timestamp,
}

/// Mails that leave one behind the other.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// When the next mail would leave if all left evenly.
    even: Timestamp,
}

/// A domain that has asked for fewer gets no more for as long.
const SLOW_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Then this much of the rate comes back each minute.
const RECOVERY_PER_MINUTE: f64 = 0.1;
/// No domain gets less than this of the rate.
const LEAST_SHARE: f64 = 1.0 / 32.0;
/// What a domain answers to mails that were under way together is one request for fewer.
const REQUEST_WINDOW: Duration = Duration::from_secs(60);
/// After as long every domain has its whole rate again.
pub(crate) const SLOWNESS_RETENTION: Duration = Duration::from_secs(30 * 60);

const BURST_WINDOW: Duration = Duration::from_secs(1);
/// No place lies further ahead; whoever has the last one asks again then.
pub(crate) const MAX_DOMAIN_DELAY: Duration = Duration::from_secs(60 * 60);
/// Domains of whose mails something is remembered; one that nothing was sent to for a second needs no memory.
const MOST_DOMAINS: usize = 10_000;

impl Domains {
    /// At most `rate` mails a second to each.
    pub(crate) fn new(rate: u32) -> Self {
        let inner = Inner { senders: 1, slow: HashMap::new(), rows: HashMap::new() };
        Self { rate: rate.max(1), inner: Mutex::new(inner) }
    }

    /// Divides the rates among so many processes, of which this is one.
    pub(crate) fn divide(&self, senders: u32) {
        self.inner().senders = senders.max(1);
    }

    /// Whether a mail of `class` may leave for `domain` now; if so, it is counted.
    pub(crate) fn admit(&self, domain: &str, class: MailClass, now: Timestamp) -> bool {
        let mut inner = self.inner();
        if class == MailClass::Transactional && inner.share(domain, now) >= 1.0 {
            return true;
        }
        let interval = inner.interval(self.rate, domain, now);
        let rows = inner.rows(domain, now);
        let next = rows.of(class).after_one(now, interval);
        if next.even - now > chrono_of(room(interval)) {
            return false;
        }
        match class {
            MailClass::Commercial => rows.commercial = next,
            MailClass::Transactional => {
                rows.transactional = next;
                rows.commercial = rows.commercial.after_one(now, interval);
            }
        }
        true
    }

    /// When each of `count` mails may leave that `domain` has no room for now.
    pub(crate) fn places(&self, domain: &str, class: MailClass, now: Timestamp, count: usize) -> Vec<Timestamp> {
        let mut inner = self.inner();
        let interval = inner.interval(self.rate, domain, now);
        let rows = inner.rows(domain, now);
        let free_at = (rows.of(class).even + interval - room(interval)).max(now);
        let latest = now + MAX_DOMAIN_DELAY;
        let mut place = match class {
            MailClass::Transactional => free_at,
            MailClass::Commercial => free_at.max(rows.last_place + interval),
        };
        let mut places = Vec::with_capacity(count);
        for _ in 0..count {
            places.push(place.min(latest));
            place += interval;
        }
        if class == MailClass::Commercial {
            rows.last_place = places.last().copied().unwrap_or(rows.last_place).max(rows.last_place);
        }
        places
    }

    /// `domain` asks for fewer mails: it gets half of what it got, unless it is the same request as before.
    pub(crate) fn slow_down(&self, domain: &str, now: Timestamp) -> Slowness {
        let mut inner = self.inner();
        let is_same = |slow: &&Slowness| slow.slowed_at <= now && now < slow.slowed_at + REQUEST_WINDOW;
        if let Some(known) = inner.slow.get(domain).filter(is_same) {
            return *known;
        }
        let slowness = Slowness { share: (inner.share(domain, now) / 2.0).max(LEAST_SHARE), slowed_at: now };
        inner.slow.insert(domain.to_owned(), slowness);
        slowness
    }

    /// Takes over what other processes know of `slow` domains, and forgets which have their whole rate again.
    pub(crate) fn follow(&self, slow: Vec<(String, Slowness)>, now: Timestamp) {
        let mut inner = self.inner();
        for (domain, slowness) in slow {
            let known = inner.slow.entry(domain).or_insert(slowness);
            if known.slowed_at < slowness.slowed_at {
                *known = slowness;
            }
        }
        inner.slow.retain(|_, slowness| slowness.share_at(now) < 1.0);
    }

    /// The mails a second that this process may send to `domain`.
    pub(crate) fn rate_of(&self, domain: &str, now: Timestamp) -> f64 {
        let inner = self.inner();
        inner.interval(self.rate, domain, now).as_secs_f64().recip()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn share(&self, domain: &str, now: Timestamp) -> f64 {
        self.slow.get(domain).map_or(1.0, |slowness| slowness.share_at(now))
    }

    fn interval(&self, rate: u32, domain: &str, now: Timestamp) -> Duration {
        let whole = BURST_WINDOW * self.senders / rate;
        // Whole microseconds, in which instants are kept: a place is not a bit too early.
        let micros = whole.div_f64(self.share(domain, now)).as_nanos().div_ceil(1_000);
        Duration::from_micros(micros.try_into().unwrap_or(u64::MAX))
    }

    fn rows(&mut self, domain: &str, now: Timestamp) -> &mut Rows {
        // What lies further ahead was written before the clock was set back.
        let is_possible = |rows: &Rows| rows.busy_until() <= now + MAX_DOMAIN_DELAY + MAX_DOMAIN_DELAY;
        let is_known = self.rows.get(domain).is_some_and(is_possible);
        if !is_known {
            self.make_room(now);
            let row = Row { even: now };
            self.rows.insert(domain.to_owned(), Rows { commercial: row, transactional: row, last_place: now });
        }
        self.rows.get_mut(domain).expect("they are known or were added")
    }

    /// Forgets domains that nothing waits for; if all are in use, the half of them whose mails went longest ago.
    fn make_room(&mut self, now: Timestamp) {
        if self.rows.len() < MOST_DOMAINS {
            return;
        }
        self.rows.retain(|_, rows| rows.busy_until() > now);
        if self.rows.len() >= MOST_DOMAINS {
            let mut last: Vec<Timestamp> = self.rows.values().map(|rows| rows.commercial.even).collect();
            let (_, median, _) = last.select_nth_unstable(MOST_DOMAINS / 2);
            self.rows.retain(|_, rows| rows.commercial.even > *median);
        }
    }
}

impl Rows {
    fn of(&self, class: MailClass) -> Row {
        match class {
            MailClass::Commercial => self.commercial,
            MailClass::Transactional => self.transactional,
        }
    }

    fn busy_until(&self) -> Timestamp {
        self.commercial.even.max(self.transactional.even).max(self.last_place)
    }
}

impl Row {
    /// The row behind a mail that leaves at `now`. One that comes a bit after its place has it all the same, so that those behind it
    /// keep theirs: a mail is claimed some time after it is due.
    fn after_one(self, now: Timestamp, interval: Duration) -> Self {
        let is_a_bit_late = now - self.even < chrono_of(interval);
        let place = if is_a_bit_late { self.even } else { now };
        Self { even: place + interval }
    }
}

/// How far ahead of `now` mails may leave.
fn room(interval: Duration) -> Duration {
    BURST_WINDOW.max(interval)
}

impl Slowness {
    /// How much of its rate the domain gets at `now`.
    pub(crate) fn share_at(&self, now: Timestamp) -> f64 {
        let recovering = (now - (self.slowed_at + SLOW_WINDOW)).to_std().unwrap_or_default();
        (self.share + recovering.as_secs_f64() / 60.0 * RECOVERY_PER_MINUTE).min(1.0)
    }
}

fn chrono_of(duration: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(duration).unwrap_or(chrono::TimeDelta::MAX)
}
