//! Whether the service can do its work.

use kit::Status;

use crate::error::NotificationError;
use crate::state::{Destination, Notification};

/// How the way of the mails is, once the database has answered. Without its server, mails wait.
pub(crate) async fn check_health(notification: &Notification) -> Result<Status, NotificationError> {
    notification.context.database.probe().await?;
    Ok(match &notification.destination {
        Destination::Server(server) => server.status(),
        Destination::Mailbox => Status::Up,
    })
}
