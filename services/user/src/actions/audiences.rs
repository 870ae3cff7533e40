//! How many a campaign of a restaurant would reach: counted anew by itself, some followers at a time, once enough of them have changed.

use std::collections::{BTreeMap, HashMap};
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
/// Marks are worked off for so long in one check, so that a stop does not wait for long; what is left is next.
const WORK_WINDOW: Duration = Duration::from_millis(500);
/// Steps of one check by which marks are worked off, whatever the clock says.
const MOST_MARK_STEPS: u32 = 1_000;
/// Steps of one check by which audiences are counted.
const MOST_COUNT_STEPS: u32 = 20;
/// Marks that are read at once, restaurants of a cuisine that one step finds, and audiences that one statement changes.
const BATCH: usize = 500;
/// Cuisines whose restaurants one step finds.
const MOST_CUISINES: usize = 4;
/// Those who have answered whose favourites one step marks.
const MOST_ANSWERED: usize = 10;
/// Followers that one step counts.
const COUNT_BATCH: u64 = 1_000;

/// Works off what has changed, and counts what is due.
pub(crate) async fn count_audiences(user: &User) -> Result<(), UserError> {
    let work_until = user.context.now() + WORK_WINDOW;
    for _ in 0..MOST_MARK_STEPS {
        if work_off_marks(user).await? == Step::NothingDue || user.context.now() >= work_until {
            break;
        }
    }
    let mut failed = None;
    for _ in 0..MOST_COUNT_STEPS {
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

/// Works off the oldest marks together: whatever many of them change is changed once.
async fn work_off_marks(user: &User) -> Result<Step, UserError> {
    if store::audience_mark::list(&user.context.database, 1).await?.is_empty() {
        return Ok(Step::NothingDue);
    }
    let tx = user.context.database.begin_locked("user audience marks").await?;
    let marks = store::audience_mark::list(&tx, BATCH as u64).await?;
    if marks.is_empty() {
        return Ok(Step::NothingDue);
    }
    let (mut named, mut cooking) = (Changes::new(), Changes::new());
    let (mut answered, mut cuisines) = (Vec::<UserId>::new(), 0);
    let mut worked_off = Vec::new();
    for (mark, ids) in fold(marks) {
        let changes = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        match mark.kind {
            AudienceChange::Restaurant => add(&mut named, id_of::<RestaurantId>(&mark), changes),
            AudienceChange::Catalog => add(&mut named, id_of::<RestaurantId>(&mark), ALL_CHANGED),
            AudienceChange::Consent if answered.len() < MOST_ANSWERED => answered.extend(id_of::<UserId>(&mark)),
            AudienceChange::Cuisine if cuisines < MOST_CUISINES => {
                cuisines += 1;
                if let Some(last) = add_cooking(&tx, &mut cooking, &mark, changes).await? {
                    store::audience_mark::advance(&tx, ids, last).await?;
                    continue;
                }
            }
            AudienceChange::Consent | AudienceChange::Cuisine => continue,
        }
        worked_off.extend(ids);
    }
    // Whoever follows a restaurant of which nobody knows is counted when it is known.
    let standing = store::restaurant::list_standing(&tx, named.keys().copied().collect()).await?;
    let mut changed = cooking;
    for (restaurant_id, changes) in named.into_iter().filter(|(restaurant_id, _)| standing.contains(restaurant_id)) {
        add(&mut changed, Some(restaurant_id), changes);
    }
    for some in changed.into_iter().collect::<Vec<_>>().chunks(BATCH) {
        store::audience::change(&tx, some).await?;
    }
    mark_favorites(&tx, answered).await?;
    store::audience_mark::delete(&tx, worked_off).await?;
    tx.commit().await?;
    Ok(Step::WentOn)
}

/// How many changes the audience of each restaurant has seen.
type Changes = BTreeMap<RestaurantId, i64>;

fn add(changes: &mut Changes, restaurant_id: Option<RestaurantId>, more: i64) {
    if let Some(restaurant_id) = restaurant_id {
        *changes.entry(restaurant_id).or_default() += more;
    }
}

/// The marks that say something of their own, oldest first, each with the ids of all that say the same.
fn fold(marks: Vec<AudienceMark>) -> Vec<(AudienceMark, Vec<i64>)> {
    let mut folded: Vec<(AudienceMark, Vec<i64>)> = Vec::new();
    let mut places = HashMap::new();
    for mark in marks {
        let place = *places.entry((mark.kind, mark.subject.clone(), mark.cursor)).or_insert(folded.len());
        let id = mark.id;
        match folded.get_mut(place) {
            Some((_, ids)) => ids.push(id),
            None => folded.push((mark, vec![id])),
        }
    }
    folded
}

/// Adds changes to the next restaurants that cook what the mark names, and answers the last of them if there may be more.
async fn add_cooking(
    tx: &WriteTransaction,
    cooking: &mut Changes,
    mark: &AudienceMark,
    changes: i64,
) -> Result<Option<RestaurantId>, UserError> {
    let cuisine: Subject = mark.subject.parse().unwrap_or_else(|never| match never {});
    let next = store::restaurant::list_cooking(tx, &cuisine, mark.cursor, BATCH as u64).await?;
    let last = next.last().copied().filter(|_| next.len() == BATCH);
    for restaurant_id in next {
        add(cooking, Some(restaurant_id), changes);
    }
    Ok(last)
}

/// Marks all that those follow who have answered: once, for in the end they agree or not.
async fn mark_favorites(tx: &WriteTransaction, answered: Vec<UserId>) -> Result<(), UserError> {
    if answered.is_empty() {
        return Ok(());
    }
    let favorites = store::favorite::list_of_users(tx, answered).await?;
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
