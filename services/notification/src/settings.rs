//! How this service is set up; the names of the settings are the app's.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use contracts::Secret;
use lettre::message::Mailbox;

use crate::model::{DkimKey, Links, SenderIdentity};

/// Everything that an operator decides about mail.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where mails go.
    pub transport: Transport,
    /// Who they come from: `posta@example.com` or `Lezzetlimanı <posta@example.com>`.
    pub from: String,
    /// Where their links lead.
    pub links: Links,
    /// How many connections to the server may be open at once.
    pub connections: usize,
    /// How many mails may leave in a second.
    pub mails_per_second: u32,
    /// How many commercial mails may leave in a second, from all processes that share the database.
    pub commercial_mails_per_second: u32,
    /// How many commercial mails may leave for one domain in a second, from all of them.
    pub mails_per_domain_per_second: u32,
    /// How many mails one mailbox may get in an hour; further ones wait.
    pub mails_per_recipient: u32,
    /// Who sends commercial mail; without it, none leaves.
    pub identity: Option<SenderIdentity>,
    /// Signs every mail; without it, none is signed.
    pub dkim: Option<DkimKey>,
}

/// Where mails go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Into the built-in mailbox.
    Mailbox,
    /// To a mail server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port; usually 587, or 465 for [`Tls::Tls`].
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// User name and password; without them no `AUTH` is tried.
    pub credentials: Option<(String, Secret)>,
    /// Certificates to trust instead of those of the operating system, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// By `STARTTLS`, or not used at all.
    #[default]
    StartTls,
    /// From the first byte.
    Tls,
    /// Not; for servers on this machine or in a network that is trusted.
    None,
}

/// The window in which mails to one mailbox are counted.
pub(crate) const RECIPIENT_WINDOW: Duration = Duration::from_secs(60 * 60);

/// A setting that can't work.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSettings {
    /// [`Settings::from`] is no mailbox.
    #[error("the sender of mails must be an address such as posta@example.com, with an ASCII domain: {0}")]
    From(String),
    /// A base of [`Links`] is no address of the web.
    #[error("links in mails must start with http:// or https:// and a host: {0}")]
    Links(String),
    /// A limit is zero.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// A password would cross the network in plain.
    #[error("the mail server's password may only be sent without TLS to this machine itself, not to {0}")]
    PasswordInPlain(String),
    /// The file of certificates can't be read.
    #[error("the mail server's certificate authorities can't be read from {file}: {reason}")]
    CaFile {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The host can't stand in a certificate.
    #[error("no certificate can be checked for the mail server {host}: {reason}")]
    Host {
        /// Which host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Settings {
    /// Settings with the usual limits.
    #[must_use]
    pub fn new(transport: Transport, from: impl Into<String>, links: Links) -> Self {
        Self {
            transport,
            from: from.into(),
            links,
            connections: 4,
            mails_per_second: 100,
            commercial_mails_per_second: 50,
            mails_per_domain_per_second: 10,
            mails_per_recipient: 30,
            identity: None,
            dkim: None,
        }
    }

    /// Looks for what can't work, before anything is started.
    ///
    /// # Errors
    /// The first thing found.
    pub(crate) fn check(&self) -> Result<(), InvalidSettings> {
        self.sender()?;
        for base in [Some(&self.links.public_url), self.links.front_end.as_ref()].into_iter().flatten() {
            check_base(base)?;
        }
        let limits = [
            ("the number of connections to the mail server", self.connections > 0),
            ("the number of mails per second", self.mails_per_second > 0),
            ("the number of commercial mails per second", self.commercial_mails_per_second > 0),
            ("the number of mails per domain and second", self.mails_per_domain_per_second > 0),
            ("the number of mails per recipient", self.mails_per_recipient > 0),
        ];
        if let Some((name, _)) = limits.into_iter().find(|(_, is_positive)| !is_positive) {
            return Err(InvalidSettings::Zero(name));
        }
        match &self.transport {
            Transport::Smtp(Smtp { tls: Tls::None, credentials: Some(_), host, .. }) if !is_loopback(host) => {
                Err(InvalidSettings::PasswordInPlain(host.clone()))
            }
            Transport::Smtp(_) | Transport::Mailbox => Ok(()),
        }
    }

    /// The sender, as a mailbox.
    pub(crate) fn sender(&self) -> Result<Mailbox, InvalidSettings> {
        let mailbox = self.from.parse::<Mailbox>().map_err(|_| InvalidSettings::From(self.from.clone()))?;
        let address: &str = mailbox.email.as_ref();
        if address.is_ascii() { Ok(mailbox) } else { Err(InvalidSettings::From(self.from.clone())) }
    }
}

fn check_base(base: &str) -> Result<(), InvalidSettings> {
    let rest = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://"));
    let is_fine = rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            && rest.chars().all(|c| c.is_ascii_graphic() && !"<>\"'\\?#".contains(c))
    });
    if is_fine { Ok(()) } else { Err(InvalidSettings::Links(base.to_owned())) }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(host: &str, tls: Tls, credentials: Option<(String, Secret)>) -> Settings {
        let smtp = Smtp { host: host.to_owned(), port: 587, tls, credentials, ca_file: None };
        let links = Links { public_url: "http://localhost:8080".to_owned(), front_end: None };
        Settings::new(Transport::Smtp(smtp), "Lezzetlimanı <posta@example.com>", links)
    }

    #[test]
    fn a_password_crosses_no_network_in_plain() {
        let credentials = Some(("user".to_owned(), Secret::new("password")));
        let checked = |host: &str, tls| settings(host, tls, credentials.clone()).check();

        assert!(matches!(checked("mail.example.com", Tls::None), Err(InvalidSettings::PasswordInPlain(_))));
        assert!(matches!(checked("192.0.2.1", Tls::None), Err(InvalidSettings::PasswordInPlain(_))));
        for host in ["localhost", "127.0.0.1", "::1"] {
            assert!(checked(host, Tls::None).is_ok(), "{host}");
        }
        assert!(checked("mail.example.com", Tls::StartTls).is_ok());
        assert!(settings("mail.example.com", Tls::None, None).check().is_ok());
    }

    #[test]
    fn a_sender_that_is_none_is_refused() {
        for from in ["", "posta", "posta@", "posta@lezzetlimanı.com", "a@b.c, d@e.f", "x\r\nBcc: y@z.com"] {
            let settings = Settings { from: from.to_owned(), ..settings("localhost", Tls::None, None) };
            assert!(matches!(settings.check(), Err(InvalidSettings::From(_))), "{from:?}");
        }
    }

    #[test]
    fn links_that_lead_nowhere_are_refused() {
        for base in ["", "example.com", "javascript:alert(1)", "http://", "https://a b", "https://a\"b", "https://a?b"]
        {
            let links = Links { public_url: "http://localhost:8080".to_owned(), front_end: Some(base.to_owned()) };
            let settings = Settings { links, ..settings("localhost", Tls::None, None) };
            assert!(matches!(settings.check(), Err(InvalidSettings::Links(_))), "{base:?}");
        }
    }
}
