//! Which refresh token of a session is still good: retries converge, a stolen copy ends the session.
//!
//! [`rotate`] decides by what stands at `refresh:<session id>`; [`rebuild`] by the ledger when nothing stands there any
//! more. Neither reads or writes; the caller carries out what they say. What they promise is proven in `theorem`.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::TimeDelta;
use clock::Timestamp;
use contracts::UserId;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::device::DeviceId;
use super::refresh_token::Generation;

#[cfg(test)]
mod theorem;

/// So long after a rotation its parent may come again without an attempt key: a client that retries at once.
const RETRY_WINDOW: TimeDelta = TimeDelta::seconds(10);
/// A rotation this far ahead of its retry was done by another process, whose clock goes before; further ahead, by a clock that
/// was set right since, and then nobody knows how long ago.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// So many of its last writes may a store lose in a crash without anybody being signed out.
const LOST_WRITES: i64 = 3;
/// The ledger learns a generation after so many rotations …
const CHECKPOINT_EVERY: i64 = 8;
/// … and at the latest after so much time, so that it also says for how long a session was idle.
pub(crate) const CHECKPOINT_AGE: TimeDelta = TimeDelta::hours(24);
/// A session that was used further ahead of now than this was so by a clock that is set right since. It ends: for how long it
/// lies idle is not known, and it would outlive every other one.
pub(crate) const MISDATED_TOLERANCE: TimeDelta = CHECKPOINT_AGE;

/// A digest of the `Idempotency-Key` of one attempt to refresh: whoever sends it again is the client that sent it first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct AttemptKey(String);

impl AttemptKey {
    /// The digest of the header's value.
    pub(crate) fn of(idempotency_key: &str) -> Self {
        Self(BASE64URL_NOPAD.encode(digest(&SHA256, idempotency_key.as_bytes()).as_ref()))
    }
}

/// What stands at `refresh:<session id>`. No token can be made of it: the key of the MAC is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefreshState {
    /// Whose session it is.
    pub(crate) user_id: UserId,
    /// On which device; absent when the client keeps no cookies.
    pub(crate) device_id: Option<DeviceId>,
    /// The newest token that was minted, the one to present next.
    pub(crate) generation: Generation,
    /// When it was minted.
    pub(crate) rotated_at: Timestamp,
    /// The attempt that it answered.
    pub(crate) attempt: Option<AttemptKey>,
    /// What the ledger knows at least.
    pub(crate) checkpoint: Checkpoint,
    /// When the session ends however busy it is.
    pub(crate) ends_at: Timestamp,
}

/// A generation that its holder presented, as the ledger knows it.
///
/// It is the presented one and not its successor: should the answer and the store both be lost, the client still holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// The presented generation.
    pub(crate) generation: Generation,
    /// When it was presented.
    pub(crate) at: Timestamp,
}

/// What the database knows of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// Whose session it is.
    pub(crate) user_id: UserId,
    /// On which device.
    pub(crate) device_id: Option<DeviceId>,
    /// The last that was written there, unless it knew of a later generation already.
    pub(crate) checkpoint: Checkpoint,
    /// When the session ends however busy it is.
    pub(crate) ends_at: Timestamp,
    /// Whether it was ended before.
    pub(crate) revoked: bool,
}

/// A refresh token of the session, as it came in with a good MAC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presented {
    /// Its generation.
    pub(crate) generation: Generation,
    /// The attempt that it came with.
    pub(crate) attempt: Option<AttemptKey>,
    /// When it came.
    pub(crate) at: Timestamp,
}

/// What is to be done with a presented token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// Write the checkpoint to the ledger if there is one, *then* put `state` in place of what was read, then mint its
    /// generation. In another order, a crash in between could cost the session when the store is wiped later.
    Advance {
        /// What shall stand at `refresh:<session id>`.
        state: RefreshState,
        /// What the ledger must know before.
        checkpoint: Option<Checkpoint>,
    },
    /// It is a retry: mint this generation again and write nothing.
    Repeat {
        /// The generation that the first attempt was answered.
        generation: Generation,
    },
    /// Two parties use the session: end it at once and notify its user.
    Reuse,
    /// The ledger came back older than a token that we minted, so it does not know who may use the session: end it, and call
    /// nobody a thief.
    Lost,
    /// The session is over already.
    Ended,
}

