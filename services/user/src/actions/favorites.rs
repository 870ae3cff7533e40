//! Favourites: restaurants and cuisines that a user follows.

use std::collections::HashMap;

use contracts::{RestaurantId, UserId};

use crate::error::UserError;
use crate::model::{AudienceChange, FavoriteKind, FavoriteName, Subject};
use crate::state::User;
use crate::store;
use crate::store::favorite::Favorite;
use crate::store::restaurant::Restaurant;

/// A list longer than this is nobody's taste; it also bounds the answers, which are whole lists.
const LIST_END: u64 = 500;

/// Everything that the user follows, oldest first.
pub(crate) async fn list_favorites(user: &User, user_id: UserId) -> Result<Vec<Favorite>, UserError> {
    Ok(store::favorite::list(&user.context.database, user_id).await?)
}

/// The restaurants among `favorites`, as far as they are known, by their ids.
pub(crate) async fn list_restaurants(
    user: &User,
    favorites: &[Favorite],
) -> Result<HashMap<RestaurantId, Restaurant>, UserError> {
    let restaurants = favorites.iter().filter(|favorite| favorite.kind == FavoriteKind::Restaurant);
    let ids = restaurants.map(|favorite| RestaurantId::of_first_platform(favorite.name.as_str())).collect();
    let known = store::restaurant::list(&user.context.database, ids).await?;
    Ok(known.into_iter().map(|restaurant| (restaurant.id, restaurant)).collect())
}

/// Whether the user follows the restaurant, however its id was written.
pub(crate) async fn follows_restaurant(user: &User, user_id: UserId, id: RestaurantId) -> Result<bool, UserError> {
    let (database, subject) = (&user.context.database, Subject::restaurant(id));
    Ok(!store::favorite::list_of(database, user_id, FavoriteKind::Restaurant, subject).await?.is_empty())
}

/// Follows no more what is called `name`, however that was written.
pub(crate) async fn unfollow(
    user: &User,
    user_id: UserId,
    kind: FavoriteKind,
    name: &FavoriteName,
) -> Result<(), UserError> {
    let tx = store::favorite::begin_write(&user.context.database, user_id).await?;
    let favorites = store::favorite::list_of(&tx, user_id, kind, Subject::of(kind, name)).await?;
    if favorites.is_empty() {
        return Ok(());
    }
    for favorite in favorites {
        store::favorite::delete(&tx, user_id, kind, favorite.name).await?;
    }
    store::audience_mark::insert(&tx, [mark(kind, name)]).await?;
    Ok(tx.commit().await?)
}

/// Follows `name`; answers the row that stands there already if there is one.
pub(crate) async fn add_favorite(
    user: &User,
    user_id: UserId,
    kind: FavoriteKind,
    name: FavoriteName,
) -> Result<Favorite, UserError> {
    let tx = store::favorite::begin_write(&user.context.database, user_id).await?;
    let favorite = store::favorite::insert(&tx, user_id, kind, name).await?;
    if favorite.created_at == tx.now() {
        store::audience_mark::insert(&tx, [mark(kind, &favorite.name)]).await?;
    }
    if store::favorite::count(&tx, user_id, kind).await? > LIST_END {
        return Err(UserError::TooManyFavorites);
    }
    tx.commit().await?;
    Ok(favorite)
}

/// Follows `name` no more; answers the row that stood there, if there was one.
pub(crate) async fn remove_favorite(
    user: &User,
    user_id: UserId,
    kind: FavoriteKind,
    name: FavoriteName,
) -> Result<Option<Favorite>, UserError> {
    let tx = store::favorite::begin_write(&user.context.database, user_id).await?;
    let favorite = store::favorite::delete(&tx, user_id, kind, name).await?;
    if let Some(favorite) = &favorite {
        store::audience_mark::insert(&tx, [mark(kind, &favorite.name)]).await?;
    }
    tx.commit().await?;
    Ok(favorite)
}

/// That more or fewer follow the thing.
pub(super) fn mark(kind: FavoriteKind, name: &FavoriteName) -> (AudienceChange, String) {
    let change = match kind {
        FavoriteKind::Restaurant => AudienceChange::Restaurant,
        FavoriteKind::Cuisine => AudienceChange::Cuisine,
    };
    (change, Subject::of(kind, name).as_str().to_owned())
}

/// Whether all favourites can be found by what they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    Finished,
    Unfinished,
}

/// Rows that are matched in one transaction, and such transactions of one check.
const MATCH_BATCH: u64 = 200;
const MOST_MATCH_BATCHES: u32 = 50;

