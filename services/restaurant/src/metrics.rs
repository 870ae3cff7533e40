//! What this service counts.

use chrono::TimeDelta;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

/// Names, units and meanings of all measures.
pub(crate) fn describe() {
    describe_gauge!("restaurant_index_restaurants", Unit::Count, "Restaurants that a search can find");
    describe_gauge!("restaurant_index_bytes", Unit::Bytes, "About what their index takes");
    describe_counter!("restaurant_index_reads_total", Unit::Count, "Restaurants that were read again for the index");
    describe_counter!("restaurant_index_rebuilds_total", Unit::Count, "Times that the index was built anew");
    describe_histogram!(
        "restaurant_index_change_age_seconds",
        Unit::Seconds,
        "Time from a change of a restaurant until a search finds it"
    );
}

pub(crate) fn count_read(restaurants: usize) {
    counter!("restaurant_index_reads_total").increment(restaurants as u64);
}

pub(crate) fn count_rebuilt() {
    counter!("restaurant_index_rebuilds_total").increment(1);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; no memory holds 2^52 bytes")]
pub(crate) fn show_index(restaurants: usize, bytes: usize) {
    gauge!("restaurant_index_restaurants").set(restaurants as f64);
    gauge!("restaurant_index_bytes").set(bytes as f64);
}

/// Clocks may be apart.
pub(crate) fn show_age(age: TimeDelta) {
    histogram!("restaurant_index_change_age_seconds").record(age.as_seconds_f64().max(0.0));
}
