//! How many mails go to one domain in a second.
//!
//! Commercial mail keeps to a rate for each domain of its recipients. A domain that asks for fewer gets half of that for a quarter
//! of an hour, and then more by and by; as long as it has less than all, other mail keeps to its rate, too.

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
    rows: HashMap<String, Row>,
}

/// A domain that has asked for fewer mails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slowness {
    /// How much of the rate it gets at first.
    pub(crate) share: f64,
    /// When it asked.
    pub(crate) slowed_at: Timestamp,
}

/// The mails to one domain, which leave one behind the other.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// When the next mail would leave if all left evenly.
    even: Timestamp,
    /// The last place that was given to a mail that has to wait.
    last_place: Timestamp,
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
        let row = inner.row(domain, now);
        let even = row.even.max(now) + interval;
        if even - now > chrono_of(BURST_WINDOW.max(interval)) {
            return false;
        }
        row.even = even;
        true
    }

    /// When each of `count` mails may leave that `domain` has no room for now.
    pub(crate) fn places(&self, domain: &str, class: MailClass, now: Timestamp, count: usize) -> Vec<Timestamp> {
        let mut inner = self.inner();
        let interval = inner.interval(self.rate, domain, now);
        let row = inner.row(domain, now);
        let free_at = (row.even + interval - BURST_WINDOW.max(interval)).max(now);
        let latest = now + MAX_DOMAIN_DELAY;
        // Others let pass whom somebody waits for.
        let mut place = match class {
            MailClass::Transactional => free_at,
            MailClass::Commercial => free_at.max(row.last_place + interval),
        };
        let mut places = Vec::with_capacity(count);
        for _ in 0..count {
            places.push(place.min(latest));
            place += interval;
        }
        if class == MailClass::Commercial {
            row.last_place = places.last().copied().unwrap_or(row.last_place).max(row.last_place);
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

    fn row(&mut self, domain: &str, now: Timestamp) -> &mut Row {
        // What lies further ahead was written before the clock was set back.
        let is_possible = |row: &Row| row.even.max(row.last_place) <= now + MAX_DOMAIN_DELAY + MAX_DOMAIN_DELAY;
        let is_known = self.rows.get(domain).is_some_and(is_possible);
        if !is_known {
            self.make_room(now);
            self.rows.insert(domain.to_owned(), Row { even: now, last_place: now });
        }
        self.rows.get_mut(domain).expect("it is known or was added")
    }

    /// Forgets domains that nothing waits for; if all are in use, the half of them whose mails went longest ago.
    fn make_room(&mut self, now: Timestamp) {
        if self.rows.len() < MOST_DOMAINS {
            return;
        }
        self.rows.retain(|_, row| row.even.max(row.last_place) > now);
        if self.rows.len() >= MOST_DOMAINS {
            let mut last: Vec<Timestamp> = self.rows.values().map(|row| row.even).collect();
            let (_, median, _) = last.select_nth_unstable(MOST_DOMAINS / 2);
            self.rows.retain(|_, row| row.even > *median);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);

    fn admitted(domains: &Domains, class: MailClass, now: Timestamp) -> usize {
        (0..1_000).take_while(|_| domains.admit("a.example", class, now)).count()
    }

    #[test]
    fn a_domain_gets_a_second_of_mails_at_once_and_no_other_pays_for_it() {
        let domains = Domains::new(10);

        assert_eq!(admitted(&domains, MailClass::Commercial, NOW), 10);
        assert_eq!(admitted(&domains, MailClass::Commercial, NOW + SECOND / 2), 5);
        assert!(domains.admit("b.example", MailClass::Commercial, NOW));
        assert_eq!(admitted(&domains, MailClass::Transactional, NOW), 1_000);
    }

    #[test]
    fn senders_share_the_rate() {
        let domains = Domains::new(10);
        domains.divide(2);

        assert_eq!(admitted(&domains, MailClass::Commercial, NOW), 5);
    }

    #[test]
    fn who_has_to_wait_is_admitted_at_its_place() {
        let domains = Domains::new(10);
        admitted(&domains, MailClass::Commercial, NOW);

        let mut places = domains.places("a.example", MailClass::Commercial, NOW, 100);
        places.extend(domains.places("a.example", MailClass::Commercial, NOW, 100));

        assert!(places.iter().all(|place| domains.admit("a.example", MailClass::Commercial, *place)), "{places:?}");
        assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
        assert!(*places.last().unwrap() <= NOW + 21 * SECOND, "{places:?}");
    }

    #[test]
    fn a_domain_that_asks_for_fewer_gets_half_for_a_quarter_of_an_hour_and_then_more_by_and_by() {
        let domains = Domains::new(10);

        let slowness = domains.slow_down("a.example", NOW);

        assert_eq!(domains.slow_down("a.example", NOW + SECOND), slowness, "it is the same request");
        for (after, share) in [(0, 0.5), (15, 0.5), (16, 0.6), (19, 0.9), (20, 1.0), (60, 1.0)] {
            assert!((slowness.share_at(NOW + after * MINUTE) - share).abs() < 1e-9, "after {after} minutes");
        }
        assert!((domains.rate_of("a.example", NOW) - 5.0).abs() < 0.01);
        assert!((domains.rate_of("b.example", NOW) - 10.0).abs() < 0.01);
        let again = domains.slow_down("a.example", NOW + MINUTE);
        assert!((again.share - 0.25).abs() < 1e-9, "{again:?}");
    }

    #[test]
    fn mail_that_somebody_waits_for_is_slowed_only_while_the_domain_asks_for_it() {
        let domains = Domains::new(2);
        domains.slow_down("a.example", NOW);

        assert_eq!(admitted(&domains, MailClass::Transactional, NOW), 1);
        let place = domains.places("a.example", MailClass::Transactional, NOW, 1)[0];
        assert_eq!(place, NOW + SECOND);
        assert!(domains.admit("a.example", MailClass::Transactional, place));
        assert_eq!(admitted(&domains, MailClass::Transactional, NOW + SLOWNESS_RETENTION), 1_000);
    }

    #[test]
    fn a_process_follows_what_others_know() {
        let domains = Domains::new(10);
        let slowness = Slowness { share: 0.25, slowed_at: NOW };

        domains.follow(vec![("a.example".to_owned(), slowness)], NOW);

        assert!((domains.rate_of("a.example", NOW) - 2.5).abs() < 0.01);
        domains.follow(Vec::new(), NOW + SLOWNESS_RETENTION);
        assert!(domains.inner().slow.is_empty());
    }

    #[test]
    fn however_many_domains_there_are_few_are_remembered() {
        let domains = Domains::new(1);
        for number in 0..3 * MOST_DOMAINS {
            domains.admit(&format!("{number}.example"), MailClass::Commercial, NOW);
        }

        assert!(domains.inner().rows.len() <= MOST_DOMAINS);
    }

    #[test]
    fn a_clock_that_is_set_back_holds_no_mail_for_as_long() {
        let domains = Domains::new(10);
        admitted(&domains, MailClass::Commercial, NOW + 24 * 60 * MINUTE);

        assert!(domains.admit("a.example", MailClass::Commercial, NOW));
    }

    proptest! {
        #[test]
        fn no_domain_ever_gets_more_than_a_second_of_mails_beyond_its_rate(
            steps in proptest::collection::vec(0_u64..400, 1..300), rate in 1_u32..20,
        ) {
            let (domains, mut now, mut sent) = (Domains::new(rate), NOW, 0_u32);
            for step in steps {
                now += Duration::from_millis(step);
                sent += u32::from(domains.admit("a.example", MailClass::Commercial, now));
                let allowed = (now - NOW).to_std().unwrap().as_secs_f64() * f64::from(rate) + f64::from(rate);
                prop_assert!(f64::from(sent) <= allowed + 0.001, "{sent} of {allowed}");
            }
        }
    }
}
