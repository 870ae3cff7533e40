//! What a schedule says at an instant.

use std::collections::BTreeMap;

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

use super::day::DayHours;
use super::week::OpeningHours;

/// How far ahead an opening is sought, and how long somebody is open who never closes, in days.
const HORIZON: u64 = 14;

/// Far from the ends of what can be reckoned with.
const YEARS: std::ops::Range<i32> = 1900..10_000;

/// All that decides when a restaurant is open.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Where the clocks of its hours hang.
    pub time_zone: Tz,
    /// Its week.
    pub week: OpeningHours,
    /// What opens on these days instead of what their week says. A night that opened the day before runs on.
    pub special_days: BTreeMap<NaiveDate, DayHours>,
    /// When it is closed, whatever else is said.
    pub closures: Vec<Closure>,
    /// Until when it takes a break.
    pub paused_until: Option<DateTime<Utc>>,
    /// How many minutes before it closes it stops to take orders.
    pub last_order_minutes: u16,
}

/// A time without service, which cuts into any hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    /// The first instant that is closed.
    pub from: DateTime<Utc>,
    /// The first instant that is not.
    pub until: DateTime<Utc>,
}

/// What holds at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoursState {
    /// Somebody is there.
    Open {
        /// When that ends; `None` if not within 14 days.
        closes_at: Option<DateTime<Utc>>,
        /// From when on no order is taken; `None` as above.
        last_order_at: Option<DateTime<Utc>>,
        /// Whether that is still ahead.
        accepts_orders: bool,
    },
    /// Nobody is there.
    Closed {
        /// When it opens; `None` if not within 14 days.
        opens_at: Option<DateTime<Utc>>,
    },
}

impl HoursState {
    /// Whether somebody is there.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// Whether an order can be taken.
    #[must_use]
    pub fn accepts_orders(self) -> bool {
        matches!(self, Self::Open { accepts_orders: true, .. })
    }
}

