//! How many a campaign of a restaurant would reach: counted anew by itself, some followers at a time, once enough of them have changed.

use std::str::FromStr;
use std::time::Duration;

use bus::outbox;
use contracts::{AudienceCounted, RestaurantId, UserId};
use database::WriteTransaction;

use super::favorites;
use super::restaurants::subjects;
use crate::error::UserError;
use crate::model::{ALL_CHANGED, AudienceChange, Subject, changes_needed, counted_out};
use crate::state::User;
use crate::store;
use crate::store::audience::Audience;
use crate::store::audience_mark::AudienceMark;
use crate::store::follower::Followed;

/// How often it is checked what has changed.
pub(crate) const AUDIENCE_INTERVAL: Duration = Duration::from_secs(1);
/// A restaurant is counted once within.
const COUNT_INTERVAL: Duration = Duration::from_secs(60);
/// A count that has failed waits for so long.
const RETRY_DELAY: Duration = Duration::from_secs(5 * 60);
/// Steps of one check, of either kind.
const MOST_STEPS: u32 = 20;
/// Marks that are read at once, and restaurants of a cuisine that one step finds.
const BATCH: u64 = 500;
/// Followers that one step counts.
const COUNT_BATCH: u64 = 1_000;

/// Works off what has changed, and counts what is due.
pub(crate) async fn count_audiences(user: &User) -> Result<(), UserError> {
    for _ in 0..MOST_STEPS {
        if work_off_marks(user).await? == Step::NothingDue {
            break;
        }
    }
    let mut failed = None;
    for _ in 0..MOST_STEPS {
        let due = store::audience::find_due(&user.context.database, user.context.now()).await?;
        let Some(audience) = due else { break };
        let restaurant_id = audience.restaurant_id;
        if let Err(error) = count_next(user, audience).await {
            tracing::warn!(%error, %restaurant_id, "an audience can't be counted; it is tried again");
            let tx = user.context.database.begin_read_committed().await?;
            store::audience::put_off(&tx, restaurant_id, tx.now() + RETRY_DELAY).await?;
            tx.commit().await?;
            failed = failed.or(Some(error));
        }
    }
    failed.map_or(Ok(()), Err)
}

/// What a step led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    WentOn,
    NothingDue,
}

/// Works off the oldest mark, and all that say the same.
async fn work_off_marks(user: &User) -> Result<Step, UserError> {
    if store::audience_mark::list(&user.context.database, 1).await?.is_empty() {
        return Ok(Step::NothingDue);
    }
    let tx = user.context.database.begin_locked("user audience marks").await?;
    let marks = store::audience_mark::list(&tx, BATCH).await?;
    let Some(mark) = marks.first() else { return Ok(Step::NothingDue) };
    let says_the_same =
        |other: &&AudienceMark| (other.kind, &other.subject, other.cursor) == (mark.kind, &mark.subject, mark.cursor);
    let alike: Vec<i64> = marks.iter().filter(says_the_same).map(|mark| mark.id).collect();
    let changes = i64::try_from(alike.len()).unwrap_or(i64::MAX);
    match mark.kind {
        AudienceChange::Restaurant => change_known(&tx, mark, changes).await?,
        AudienceChange::Catalog => change_known(&tx, mark, ALL_CHANGED).await?,
        AudienceChange::Consent => mark_favorites(&tx, mark).await?,
        AudienceChange::Cuisine => {
            let cuisine: Subject = mark.subject.parse().unwrap_or_else(|never| match never {});
            let cooking = store::restaurant::list_cooking(&tx, &cuisine, mark.cursor, BATCH).await?;
            let (is_last, last) =
                (u64::try_from(cooking.len()).is_ok_and(|count| count < BATCH), cooking.last().copied());
            store::audience::change(&tx, cooking, changes).await?;
            if let Some(last) = last.filter(|_| !is_last) {
                store::audience_mark::advance(&tx, alike, last).await?;
                tx.commit().await?;
                return Ok(Step::WentOn);
            }
        }
    }
    store::audience_mark::delete(&tx, alike).await?;
    tx.commit().await?;
    Ok(Step::WentOn)
}

