//! What this service counts. The count of ambiguous mails is a promise to the operator, so it outlives a restart.

use metrics::{counter, gauge};

const AMBIGUOUS: &str = "mail_ambiguous_total";

pub(crate) fn mail_is_sent() {
    counter!("mail_sent_total").increment(1);
}

pub(crate) fn mails_have_failed(mails: u64) {
    counter!("mail_failed_total").increment(mails);
}

pub(crate) fn mail_is_ambiguous() {
    counter!(AMBIGUOUS).increment(1);
}

/// Sets the counter to what the table remembers of earlier processes.
pub(crate) fn ambiguities_so_far(count: u64) {
    counter!(AMBIGUOUS).absolute(count);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; no table holds 2^52 mails")]
pub(crate) fn mails_are_waiting(mails: u64) {
    gauge!("mail_pending").set(mails as f64);
}

pub(crate) fn server_is_up(is_up: bool) {
    gauge!("notification_smtp_up").set(f64::from(u8::from(is_up)));
}