/// What to do with `presented` by what stands at `refresh:<session id>`.
pub(crate) fn rotate(state: &RefreshState, presented: &Presented) -> Rotation {
    if presented.at >= state.ends_at || is_misdated(state.rotated_at, presented) {
        return Rotation::Ended;
    }
    match presented.generation.ahead_of(state.generation) {
        // Ahead of the newest that the store knows: we minted it, so the store has lost our last writes.
        0..=LOST_WRITES => state.advance(presented),
        -1 if state.is_retry(presented) => Rotation::Repeat { generation: state.generation },
        _ => Rotation::Reuse,
    }
}

/// What to do with `presented` when nothing stands at `refresh:<session id>`: the session was `idle` for too long, was
/// revoked, or the store was wiped, and only in the last case it goes on.
pub(crate) fn rebuild(ledger: &Ledger, presented: &Presented, idle: Duration) -> Rotation {
    let idle_at = ledger.checkpoint.at + idle + CHECKPOINT_AGE;
    let is_over = ledger.revoked || presented.at >= ledger.ends_at || presented.at >= idle_at;
    if is_over || is_misdated(ledger.checkpoint.at, presented) {
        return Rotation::Ended;
    }
    match presented.generation.ahead_of(ledger.checkpoint.generation) {
        ..0 => Rotation::Reuse,
        ahead if ahead > CHECKPOINT_EVERY + LOST_WRITES => Rotation::Lost,
        _ => ledger.state().advance(presented),
    }
}

impl RefreshState {
    /// The state of a session that begins `now`, with the token of [`Generation::FIRST`].
    pub(crate) fn begin(user_id: UserId, device_id: Option<DeviceId>, now: Timestamp, ends_at: Timestamp) -> Self {
        let checkpoint = Checkpoint { generation: Generation::FIRST, at: now };
        Self { user_id, device_id, generation: Generation::FIRST, rotated_at: now, attempt: None, checkpoint, ends_at }
    }

    /// For how long it stands after its rotation, when a session may be `idle` for so long: a day longer than the session
    /// lives. Would it go earlier, [`rebuild`] could not distinguish what is over from what was lost.
    pub(crate) fn ttl(&self, idle: Duration) -> Duration {
        let left = (self.ends_at - self.rotated_at).to_std().unwrap_or_default();
        left.min(idle) + CHECKPOINT_AGE.to_std().unwrap_or_default()
    }

    /// Whether nobody used the session for `idle` when `at` has come.
    pub(crate) fn is_idle(&self, at: Timestamp, idle: Duration) -> bool {
        at >= self.rotated_at + idle
    }

    fn advance(&self, presented: &Presented) -> Rotation {
        let behind = presented.generation.ahead_of(self.checkpoint.generation);
        let is_due = behind >= CHECKPOINT_EVERY || presented.at - self.checkpoint.at >= CHECKPOINT_AGE;
        let checkpoint = is_due.then_some(Checkpoint { generation: presented.generation, at: presented.at });
        let state = Self {
            generation: presented.generation.next(),
            rotated_at: presented.at,
            attempt: presented.attempt.clone(),
            checkpoint: checkpoint.unwrap_or(self.checkpoint),
            ..self.clone()
        };
        Rotation::Advance { state, checkpoint }
    }

    /// Whether the parent that is `presented` comes from the client that the newest token was minted for.
    fn is_retry(&self, presented: &Presented) -> bool {
        let is_same_attempt = presented.attempt.is_some() && presented.attempt == self.attempt;
        is_same_attempt || (-SKEW..=RETRY_WINDOW).contains(&(presented.at - self.rotated_at))
    }
}

