//! Who follows any of several things: read from `user_favorite` in the order of users, as many as are wanted and no more.

use clock::Timestamp;
use contracts::UserId;
use database::{Connection, Result};
use sea_orm::{Statement, Value};

use crate::model::{FavoriteKind, Subject};

/// A restaurant and what it cooks.
#[derive(Debug, Clone)]
pub(crate) struct Followed(Vec<(FavoriteKind, Subject)>);

/// More is what nobody cooks; each is a part of one query.
const MOST_CUISINES: usize = 32;

/// Somebody who follows one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Follower {
    pub(crate) user_id: UserId,
    /// Since when, where it is several since the first.
    pub(crate) since: Timestamp,
}

impl Followed {
    pub(crate) fn new(restaurant: Subject, cuisines: impl IntoIterator<Item = Subject>) -> Self {
        let mut followed = vec![(FavoriteKind::Restaurant, restaurant)];
        for cuisine in cuisines {
            let cuisine = (FavoriteKind::Cuisine, cuisine);
            if followed.len() <= MOST_CUISINES && !followed.contains(&cuisine) {
                followed.push(cuisine);
            }
        }
        Self(followed)
    }
}

/// The first `limit` followers behind `after`, each once. Of each followed thing so many are read at most.
pub(crate) async fn list(
    database: &impl Connection,
    followed: &Followed,
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<Follower>> {
    // No user has the first of all ids.
    let after = after.unwrap_or(UserId(sea_orm::prelude::Uuid::nil()));
    let mut values: Vec<Value> = vec![after.into(), limit.cast_signed().into()];
    let mut branches = Vec::new();
    for (number, (kind, subject)) in followed.0.iter().enumerate() {
        values.extend([kind.as_str().into(), subject.as_str().into()]);
        let place = 2 * number + 3;
        branches.push(format!(
            "SELECT user_id, since FROM (SELECT user_id, MIN(created_at) AS since FROM user_favorite \
             WHERE kind = ${place} AND subject = ${} AND user_id > $1 GROUP BY user_id ORDER BY user_id LIMIT $2) \
             AS followers_{number}",
            place + 1
        ));
    }
    let sql = format!(
        "SELECT user_id, MIN(since) AS since FROM ({}) AS followers GROUP BY user_id ORDER BY user_id LIMIT $2",
        branches.join(" UNION ALL ")
    );
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
    let rows = database.query_all_raw(statement).await?;
    let followers = rows.iter().map(|row| {
        Ok::<_, sea_orm::DbErr>(Follower { user_id: row.try_get_by("user_id")?, since: row.try_get_by("since")? })
    });
    Ok(followers.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use kit::on_every_database;

    use super::*;
    use crate::fixture::Fixture;
    use crate::store;

    on_every_database! {
        Fixture:
        whoever_follows_several_of_them_is_listed_once_and_nobody_is_left_out_between_pages,
    }

    async fn whoever_follows_several_of_them_is_listed_once_and_nobody_is_left_out_between_pages(fixture: Fixture) {
        let names = ["Kebap", "kebap", "KEBAP", "Pide", "Balık"];
        let mut users = Vec::new();
        let tx = fixture.context.database.begin_write().await.unwrap();
        for number in 0..40_usize {
            fixture.a_moment_later();
            let user_id = fixture.new_user();
            for (place, name) in names.iter().enumerate() {
                if (number >> place) & 1 == 1 || number % 5 == place {
                    store::favorite::insert(&tx, user_id, FavoriteKind::Cuisine, name.parse().unwrap()).await.unwrap();
                }
            }
            users.push(user_id);
        }
        tx.commit().await.unwrap();
        let followed = Followed::new(Subject::cuisine("none"), ["kebap", "PİDE", "balik"].map(Subject::cuisine));

        for limit in [1, 2, 3, 7, 100] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = list(&fixture.context.database, &followed, after, limit).await.unwrap();
                seen.extend(page.iter().map(|follower| follower.user_id));
                after = seen.last().copied();
                if page.len() < usize::try_from(limit).unwrap() {
                    break;
                }
            }
            assert_eq!(seen, users, "{limit} at a time");
        }
    }
}
