//! What the bus measures, described once for whoever reads the numbers.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Names, units and meanings of all measures.
pub(crate) fn describe() {
    describe_gauge!(
        "bus_outbox_pending",
        Unit::Count,
        "Events not yet relayed, counted up to 10 000, or not taken by every consumer here"
    );
    describe_gauge!(
        "bus_outbox_oldest_seconds",
        Unit::Seconds,
        "Age of the oldest of them: how far the relay is behind"
    );
    describe_counter!("bus_relay_published_total", Unit::Count, "Events that Kafka acknowledged to the relay");
    describe_gauge!("bus_consumer_lag_records", Unit::Count, "Events that a consumer has not taken");
    describe_gauge!("bus_consumer_lag_seconds", Unit::Seconds, "Age of the oldest of them");
    describe_histogram!("bus_event_age_seconds", Unit::Seconds, "From recording an event to its committed effect");
    describe_counter!("bus_inbox_duplicates_total", Unit::Count, "Deliveries of events that were known already");
    describe_gauge!("bus_parked_keys", Unit::Count, "Keys whose first event waits for another try");
    describe_gauge!("bus_dead_letters", Unit::Count, "Open dead letters, by why the event was given up");
    describe_counter!(
        "bus_polls_total",
        Unit::Count,
        "Queries for something to do: in the log, of what is parked, of fan-outs"
    );
    describe_gauge!("bus_kafka_up", Unit::Count, "Whether Kafka answers: 1 or 0");
}

/// Counts a query of `consumer` for something to do, in one of a few places.
pub(crate) fn count_poll(consumer: &'static str, place: &'static str) {
    metrics::counter!("bus_polls_total", "consumer" => consumer, "place" => place).increment(1);
}