/// Whether a session that was used at `used_at` was so by a clock that was far ahead of the one that shows `presented`.
fn is_misdated(used_at: Timestamp, presented: &Presented) -> bool {
    used_at > presented.at + MISDATED_TOLERANCE
}

impl Ledger {
    fn state(&self) -> RefreshState {
        RefreshState {
            user_id: self.user_id,
            device_id: self.device_id,
            generation: self.checkpoint.generation,
            rotated_at: self.checkpoint.at,
            attempt: None,
            checkpoint: self.checkpoint,
            ends_at: self.ends_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const IDLE: Duration = Duration::from_secs(30 * 24 * 3600);

    /// A session that is at `generation` since the beginning of time, and lives for 180 days.
    fn state(generation: u32) -> RefreshState {
        let now = Timestamp::UNIX_EPOCH;
        let begun = RefreshState::begin(UserId(Uuid::nil()), None, now, now + TimeDelta::days(180));
        RefreshState { generation: Generation(generation), attempt: Some(AttemptKey::of("first")), ..begun }
    }

    fn ledger(generation: u32) -> Ledger {
        let RefreshState { user_id, device_id, ends_at, checkpoint, .. } = state(0);
        let checkpoint = Checkpoint { generation: Generation(generation), ..checkpoint };
        Ledger { user_id, device_id, checkpoint, ends_at, revoked: false }
    }

    fn presented(generation: u32, attempt: Option<&str>, after: TimeDelta) -> Presented {
        let attempt = attempt.map(AttemptKey::of);
        Presented { generation: Generation(generation), attempt, at: Timestamp::UNIX_EPOCH + after }
    }

    /// The generation that is minted, if any is.
    fn minted(rotation: &Rotation) -> Option<u32> {
        match rotation {
            Rotation::Advance { state, .. } => Some(state.generation.0),
            Rotation::Repeat { generation } => Some(generation.0),
            Rotation::Reuse | Rotation::Lost | Rotation::Ended => None,
        }
    }

    #[test]
    fn the_newest_token_advances_and_remembers_its_attempt() {
        let now = presented(5, Some("second"), TimeDelta::hours(1));

        let rotation = rotate(&state(5), &now);

        let Rotation::Advance { state: next, checkpoint: None } = rotation else { panic!("{rotation:?}") };
        let expected = RefreshState { generation: Generation(6), rotated_at: now.at, attempt: now.attempt, ..state(5) };
        assert_eq!(next, expected);
    }

    #[test]
    fn the_parent_is_repeated_for_its_attempt_or_within_ten_seconds() {
        let answer = |attempt, after| rotate(&state(5), &presented(4, attempt, after));
        let repeat = Rotation::Repeat { generation: Generation(5) };

        assert_eq!(answer(Some("first"), TimeDelta::days(20)), repeat);
        assert_eq!(answer(Some("other"), TimeDelta::seconds(10)), repeat);
        assert_eq!(answer(None, TimeDelta::seconds(10)), repeat);
        assert_eq!(answer(Some("other"), TimeDelta::milliseconds(10_001)), Rotation::Reuse);
        assert_eq!(answer(None, TimeDelta::milliseconds(10_001)), Rotation::Reuse);
    }

    #[test]
    fn a_rotation_by_a_clock_that_was_ahead_is_retried_within_the_skew_of_two_clocks_or_by_its_attempt() {
        let answer = |attempt, before: TimeDelta| rotate(&state(5), &presented(4, attempt, -before));
        let repeat = Rotation::Repeat { generation: Generation(5) };

        assert_eq!(answer(None, TimeDelta::seconds(60)), repeat);
        assert_eq!(answer(None, TimeDelta::milliseconds(60_001)), Rotation::Reuse);
        assert_eq!(answer(Some("first"), TimeDelta::hours(2)), repeat);
    }

    #[test]
    fn a_session_that_was_used_days_ahead_is_over() {
        let hours_ahead = presented(5, None, -TimeDelta::hours(24));
        let years_ahead = presented(5, None, -TimeDelta::days(20 * 365));

        let by_state = [&hours_ahead, &years_ahead].map(|now| minted(&rotate(&state(5), now)));
        let by_ledger = [&hours_ahead, &years_ahead].map(|now| minted(&rebuild(&ledger(5), now, IDLE)));

        assert_eq!((by_state, by_ledger), ([Some(6), None], [Some(6), None]));
        assert_eq!(rotate(&state(5), &years_ahead), Rotation::Ended);
    }

    #[test]
    fn anything_older_than_the_parent_is_reuse() {
        assert_eq!(rotate(&state(5), &presented(3, Some("first"), TimeDelta::zero())), Rotation::Reuse);
    }

    #[test]
    fn up_to_three_lost_writes_are_caught_up_with() {
        let answer = |generation| rotate(&state(5), &presented(generation, None, TimeDelta::hours(1)));

        assert_eq!(minted(&answer(8)), Some(9));
        assert_eq!(answer(9), Rotation::Reuse);
    }

    #[test]
    fn nothing_is_answered_after_the_end() {
        let answer = |after| rotate(&state(5), &presented(5, None, after));

        assert_eq!(minted(&answer(TimeDelta::days(180) - TimeDelta::seconds(1))), Some(6));
        assert_eq!(answer(TimeDelta::days(180)), Rotation::Ended);
    }

    #[test]
    fn the_ledger_learns_what_was_presented_every_eight_rotations_and_every_day() {
        let checkpoint = |generation, after| match rotate(&state(generation), &presented(generation, None, after)) {
            Rotation::Advance { checkpoint, .. } => checkpoint.map(|checkpoint| checkpoint.generation.0),
            Rotation::Repeat { .. } | Rotation::Reuse | Rotation::Lost | Rotation::Ended => {
                panic!("it is the newest token")
            }
        };

        assert_eq!(checkpoint(7, TimeDelta::hours(23)), None);
        assert_eq!(checkpoint(8, TimeDelta::hours(23)), Some(8));
        assert_eq!(checkpoint(1, TimeDelta::hours(24)), Some(1));
    }

    #[test]
    fn a_wiped_store_is_rebuilt_from_the_ledger() {
        let answer = |generation| rebuild(&ledger(16), &presented(generation, None, TimeDelta::hours(1)), IDLE);

        assert_eq!(answer(15), Rotation::Reuse);
        assert_eq!(minted(&answer(16)), Some(17));
        assert_eq!(minted(&answer(27)), Some(28));
        assert_eq!(answer(28), Rotation::Lost);
    }

    #[test]
    fn what_is_over_is_not_rebuilt() {
        let revoked = Ledger { revoked: true, ..ledger(0) };
        let ended = Ledger { ends_at: Timestamp::UNIX_EPOCH + TimeDelta::hours(1), ..ledger(0) };
        let answer = |ledger: Ledger, after| rebuild(&ledger, &presented(0, None, after), IDLE);

        assert_eq!(answer(revoked, TimeDelta::zero()), Rotation::Ended);
        assert_eq!(answer(ended, TimeDelta::hours(1)), Rotation::Ended);
        assert_eq!(answer(ledger(0), TimeDelta::days(31)), Rotation::Ended);
        assert_eq!(minted(&answer(ledger(0), TimeDelta::days(31) - TimeDelta::seconds(1))), Some(1));
    }

    #[test]
    fn a_state_stands_for_a_day_longer_than_its_session() {
        let day = Duration::from_secs(24 * 3600);
        let old = RefreshState { rotated_at: state(5).ends_at - TimeDelta::hours(1), ..state(5) };

        assert_eq!(state(5).ttl(IDLE), IDLE + day);
        assert_eq!(old.ttl(IDLE), Duration::from_secs(3600) + day);
    }
}
