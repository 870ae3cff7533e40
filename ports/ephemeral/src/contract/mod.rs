//! The definition of the port: facts that every adapter makes true, one public function each.
//!
//! An adapter's tests hand [`run_all`] a [`Harness`]. Clauses wait for times to live of at most 50 ms, so a harness may
//! move a clock or really let them pass.

#![expect(clippy::unwrap_used, reason = "a clause that meets an error has failed")]

mod crashes;
mod feeds;
mod swaps;
mod values;
mod windows;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clock::Timestamp;

use crate::EphemeralStore;

pub use crashes::*;
pub use feeds::*;
pub use swaps::*;
pub use values::*;
pub use windows::*;

/// The tested kind of store, and power over what surrounds it.
#[async_trait]
pub trait Harness: Send + Sync {
    /// An empty store: whatever stood in the one before is wiped.
    async fn fresh(&self) -> Arc<dyn EphemeralStore>;

    /// The store after it was killed without warning and started again.
    async fn crash(&self, store: Arc<dyn EphemeralStore>) -> Arc<dyn EphemeralStore>;

    /// The present instant, by a clock that goes as the store's does.
    fn now(&self) -> Timestamp;

    /// Lets `time` pass, or a little more.
    async fn pass(&self, time: Duration);
}

/// Runs every clause, one after the other.
pub async fn run_all(harness: &dyn Harness) {
    a_value_is_read_as_it_was_put(harness).await;
    keys_are_apart_however_odd(harness).await;
    an_empty_value_is_not_an_absent_one(harness).await;
    a_put_replaces_value_and_time_to_live(harness).await;
    a_value_is_gone_when_its_time_to_live_ends(harness).await;
    a_value_without_time_to_live_is_gone_at_once(harness).await;

    claiming_succeeds_where_nothing_stands(harness).await;
    taking_removes_and_succeeds_once(harness).await;
    replacing_needs_what_stands_there(harness).await;
    a_swap_sets_a_new_time_to_live(harness).await;
    an_expired_value_counts_as_absent_in_a_swap(harness).await;
    a_hundred_claims_at_once_have_one_winner(harness).await;
    a_hundred_replacements_at_once_have_one_winner(harness).await;

    a_window_takes_as_many_members_as_its_limit(harness).await;
    a_full_window_says_when_the_next_member_fits(harness).await;
    a_member_counted_again_counts_once_and_is_renewed(harness).await;
    members_leave_a_window_one_by_one(harness).await;
    a_member_given_back_makes_room(harness).await;
    a_window_given_back_is_empty(harness).await;
    two_hundred_counts_at_once_take_exactly_the_limit(harness).await;
    a_key_that_counts_holds_no_value(harness).await;
    a_key_that_holds_a_value_does_not_count(harness).await;
    a_put_replaces_a_window(harness).await;

    a_feed_is_read_in_the_order_it_was_appended(harness).await;
    a_feed_is_followed_from_a_position(harness).await;
    feeds_are_apart(harness).await;
    a_long_feed_is_read_page_by_page(harness).await;
    an_append_wakes_all_followers(harness).await;
    a_follower_without_news_is_answered_after_its_wait(harness).await;
    entries_trimmed_unread_are_a_gap(harness).await;
    entries_trimmed_after_they_were_read_are_no_gap(harness).await;
    a_wiped_feed_is_a_gap(harness).await;
    the_start_never_has_a_gap(harness).await;

    what_was_answered_survives_a_crash(harness).await;
    a_feed_goes_on_after_a_crash(harness).await;
    a_long_feed_is_read_on_after_a_crash(harness).await;
    a_store_that_was_started_again_has_another_incarnation(harness).await;
}

/// The longest time to live that a clause waits for.
const SHORT: Duration = Duration::from_millis(50);
/// A time to live that ends in no clause.
const LONG: Duration = Duration::from_secs(3600);

/// Does `attempt` until one took less than `limit`. Only then does it prove anything about what stands for `limit`: a
/// busy machine lets more real time pass than it was asked to.
async fn within<T>(harness: &dyn Harness, limit: Duration, attempt: impl AsyncFn() -> T) -> T {
    for _ in 0..100 {
        let start = harness.now();
        let result = attempt().await;
        if harness.now() < start + limit {
            return result;
        }
    }
    panic!("this machine never managed within {limit:?}");
}
