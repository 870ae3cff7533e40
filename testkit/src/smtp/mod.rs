//! A mail server for tests: it takes mails, remembers them, and misbehaves exactly as told.
//!
//! SMTP (RFC 5321) on a port of its own, plain or by TLS. It takes any password, checks nothing and delivers nothing.

mod received;
mod security;
mod session;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::Sources;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::free_port;

pub use received::ReceivedMail;
pub use security::SmtpSecurity;

use security::Identity;

/// A recording mail server; dropped, it stops.
pub struct SmtpSink {
    port: u16,
    ledger: Arc<Ledger>,
    life: JoinSet<()>,
}

/// Where in a dialogue the server misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpPhase {
    /// Before the greeting.
    Greeting,
    /// At `EHLO`.
    Hello,
    /// At `AUTH`.
    SignIn,
    /// At `MAIL FROM`.
    Mail,
    /// At `RCPT TO`.
    Rcpt,
    /// At `DATA`, before any of the message.
    Data,
    /// After the dot that ends the message.
    Dot,
}

/// How it misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmtpFault {
    /// Says this line, such as `451 4.3.0 later`, instead of what it should.
    Says(String),
    /// Closes the connection without a word. After the dot, the mail has been taken.
    HangsUp,
    /// Waits this long and then goes on as usual.
    Waits(Duration),
}

/// What the sessions share: what to do, and what was done.
struct Ledger {
    sources: Sources,
    security: SmtpSecurity,
    identity: Identity,
    mails: watch::Sender<Vec<ReceivedMail>>,
    connections: AtomicUsize,
    speaks_turkish: AtomicBool,
    open: AtomicUsize,
    faults: Mutex<VecDeque<(SmtpPhase, SmtpFault)>>,
    lasting: Mutex<Vec<(SmtpPhase, SmtpFault)>>,
}

impl SmtpSink {
    /// Starts a plain server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(SmtpSecurity::Plain).await
    }

    /// Starts a server that protects its connections by `security`.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start_with(security: SmtpSecurity) -> io::Result<Self> {
        Self::start_as(security, Identity::new()?).await
    }

    /// Starts a server whose certificate also calls itself an authority.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start_as_its_own_authority(security: SmtpSecurity) -> io::Result<Self> {
        Self::start_as(security, Identity::new_authority()?).await
    }

    async fn start_as(security: SmtpSecurity, identity: Identity) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", free_port()?)).await?;
        let ledger = Arc::new(Ledger {
            sources: Sources::system(),
            security,
            identity,
            mails: watch::Sender::new(Vec::new()),
            connections: AtomicUsize::new(0),
            speaks_turkish: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            faults: Mutex::default(),
            lasting: Mutex::default(),
        });
        let mut sink = Self { port: listener.local_addr()?.port(), ledger, life: JoinSet::new() };
        sink.accept(listener);
        Ok(sink)
    }

    /// The port on 127.0.0.1, the same for as long as the sink lives.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate that a client has to trust, as PEM; it is for `localhost`.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.ledger.identity.pem
    }

    /// Makes the next dialogue that comes to `phase` go wrong; each call counts for one dialogue.
    pub fn once(&self, phase: SmtpPhase, fault: SmtpFault) {
        locked(&self.ledger.faults).push_back((phase, fault));
    }

    /// Makes every dialogue that comes to `phase` go wrong.
    pub fn always(&self, phase: SmtpPhase, fault: SmtpFault) {
        locked(&self.ledger.lasting).push((phase, fault));
    }

    /// Makes everything go right again.
    pub fn behave(&self) {
        locked(&self.ledger.faults).clear();
        locked(&self.ledger.lasting).clear();
    }

    /// From now on says something in Turkish at the end of each reply, in ISO-8859-9.
    pub fn speak_turkish(&self) {
        self.ledger.speaks_turkish.store(true, Ordering::Relaxed);
    }

    /// Breaks all connections and stops listening.
    pub async fn go_down(&mut self) {
        self.life.shutdown().await;
    }

    /// Listens again, on the same port.
    ///
    /// # Errors
    /// Somebody else took the port meanwhile.
    pub async fn come_back(&mut self) -> io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        self.accept(listener);
        Ok(())
    }

    /// All mails so far, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.ledger.mails.borrow().clone()
    }

    /// How many mails have come so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ledger.mails.borrow().len()
    }

    /// Whether a mail for `recipient` has come; the newest are looked at first, and none is copied.
    #[must_use]
    pub fn has_mail_to(&self, recipient: &str) -> bool {
        self.ledger.mails.borrow().iter().rev().any(|mail| mail.to.iter().any(|to| to == recipient))
    }

    /// All mails, as soon as there are `count` of them.
    ///
    /// # Errors
    /// There are still fewer after `timeout`.
    pub async fn wait_for(&self, count: usize, timeout: Duration) -> io::Result<Vec<ReceivedMail>> {
        let mut mails = self.ledger.mails.subscribe();
        let waited = tokio::time::timeout(timeout, mails.wait_for(|mails| mails.len() >= count)).await;
        match waited {
            Ok(Ok(mails)) => Ok(mails.clone()),
            Ok(Err(closed)) => Err(io::Error::other(closed)),
            Err(_) => Err(io::Error::other(format!("{} of {count} mails after {timeout:?}", self.mails().len()))),
        }
    }

    /// What `look` finds among all mails, as soon as it finds something; `None` after `timeout`.
    pub async fn find<T>(&self, timeout: Duration, find: impl Fn(&[ReceivedMail]) -> Option<T>) -> Option<T> {
        let mut mails = self.ledger.mails.subscribe();
        let search = async {
            loop {
                let found = find(&mails.borrow_and_update());
                if found.is_some() || mails.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(timeout, search).await.ok().flatten()
    }

    /// How many connections there have been.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.ledger.connections.load(Ordering::Relaxed)
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.ledger.open.load(Ordering::Relaxed)
    }

    fn accept(&mut self, listener: TcpListener) {
        let ledger = self.ledger.clone();
        self.life.spawn(async move {
            // Ends with this task, and with it every session.
            let mut sessions = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                sessions.spawn(session::serve(stream, ledger.clone()));
                while sessions.try_join_next().is_some() {}
            }
        });
    }
}

impl Ledger {
    /// What goes wrong at `phase` this time.
    fn fault_at(&self, phase: SmtpPhase) -> Option<SmtpFault> {
        let mut once = locked(&self.faults);
        let planned = once.iter().position(|(planned, _)| *planned == phase);
        if let Some((_, fault)) = planned.and_then(|index| once.remove(index)) {
            return Some(fault);
        }
        locked(&self.lasting).iter().find(|(planned, _)| *planned == phase).map(|(_, fault)| fault.clone())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
