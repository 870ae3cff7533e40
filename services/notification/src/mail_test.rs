//! Tries the mail settings with one real mail, for the command line.

use std::fmt::Write as _;

use contracts::{EmailAddress, Locale};
use kit::Context;

use crate::actions::deliver_to_mailbox;
use crate::mailer::{Destination, Mailer};
use crate::model::mail::{Content, render_test};
use crate::model::message::{Letterhead, address, message, message_id};
use crate::sender::{Line, Refusal, Server};
use crate::settings::Settings;
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
pub async fn mail_test(settings: &Settings, context: &Context, to: EmailAddress) -> Result<String, MailTestFailed> {
    let mut report = String::new();
    match try_mail(settings, context, to, &mut report).await {
        Ok(()) => Ok(report),
        Err(error) => {
            tell(&mut report, &format!("failed: {error:#}"));
            Err(MailTestFailed { report })
        }
    }
}

async fn try_mail(
    settings: &Settings,
    context: &Context,
    to: EmailAddress,
    report: &mut String,
) -> anyhow::Result<()> {
    let mailer = Mailer::new(context.clone(), settings)?;
    let content = render_test(Locale::default())?;
    let id = context.sources.uuid();
    let head = Letterhead { from: mailer.from.clone(), to, message_id: message_id(id, &mailer.from), date: context.now() };
    match &mailer.destination {
        Destination::Server(server) => send(&mailer, server, &head, &content, report).await,
        Destination::Mailbox => {
            let message = store::mailbox::Model {
                id,
                kind: "test".to_owned(),
                recipient: head.to,
                locale: Locale::default(),
                message_id: head.message_id,
                sealed_content: Vec::new(),
                received_at: head.date,
            };
            deliver_to_mailbox(&mailer, message, &content).await?;
            tell(report, "no mail server is set; the mail lies in the built-in mailbox");
            Ok(())
        }
    }
}

async fn send(
    mailer: &Mailer,
    server: &Server,
    head: &Letterhead,
    content: &Content,
    report: &mut String,
) -> anyhow::Result<()> {
    let message = message(head, content)?;
    let mut line = Line::new(server.route.clone(), mailer.context.sources.clone());
    line.open().await.map_err(anyhow::Error::msg)?;
    tell(report, &format!("connected to {}", server.route.describe()));
    let [mail, rcpt, data] = line.offer(&mailer.from.email, &address(&head.to)?).await.map_err(refused)?;
    tell(report, &format!("MAIL FROM:<{}>: {mail}", mailer.from.email));
    tell(report, &format!("RCPT TO:<{}>: {rcpt}", head.to));
    tell(report, &format!("DATA: {data}"));
    let reply = line.hand_over(&message).await.map_err(refused)?;
    tell(report, &format!("{} bytes: {reply}", message.len()));
    line.hang_up().await;
    Ok(())
}

fn refused(Refusal { phase, reply, .. }: Refusal) -> anyhow::Error {
    anyhow::anyhow!("at {phase}: {reply}")
}

fn tell(report: &mut String, line: &str) {
    writeln!(report, "{line}").expect("a String takes all that is written");
}
