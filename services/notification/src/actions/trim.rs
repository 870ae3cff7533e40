//! What is done now and then: mails too old to be sent are given up, and what is kept no longer is deleted.

use std::time::Duration;

use clock::Timestamp;
use database::WriteTransaction;

use crate::error::NotificationError;
use crate::metrics;
use crate::model::delivery::DELIVERY_TIMEOUT;
use crate::model::domains::SLOWNESS_RETENTION;
use crate::state::Notification;
use crate::store;

/// How long it is kept what became of a mail.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Rows changed by one transaction, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// One thing to do; none waits for another to succeed.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Before others are given up: what stood for too long has not failed.
    Held,
    GiveUp,
    Mails,
    MailboxMessages,
    SlowDomains,
    CampaignStates,
}

const STEPS: [Step; 6] =
    [Step::Held, Step::GiveUp, Step::Mails, Step::MailboxMessages, Step::SlowDomains, Step::CampaignStates];

/// Gives up what waits for too long and deletes what is old.
///
/// # Errors
/// The last one; all other steps were done nevertheless.
pub(crate) async fn trim(notification: &Notification) -> Result<(), NotificationError> {
    let mut done = Ok(());
    for step in STEPS {
        if let Err(error) = take(notification, step).await {
            tracing::debug!(?step, %error, "a step of the trim failed");
            done = Err(error);
        }
    }
    done
}

async fn take(notification: &Notification, step: Step) -> Result<(), NotificationError> {
    loop {
        let tx = notification.context.database.begin_read_committed().await?;
        let rows = change(&tx, step, tx.now()).await?;
        tx.commit().await?;
        if let Step::GiveUp = step
            && rows > 0
        {
            metrics::count_failed(rows);
            tracing::warn!(mails = rows, "no mail server took these mails in two days; they were given up");
        }
        if rows < BATCH {
            return Ok(());
        }
    }
}

async fn change(tx: &WriteTransaction, step: Step, now: Timestamp) -> database::Result<u64> {
    match step {
        Step::Held => store::mail::drop_held(tx, now - DELIVERY_TIMEOUT, BATCH).await,
        Step::GiveUp => store::mail::give_up(tx, now - DELIVERY_TIMEOUT, now, BATCH).await,
        Step::Mails => store::mail::trim(tx, now - RETENTION, BATCH).await,
        Step::MailboxMessages => store::mailbox::trim(tx, now - RETENTION, BATCH).await,
        Step::SlowDomains => store::slow_domain::trim(tx, now - SLOWNESS_RETENTION, BATCH).await,
        Step::CampaignStates => store::campaign_state::trim(tx, now - RETENTION, BATCH).await,
    }
}
