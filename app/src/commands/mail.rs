//! `mail test`: sends one mail and shows how it went.

use anyhow::anyhow;
use notification::MailTestFailed;

use crate::command_line::Mail;
use crate::error::Result;
use crate::terminal::say;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, command: Mail) -> Result<()> {
    let Mail::Test { address } = command;
    let settings = invocation.settings()?;
    let context = invocation.context(&settings).await?;
    let public_url = settings.http.public_url(settings.http.address.port());
    let tested = notification::test_mail(&settings.mail.reached_at(public_url), &context, address).await;
    context.database.close().await?;
    let report = match &tested {
        Ok(report) | Err(MailTestFailed { report }) => report,
    };
    say(report.trim_end())?;
    tested.map(drop).map_err(|_| anyhow!("the test mail did not leave").into())
}
