//! The way to the mail server: where it is, how it is protected, and how we sign in.

use std::fmt;

use contracts::Secret;
use data_encoding::BASE64;
use tokio::net::TcpStream;

use super::connection::Unreachable;
use super::dialogue::{Dialogue, Reply};
use super::protection::Protection;
use crate::model::delivery::{Phase, Setback};
use crate::model::verdict::judge;
use crate::settings::{InvalidSettings, Smtp, Tls};

/// A way that was checked before anything started.
pub(crate) struct Route {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<(String, Secret)>,
    /// What we call ourselves.
    hello: String,
}

enum Security {
    StartTls(Protection),
    Tls(Protection),
    None,
}

impl Route {
    /// Reads the certificates to trust. `domain` is what we call ourselves.
    pub(crate) fn new(smtp: &Smtp, domain: &str) -> Result<Self, InvalidSettings> {
        let security = match smtp.tls {
            Tls::StartTls => Security::StartTls(Protection::new(smtp)?),
            Tls::Tls => Security::Tls(Protection::new(smtp)?),
            Tls::None => Security::None,
        };
        Ok(Self {
            host: smtp.host.clone(),
            port: smtp.port,
            security,
            credentials: smtp.credentials.clone(),
            hello: domain.to_owned(),
        })
    }

    /// Connects, protects the connection and signs in. Without a timeout of its own: the caller's counts for all three.
    ///
    /// # Errors
    /// Which of the three failed, and why.
    pub(crate) async fn connect(&self) -> Result<Dialogue, Unreachable> {
        let away = |doing: &str, error: &dyn fmt::Display| Unreachable::Away(format!("{doing} {self} failed: {error}"));
        let connected = async {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
            stream.set_nodelay(true)?;
            match &self.security {
                Security::Tls(protection) => protection.protect(Box::new(stream)).await,
                Security::StartTls(_) | Security::None => Ok(Box::new(stream) as _),
            }
        };
        let stream = connected.await.map_err(|error: std::io::Error| away("connecting to", &error))?;
        let mut dialogue = Dialogue::new(stream);
        let greeting = dialogue.hear().await.map_err(|error| away("connecting to", &error))?;
        self.check(Phase::Greeting, &greeting)?;
        let mut offers = self.say_hello(&mut dialogue).await?;
        if let Security::StartTls(protection) = &self.security {
            if !offers.lines.iter().any(|line| line.eq_ignore_ascii_case("STARTTLS")) {
                return Err(away("STARTTLS with", &"the server does not offer it"));
            }
            self.say(&mut dialogue, Phase::StartTls, "STARTTLS").await?;
            let stream = dialogue.into_stream().map_err(|error| away("STARTTLS with", &error))?;
            let stream = protection.protect(stream).await.map_err(|error| away("STARTTLS with", &error))?;
            dialogue = Dialogue::new(stream);
            offers = self.say_hello(&mut dialogue).await?;
        }
        if let Some((user, password)) = &self.credentials {
            self.sign_in(&mut dialogue, &offers, user, password).await?;
        }
        dialogue.offers = offers.lines;
        Ok(dialogue)
    }

    async fn say_hello(&self, dialogue: &mut Dialogue) -> Result<Reply, Unreachable> {
        self.say(dialogue, Phase::Hello, &format!("EHLO {}", self.hello)).await
    }

    /// By the first of the two ways that the server offers (RFC 4616, and the one that came before any RFC).
    async fn sign_in(
        &self,
        dialogue: &mut Dialogue,
        offers: &Reply,
        user: &str,
        password: &Secret,
    ) -> Result<(), Unreachable> {
        let offered = |way: &str| offers.lines.iter().any(|line| offers_way(line, way));
        if offered("PLAIN") {
            let both = BASE64.encode(format!("\0{user}\0{}", password.expose()).as_bytes());
            self.say(dialogue, Phase::SignIn, &format!("AUTH PLAIN {both}")).await?;
        } else if offered("LOGIN") {
            self.expect_question(dialogue, "AUTH LOGIN").await?;
            self.expect_question(dialogue, &BASE64.encode(user.as_bytes())).await?;
            self.say(dialogue, Phase::SignIn, &BASE64.encode(password.expose().as_bytes())).await?;
        } else {
            let reason = format!("signing in to {self} failed: it offers neither AUTH PLAIN nor AUTH LOGIN");
            return Err(Unreachable::Unwelcome(reason));
        }
        Ok(())
    }

    /// Says `line`, after which the server asks for the next one.
    async fn expect_question(&self, dialogue: &mut Dialogue, line: &str) -> Result<(), Unreachable> {
        let reply = self.ask(dialogue, Phase::SignIn, line).await?;
        if reply.code.code == 334 { Ok(()) } else { self.check(Phase::SignIn, &reply) }
    }

    async fn say(&self, dialogue: &mut Dialogue, phase: Phase, line: &str) -> Result<Reply, Unreachable> {
        let reply = self.ask(dialogue, phase, line).await?;
        self.check(phase, &reply)?;
        Ok(reply)
    }

    async fn ask(&self, dialogue: &mut Dialogue, phase: Phase, line: &str) -> Result<Reply, Unreachable> {
        let asked = dialogue.say(line).await;
        asked.map_err(|error| Unreachable::Away(format!("{phase} with {self} failed: {error}")))
    }

    fn check(&self, phase: Phase, reply: &Reply) -> Result<(), Unreachable> {
        let reason = || format!("{phase} with {self} failed: {}", reply.text);
        judge(phase, reply.code).map_err(|setback| match setback {
            Setback::Unwelcome | Setback::Never => Unreachable::Unwelcome(reason()),
            Setback::Later | Setback::Broken => Unreachable::Away(reason()),
        })
    }

    /// How the connection is protected and whether we sign in, for people.
    pub(crate) fn describe(&self) -> String {
        let protection = match self.security {
            Security::StartTls(_) => "STARTTLS",
            Security::Tls(_) => "TLS",
            Security::None => "no TLS",
        };
        let sign_in = if self.credentials.is_some() { "signed in" } else { "no sign-in" };
        format!("{self}, {protection}, {sign_in}")
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Whether a line of the answer to `EHLO` offers this way to sign in; some servers write `AUTH=`.
fn offers_way(line: &str, way: &str) -> bool {
    let words = line.to_ascii_uppercase().replace('=', " ");
    let mut words = words.split_ascii_whitespace();
    words.next() == Some("AUTH") && words.any(|offered| offered == way)
}
