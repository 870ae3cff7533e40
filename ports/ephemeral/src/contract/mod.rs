//! The definition of the port: facts that every adapter makes true, one public function each.
//!
//! Clauses wait for times to live of at most 50 ms, so a harness may
//! move a clock or really let them pass.

#![expect(clippy::unwrap_used, reason = "a clause that meets an error has failed")]

pub mod crashes;
pub mod feeds;
pub mod swaps;
pub mod values;
pub mod windows;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clock::Timestamp;

use crate::EphemeralStore;

/// The tested kind of store, and power over what surrounds it.
#[async_trait]
pub trait Harness: Send + Sync + Sized {
    /// Whether this run has the servers that it needs; without them no clause is tested.
    fn is_wanted() -> bool;

    /// Begins a clause.
    async fn start() -> Self;

    /// An empty store: whatever stood in the one before is wiped.
    async fn fresh(&self) -> Arc<dyn EphemeralStore>;

    /// The same, for a process whose clock is ahead by `time`. Of a store that counts by a clock of its own, that one is right.
    async fn fresh_ahead(&self, time: Duration) -> Arc<dyn EphemeralStore>;

    /// The store after it was killed without warning and started again.
    async fn crash(&self, store: Arc<dyn EphemeralStore>) -> Arc<dyn EphemeralStore>;

    /// The present instant, by a clock that goes as the store's does.
    fn now(&self) -> Timestamp;

    /// Lets `time` pass, or a little more.
    async fn pass(&self, time: Duration);

    /// Sets the clock of `store` back, which was ahead by `time` when all that stands there was written.
    async fn set_clock_back(&self, store: &dyn EphemeralStore, time: Duration);

    /// Sets the clock of the process back that is ahead by `time`, and has the store do what its upkeep does in the next second.
    async fn set_own_clock_back(&self, time: Duration);
}

/// A test for each clause, on what the [`Harness`] brings: `ephemeral::contract!(Folders)` in a module of its own, which names
/// the adapter.
#[macro_export]
macro_rules! contract {
    ($harness:ty) => {
        testkit::clauses! {
            $crate $harness;
            values {
                a_value_is_read_as_it_was_put,
                keys_are_apart_however_odd,
                an_empty_value_is_not_an_absent_one,
                a_put_replaces_value_and_time_to_live,
                a_value_is_gone_when_its_time_to_live_ends,
                a_value_without_time_to_live_is_gone_at_once,
                what_a_process_put_whose_clock_was_ahead_has_its_time,
            }
            swaps {
                claiming_succeeds_where_nothing_stands,
                taking_removes_and_succeeds_once,
                replacing_needs_what_stands_there,
                a_swap_sets_a_new_time_to_live,
                an_expired_value_counts_as_absent_in_a_swap,
                a_hundred_claims_at_once_have_one_winner,
                a_hundred_replacements_at_once_have_one_winner,
                a_hundred_updates_at_once_lose_none,
            }
            windows {
                a_window_takes_as_many_members_as_its_limit,
                a_full_window_says_when_the_next_member_fits,
                a_member_counted_again_counts_once_and_is_renewed,
                members_leave_a_window_one_by_one,
                a_member_given_back_makes_room,
                a_window_given_back_is_empty,
                two_hundred_counts_at_once_take_exactly_the_limit,
                a_key_that_counts_holds_no_value,
                a_key_that_holds_a_value_does_not_count,
                a_put_replaces_a_window,
                what_a_clock_counted_that_was_ahead_keeps_nobody_out,
            }
            feeds {
                a_feed_is_read_in_the_order_it_was_appended,
                a_feed_is_followed_from_a_position,
                feeds_are_apart,
                a_long_feed_is_read_page_by_page,
                an_append_wakes_all_followers,
                a_follower_without_news_is_answered_after_its_wait,
                entries_trimmed_unread_are_a_gap,
                entries_trimmed_after_they_were_read_are_no_gap,
                a_wiped_feed_is_a_gap,
                the_start_never_has_a_gap,
                a_long_feed_is_read_on_after_a_crash,
                what_a_clock_appended_that_was_ahead_goes_with_what_comes_behind,
                what_a_clock_appended_that_was_ahead_has_its_time,
            }
            crashes {
                what_was_answered_survives_a_crash,
                a_feed_goes_on_after_a_crash,
                a_store_that_was_started_again_has_another_incarnation,
            }
        }
    };
}

/// The longest time to live that a clause waits for.
const SHORT: Duration = Duration::from_millis(50);
/// A time to live that ends in no clause.
const LONG: Duration = Duration::from_secs(3600);
/// How far a clock is set back; no time to live is as long.
const AHEAD: Duration = Duration::from_secs(10 * 3600);

/// Does `attempt` until one took less than `limit`. Only then does it prove anything about what stands for `limit`: a
/// busy machine lets more real time pass than it was asked to.
async fn within<T>(harness: &impl Harness, limit: Duration, attempt: impl AsyncFn() -> T) -> T {
    for _ in 0..100 {
        let start = harness.now();
        let result = attempt().await;
        if harness.now() < start + limit {
            return result;
        }
    }
    panic!("this machine never managed within {limit:?}");
}
