//! What the server's reply means for the mail and for us: one table for each phase and class of codes (RFC 5321, section
//! 4.2; RFC 3463 for the enhanced code). The text of a reply means nothing.

use std::str::FromStr;

use contracts::MailClass;

use super::delivery::{Phase, Setback};

/// What the server answered: `550 5.7.1` is code 550 with the subject 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReplyCode {
    pub(crate) code: u16,
    /// The second and the third number of the enhanced code, if there is one.
    pub(crate) enhanced: Option<(u16, u16)>,
}

/// Why a server refused a mail for good, as far as its codes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalCause {
    /// The mailbox does not exist.
    NoMailbox,
    /// The server's policy: what it thinks of us or of what the mail says.
    Policy,
}

impl RefusalCause {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoMailbox => "bounced",
            Self::Policy => "refused",
        }
    }
}

/// No server refuses for a reason of this name.
#[derive(Debug, thiserror::Error)]
#[error("no cause of a refusal")]
pub(crate) struct UnknownCause;

impl FromStr for RefusalCause {
    type Err = UnknownCause;

    fn from_str(word: &str) -> Result<Self, UnknownCause> {
        let causes = [Self::NoMailbox, Self::Policy];
        causes.into_iter().find(|cause| cause.as_str() == word).ok_or(UnknownCause)
    }
}

impl ReplyCode {
    pub(crate) fn is_positive(self) -> bool {
        (200..300).contains(&self.code)
    }

    /// Whether the server closes the connection after it (RFC 5321, section 3.8).
    pub(crate) fn closes(self) -> bool {
        self.code == 421
    }

    /// The second number of the enhanced code.
    fn subject(self) -> Option<u16> {
        self.enhanced.map(|(subject, _)| subject)
    }
}

/// Whether the dialogue goes on, and if not, why.
///
/// | phase                     | goes on | 4xx   | 5xx                                                         |
/// |---------------------------|---------|-------|-------------------------------------------------------------|
/// | greeting, EHLO, STARTTLS  | 2xx     | later | we are unwelcome                                            |
/// | sign-in                   | 2xx     | later | we are unwelcome: a wrong password                          |
/// | MAIL FROM                 | 2xx     | later | we are unwelcome: the recipient is not named yet            |
/// | RCPT TO, DATA             | 2xx 354 | later | sign-in wanted: unwelcome; our command or policy: later; else never |
/// | the message               | 2xx     | later | sign-in wanted: unwelcome; else never                       |
///
/// Every other code is no answer to what was said: after it the connection is worth nothing.
pub(crate) fn judge(phase: Phase, reply: ReplyCode) -> Result<(), Setback> {
    match reply.code {
        300..400 if phase == Phase::Data => Ok(()),
        200..300 if phase != Phase::Data => Ok(()),
        400..500 => Err(Setback::Later),
        500..600 => Err(refused(phase, reply)),
        _ => Err(Setback::Broken),
    }
}

fn refused(phase: Phase, reply: ReplyCode) -> Setback {
    match phase {
        Phase::Greeting | Phase::Hello | Phase::StartTls | Phase::SignIn | Phase::Mail => Setback::Unwelcome,
        Phase::Rcpt | Phase::Data if wants_sign_in(reply.code) => Setback::Unwelcome,
        Phase::Rcpt | Phase::Data if is_about_us(reply) => Setback::Later,
        Phase::Message if wants_sign_in(reply.code) => Setback::Unwelcome,
        Phase::Rcpt | Phase::Data | Phase::Message => Setback::Never,
    }
}

/// Why a mail was refused that got `reply` in `phase`: its recipient is named by then.
pub(crate) fn refusal_cause(phase: Phase, reply: ReplyCode) -> Option<RefusalCause> {
    let is_permanent = (500..600).contains(&reply.code) && !wants_sign_in(reply.code);
    match (phase, reply.enhanced) {
        (Phase::Rcpt, Some((1, 1))) if is_permanent => Some(RefusalCause::NoMailbox),
        (Phase::Rcpt | Phase::Data | Phase::Message, Some((7, _))) if is_permanent => Some(RefusalCause::Policy),
        _ => None,
    }
}

/// What `setback` means for a mail of `class`: commercial mail that a policy refuses is not offered again, which would be held
/// against every mail of ours.
pub(crate) fn weigh(class: MailClass, setback: Setback, cause: Option<RefusalCause>) -> Setback {
    match (class, setback, cause) {
        (MailClass::Commercial, Setback::Later, Some(RefusalCause::Policy)) => Setback::Never,
        _ => setback,
    }
}

/// Whether `reply` asks for fewer mails to the domain of the recipient, who is named by then.
pub(crate) fn asks_for_fewer(phase: Phase, reply: ReplyCode) -> bool {
    let is_late = matches!(phase, Phase::Rcpt | Phase::Data | Phase::Message);
    is_late && (matches!(reply.code, 421 | 450) || ((400..500).contains(&reply.code) && reply.subject() == Some(7)))
}

