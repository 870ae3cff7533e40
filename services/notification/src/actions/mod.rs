//! What this service can do: one function for each ability, which owns its transaction. Those that only events call are called
//! by their file.

mod bring_forward;
pub(crate) mod campaign_states;
mod claim_mail;
mod conclude_mail;
pub(crate) mod consent;
mod counts;
mod end_claims;
mod examine_mail;
mod gates;
mod mailbox;
pub(crate) mod record_mail;
mod request_mail;
mod seal;
mod senders;
mod slow_domains;
mod tally;
mod test_mail;
mod trim;
pub(crate) mod unknown_mail;

pub(crate) use bring_forward::{bring_forward_all, bring_forward_misdated};
pub(crate) use campaign_states::{CAMPAIGN_INTERVAL, apply_campaign_states};
pub(crate) use claim_mail::{ClaimedMail, claim_mail, hand_off_mail, let_go_of_mail};
pub(crate) use conclude_mail::{Outcome, conclude_mail};
pub(crate) use consent::{find_subscriber, unsubscribe};
pub(crate) use counts::{Counts, LaneCounts, SlowDomain, count_mails};
pub(crate) use end_claims::{end_claims_of, recover, take_stock};
pub use examine_mail::{MailExamination, examine_mail};
pub(crate) use mailbox::{StoredMessage, deliver_to_mailbox, list_messages, read_message};
pub(crate) use request_mail::request_mail;
pub(crate) use senders::{join_senders, leave_senders};
pub(crate) use slow_domains::follow_slow_domains;
pub(crate) use tally::{TALLY_INTERVAL, tally_campaigns};
pub use test_mail::{MailTestFailed, test_mail};
pub(crate) use trim::trim;
pub(crate) use unknown_mail::retry_unknown;

use std::time::Duration;

/// How long a mail waits that can't leave as we are set up: whoever looks after us may mend that.
const REPAIR_DELAY: Duration = Duration::from_secs(10 * 60);
