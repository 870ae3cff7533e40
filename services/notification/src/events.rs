//! What this service hears, and what it does then.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{HearError, Heard, Hears};
use contracts::EmailEvent;
use database::WriteTransaction;

use crate::actions;
use crate::mailer::{Destination, Mailer};

/// Turns requests for a mail into mails.
pub(crate) struct HearsEmail(pub(crate) Arc<Mailer>);

#[async_trait]
impl Hears<EmailEvent> for HearsEmail {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<EmailEvent>) -> Result<(), HearError> {
        Ok(actions::record_mail(&self.0, tx, heard).await?)
    }

    /// The mail is committed now, so a sender may find it.
    async fn settle(&self, _: &Heard<EmailEvent>) -> Result<(), HearError> {
        if let Destination::Server(server) = &self.0.destination {
            server.wake_sender();
        }
        Ok(())
    }
}
