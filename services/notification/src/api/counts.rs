//! How many mails wait, for who looks after the platform.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use contracts::MailClass;
use kit::{Admin, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions;
use crate::metrics::MOST_PENDING;
use crate::state::Notification;
use crate::store::mail::State as MailState;

/// What there is to do, and what was done lately.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MailCounts {
    /// Mails that have not ended, by class: what somebody waits for comes first.
    lanes: Vec<Lane>,
    /// Mails that have ended within the last minute.
    ended: Vec<Ended>,
    /// Domains that have asked for fewer mails within half an hour, at most 100.
    slow_domains: Vec<SlowDomain>,
    /// Mails of types that only a later release knows.
    unknown: u64,
    /// No count of what waits goes further.
    #[schema(example = 10_000)]
    counted_up_to: u64,
}

/// The mails of one class that have not ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailLane)]
struct Lane {
    /// `transactional` or `commercial`.
    #[schema(example = "transactional")]
    class: &'static str,
    /// Senders try them at this moment.
    under_way: u64,
    /// They could leave now.
    due: u64,
    /// All that wait, also for another try or for the morning.
    waiting: u64,
    /// When the turn of the first one comes.
    next_at: Option<DateTime<Utc>>,
}

/// Mails that ended alike.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedMails)]
struct Ended {
    /// `transactional` or `commercial`.
    #[schema(example = "commercial")]
    class: &'static str,
    /// `sent`, `failed`, `ambiguous`, `suppressed` or `dropped`.
    #[schema(example = "sent")]
    state: &'static str,
    /// How many.
    mails: u64,
}

/// A domain that has asked for fewer mails.
#[derive(Debug, Serialize, ToSchema)]
struct SlowDomain {
    #[schema(example = "example.com")]
    domain: String,
    /// When it asked last.
    slowed_at: DateTime<Utc>,
    /// What this process may send it for now.
    mails_per_second: f64,
}

/// Counts the mails that wait, by class, and those that have ended within the last minute, by how; and shows which domains have asked for
/// fewer.
#[utoipa::path(
    get,
    path = "/notification/mails/counts",
    tag = "notification",
    security(("bearer" = ["admin"])),
    responses((status = 200, description = "The counts", body = MailCounts))
)]
pub(super) async fn count_mails(State(notification): State<Arc<Notification>>, _: Admin) -> Result<Response, Problem> {
    let counts = actions::count_mails(&notification).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Answer(MailCounts::from(counts))).into_response())
}

fn word(class: MailClass) -> &'static str {
    match class {
        MailClass::Transactional => "transactional",
        MailClass::Commercial => "commercial",
    }
}

impl From<actions::Counts> for MailCounts {
    fn from(counts: actions::Counts) -> Self {
        let lane = |actions::LaneCounts { class, under_way, due, waiting, next_at }| Lane {
            class: word(class),
            under_way,
            due,
            waiting,
            next_at,
        };
        let slow = |actions::SlowDomain { domain, slowed_at, mails_per_second }| SlowDomain {
            domain,
            slowed_at,
            mails_per_second,
        };
        let ended = |(class, state, mails): (MailClass, MailState, u64)| Ended {
            class: word(class),
            state: state.as_str(),
            mails,
        };
        Self {
            lanes: counts.lanes.into_iter().map(lane).collect(),
            ended: counts.ended.into_iter().map(ended).collect(),
            slow_domains: counts.slow_domains.into_iter().map(slow).collect(),
            unknown: counts.unknown,
            counted_up_to: MOST_PENDING,
        }
    }
}
