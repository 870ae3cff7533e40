//! What this service counts.

use metrics::{Unit, counter, describe_counter};

/// Names, units and meanings of all measures.
pub(crate) fn describe() {
    describe_counter!(
        "cart_order_mails_without_address_total",
        Unit::Count,
        "Steps of orders of which nobody was told by mail, because no address is known"
    );
}

pub(crate) fn count_mail_without_address() {
    counter!("cart_order_mails_without_address_total").increment(1);
}
