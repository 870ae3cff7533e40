//! Which processes send, where several share the database.

use uuid::Uuid;

use crate::error::NotificationError;
use crate::state::Notification;
use crate::store;

/// Notes that this process sends; others may have taken it for gone.
pub(crate) async fn join_senders(notification: &Notification) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    store::sender::insert(&tx, notification.process, tx.now()).await?;
    Ok(tx.commit().await?)
}

/// Notes that `process` sends no more.
pub(crate) async fn leave_senders(notification: &Notification, process: Uuid) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    store::sender::delete(&tx, process).await?;
    Ok(tx.commit().await?)
}
