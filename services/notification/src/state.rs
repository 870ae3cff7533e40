//! What every module of this service works with.

use std::sync::Arc;

use kit::Context;
use lettre::message::Mailbox;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::model::{DkimKey, Links, SenderIdentity, UnsubscribeKey};
use crate::settings::{InvalidSettings, Settings, Transport};
use crate::smtp::Server;

/// The service's own state: its ports and its settings, parsed.
pub(crate) struct Notification {
    pub(crate) context: Context,
    pub(crate) from: Mailbox,
    pub(crate) links: Links,
    pub(crate) unsubscribe_key: UnsubscribeKey,
    pub(crate) mails_per_recipient: u32,
    /// Who sends commercial mail; without it, none leaves.
    pub(crate) identity: Option<SenderIdentity>,
    /// Signs every mail, where there is one.
    pub(crate) dkim: Option<DkimKey>,
    pub(crate) destination: Destination,
    /// Distinguishes the claims of this process from those of others, for as long as it lives.
    pub(crate) process: Uuid,
    /// Set once the claims of the process before this one have ended.
    pub(crate) recovered: OnceCell<()>,
    /// Set once what earlier processes left is counted.
    pub(crate) stock_taken: OnceCell<()>,
}

/// Where mails go.
pub(crate) enum Destination {
    /// Into the built-in mailbox.
    Mailbox,
    /// To this server.
    Server(Arc<Server>),
}

impl Notification {
    pub(crate) fn new(context: Context, settings: &Settings) -> Result<Arc<Self>, InvalidSettings> {
        settings.check()?;
        let from = settings.sender()?;
        let destination = match &settings.transport {
            Transport::Mailbox => Destination::Mailbox,
            Transport::Smtp(smtp) => Destination::Server(Arc::new(Server::new(smtp, &from, settings)?)),
        };
        let unsubscribe_key = UnsubscribeKey::new(&context.database.vault().key("notification unsubscribe"));
        let links = settings.links.clone();
        let mails_per_recipient = settings.mails_per_recipient;
        let (identity, dkim) = (settings.identity.clone(), settings.dkim.clone());
        let process = context.sources.uuid();
        Ok(Arc::new(Self {
            context,
            from,
            links,
            unsubscribe_key,
            mails_per_recipient,
            identity,
            dkim,
            destination,
            process,
            recovered: OnceCell::new(),
            stock_taken: OnceCell::new(),
        }))
    }
}
