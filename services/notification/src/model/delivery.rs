//! What becomes of a mail after each try: a pure state machine, whatever the transport.
//!
//! ```text
//! pending ─claim→ claimed ─354→ handed_off ─250→ sent
//!    ↑               │              ├─ later → pending      never → failed
//!    └ later, broken ┘              └─ broken → pending once more (transactional), then or else ambiguous
//! ```
//!
//! Which reply means what stands in [`super::verdict`].

use std::fmt;
use std::time::Duration;

use clock::{Backoff, Timestamp};
use contracts::MailClass;

/// How far the dialogue with the server came (RFC 5321, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before we say anything.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    SignIn,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`, until the server says 354.
    Data,
    /// The message itself: from its first byte on, the server may have it.
    Message,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "the greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::SignIn => "AUTH",
            Self::Mail => "MAIL FROM",
            Self::Rcpt => "RCPT TO",
            Self::Data => "DATA",
            Self::Message => "the message",
        })
    }
}

/// Why a dialogue did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setback {
    /// The server does not take it now.
    Later,
    /// The server takes no mail from us: whoever set us up has to mend something.
    Unwelcome,
    /// The server takes this mail never.
    Never,
    /// The connection broke, or no answer came in time.
    Broken,
}

/// What a mail has been through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) class: MailClass,
    /// When it was asked for.
    pub(crate) recorded_at: Timestamp,
    /// How many tries ended without success.
    pub(crate) attempts: u32,
    /// After how many of them the server may have the mail nevertheless.
    pub(crate) ambiguities: u32,
}

/// What happens to a mail after a setback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The server does not have it; it is tried again.
    Retry { at: Timestamp },
    /// Nobody knows whether the server has it; it is sent once more, because its reader needs it.
    Resend { at: Timestamp },
    /// Nobody knows whether the server has it, and that stays so.
    Ambiguous,
    /// The server does not want it, or has had two days to.
    Failed,
}

/// How long a mail is tried. A link in it has ended long before.
pub(crate) const DELIVERY_TIMEOUT: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// No mail waits longer for its next try: the longest pause with its jitter, or a window of its recipient.
pub(crate) const MAX_DELAY: Duration = Duration::from_secs(90 * 60);
/// The pauses between two tries of one mail.
const PAUSES: Backoff = Backoff { first: Duration::from_secs(10), longest: Duration::from_secs(60 * 60) };

/// Decides about a mail that met `setback` in `phase`. `jitter` is from 0 up to 1.
pub(crate) fn after(mail: &Progress, phase: Phase, setback: Setback, now: Timestamp, jitter: f64) -> Next {
    let at = now + PAUSES.pause(mail.attempts.saturating_add(1), jitter);
    let in_time = at <= mail.recorded_at + DELIVERY_TIMEOUT;
    let retry = if in_time { Next::Retry { at } } else { Next::Failed };
    match setback {
        Setback::Never => Next::Failed,
        Setback::Later | Setback::Unwelcome => retry,
        Setback::Broken if phase != Phase::Message => retry,
        Setback::Broken => match mail.class {
            MailClass::Transactional if mail.ambiguities == 0 && in_time => Next::Resend { at },
            MailClass::Transactional | MailClass::Commercial => Next::Ambiguous,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_pause_is_longer_than_the_longest_wait() {
        let longest = PAUSES.pause(u32::MAX, 1.0);

        assert!(longest <= MAX_DELAY && crate::settings::RECIPIENT_WINDOW <= MAX_DELAY);
    }

    const PHASES: [Phase; 4] = [Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Message];
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn fresh(class: MailClass) -> Progress {
        Progress { class, recorded_at: NOW, attempts: 0, ambiguities: 0 }
    }

    fn any_class() -> impl Strategy<Value = MailClass> {
        prop_oneof![Just(MailClass::Transactional), Just(MailClass::Commercial)]
    }

    fn any_setback() -> impl Strategy<Value = (Phase, Setback)> {
        let setback = proptest::sample::select(vec![Setback::Later, Setback::Unwelcome, Setback::Broken]);
        (proptest::sample::select(PHASES.to_vec()), setback)
    }

    #[test]
    fn a_permanent_refusal_is_never_tried_again() {
        for phase in PHASES {
            for class in [MailClass::Transactional, MailClass::Commercial] {
                assert_eq!(after(&fresh(class), phase, Setback::Never, NOW, 0.5), Next::Failed);
            }
        }
    }

    #[test]
    fn a_temporary_refusal_is_tried_again_within_thirty_seconds_at_any_phase() {
        for phase in PHASES {
            for jitter in [0.0, 0.5, 0.999] {
                for setback in [Setback::Later, Setback::Unwelcome] {
                    let next = after(&fresh(MailClass::Commercial), phase, setback, NOW, jitter);
                    assert!(matches!(next, Next::Retry { at } if at <= NOW + Duration::from_secs(30)), "{next:?}");
                }
            }
        }
    }

    #[test]
    fn a_connection_that_breaks_before_the_message_leaves_no_doubt() {
        for phase in [Phase::Mail, Phase::Rcpt, Phase::Data] {
            let next = after(&fresh(MailClass::Commercial), phase, Setback::Broken, NOW, 0.5);
            assert_eq!(next, Next::Retry { at: NOW + Duration::from_secs(10) });
        }
    }

    #[test]
    fn only_what_its_reader_needs_is_sent_once_more_in_doubt() {
        let doubt = |mail: &Progress| after(mail, Phase::Message, Setback::Broken, NOW, 0.5);
        let transactional = fresh(MailClass::Transactional);

        assert_eq!(doubt(&transactional), Next::Resend { at: NOW + Duration::from_secs(10) });
        assert_eq!(doubt(&Progress { attempts: 1, ambiguities: 1, ..transactional }), Next::Ambiguous);
        assert_eq!(doubt(&fresh(MailClass::Commercial)), Next::Ambiguous);
    }

    proptest! {
        #[test]
        fn whatever_happens_a_mail_ends_in_time_and_is_doubled_at_most_once(
            class in any_class(),
            setbacks in proptest::collection::vec((any_setback(), 0.0..1.0), 500),
        ) {
            let mut mail = fresh(class);
            let mut now = NOW;
            let mut ended = false;
            for ((phase, setback), jitter) in setbacks {
                let at = match after(&mail, phase, setback, now, jitter) {
                    Next::Failed | Next::Ambiguous => { ended = true; break }
                    Next::Retry { at } => at,
                    Next::Resend { at } => { mail.ambiguities += 1; at }
                };
                prop_assert!(at > now && at <= now + PAUSES.longest.mul_f64(1.5));
                prop_assert!(at <= NOW + DELIVERY_TIMEOUT);
                now = at;
                mail.attempts += 1;
            }
            prop_assert!(ended);
            let doubled = match class { MailClass::Transactional => 1, MailClass::Commercial => 0 };
            prop_assert!(mail.ambiguities <= doubled);
        }
    }
}
