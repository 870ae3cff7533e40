//! How fast waiting mails leave where no rate holds them back, beside a loop around lettre that writes nothing down: as many
//! connections into the same mail server, the same bytes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use contracts::MailClass;
use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use testkit::{ReceivedMail, SmtpSink};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::load::Work;
use crate::platform::Platform;
use crate::report::{Row, Target};
use crate::servers::Servers;
use crate::store;

const MAILS: usize = 10_000;
const CONNECTIONS: usize = 4;
/// More than can leave.
const NO_RATE: &str = "1000000";
const LONGEST: Duration = Duration::from_secs(300);
const SHARE: f64 = 0.8;

/// On Postgres.
pub(crate) async fn on_servers(binary: &Path, servers: &Servers) -> Result<Row> {
    servers.make_database("mail_sending").await?;
    let mut environment = servers.environment_of_one_process("mail_sending", 6);
    environment.push(("MAILS_PER_SECOND", NO_RATE.to_owned()));
    environment.push(("EMAIL_CONNECTIONS", CONNECTIONS.to_string()));
    let mut platform = Platform::on(binary, environment).await?;

    // Only a mail that waits has a content that another one can be made of.
    platform.mails.go_down().await;
    platform.client.register().await?;
    ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
    store::mail::repeat_waiting(&servers.open_to_fill("mail_sending").await?, MAILS, MailClass::Transactional).await?;
    platform.mails.come_back().await?;
    platform.server.start().await?;
    let sent = platform.mails.wait_for(MAILS, LONGEST).await?;
    let ours = rate(&sent)?;
    ensure!(platform.server.stop().await?.success(), "the server did not stop in order");

    let bare = bare_rate(&sent[0]).await?;
    let detail = format!("{ours:.0}/s of {bare:.0}/s, {CONNECTIONS} connections");
    Ok(Row::new("mails sent, Postgres, of a bare loop", ours / bare, "", Target::AtLeast(SHARE), detail))
}

/// By when the server had the first and the last of them, so that a start costs nothing.
fn rate(mails: &[ReceivedMail]) -> Result<f64> {
    let times = || mails.iter().map(|mail| mail.received_at);
    let (first, last) = times().min().zip(times().max()).context("no mail came")?;
    Ok(Work { done: u64::try_from(mails.len())?, took: (last - first).to_std()? }.per_second())
}

async fn bare_rate(mail: &ReceivedMail) -> Result<f64> {
    let sink = SmtpSink::start().await?;
    let port = sink.port();
    let loops: JoinSet<_> = (0..CONNECTIONS).map(|_| send(mail.clone(), port)).collect();
    let mails = sink.wait_for(MAILS / CONNECTIONS * CONNECTIONS, LONGEST).await?;
    loops.join_all().await.into_iter().collect::<Result<()>>()?;
    rate(&mails)
}

/// Over a connection that sends at once what it is given, as ours does: lettre's own waits some 45 milliseconds with each mail until the
/// server has acknowledged its beginning.
async fn send(mail: ReceivedMail, port: u16) -> Result<()> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let hello = ClientId::Domain("bench.example.com".to_owned());
    let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await?;
    let to = mail.to.iter().map(|to| to.parse()).collect::<Result<Vec<Address>, _>>()?;
    let envelope = Envelope::new(Some(mail.from.parse()?), to)?;
    for _ in 0..MAILS / CONNECTIONS {
        connection.send(&envelope, mail.raw.as_bytes()).await?;
    }
    connection.quit().await?;
    Ok(())
}