/// Gives favourites a subject that a process of an earlier release has written, or that were imported: no database folds Turkish letters.
pub(crate) async fn match_subjects(user: &User) -> Result<Matching, UserError> {
    for _ in 0..MOST_MATCH_BATCHES {
        if store::favorite::list_unmatched(&user.context.database, 1).await?.is_empty() {
            return Ok(Matching::Finished);
        }
        let tx = user.context.database.begin_locked("user favorites unmatched").await?;
        let unmatched = store::favorite::list_unmatched(&tx, MATCH_BATCH).await?;
        let marks: Vec<_> = unmatched.iter().map(|favorite| mark(favorite.kind, &favorite.name)).collect();
        for favorite in unmatched {
            let subject = Subject::of(favorite.kind, &favorite.name);
            store::favorite::match_subject(&tx, favorite.id, subject).await?;
        }
        store::audience_mark::insert(&tx, marks).await?;
        tx.commit().await?;
    }
    Ok(Matching::Unfinished)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::fixture::Fixture;
    use kit::on_every_database;

    on_every_database! {
        Fixture:
        a_list_ends_where_it_ends_and_a_thing_stands_in_it_once_whichever_processes_add,
        a_full_list_takes_no_more_but_still_answers_what_is_in_it,
        who_follows_a_thing_no_more_follows_it_under_no_name,
    }

    async fn a_list_ends_where_it_ends_and_a_thing_stands_in_it_once_whichever_processes_add(fixture: Fixture) {
        let (user, user_id) = (fixture.user.clone(), fixture.new_user());
        let replica = User::new(fixture.replica().await.context, Settings::default());
        let add = async |user: &User, number: u64| {
            let name = format!("cuisine {number}").parse().unwrap();
            add_favorite(user, user_id, FavoriteKind::Cuisine, name).await
        };
        for number in 0..LIST_END - 3 {
            add(&user, number).await.unwrap();
        }

        let (first, same) = tokio::join!(add(&user, LIST_END), add(&replica, LIST_END));
        let last = tokio::join!(
            add(&user, LIST_END + 1),
            add(&replica, LIST_END + 2),
            add(&user, LIST_END + 3),
            add(&replica, LIST_END + 4),
        );

        assert_eq!(first.unwrap(), same.unwrap());
        let added = [last.0, last.1, last.2, last.3].iter().filter(|added| added.is_ok()).count();
        assert_eq!(added, 2);
        assert_eq!(list_favorites(&user, user_id).await.unwrap().len(), 500);
    }

    async fn a_full_list_takes_no_more_but_still_answers_what_is_in_it(fixture: Fixture) {
        let (user, user_id) = (fixture.user.clone(), fixture.new_user());
        let add = async |number: u64| {
            let name = format!("cuisine {number}").parse().unwrap();
            add_favorite(&user, user_id, FavoriteKind::Cuisine, name).await
        };
        for number in 0..LIST_END {
            add(number).await.unwrap();
        }

        assert!(matches!(add(LIST_END).await, Err(UserError::TooManyFavorites)));
        assert_eq!(add(7).await.unwrap().name.as_str(), "cuisine 7");
        assert_eq!(list_favorites(&user, user_id).await.unwrap().len(), 500);
    }

    async fn who_follows_a_thing_no_more_follows_it_under_no_name(fixture: Fixture) {
        let (user, ayse, ali) = (fixture.user.clone(), fixture.new_user(), fixture.new_user());
        let id = "018f0000-0000-7000-8000-00000000000a";
        let restaurant = RestaurantId::of_first_platform(id);
        let named = |name: &str| -> FavoriteName { name.parse().unwrap() };
        for name in [id.to_owned(), id.to_uppercase()] {
            add_favorite(&user, ayse, FavoriteKind::Restaurant, named(&name)).await.unwrap();
        }
        add_favorite(&user, ali, FavoriteKind::Restaurant, named(id)).await.unwrap();
        add_favorite(&user, ayse, FavoriteKind::Cuisine, named("KEBAP")).await.unwrap();

        unfollow(&user, ayse, FavoriteKind::Restaurant, &named(id)).await.unwrap();
        unfollow(&user, ayse, FavoriteKind::Restaurant, &named(id)).await.unwrap();
        let left = list_favorites(&user, ayse).await.unwrap();
        unfollow(&user, ayse, FavoriteKind::Cuisine, &named("kebap")).await.unwrap();

        assert_eq!(left.iter().map(|favorite| favorite.name.as_str()).collect::<Vec<_>>(), ["KEBAP"]);
        assert!(!follows_restaurant(&user, ayse, restaurant).await.unwrap());
        assert!(follows_restaurant(&user, ali, restaurant).await.unwrap());
        assert!(list_favorites(&user, ayse).await.unwrap().is_empty());
    }
}
