//! How mails leave, and where their links lead.

use std::net::IpAddr;
use std::num::NonZeroU32;

use contracts::Secret;
use notification::{DkimKey, Links, SenderIdentity, Smtp, Tls, Transport};

use super::given::BadSetting;
use super::table::{
    COMMERCIAL_MAILS_PER_SECOND, DKIM_DOMAIN, DKIM_KEY, DKIM_SELECTOR, EMAIL_CA_FILE, EMAIL_CONNECTIONS, EMAIL_FROM,
    EMAIL_HOST, EMAIL_PASSWORD, EMAIL_PORT, EMAIL_TLS, EMAIL_USERNAME, EMAIL_VERIFY, MAILS_PER_DOMAIN_PER_SECOND,
    MAILS_PER_SECOND, SENDER_CONTACT, SENDER_MERSIS, SENDER_TITLE,
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
    /// Mails that leave in a second.
    pub per_second: NonZeroU32,
    /// Commercial mails that leave in a second.
    pub commercial_per_second: NonZeroU32,
    /// Commercial mails that leave for one domain in a second.
    pub per_domain_per_second: NonZeroU32,
    /// Signs them.
    pub dkim: Option<DkimKey>,
    /// Who sends commercial mail; without it, none leaves.
    pub identity: Option<SenderIdentity>,
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
            dkim: dkim(values, &from)?,
            from,
            front_end: values.get(&EMAIL_VERIFY)?,
            connections: values.take(&EMAIL_CONNECTIONS)?,
            per_second: values.take(&MAILS_PER_SECOND)?,
            commercial_per_second: values.take(&COMMERCIAL_MAILS_PER_SECOND)?,
            per_domain_per_second: values.take(&MAILS_PER_DOMAIN_PER_SECOND)?,
            identity: identity(values)?,
        })
    }

    /// The same for a demonstration, in which mails name a sender that is invented where the settings name none.
    pub(super) fn demonstrating(self) -> Self {
        let invented = || SenderIdentity {
            title: "Lezzetlimanı Örnek A.Ş. (uydurma; invented)".to_owned(),
            mersis: "0000000000000000 (uydurma; invented)".to_owned(),
            contact: "iletisim@lezzetlimani.example (uydurma; invented)".to_owned(),
        };
        Self { identity: Some(self.identity.unwrap_or_else(invented)), ..self }
    }

    /// What the notification service wants to know, on a platform that browsers reach at `public_url`.
    #[must_use]
    pub fn reached_at(&self, public_url: String) -> notification::Settings {
        let links = Links { public_url, front_end: self.front_end.as_ref().map(|base| base.0.clone()) };
        let connections = self.connections.get().try_into().unwrap_or(usize::MAX);
        notification::Settings {
            connections,
            mails_per_second: self.per_second.get(),
            commercial_mails_per_second: self.commercial_per_second.get(),
            mails_per_domain_per_second: self.per_domain_per_second.get(),
            identity: self.identity.clone(),
            dkim: self.dkim.clone(),
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

/// The key that signs, for the sender's domain unless another one is named.
fn dkim(values: &mut Values, from: &Sender) -> Result<Option<DkimKey>, BadSetting> {
    let Some(pem) = values.get(&DKIM_KEY)? else { return Ok(None) };
    let domain = values.take_or(&DKIM_DOMAIN, from.domain())?;
    let key = DkimKey::parse(&pem, &domain, &values.take(&DKIM_SELECTOR)?);
    key.map(Some).map_err(|invalid| values.fault(DKIM_KEY.row, &invalid.to_string()))
}

/// Half of an identity is none, and a fault.
fn identity(values: &Values) -> Result<Option<SenderIdentity>, BadSetting> {
    let (title, mersis) = (values.get(&SENDER_TITLE)?, values.get(&SENDER_MERSIS)?);
    let contact = values.get(&SENDER_CONTACT)?;
    match (title, mersis, contact) {
        (None, None, None) => Ok(None),
        (Some(title), Some(mersis), Some(contact)) => {
            Ok(Some(SenderIdentity { title: title.0, mersis: mersis.0, contact: contact.0 }))
        }
        (None, ..) => Err(values.fault(SENDER_TITLE.row, "it is missing beside the others of its kind")),
        (_, None, _) => Err(values.fault(SENDER_MERSIS.row, "it is missing beside the others of its kind")),
        (.., None) => Err(values.fault(SENDER_CONTACT.row, "it is missing beside the others of its kind")),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
