//! One connection to the sink: the server's side of RFC 5321, as far as a well-behaved client goes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use super::security::Stream;
use super::{Ledger, ReceivedMail, SmtpFault, SmtpPhase, SmtpSecurity};

/// " İleti alındı, teşekkürler" in ISO-8859-9, which is no UTF-8.
const IN_TURKISH: &[u8] = b" \xDDleti al\xFDnd\xFD, te\xFEekk\xFCrler";

/// Talks until the client quits, the connection breaks or a fault ends it.
pub(super) async fn serve(stream: TcpStream, ledger: Arc<Ledger>) {
    let number = ledger.connections.fetch_add(1, Ordering::Relaxed) + 1;
    ledger.open.fetch_add(1, Ordering::Relaxed);
    let _closes = Closes(ledger.clone());
    // A broken connection is the client's right, or a fault that a test asked for.
    let _ended = talk(Box::new(stream), ledger, number).await;
}

async fn talk(stream: Box<dyn Stream>, ledger: Arc<Ledger>, number: usize) -> io::Result<()> {
    let is_protected = ledger.security == SmtpSecurity::Tls;
    let stream = if is_protected { ledger.identity.protect(stream).await? } else { stream };
    let mut session = Session::new(stream, ledger, number, is_protected);
    session.answer(SmtpPhase::Greeting, "220 sink.test ESMTP").await?;
    while session.run().await? == Ended::StartsTls {
        let stream = session.ledger.identity.protect(session.stream.into_inner()).await?;
        session = Session::new(stream, session.ledger, number, true);
    }
    Ok(())
}

/// Counts the connection as closed, however it ends.
struct Closes(Arc<Ledger>);

impl Drop for Closes {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Session {
    stream: BufStream<Box<dyn Stream>>,
    ledger: Arc<Ledger>,
    number: usize,
    is_protected: bool,
    user: Option<String>,
    from: String,
    to: Vec<String>,
}

/// Why a session ended in order.
#[derive(PartialEq, Eq)]
enum Ended {
    Quits,
    StartsTls,
}

impl Session {
    fn new(stream: Box<dyn Stream>, ledger: Arc<Ledger>, number: usize, is_protected: bool) -> Self {
        let stream = BufStream::new(stream);
        Self { stream, ledger, number, is_protected, user: None, from: String::new(), to: Vec::new() }
    }

    async fn run(&mut self) -> io::Result<Ended> {
        loop {
            let line = self.read_line().await?;
            let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" if self.wants_tls() => self.say("250-sink.test\r\n250 STARTTLS").await?,
                "EHLO" => {
                    self.answer(SmtpPhase::Hello, "250-sink.test\r\n250-AUTH LOGIN PLAIN\r\n250 8BITMIME").await?;
                }
                "STARTTLS" if self.wants_tls() => {
                    self.say("220 2.0.0 go ahead").await?;
                    return Ok(Ended::StartsTls);
                }
                "MAIL" if self.wants_tls() => self.say("530 5.7.0 first STARTTLS").await?,
                "AUTH" => {
                    if self.answer(SmtpPhase::SignIn, "235 2.7.0 welcome").await? {
                        self.user = Some(argument.to_owned());
                    }
                }
                "MAIL" => {
                    self.from = path_of(argument);
                    self.to.clear();
                    self.answer(SmtpPhase::Mail, "250 2.1.0 ok").await?;
                }
                "RCPT" => {
                    if self.answer(SmtpPhase::Rcpt, "250 2.1.5 ok").await? {
                        self.to.push(path_of(argument));
                    }
                }
                "DATA" => {
                    if self.answer(SmtpPhase::Data, "354 end with a dot").await? {
                        self.take_message().await?;
                    }
                }
                "RSET" | "NOOP" => self.say("250 2.0.0 ok").await?,
                "QUIT" => return self.say("221 2.0.0 bye").await.map(|()| Ended::Quits),
                _ => self.say("502 5.5.1 unknown").await?,
            }
        }
    }

    fn wants_tls(&self) -> bool {
        self.ledger.security == SmtpSecurity::StartTls && !self.is_protected
    }

    async fn take_message(&mut self) -> io::Result<()> {
        let mut raw = String::new();
        loop {
            let line = self.read_line().await?;
            if line == "." {
                break;
            }
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push_str("\r\n");
        }
        let fault = self.ledger.fault_at(SmtpPhase::Dot);
        if let Some(SmtpFault::Says(line)) = &fault {
            return self.say(line).await;
        }
        self.record(raw);
        match fault {
            Some(SmtpFault::HangsUp) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(SmtpFault::Waits(duration)) => self.ledger.sources.sleep(duration).await,
            Some(SmtpFault::Says(_)) | None => {}
        }
        self.say("250 2.0.0 taken").await
    }

    fn record(&mut self, raw: String) {
        let mail = ReceivedMail {
            from: self.from.clone(),
            to: std::mem::take(&mut self.to),
            raw,
            authenticated: self.user.clone(),
            connection: self.number,
            received_at: self.ledger.sources.now(),
        };
        self.ledger.mails.send_modify(|mails| mails.push(mail));
    }

    /// Says `usual`, unless a fault is due at `phase`; answers whether it said `usual`.
    async fn answer(&mut self, phase: SmtpPhase, usual: &str) -> io::Result<bool> {
        match self.ledger.fault_at(phase) {
            None => self.say(usual).await.map(|()| true),
            Some(SmtpFault::Says(line)) => self.say(&line).await.map(|()| false),
            Some(SmtpFault::HangsUp) => Err(io::ErrorKind::ConnectionAborted.into()),
            Some(SmtpFault::Waits(duration)) => {
                self.ledger.sources.sleep(duration).await;
                self.say(usual).await.map(|()| true)
            }
        }
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(line.as_bytes()).await?;
        if self.ledger.speaks_turkish.load(Ordering::Relaxed) {
            self.stream.write_all(IN_TURKISH).await?;
        }
        self.stream.write_all(b"\r\n").await?;
        self.stream.flush().await
    }

    async fn read_line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line);
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// `ayse@example.com` of `TO:<ayse@example.com> SIZE=1`.
fn path_of(argument: &str) -> String {
    let path = argument.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path);
    path.unwrap_or(argument).to_owned()
}
