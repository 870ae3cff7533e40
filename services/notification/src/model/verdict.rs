//! What the server's reply means for the mail and for us: one table for each phase and class of codes (RFC 5321, section
//! 4.2; RFC 3463 for the enhanced code). The text of a reply means nothing.

use super::delivery::{Phase, Setback};

/// What the server answered: `550 5.7.1` is code 550 with the subject 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReplyCode {
    pub(crate) code: u16,
    /// The second number of the enhanced code, if there is one.
    pub(crate) subject: Option<u16>,
}

impl ReplyCode {
    pub(crate) fn is_positive(self) -> bool {
        (200..300).contains(&self.code)
    }

    /// Whether the server closes the connection after it (RFC 5321, section 3.8).
    pub(crate) fn closes(self) -> bool {
        self.code == 421
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

/// Authentication required, too weak or without encryption (RFC 4954, section 6).
fn wants_sign_in(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// Commands out of order, or a policy such as "relay access denied": nothing is wrong with the recipient.
fn is_about_us(reply: ReplyCode) -> bool {
    matches!(reply.code, 500..=504 | 554) || reply.subject == Some(7)
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
        judge(phase, ReplyCode { code, subject })
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
