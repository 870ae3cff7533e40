//! How many mails there are, as an operator asks: by indexes and up to limits, however many there are.

use std::time::Duration;

use clock::Timestamp;
use contracts::MailClass;

use super::unknown_mail::UNKNOWN_TTL;
use crate::error::NotificationError;
use crate::metrics::MOST_PENDING;
use crate::model::domains::{SLOWNESS_RETENTION, Slowness};
use crate::state::{Destination, Notification};
use crate::store;
use crate::store::mail::State;

/// Over which mails that have ended are counted.
const ENDED_WINDOW: Duration = Duration::from_secs(60);
/// Domains that are shown.
const MOST_DOMAINS: u64 = 100;

/// What there is to do, and what was done lately.
pub(crate) struct Counts {
    pub(crate) lanes: Vec<LaneCounts>,
    /// Ended within the last minute.
    pub(crate) ended: Vec<(MailClass, State, u64)>,
    pub(crate) slow_domains: Vec<SlowDomain>,
    /// They wait for a release that knows their type.
    pub(crate) unknown: u64,
}

/// The mails of one class that have not ended.
pub(crate) struct LaneCounts {
    pub(crate) class: MailClass,
    pub(crate) under_way: u64,
    pub(crate) due: u64,
    pub(crate) waiting: u64,
    pub(crate) next_at: Option<Timestamp>,
}

/// A domain that has asked for fewer mails.
pub(crate) struct SlowDomain {
    pub(crate) domain: String,
    pub(crate) slowed_at: Timestamp,
    /// What this process may send it.
    pub(crate) mails_per_second: f64,
}

pub(crate) async fn count_mails(notification: &Notification) -> Result<Counts, NotificationError> {
    let (database, now) = (&notification.context.database, notification.context.now());
    let under_way = store::mail::count_under_way(database).await?;
    let mut lanes = Vec::new();
    for class in [MailClass::Transactional, MailClass::Commercial] {
        let claimed = under_way.iter().find(|(of, _)| *of == class).map_or(0, |(_, count)| *count);
        lanes.push(LaneCounts {
            class,
            under_way: claimed,
            due: store::mail::count_waiting_of(database, class, Some(now), MOST_PENDING).await?.saturating_sub(claimed),
            waiting: store::mail::count_waiting_of(database, class, None, MOST_PENDING).await?.saturating_sub(claimed),
            next_at: store::mail::next_due(database, class).await?,
        });
    }
    Ok(Counts {
        lanes,
        ended: store::mail::count_ended(database, now - ENDED_WINDOW, MOST_PENDING).await?,
        slow_domains: slow_domains(notification, now).await?,
        unknown: store::unknown_mail::count(database, now - 2 * UNKNOWN_TTL, MOST_PENDING).await?,
    })
}

async fn slow_domains(notification: &Notification, now: Timestamp) -> Result<Vec<SlowDomain>, NotificationError> {
    let Destination::Server(server) = &notification.destination else { return Ok(Vec::new()) };
    let database = &notification.context.database;
    let slow = store::slow_domain::list(database, now - SLOWNESS_RETENTION, MOST_DOMAINS).await?;
    let slow = slow.into_iter().filter(|(_, slowness)| slowness.share_at(now) < 1.0);
    let shown = |(domain, Slowness { slowed_at, .. }): (String, Slowness)| {
        let mails_per_second = server.domains.rate_of(&domain, now);
        SlowDomain { domain, slowed_at, mails_per_second }
    };
    Ok(slow.map(shown).collect())
}
