//! `mail`: shows how mails leave, with one that is sent or without.

use anyhow::anyhow;
use contracts::EmailAddress;
use notification::MailTestFailed;

use crate::command_line::Mail;
use crate::error::Result;
use crate::settings::Settings;
use crate::terminal::say;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, command: Mail) -> Result<()> {
    let settings = invocation.settings()?;
    match command {
        Mail::Test { address } => test(invocation, &settings, address).await,
        Mail::Doctor => examine(invocation, &settings).await,
    }
}

async fn test(invocation: &Invocation, settings: &Settings, address: EmailAddress) -> Result<()> {
    let context = invocation.context(settings).await?;
    let tested = notification::test_mail(&mail(settings), &context, address).await;
    context.database.close().await?;
    let report = match &tested {
        Ok(report) | Err(MailTestFailed { report }) => report,
    };
    say(report.trim_end())?;
    tested.map(drop).map_err(|_| anyhow!("the test mail did not leave").into())
}

async fn examine(invocation: &Invocation, settings: &Settings) -> Result<()> {
    let examined = notification::examine_mail(&mail(settings), &invocation.sources).await;
    say(examined.report.trim_end())?;
    if examined.is_fine { Ok(()) } else { Err(anyhow!("mails can't leave as they should").into()) }
}

fn mail(settings: &Settings) -> notification::Settings {
    settings.mail.reached_at(settings.http.public_url(settings.http.address.port()))
}
