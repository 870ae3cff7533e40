//! Domains that have asked for fewer mails, also in another process or before a restart of this one.

use crate::error::NotificationError;
use crate::model::domains::SLOWNESS_RETENTION;
use crate::state::{Destination, Notification};
use crate::store;

/// Many more than ask for it within half an hour.
const MOST: u64 = 1_000;

/// Takes over what all processes know of them, and forgets which have their whole rate again.
pub(crate) async fn follow_slow_domains(notification: &Notification) -> Result<(), NotificationError> {
    let Destination::Server(server) = &notification.destination else { return Ok(()) };
    let now = notification.context.now();
    let slow = store::slow_domain::list(&notification.context.database, now - SLOWNESS_RETENTION, MOST).await?;
    server.domains.follow(slow, now);
    Ok(())
}
