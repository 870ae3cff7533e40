//! Mails about what happened to it. Nobody asks for them, so there are a few of each kind a day: who
//! can make one happen again and again must not use up the mails of everybody else.

use std::time::Duration;

use contracts::MailMessage;
use database::WriteTransaction;

use super::mail;
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::store;
use crate::store::account::Account;
use crate::store::security_event::Period;

/// So many notices of one kind are mailed to an account within [`WINDOW`]. The first ones always are; what comes after them
/// stands in the list of events alone.
const NOTICES: u64 = 10;
/// For how long a notice counts.
const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// What its owner gets a mail about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Notice {
    NewDevice,
    PasswordChanged,
    SessionRevoked,
}

/// Mails `notice` with the open transaction, in which it has happened, unless it has happened too often.
pub(super) async fn notify(
    tx: &WriteTransaction,
    account: &Account,
    notice: Notice,
    origin: &Origin,
) -> database::Result<()> {
    if count(tx, account, notice).await? > NOTICES {
        tracing::info!(user_id = %account.id, ?notice, "an account has had its notices of the day");
        return Ok(());
    }
    let asked = origin.asked(tx.now());
    let message = match notice {
        Notice::NewDevice => MailMessage::NewDevice { asked },
        Notice::PasswordChanged => MailMessage::PasswordChanged { asked },
        Notice::SessionRevoked => MailMessage::SessionRevoked { asked },
    };
    mail(tx, account, message).await
}

/// How often it has happened of late: devices of earlier days that were used again count as well.
async fn count(tx: &WriteTransaction, account: &Account, notice: Notice) -> database::Result<u64> {
    let period = Period { start: tx.now() - WINDOW, end: tx.now() };
    let kinds = match notice {
        Notice::NewDevice => return store::session::count_devices(tx, account.id, period).await,
        Notice::PasswordChanged => vec![SecurityEventKind::PasswordChanged, SecurityEventKind::PasswordReset],
        Notice::SessionRevoked => vec![SecurityEventKind::RefreshReused],
    };
    store::security_event::count(tx, account.id, kinds, period).await
}
