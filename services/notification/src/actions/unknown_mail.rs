//! Mails of types that only a later release knows wait for it: while a fleet is upgraded, it may be the next one that hears them.

use std::time::Duration;

use anyhow::Context as _;
use bus::HearError;
use bus::dead_letters::{self, GivenUp};
use clock::Timestamp;
use contracts::MailKind;
use database::{Vault, WriteTransaction};
use serde_json::Value;
use uuid::Uuid;

use super::record_mail::record_mail;
use crate::error::NotificationError;
use crate::model::mail_request::MailRequest;
use crate::state::Notification;
use crate::store;
use crate::store::unknown_mail::UnknownMail;

/// How long they wait. An upgrade takes minutes; then somebody has to know.
pub(crate) const UNKNOWN_TTL: Duration = Duration::from_secs(60 * 60);
/// Events read at a time.
const BATCH: usize = 100;
/// Batches of one kind in one round, so that a stop does not wait for long.
const MOST_BATCHES: u32 = 50;
const PURPOSE: &str = "notification unknown mail";
/// The consumer whose dead letters they become.
pub(crate) const CONSUMER: &str = "notification";

/// Keeps what the event `id` asks for with the transaction in which it is heard.
pub(crate) async fn keep_unknown(
    tx: &WriteTransaction,
    (id, recorded_at): (Uuid, Timestamp),
    value: &Value,
) -> Result<(), HearError> {
    let kind = MailRequest::text(value, "type").to_owned();
    tracing::info!(event = %id, kind, "a mail is of a type that only a later release knows; it waits for that");
    let unknown = UnknownMail {
        event_id: id,
        kind,
        key: MailRequest::text(value, "to").to_owned(),
        sealed_event: tx.vault().seal(PURPOSE, value.to_string().as_bytes()),
        recorded_at,
        received_at: tx.now(),
    };
    Ok(store::unknown_mail::insert(tx, unknown).await?)
}

/// Records the mails whose type this release knows, and gives up what has waited for too long.
///
/// # Errors
/// The last one; each of the others was tried.
pub(crate) async fn retry_unknown(notification: &Notification) -> Result<(), NotificationError> {
    let mut done = Ok(());
    for kind in MailKind::all() {
        done = done.and(conclude_all(notification, Ready::Known(kind)).await);
    }
    done.and(conclude_all(notification, Ready::Old { by: notification.context.now() - UNKNOWN_TTL }).await)
}

/// What waits no longer.
#[derive(Debug, Clone, Copy)]
enum Ready {
    /// Mails of a type that this release knows.
    Known(MailKind),
    /// Those that were received by then.
    Old { by: Timestamp },
}

/// What fails stays, and would come again at once: it waits for the next round, and so do those behind it.
async fn conclude_all(notification: &Notification, ready: Ready) -> Result<(), NotificationError> {
    let database = &notification.context.database;
    for _ in 0..MOST_BATCHES {
        let next = match ready {
            Ready::Known(kind) => store::unknown_mail::of_kind(database, kind.as_str(), BATCH as u64).await?,
            Ready::Old { by } => store::unknown_mail::older_than(database, by, BATCH as u64).await?,
        };
        let is_last = next.len() < BATCH;
        conclude_each(notification, next).await?;
        if is_last {
            break;
        }
    }
    Ok(())
}

async fn conclude_each(notification: &Notification, unknown: Vec<UnknownMail>) -> Result<(), NotificationError> {
    let mut done = Ok(());
    for mail in unknown {
        let event = mail.event_id;
        if let Err(error) = conclude(notification, mail).await {
            tracing::debug!(%event, %error, "a mail that waits for a release that knows it waits on");
            done = Err(error);
        }
    }
    done
}

/// One way or the other, it waits no longer.
async fn conclude(notification: &Notification, unknown: UnknownMail) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    if !store::unknown_mail::take(&tx, unknown.event_id).await? {
        return Ok(());
    }
    let json = match open(tx.vault(), &unknown) {
        Ok(json) => json,
        // It can't even be shown to an operator, and must not stand in the way of others for good.
        Err(error) if unknown.received_at + UNKNOWN_TTL <= tx.now() => {
            tracing::error!(event = %unknown.event_id, kind = unknown.kind, %error, "a mail of a type that was not known is lost");
            return Ok(tx.commit().await?);
        }
        Err(error) => return Err(error.into()),
    };
    match serde_json::from_slice(&json) {
        Ok(MailRequest::Known(event)) => match record_mail(notification, &tx, unknown.event_id, &event).await {
            Ok(()) => {}
            Err(HearError::Malformed(reason) | HearError::Refused(reason)) => {
                give_up(&tx, &unknown, &json, &reason).await?;
            }
            Err(HearError::Database(error)) => return Err(error.into()),
            Err(HearError::Failed(error)) => return Err(error.into()),
        },
        Ok(MailRequest::Unknown(_)) => {
            give_up(&tx, &unknown, &json, "no release that knows this type of mail came within an hour").await?;
        }
        Err(error) => give_up(&tx, &unknown, &json, &format!("not a mail: {error}")).await?,
    }
    Ok(tx.commit().await?)
}

async fn give_up(tx: &WriteTransaction, unknown: &UnknownMail, json: &[u8], reason: &str) -> database::Result<()> {
    let UnknownMail { event_id, key, recorded_at, kind, .. } = unknown;
    tracing::warn!(event = %event_id, kind, reason, "a mail of a type that was not known is given up");
    let given_up = GivenUp { id: *event_id, key, json, recorded_at: *recorded_at, reason };
    dead_letters::give_up::<MailRequest>(tx, CONSUMER, given_up).await
}

fn open(vault: &Vault, unknown: &UnknownMail) -> anyhow::Result<Vec<u8>> {
    vault.open(PURPOSE, &unknown.sealed_event).context("a kept event was sealed by another key")
}
