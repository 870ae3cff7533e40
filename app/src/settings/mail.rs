//! How mails leave, and where their links lead.

use std::net::IpAddr;
use std::num::NonZeroU32;

use contracts::Secret;
use notification::{Links, Smtp, Tls, Transport};

use super::given::BadSetting;
use super::table::{
    EMAIL_CA_FILE, EMAIL_CONNECTIONS, EMAIL_FROM, EMAIL_HOST, EMAIL_PASSWORD, EMAIL_PORT, EMAIL_TLS, EMAIL_USERNAME,
    EMAIL_VERIFY,
};
use super::value::Value;
use super::value::mail::{LinkBase, Sender};
use super::values::Values;

/// The mails of this process.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Where they go.
    pub transport: Transport,
    /// Who sends them.
    pub from: Sender,
    /// The front end that links lead to; our own pages when absent.
    pub front_end: Option<LinkBase>,
    /// Connections kept open at a time.
    pub connections: NonZeroU32,
}

/// Stands on mails that never leave this machine.
const MAILBOX_SENDER: &str = "Lezzetlimanı <no-reply@lezzetlimani.example>";

impl Mail {
    pub(super) fn read(values: &mut Values) -> Result<Self, BadSetting> {
        let tls = values.take(&EMAIL_TLS)?;
        let credentials = credentials(values)?;
        let (transport, from) = match values.get(&EMAIL_HOST)? {
            None => (Transport::Mailbox, values.take_or(&EMAIL_FROM, MAILBOX_SENDER)?),
            Some(host) => {
                let from = sender(values, credentials.as_ref())?;
                (Transport::Smtp(smtp(values, host, tls, credentials)?), from)
            }
        };
        Ok(Self {
            transport,
            from,
            front_end: values.get(&EMAIL_VERIFY)?,
            connections: values.take(&EMAIL_CONNECTIONS)?,
        })
    }

    /// What the notification service wants to know, on a platform that browsers reach at `public_url`.
    #[must_use]
    pub fn reached_at(&self, public_url: String) -> notification::Settings {
        let links = Links { public_url, front_end: self.front_end.as_ref().map(|base| base.0.clone()) };
        let connections = self.connections.get().try_into().unwrap_or(usize::MAX);
        notification::Settings {
            connections,
            ..notification::Settings::new(self.transport.clone(), &self.from.0, links)
        }
    }
}

fn smtp(
    values: &mut Values,
    host: String,
    tls: Tls,
    credentials: Option<(String, Secret)>,
) -> Result<Smtp, BadSetting> {
    if tls == Tls::None && credentials.is_some() && !is_loopback(&host) {
        let reason = "a password would travel in plain; without TLS it may only go to this machine";
        return Err(values.fault(EMAIL_TLS.row, reason));
    }
    let port = match tls {
        Tls::StartTls | Tls::None => values.take_or(&EMAIL_PORT, 587)?,
        Tls::Tls => values.take_or(&EMAIL_PORT, 465)?,
    };
    Ok(Smtp { host, port, tls, credentials, ca_file: values.get(&EMAIL_CA_FILE)? })
}

fn credentials(values: &Values) -> Result<Option<(String, Secret)>, BadSetting> {
    let Some(username) = values.get(&EMAIL_USERNAME)? else { return Ok(None) };
    let password = values.get(&EMAIL_PASSWORD)?;
    let password = password.ok_or_else(|| values.fault(EMAIL_USERNAME.row, "it needs EMAIL_PASSWORD"))?;
    Ok(Some((username, password)))
}

/// Many servers take mails only from the address that signs in.
fn sender(values: &mut Values, credentials: Option<&(String, Secret)>) -> Result<Sender, BadSetting> {
    match credentials.filter(|(username, _)| Sender::parse(username).is_ok()) {
        Some((username, _)) => values.take_or(&EMAIL_FROM, username),
        None => values
            .get(&EMAIL_FROM)?
            .ok_or_else(|| values.fault(EMAIL_FROM.row, "it is missing, and EMAIL_USERNAME is no address")),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
