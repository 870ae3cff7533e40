//! Tries the mail settings with one real mail, for the command line.

use std::fmt::Write as _;

use contracts::{EmailAddress, Locale};
use kit::Context;

use super::deliver_to_mailbox;
use crate::model::mail::{Content, render_test};
use crate::model::message::{MessageHeader, address, message, message_id};
use crate::settings::Settings;
use crate::smtp::{Refusal, Server, SmtpConnection};
use crate::state::{Destination, Notification};
use crate::store;

/// The test mail did not arrive.
#[derive(Debug, thiserror::Error)]
#[error("{report}")]
pub struct MailTestFailed {
    /// What happened until then, one line for each step.
    pub report: String,
}

/// Sends one mail to `to` right now, past all limits and tables, and returns what happened, one line for each step.
///
/// # Errors
/// The mail did not leave; the report's last line says why.
pub async fn test_mail(settings: &Settings, context: &Context, to: EmailAddress) -> Result<String, MailTestFailed> {
    let mut report = String::new();
    match try_mail(settings, context, to, &mut report).await {
        Ok(()) => Ok(report),
        Err(error) => {
            report_line(&mut report, &format!("failed: {error:#}"));
            Err(MailTestFailed { report })
        }
    }
}

async fn try_mail(settings: &Settings, context: &Context, to: EmailAddress, report: &mut String) -> anyhow::Result<()> {
    let notification = Notification::new(context.clone(), settings)?;
    let content = render_test(Locale::default())?;
    let id = context.sources.uuid();
    let head = MessageHeader {
        from: notification.from.clone(),
        to,
        message_id: message_id(id, &notification.from),
        date: context.now(),
    };
    match &notification.destination {
        Destination::Server(server) => send(&notification, server, &head, &content, report).await,
        Destination::Mailbox => {
            let message = store::mailbox::StoredMail {
                id,
                kind: "test".to_owned(),
                recipient: head.to,
                locale: Locale::default(),
                message_id: head.message_id,
                sealed_content: Vec::new(),
                received_at: head.date,
            };
            deliver_to_mailbox(&notification, message, &content).await?;
            report_line(report, "no mail server is set; the mail lies in the built-in mailbox");
            Ok(())
        }
    }
}

async fn send(
    notification: &Notification,
    server: &Server,
    head: &MessageHeader,
    content: &Content,
    report: &mut String,
) -> anyhow::Result<()> {
    let message = message(head, content, notification.dkim.as_ref())?;
    let mut connection = SmtpConnection::new(server.route.clone(), notification.context.sources.clone());
    connection.open().await.map_err(anyhow::Error::msg)?;
    report_line(report, &format!("connected to {}", server.route.describe()));
    let [mail, rcpt, data] = connection.offer(&notification.from.email, &address(&head.to)?).await.map_err(refused)?;
    report_line(report, &format!("MAIL FROM:<{}>: {mail}", notification.from.email));
    report_line(report, &format!("RCPT TO:<{}>: {rcpt}", head.to));
    report_line(report, &format!("DATA: {data}"));
    let reply = connection.hand_over(&message).await.map_err(refused)?;
    report_line(report, &format!("{} bytes: {reply}", message.len()));
    connection.hang_up().await;
    Ok(())
}

fn refused(Refusal { phase, reply, .. }: Refusal) -> anyhow::Error {
    anyhow::anyhow!("at {phase}: {reply}")
}

fn report_line(report: &mut String, line: &str) {
    writeln!(report, "{line}").expect("a String takes all that is written");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use testkit::{SmtpFault, SmtpPhase, SmtpSink};

    use super::*;
    use crate::fixture::{Fixture, server, settings};
    use crate::settings::Transport;

    fn ayse() -> EmailAddress {
        "ayse@example.com".parse().unwrap()
    }

    #[tokio::test]
    async fn every_step_to_the_server_is_reported() {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start().await.unwrap();

        let report = test_mail(&settings(server(sink.port())), &fixture.context, ayse()).await.unwrap();

        let mails = sink.wait_for(1, Duration::from_secs(20)).await.unwrap();
        let report = report.replace(&sink.port().to_string(), "PORT").replace(&mails[0].raw.len().to_string(), "SOME");
        insta::assert_snapshot!(report, @r#"
    connected to 127.0.0.1:PORT, no TLS, no sign-in
    MAIL FROM:<posta@example.com>: 250 2.1.0 ok
    RCPT TO:<ayse@example.com>: 250 2.1.5 ok
    DATA: 354 end with a dot
    SOME bytes: 250 2.0.0 taken
    "#);
        assert_eq!(mails[0].header("Subject").unwrap(), "Lezzetlimanı deneme iletisi");
        assert!(fixture.mails().await.is_empty());
    }

    #[tokio::test]
    async fn a_refusal_is_reported_with_its_phase() {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start().await.unwrap();
        sink.once(SmtpPhase::Rcpt, SmtpFault::Says("550 5.1.1 no such user".to_owned()));

        let failed = test_mail(&settings(server(sink.port())), &fixture.context, ayse()).await.unwrap_err();

        let last = failed.report.lines().last().unwrap();
        assert_eq!(last, "failed: at RCPT TO: 550 5.1.1 no such user");
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_reported() {
        let fixture = Fixture::new().await;

        let failed = test_mail(&settings(server(1)), &fixture.context, ayse()).await.unwrap_err();

        assert!(failed.report.starts_with("failed: connecting to 127.0.0.1:1 failed"), "{}", failed.report);
    }

    #[tokio::test]
    async fn without_a_server_the_mail_lies_in_the_mailbox() {
        let fixture = Fixture::new().await;

        test_mail(&settings(Transport::Mailbox), &fixture.context, ayse()).await.unwrap();

        let messages = crate::actions::list_messages(&fixture.with_mailbox(), Some(&ayse())).await.unwrap();
        assert_eq!(messages.len(), 1);
    }
}