/// From an opening to its close; the closing instant is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Schedule {
    /// What holds at this instant. Days near by mostly decide, so that only they are worked out first.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> HoursState {
        if !YEARS.contains(&now.year()) {
            return HoursState::Closed { opens_at: None };
        }
        let today = now.with_timezone(&self.time_zone).date_naive();
        self.state_within(1, today, now)
            .or_else(|| self.state_within(HORIZON, today, now))
            .unwrap_or(HoursState::Closed { opens_at: None })
    }

    /// When the opening day ends that is under way: with the night that opened yesterday and runs on, else with today's last
    /// close, or at midnight where that is later. Closures and pauses change nothing of it.
    #[must_use]
    pub fn opening_day_end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let today = now.with_timezone(&self.time_zone).date_naive();
        let span = |date: NaiveDate| {
            self.hours_of(date).intervals().iter().filter_map(move |interval| {
                let from = self.instant(date, interval.opens(), Edge::Opening)?;
                Some(Span { from, until: self.instant(date, interval.closes(), Edge::Close)? })
            })
        };
        let night = today.pred_opt().into_iter().flat_map(span).find(|span| span.from <= now && now < span.until);
        if let Some(night) = night {
            return night.until;
        }
        let midnight = self.instant(today, super::day::DAY, Edge::Close);
        // At the ends of the calendar there is no midnight.
        span(today).map(|span| span.until).chain(midnight).max().unwrap_or(now)
    }

    /// What follows from the hours of yesterday to `ahead` days from today; `None` where hours of later days might change it.
    fn state_within(&self, ahead: u64, today: NaiveDate, now: DateTime<Utc>) -> Option<HoursState> {
        // Hours of later days open at this instant at the earliest.
        let known_until = self.instant(today.checked_add_days(Days::new(ahead + 1))?, 0, Edge::Opening)?;
        let spans = self.spans(ahead, today);
        let next = spans.iter().find(|span| now < span.until);
        let certain = |instant: DateTime<Utc>| ahead == HORIZON || instant < known_until;
        match next {
            Some(span) if span.from <= now => certain(span.until).then(|| self.open(now, *span)),
            Some(span) => certain(span.from).then_some(HoursState::Closed { opens_at: Some(span.from) }),
            None => (ahead == HORIZON).then_some(HoursState::Closed { opens_at: None }),
        }
    }

    fn open(&self, now: DateTime<Utc>, span: Span) -> HoursState {
        let always = span.until >= now + Days::new(HORIZON);
        let closes_at = (!always).then_some(span.until);
        let last_order_at = closes_at.map(|close| close - TimeDelta::minutes(self.last_order_minutes.into()));
        HoursState::Open { closes_at, last_order_at, accepts_orders: last_order_at.is_none_or(|last| now < last) }
    }

    /// In order, without overlaps; what touches is one, so that midnight of a day and night is no close.
    fn spans(&self, ahead: u64, today: NaiveDate) -> Vec<Span> {
        let mut spans = Vec::with_capacity(8);
        for date in today.pred_opt().into_iter().flat_map(|yesterday| yesterday.iter_days()).take(ahead as usize + 2) {
            for interval in self.hours_of(date).intervals() {
                let from = self.instant(date, interval.opens(), Edge::Opening);
                let until = self.instant(date, interval.closes(), Edge::Close);
                if let (Some(from), Some(until)) = (from, until)
                    && from < until
                {
                    spans.push(Span { from, until });
                }
            }
        }
        spans.sort_unstable();
        spans.dedup_by(|next, span| {
            let touches = next.from <= span.until;
            if touches {
                span.until = span.until.max(next.until);
            }
            touches
        });
        self.cut(spans)
    }

    fn hours_of(&self, date: NaiveDate) -> &DayHours {
        self.special_days.get(&date).unwrap_or_else(|| self.week.day(date.weekday()))
    }

    fn cut(&self, mut spans: Vec<Span>) -> Vec<Span> {
        let pause = self.paused_until.map(|until| Closure { from: DateTime::<Utc>::MIN_UTC, until });
        for closure in self.closures.iter().copied().chain(pause) {
            if closure.from >= closure.until || spans.iter().all(|span| !span.meets(closure)) {
                continue;
            }
            spans = spans.iter().flat_map(|span| span.without(closure)).flatten().collect();
        }
        spans
    }

    /// The instant when the clocks show that minute of the day. A minute that they skip comes as much later as they skip;
    /// of one that they show twice, the opening is the first and the close the second.
    fn instant(&self, date: NaiveDate, minute: u16, edge: Edge) -> Option<DateTime<Utc>> {
        let local = date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(minute.into()))?;
        match (self.time_zone.from_local_datetime(&local), edge) {
            (LocalResult::Single(instant), _)
            | (LocalResult::Ambiguous(instant, _), Edge::Opening)
            | (LocalResult::Ambiguous(_, instant), Edge::Close) => Some(instant.to_utc()),
            (LocalResult::None, _) => self.skipped(local),
        }
    }

    /// As if the clocks went on as before. Two days before is before any skip, also one of a whole day.
    fn skipped(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let before = self.time_zone.offset_from_utc_datetime(&local.checked_sub_days(Days::new(2))?).fix();
        Some(local.checked_sub_offset(before)?.and_utc())
    }
}

#[derive(Debug, Clone, Copy)]
enum Edge {
    Opening,
    Close,
}

impl Span {
    fn meets(self, closure: Closure) -> bool {
        closure.from < self.until && self.from < closure.until
    }

    /// What is left before and after.
    fn without(self, closure: Closure) -> [Option<Self>; 2] {
        if !self.meets(closure) {
            return [Some(self), None];
        }
        let before = Self { from: self.from, until: closure.from };
        let after = Self { from: closure.until, until: self.until };
        [before, after].map(|span| (span.from < span.until).then_some(span))
    }
}
