//! `notification_mail`: every mail that was asked for, and what became of it.

mod campaign;
mod claims;
mod due;
mod tally;
mod upkeep;

use clock::Timestamp;
use contracts::{CampaignId, EmailAddress, Locale, MailClass};
use database::{Database, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use tokio::sync::watch;

use crate::model::verdict::RefusalCause;

pub(crate) use campaign::{count_of_campaigns, drop_held, drop_waiting, hold_back, release};
pub(crate) use claims::{claim, conclude, end_claims, end_claims_of, hand_off, let_go, other_claimants};
#[cfg(test)]
pub(crate) use due::plan;
pub(crate) use due::{find_due, list_due, next_due, postpone, sent_since};
pub(crate) use tally::{mark_counted, next_uncounted, uncounted};
pub(crate) use upkeep::{
    Misdated, bring_forward, count_ambiguities, count_ended, count_under_way, count_waiting, count_waiting_of, give_up,
    trim,
};

contracts::text_column!(RefusalCause);

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_mail")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    #[sea_orm(unique)]
    pub(crate) event_id: Uuid,
    pub(crate) kind: String,
    pub(crate) is_commercial: bool,
    pub(crate) recipient: EmailAddress,
    pub(crate) locale: Locale,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) sealed_content: Option<Vec<u8>>,
    pub(crate) recorded_at: Timestamp,
    pub(crate) state: State,
    pub(crate) attempts: i32,
    pub(crate) ambiguities: i32,
    pub(crate) next_at: Option<Timestamp>,
    pub(crate) claim: Option<Uuid>,
    pub(crate) claimed_by: Option<Uuid>,
    pub(crate) last_reply: Option<String>,
    pub(crate) finished_at: Option<Timestamp>,
    /// What it is part of; its readers get one mail of it each.
    pub(crate) campaign_id: Option<CampaignId>,
    /// Since when its reader agrees to such mails, where that is known.
    pub(crate) consent_at: Option<Timestamp>,
    /// When it is of no use to its reader any more.
    pub(crate) ends_at: Option<Timestamp>,
    /// That of the recipient; `None` where the release before wrote the row.
    pub(crate) domain: Option<String>,
    /// Why a server refused it for good, as far as its codes say.
    pub(crate) refusal: Option<RefusalCause>,
    /// When it was added to the tally of its campaign.
    pub(crate) counted_at: Option<Timestamp>,
}

pub(crate) use Model as Mail;

impl ActiveModelBehavior for ActiveModel {}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub(crate) enum State {
    /// It waits for its next try.
    Pending,
    /// A process tries it; the server has nothing of it yet.
    Claimed,
    /// A process gave it to the server and waits for the answer.
    HandedOff,
    /// The server has it.
    Sent,
    /// The server refused it, or two days were not enough.
    Failed,
    /// Nobody knows whether the server has it.
    Ambiguous,
    /// Its reader wants no such mail.
    Suppressed,
    /// What it speaks of was over, or its campaign was ended, before its turn came.
    Dropped,
}

impl State {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Claimed => "claimed",
            Self::HandedOff => "handed_off",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Ambiguous => "ambiguous",
            Self::Suppressed => "suppressed",
            Self::Dropped => "dropped",
        }
    }
}

/// A unique claim on one mail: what its holder writes counts only while nobody claimed the mail after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) mail: Uuid,
    pub(crate) claim: Uuid,
    /// The process that holds it.
    pub(crate) process: Uuid,
}

/// What becomes of a claimed mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its turn comes again.
    Waits { until: Timestamp },
    /// Nothing is left to do.
    Ends { state: State, at: Timestamp },
}

/// What is known after a try.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub(crate) attempts: u32,
    pub(crate) ambiguities: u32,
    pub(crate) reply: String,
    /// Why the server refused it for good, if it did.
    pub(crate) refusal: Option<RefusalCause>,
}

/// Counts the commits of this process with mails of `class` to send; watch it instead of polling.
pub(crate) fn announcements(database: &Database, class: MailClass) -> watch::Receiver<u64> {
    database.announcements_of(recorded(class))
}

/// What a commit with a mail of `class` to send announces.
fn recorded(class: MailClass) -> &'static str {
    match class {
        MailClass::Transactional => "notification mail",
        MailClass::Commercial => "notification commercial mail",
    }
}

/// Adds a mail; false if its event was heard before, or if its recipient has a mail of the same campaign.
pub(crate) async fn insert(tx: &WriteTransaction, mail: Mail) -> Result<bool> {
    if mail.next_at.is_some() {
        tx.announce(recorded(mail.class()));
    }
    let once = OnConflict::new().do_nothing().to_owned();
    Ok(Entity::insert(mail.into_active_model()).on_conflict(once).exec_without_returning(tx).await? > 0)
}

impl Mail {
    /// Whether its reader must have agreed to it.
    pub(crate) fn class(&self) -> MailClass {
        class_of(self.is_commercial)
    }

    /// Where its recipient has their mailbox.
    pub(crate) fn recipient_domain(&self) -> &str {
        self.domain.as_deref().unwrap_or_else(|| self.recipient.domain())
    }
}

/// What an ended mail said is forgotten: it may have held a token.
fn ended(row: ActiveModel, state: State, at: Timestamp) -> ActiveModel {
    ActiveModel { state: Set(state), next_at: Set(None), finished_at: Set(Some(at)), sealed_content: Set(None), ..row }
}

fn class_of(is_commercial: bool) -> MailClass {
    if is_commercial { MailClass::Commercial } else { MailClass::Transactional }
}

/// Those of `class`. Not a value of the statement: only so do both databases know that the index of that lane has them all.
fn is_of(class: MailClass) -> Expr {
    match class {
        MailClass::Transactional => Expr::cust("NOT is_commercial"),
        MailClass::Commercial => Expr::cust("is_commercial"),
    }
}

/// Every mail, oldest first.
#[cfg(test)]
pub(crate) async fn all(connection: &impl database::Connection) -> Result<Vec<Mail>> {
    Ok(sea_orm::QueryOrder::order_by_asc(Entity::find(), Column::Id).all(connection).await?)
}