/// Counts the changes of a restaurant that exists; whoever follows another one is counted when it does.
async fn change_known(tx: &WriteTransaction, mark: &AudienceMark, changes: i64) -> Result<(), UserError> {
    let Some(restaurant_id) = id_of::<RestaurantId>(mark) else { return Ok(()) };
    let restaurant = store::restaurant::find(tx, restaurant_id).await?;
    if restaurant.is_some_and(|restaurant| !restaurant.is_deleted) {
        store::audience::change(tx, vec![restaurant_id], changes).await?;
    }
    Ok(())
}

/// Marks all that somebody follows who has answered: once, for in the end they agree or not.
async fn mark_favorites(tx: &WriteTransaction, mark: &AudienceMark) -> Result<(), UserError> {
    let Some(user_id) = id_of::<UserId>(mark) else { return Ok(()) };
    let favorites = store::favorite::list(tx, user_id).await?;
    let marks = favorites.iter().map(|favorite| favorites::mark(favorite.kind, &favorite.name));
    Ok(store::audience_mark::insert(tx, marks).await?)
}

/// The id that a mark names; one that names none concerns nobody and is worked off with that.
fn id_of<T: FromStr>(mark: &AudienceMark) -> Option<T> {
    let id = mark.subject.parse().ok();
    if id.is_none() {
        tracing::error!(mark = mark.id, subject = mark.subject, "a mark of an audience names no id");
    }
    id
}

/// Counts the next followers of a restaurant, and publishes how many there are once all are counted.
async fn count_next(user: &User, due: Audience) -> Result<(), UserError> {
    let tx = user.context.database.begin_read_committed().await?;
    let Some(mut audience) = store::audience::claim_due(&tx, due.restaurant_id, due.cursor).await? else {
        return Ok(());
    };
    let restaurant = store::restaurant::find(&tx, audience.restaurant_id).await?;
    let Some(restaurant) = restaurant.filter(|restaurant| !restaurant.is_deleted) else {
        let rest = Audience { due_at: None, cursor: None, changes: 0, ..audience };
        store::audience::save(&tx, rest).await?;
        return Ok(tx.commit().await?);
    };
    if audience.cursor.is_none() {
        audience = Audience { changes_at_start: audience.changes, followers: 0, consenting: 0, ..audience };
    }
    let followed = Followed::new(Subject::restaurant(restaurant.id), subjects(&restaurant));
    let followers = store::follower::list(&tx, &followed, audience.cursor, COUNT_BATCH).await?;
    let users: Vec<UserId> = followers.iter().map(|follower| follower.user_id).collect();
    let preferences = store::preferences::list(&tx, users).await?;
    let consenting = preferences.values().filter(|preferences| preferences.commercial_mail.is_granted()).count();
    audience.followers += i64::try_from(followers.len()).unwrap_or(i64::MAX);
    audience.consenting += i64::try_from(consenting).unwrap_or(i64::MAX);
    audience.cursor = followers.last().map(|follower| follower.user_id).or(audience.cursor);
    audience.due_at = Some(tx.now());
    if u64::try_from(followers.len()).is_ok_and(|count| count < COUNT_BATCH) {
        audience = publish(&tx, audience).await?;
    }
    store::audience::save(&tx, audience).await?;
    Ok(tx.commit().await?)
}

/// Publishes a count that is complete, and answers the audience as it rests.
async fn publish(tx: &WriteTransaction, audience: Audience) -> Result<Audience, UserError> {
    let event = AudienceCounted {
        restaurant_id: audience.restaurant_id,
        followers: counted_out(audience.followers),
        consenting: counted_out(audience.consenting),
        counted_at: tx.now(),
    };
    outbox::record(tx, &event).await?;
    let changes = audience.changes - audience.changes_at_start;
    let changes_needed = changes_needed(audience.followers, audience.consenting);
    let rests_until = tx.now() + COUNT_INTERVAL;
    Ok(Audience {
        changes,
        changes_needed,
        changes_at_start: 0,
        rests_until,
        due_at: (changes >= changes_needed).then_some(rests_until),
        cursor: None,
        ..audience
    })
}
