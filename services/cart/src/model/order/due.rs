//! For when an order is: as soon as it can be, or at a time that the restaurant keeps.
//!
//! The one rule for it: as soon as it can be while orders are taken; or at a time that is no sooner than it takes to cook, no more
//! than seven days ahead, and at which orders are taken: within the opening hours, until so many minutes before they end. What is
//! open past midnight belongs to the day on which it opened. The time is kept as it was asked for, or refused.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use contracts::opening_hours::{HoursState, Schedule};

#[cfg(test)]
mod tests;

/// Nobody plans a meal farther ahead.
const SCHEDULE_WINDOW: TimeDelta = TimeDelta::days(7);
/// Whoever is shown when it would be soon enough has so long to order.
const ORDER_MARGIN: TimeDelta = TimeDelta::minutes(1);
/// Nobody waits longer for a restaurant that takes no orders.
const NEXT_ORDER_WINDOW: TimeDelta = TimeDelta::days(14);

/// For when an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) is_asap: bool,
    pub(crate) target_at: DateTime<Utc>,
    /// The slot that it falls into.
    pub(crate) slot_at: DateTime<Utc>,
    /// When the restaurant begins to work on it at the earliest.
    pub(crate) begins_at: DateTime<Utc>,
}

/// Why an order can't be for then. It is never moved to another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueRefusal {
    /// Nobody is there, or takes orders any more; when somebody does again, if within 14 days.
    Closed(Option<DateTime<Utc>>),
    /// It takes a break; the same.
    Paused(Option<DateTime<Utc>>),
    /// The kitchen is not that fast: this would do, if anything does within seven days.
    TooSoon(Option<DateTime<Utc>>),
    TooFar,
    OutsideHours,
}

/// For when an order is that is wanted at `wanted`, or as soon as it can be, at a restaurant that cooks for `preparation`.
pub(crate) fn due(
    schedule: &Schedule,
    (now, wanted): (DateTime<Utc>, Option<DateTime<Utc>>),
    preparation: TimeDelta,
    slot_minutes: u16,
) -> Result<Due, DueRefusal> {
    let earliest = now + preparation;
    let target_at = match wanted {
        None => {
            check_open(schedule, now)?;
            earliest
        }
        Some(wanted) if wanted < earliest => return Err(DueRefusal::TooSoon(soonest(schedule, now, earliest))),
        Some(wanted) if wanted > now + SCHEDULE_WINDOW => return Err(DueRefusal::TooFar),
        Some(wanted) if schedule.state(wanted).accepts_orders() => wanted,
        Some(_) => return Err(DueRefusal::OutsideHours),
    };
    let begins_at = match schedule.state(now) {
        HoursState::Open { .. } => now,
        HoursState::Closed { opens_at } => opens_at.unwrap_or(now),
    };
    let slot_at = slot_of(schedule, target_at, slot_minutes);
    Ok(Due { is_asap: wanted.is_none(), target_at, slot_at, begins_at })
}

fn check_open(schedule: &Schedule, now: DateTime<Utc>) -> Result<(), DueRefusal> {
    if schedule.state(now).accepts_orders() {
        return Ok(());
    }
    let next = next_order_at(schedule, now);
    let is_paused = schedule.paused_until.is_some_and(|until| now < until);
    let would_accept = || Schedule { paused_until: None, ..schedule.clone() }.state(now).accepts_orders();
    Err(if is_paused && would_accept() { DueRefusal::Paused(next) } else { DueRefusal::Closed(next) })
}

/// The first instant from then on at which orders are taken.
fn next_order_at(schedule: &Schedule, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut at = from;
    while at <= from + NEXT_ORDER_WINDOW {
        at = match schedule.state(at) {
            HoursState::Open { accepts_orders: true, .. } => return Some(at),
            // It takes no orders any more, or is not open for long enough to take one.
            HoursState::Open { closes_at, .. } => closes_at?,
            HoursState::Closed { opens_at } => opens_at?,
        };
    }
    None
}

/// The first full minute that will do, also for who needs a moment to order.
fn soonest(schedule: &Schedule, now: DateTime<Utc>, earliest: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let from = earliest + ORDER_MARGIN;
    let minute = minute_of(from);
    let full = if minute < from { minute + TimeDelta::minutes(1) } else { minute };
    next_order_at(schedule, full).filter(|at| *at <= now + SCHEDULE_WINDOW)
}

/// The beginning of the slot: rounded down by the clocks of the restaurant.
fn slot_of(schedule: &Schedule, instant: DateTime<Utc>, slot_minutes: u16) -> DateTime<Utc> {
    let length = u32::from(slot_minutes.max(1));
    let mut minute = minute_of(instant);
    // Minute by minute, because clocks that are put forward by half an hour may skip the beginning.
    while !minute.with_timezone(&schedule.time_zone).minute().is_multiple_of(length) {
        minute -= TimeDelta::minutes(1);
    }
    minute
}

fn minute_of(instant: DateTime<Utc>) -> DateTime<Utc> {
    let into = TimeDelta::seconds(instant.second().into()) + TimeDelta::nanoseconds(instant.nanosecond().into());
    instant - into
}
