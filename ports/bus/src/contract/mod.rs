//! What every bus promises, as tests that each adapter runs unchanged: this suite is the definition of the port.

#![expect(clippy::unwrap_used, reason = "a clause that meets an error has failed")]
#![expect(missing_docs, reason = "the name of a clause is the sentence that it proves")]

pub mod after_commit;
pub mod dead_letters;
pub mod effects;
mod events;
pub mod fan_outs;
mod fixture;
pub mod maintenance;
pub mod parking;
mod recorder;
pub mod refusals;
pub mod secrets;

use std::time::Duration;

use async_trait::async_trait;
use database::Database;

use crate::BusUrl;

pub use events::TOPICS;

/// What an adapter brings to the suite.
#[async_trait]
pub trait Harness: Send + Sync + Sized {
    /// Whether this run has the servers that it needs; without them no clause is tested.
    fn is_wanted() -> bool;

    /// A bus that nobody has used, on a database with the tables of the bus.
    async fn fresh() -> Self;

    /// Where its events travel.
    fn url(&self) -> BusUrl;

    /// The database as this process has it open.
    fn database(&self) -> &Database;

    /// The database as another process opens it.
    async fn connect(&self) -> Database;

    /// Loses the connections as a process does that dies, and opens new ones.
    async fn reconnect(&mut self);

    /// Lets time pass.
    fn pass(&self, time: Duration);

    /// Sets the clock back.
    fn set_back(&self, time: Duration);

    /// Makes the next start deliver everything again that is still there.
    async fn rewind(&self);

    /// All bytes that the bus keeps on disk.
    fn at_rest(&self) -> Vec<u8>;
}

/// A test for each clause, on what the [`Harness`] brings: `bus::contract!(OverKafka<TempDir>)` in a module of its own, which
/// names the adapter.
#[macro_export]
macro_rules! contract {
    ($harness:ty) => {
        testkit::clauses! {
            $crate $harness;
            effects {
                events_of_one_key_have_their_effects_in_order,
                what_was_rolled_back_is_never_heard,
                what_was_recorded_while_nobody_ran_is_heard,
                every_consumer_hears_every_event,
                a_consumer_hears_several_topics,
                one_of_many_that_fails_takes_nothing_from_the_others,
                one_of_many_that_takes_long_loses_none_of_the_others,
                a_death_before_the_commit_leaves_one_effect,
                a_death_after_the_commit_leaves_one_effect_and_finishes_it,
                what_is_delivered_again_has_no_second_effect,
                what_a_consumer_records_commits_with_its_effect,
                a_stop_lets_the_event_at_hand_finish,
                an_event_is_heard_in_the_trace_of_its_cause,
                a_backlog_drains,
                what_is_recorded_while_consumers_poll_is_heard_at_once,
                a_transaction_records_a_thousand_events_at_most,
            }
            parking {
                a_failing_event_holds_its_own_key_alone,
                what_waited_flows_in_order_once_the_event_succeeds,
                an_event_is_not_tried_before_its_time,
                an_event_is_tried_as_soon_as_its_time_has_come,
                a_panic_is_a_failure,
                an_event_that_always_fails_becomes_a_dead_letter,
                a_death_while_retrying_leaves_one_effect,
                a_death_after_the_commit_of_a_retry_finishes_it_again,
                what_waits_is_tried_when_the_clock_is_set_back,
                what_waits_for_longer_than_anything_does_is_tried_by_the_next_process,
            }
            refusals {
                an_event_whose_statements_are_refused_holds_its_own_key_alone,
                an_event_whose_statements_are_always_refused_becomes_a_dead_letter,
                a_row_that_somebody_keeps_locked_holds_up_no_other_key,
                who_is_overtaken_hears_again_at_once,
                while_nothing_can_be_written_nothing_is_parked_or_lost,
                once_everything_can_be_written_again_it_goes_on_though_the_clock_stands_still,
                while_another_process_relays_this_one_does_not,
                what_cannot_be_parsed_becomes_a_dead_letter_whatever_it_holds,
                a_letter_that_cannot_be_written_is_written_without_the_words_of_others,
            }
            after_commit {
                what_follows_the_commit_is_repeated_until_it_succeeds_and_the_effect_is_not,
                an_event_that_does_not_finish_holds_its_own_key_alone,
                what_follows_the_commit_is_never_given_up,
                what_was_finished_is_finished_again_when_delivered_again,
                what_waits_to_finish_is_left_alone_when_delivered_again,
            }
            dead_letters {
                a_refused_event_becomes_a_dead_letter_at_once,
                what_cannot_be_parsed_becomes_a_dead_letter,
                a_dead_letter_shows_its_event_and_trace,
                a_replayed_event_goes_to_the_failed_consumer_alone_and_once,
                a_replayed_event_waits_behind_its_key,
                a_replayed_event_may_fail_again,
                replayed_events_of_one_key_keep_their_order,
                many_letters_are_replayed_in_batches,
                a_replay_leaves_alone_what_is_given_up_meanwhile,
                a_dry_run_reports_exactly_what_would_happen_and_changes_nothing,
                a_discarded_letter_stays_discarded_and_shows_by_whom,
                what_is_not_open_is_not_closed_again,
                letters_are_filtered,
                letters_are_listed_slice_by_slice,
                a_replay_from_another_process_is_noticed,
                what_a_consumer_gives_up_later_is_replayed_like_every_other,
            }
            secrets {
                a_secret_is_sealed_at_rest_and_gone_after_consumption,
                a_parked_secret_is_sealed,
                a_dead_letter_shows_no_secret_and_replays_it,
                a_closed_letter_holds_no_secret,
            }
            maintenance {
                events_leave_the_outbox_once_every_consumer_has_taken_them,
                who_begins_to_hear_within_fourteen_days_hears_what_waited,
                events_that_nobody_hears_leave_after_fourteen_days,
                the_inbox_forgets_after_fourteen_days,
                the_inbox_keeps_what_a_dead_letter_names_and_a_letter_stays_for_90_days,
                the_inbox_keeps_what_waits_to_finish_however_long,
                a_part_of_the_maintenance_that_fails_keeps_none_of_the_others,
                what_is_older_than_the_inbox_remembers_is_heard_only_if_it_can_not_come_again,
                the_status_counts_what_waits,
                a_consumer_knows_until_when_it_has_heard,
                dead_letters_are_counted_by_why_the_event_was_given_up,
            }
            fan_outs {
                each_event_of_a_fan_out_is_heard_once,
                a_chunk_that_fails_is_recorded_later_and_whole,
                a_fan_out_goes_on_where_a_dead_process_left_it,
                a_fan_out_keeps_its_pace_and_stands_while_it_is_paused,
                a_fan_out_that_is_cancelled_records_nothing_more,
                a_fan_out_that_waits_goes_on_when_the_clock_is_set_back,
                a_fan_out_that_waits_for_longer_than_anything_does_goes_on_in_the_next_process,
            }
        }
    };
}
