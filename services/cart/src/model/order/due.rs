//! For when an order is: as soon as it can be, or at a time that the restaurant keeps.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use contracts::opening_hours::{HoursState, Schedule};

/// Nobody plans a meal farther ahead.
const SCHEDULE_WINDOW: TimeDelta = TimeDelta::days(7);
/// The clocks of whoever orders may be so much behind.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// For when an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) is_asap: bool,
    pub(crate) target_at: DateTime<Utc>,
    /// The slot that has it.
    pub(crate) slot_at: DateTime<Utc>,
    /// When the restaurant begins to work on it at the earliest.
    pub(crate) begins_at: DateTime<Utc>,
}

/// Why an order can't be for then. It is never moved to another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueRefusal {
    /// Nobody is there, or takes orders any more; when somebody is again, if within 14 days.
    Closed(Option<DateTime<Utc>>),
    /// It takes a break until then.
    Paused(DateTime<Utc>),
    /// The kitchen is not that fast: this would do.
    TooSoon(DateTime<Utc>),
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
    let soonest = now + preparation;
    let target_at = match wanted {
        None => {
            check_open(schedule, now)?;
            soonest
        }
        Some(wanted) if wanted < soonest - SKEW => return Err(DueRefusal::TooSoon(soonest)),
        Some(wanted) if wanted > now + SCHEDULE_WINDOW => return Err(DueRefusal::TooFar),
        Some(wanted) if schedule.state(wanted).accepts_orders() => wanted,
        Some(_) => return Err(DueRefusal::OutsideHours),
    };
    let opens = match schedule.state(now) {
        HoursState::Open { .. } => now,
        HoursState::Closed { opens_at } => opens_at.unwrap_or(now),
    };
    let slot_at = slot_of(schedule, target_at, slot_minutes);
    Ok(Due { is_asap: wanted.is_none(), target_at, slot_at, begins_at: opens })
}

fn check_open(schedule: &Schedule, now: DateTime<Utc>) -> Result<(), DueRefusal> {
    let state = schedule.state(now);
    if state.accepts_orders() {
        return Ok(());
    }
    let unpaused = Schedule { paused_until: None, ..schedule.clone() };
    match schedule.paused_until {
        Some(until) if now < until && unpaused.state(now).accepts_orders() => Err(DueRefusal::Paused(until)),
        _ => Err(DueRefusal::Closed(next_opening(schedule, state, now))),
    }
}

/// When orders are taken again.
fn next_opening(schedule: &Schedule, state: HoursState, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match state {
        HoursState::Closed { opens_at } => opens_at,
        // It is there still and takes no orders any more: what comes behind its close.
        HoursState::Open { closes_at, .. } => match schedule.state(closes_at?.max(now)) {
            HoursState::Closed { opens_at } => opens_at,
            HoursState::Open { .. } => closes_at,
        },
    }
}

/// The beginning of the slot, by the clocks of the restaurant.
pub(crate) fn slot_of(schedule: &Schedule, instant: DateTime<Utc>, slot_minutes: u16) -> DateTime<Utc> {
    let local = instant.with_timezone(&schedule.time_zone);
    let into = local.minute() % u32::from(slot_minutes.max(1));
    let seconds = i64::from(into) * 60 + i64::from(local.second());
    instant - TimeDelta::seconds(seconds) - TimeDelta::nanoseconds(local.nanosecond().into())
}
