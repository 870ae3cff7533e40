//! What this service counts. The count of ambiguous mails is a promise to the operator, so it outlives a restart.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

const AMBIGUOUS: &str = "mail_ambiguous_total";
/// Nobody counts further: while a mail server is away they become many, and they are counted each second.
pub(crate) const MOST_PENDING: u64 = 10_000;

/// Names, units and meanings of all measures.
pub(crate) fn describe() {
    describe_counter!("mail_sent_total", Unit::Count, "Mails that the server has taken");
    describe_counter!("mail_failed_total", Unit::Count, "Mails that were refused for good or given up");
    describe_counter!(AMBIGUOUS, Unit::Count, "Tries after which nobody knows whether the server has the mail");
    describe_gauge!("mail_pending", Unit::Count, "Mails that wait for the server, counted up to 10 000");
    describe_gauge!("mail_commercial_pending", Unit::Count, "Those of them that are commercial, counted up to 10 000");
    describe_gauge!("notification_smtp_up", Unit::Count, "Whether the mail server was reached at the last try: 1 or 0");
}

/// A server has a mail; what goes into the built-in mailbox is not sent.
pub(crate) fn count_sent() {
    counter!("mail_sent_total").increment(1);
}

pub(crate) fn count_failed(mails: u64) {
    counter!("mail_failed_total").increment(mails);
}

pub(crate) fn count_ambiguous() {
    counter!(AMBIGUOUS).increment(1);
}

/// Sets the counter to what the table remembers of earlier processes.
pub(crate) fn remember_ambiguous(count: u64) {
    counter!(AMBIGUOUS).absolute(count);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; no table holds 2^52 mails")]
pub(crate) fn show_pending(mails: u64) {
    gauge!("mail_pending").set(mails as f64);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; nobody counts further than to 10 000")]
pub(crate) fn show_commercial_pending(mails: u64) {
    gauge!("mail_commercial_pending").set(mails as f64);
}

pub(crate) fn show_server(is_up: bool) {
    gauge!("notification_smtp_up").set(f64::from(u8::from(is_up)));
}
