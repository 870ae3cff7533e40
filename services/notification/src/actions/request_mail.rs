//! An admin asks for a mail by hand: it takes the same way as everybody's.

use bus::outbox;
use contracts::EmailEvent;

use crate::error::Result;
use crate::mailer::Mailer;

/// Records the event that asks for the mail.
pub(crate) async fn request_mail(mailer: &Mailer, event: &EmailEvent) -> Result<()> {
    let tx = mailer.context.database.begin_write().await?;
    outbox::record(&tx, event).await?;
    Ok(tx.commit().await?)
}