/// Authentication required, too weak or without encryption (RFC 4954, section 6).
fn wants_sign_in(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// Commands out of order, or a policy such as "relay access denied": nothing is wrong with the recipient.
fn is_about_us(reply: ReplyCode) -> bool {
    matches!(reply.code, 500..=504 | 554) || reply.subject() == Some(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PHASES: [Phase; 8] = [
        Phase::Greeting,
        Phase::Hello,
        Phase::StartTls,
        Phase::SignIn,
        Phase::Mail,
        Phase::Rcpt,
        Phase::Data,
        Phase::Message,
    ];

    fn judged(phase: Phase, code: u16, subject: Option<u16>) -> Result<(), Setback> {
        judge(phase, ReplyCode { code, enhanced: subject.map(|subject| (subject, 0)) })
    }

    #[test]
    fn only_what_is_about_the_recipient_or_the_message_ends_a_mail() {
        for (phase, code, subject, expected) in [
            (Phase::SignIn, 535, Some(7), Setback::Unwelcome),
            (Phase::Mail, 530, Some(7), Setback::Unwelcome),
            (Phase::Mail, 550, None, Setback::Unwelcome),
            (Phase::Mail, 554, Some(7), Setback::Unwelcome),
            (Phase::Rcpt, 530, None, Setback::Unwelcome),
            (Phase::Rcpt, 503, None, Setback::Later),
            (Phase::Rcpt, 554, None, Setback::Later),
            (Phase::Rcpt, 550, Some(7), Setback::Later),
            (Phase::Rcpt, 550, Some(1), Setback::Never),
            (Phase::Rcpt, 550, None, Setback::Never),
            (Phase::Rcpt, 552, Some(2), Setback::Never),
            (Phase::Data, 550, None, Setback::Never),
            (Phase::Message, 554, Some(7), Setback::Never),
            (Phase::Message, 552, Some(3), Setback::Never),
            (Phase::Message, 530, None, Setback::Unwelcome),
        ] {
            assert_eq!(judged(phase, code, subject), Err(expected), "{code} at {phase}");
        }
    }

    #[test]
    fn the_message_is_asked_for_by_another_class_than_everything_else_is_taken_by() {
        for phase in PHASES {
            assert_eq!(judged(phase, 250, None).is_ok(), phase != Phase::Data, "{phase}");
            assert_eq!(judged(phase, 354, None).is_ok(), phase == Phase::Data, "{phase}");
        }
    }

    #[test]
    fn codes_say_why_a_mail_is_refused_and_who_asks_for_fewer() {
        let reply = |code, subject, detail| ReplyCode { code, enhanced: Some((subject, detail)) };
        let cause = |phase, code, subject, detail| refusal_cause(phase, reply(code, subject, detail));

        assert_eq!(cause(Phase::Rcpt, 550, 1, 1), Some(RefusalCause::NoMailbox));
        assert_eq!(cause(Phase::Message, 554, 7, 1), Some(RefusalCause::Policy));
        assert_eq!(cause(Phase::Rcpt, 550, 7, 26), Some(RefusalCause::Policy));
        for (phase, code, subject, detail) in
            [(Phase::Message, 550, 1, 1), (Phase::Rcpt, 550, 2, 1), (Phase::Rcpt, 530, 7, 0), (Phase::Rcpt, 450, 7, 1)]
        {
            assert_eq!(cause(phase, code, subject, detail), None, "{code} {subject}.{detail} at {phase}");
        }
        for (phase, code, subject, is_so) in [
            (Phase::Rcpt, 421, 3, true),
            (Phase::Rcpt, 450, 2, true),
            (Phase::Message, 451, 7, true),
            (Phase::Rcpt, 451, 3, false),
            (Phase::Mail, 421, 3, false),
            (Phase::Rcpt, 550, 7, false),
        ] {
            assert_eq!(asks_for_fewer(phase, reply(code, subject, 0)), is_so, "{code} {subject} at {phase}");
        }
    }

    proptest! {
        #[test]
        fn a_temporary_code_never_ends_a_mail_and_nonsense_never_passes_for_an_answer(
            phase in proptest::sample::select(PHASES.to_vec()), code in 0_u16..1000, subject in proptest::option::of(0_u16..10),
        ) {
            match (judged(phase, code, subject), code) {
                (verdict, 400..500) => prop_assert_eq!(verdict, Err(Setback::Later)),
                (Err(Setback::Never | Setback::Unwelcome), _) => prop_assert!((500..600).contains(&code)),
                (Ok(()), _) => prop_assert!((200..400).contains(&code)),
                (verdict, 0..200 | 600..) => prop_assert_eq!(verdict, Err(Setback::Broken)),
                (Err(Setback::Later | Setback::Broken), _) => {}
            }
        }
    }
}
