//! What auth can do: one function per ability, each owning its transaction.
//!
//! Every action that ends sessions commits that first and publishes it afterwards; every action that makes one commits it
//! first and copies it to the ephemeral store afterwards. A crash in between is healed by [`sweep`] or by the next request.

pub mod admin;
pub(crate) mod answer_mail_requests;
mod change_password;
mod end_session;
pub(crate) mod epoch;
mod forgot_password;
mod grant_role;
mod import_first_platform;
pub mod keys;
mod list_events;
mod list_sessions;
mod login;
mod logout;
mod me;
mod notice;
mod record_copied;
mod refresh;
mod register;
mod resend_verification;
mod reset_password;
mod revocation;
pub(crate) mod role_version;
pub(crate) mod seed;
mod session;
pub(crate) mod sweep;
pub(crate) mod trim;
mod verify_email;

use bus::outbox;
use contracts::{EmailEvent, MailMessage, UserId};
use database::WriteTransaction;

use crate::error::AuthError;
use crate::model::device::DeviceId;
use crate::model::limits::{PasswordLimit, Slot};
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;
use crate::store::limits::WhenAway;
use crate::store::security_event::SecurityEvent;

pub(crate) use change_password::{Owner, PasswordChange, change_password};
pub(crate) use end_session::end_session;
pub(crate) use forgot_password::forgot_password;
pub(crate) use grant_role::grant_role;
pub use import_first_platform::import_first_platform;
pub(crate) use list_events::list_events;
pub(crate) use list_sessions::list_sessions;
pub(crate) use login::{Credentials, login};
pub(crate) use logout::{logout, logout_all, sign_out};
pub(crate) use me::me;
pub(crate) use record_copied::record_copied;
pub(crate) use refresh::refresh;
pub(crate) use register::{NewRegistration, register};
pub(crate) use resend_verification::resend_verification;
pub(crate) use reset_password::reset_password;
pub(crate) use session::{SignedIn, Tokens};
pub(crate) use verify_email::verify_email;

impl Auth {
    /// Does `work` when there is room for it in all of `slots`; what fails takes no place.
    async fn within_limits<T>(
        &self,
        slots: Vec<Slot>,
        work: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        let reservation = self.limits.reserve(slots, WhenAway::Refuse).await?;
        let done = work.await;
        if done.is_err() {
            self.limits.give_back(&reservation).await;
        }
        done
    }

    fn password_limit(&self) -> PasswordLimit {
        PasswordLimit { attempts: self.settings.login_attempts, length: self.settings.login_window }
    }
}

/// Who asks: where from, and with which device if that was here before.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) origin: Origin,
    /// From a cookie of ours.
    pub(crate) device: Option<DeviceId>,
}

/// Records a security event with the open transaction. Whoever has no origin sits at the operator's terminal.
async fn audit(
    tx: &WriteTransaction,
    kind: SecurityEventKind,
    user_id: Option<UserId>,
    origin: Option<&Origin>,
) -> database::Result<()> {
    let event = SecurityEvent {
        id: tx.sources().uuid(),
        user_id,
        kind,
        at: tx.now(),
        network: origin.map(|origin| origin.network.clone()),
        user_agent: origin.and_then(|origin| origin.user_agent.clone()),
    };
    store::security_event::insert(tx, event).await
}

/// Requests a mail to the owner of `account` with the open transaction.
async fn mail(tx: &WriteTransaction, account: &Account, message: MailMessage) -> database::Result<()> {
    outbox::record(tx, &message_to(account, message)).await
}

/// A mail to the owner of `account`.
fn message_to(account: &Account, message: MailMessage) -> EmailEvent {
    EmailEvent { to: account.email.clone(), locale: account.locale, message }
}
