//! Whether the service can do its work.

use kit::Status;

use crate::error::NotificationError;
use crate::mailer::{Destination, Mailer};

/// How the way of the mails is, once the database has answered. Without its server, mails wait.
pub(crate) async fn check_health(mailer: &Mailer) -> Result<Status, NotificationError> {
    mailer.context.database.probe().await?;
    Ok(match &mailer.destination {
        Destination::Server(server) => server.status(),
        Destination::Mailbox => Status::Up,
    })
}
