//! `user_favorite`: restaurants and cuisines that users follow.

use clock::Timestamp;
use contracts::UserId;
use database::{Connection, Database, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{QueryOrder, QuerySelect, Set};

use crate::model::{FavoriteKind, FavoriteName, Subject};

contracts::text_column!(FavoriteKind);

/// A restaurant or a cuisine that a user follows.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_favorite")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) user_id: UserId,
    pub(crate) kind: FavoriteKind,
    pub(crate) name: FavoriteName,
    /// Since when; before everything where that is not known.
    pub(crate) created_at: Timestamp,
    /// By which followers are found; `None` until a row is matched that was written before there was such.
    pub(crate) subject: Option<Subject>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Favorite;

/// Begins a transaction that has the user's favourites to itself.
pub(crate) async fn begin_write(database: &Database, user_id: UserId) -> Result<WriteTransaction> {
    database.begin_locked(&format!("user favorites {user_id}")).await
}

/// Adds the favourite, or answers the row that stands there already: the update changes nothing, but makes the database
/// return that row.
pub(crate) async fn insert(
    tx: &WriteTransaction,
    user_id: UserId,
    kind: FavoriteKind,
    name: FavoriteName,
) -> Result<Favorite> {
    let subject = Subject::of(kind, &name);
    let row = ActiveModel {
        user_id: Set(user_id),
        kind: Set(kind),
        name: Set(name),
        created_at: Set(tx.now()),
        subject: Set(Some(subject)),
        ..Default::default()
    };
    let same = OnConflict::columns([Column::UserId, Column::Kind, Column::Name]).update_column(Column::Name).to_owned();
    Ok(Entity::insert(row).on_conflict(same).exec_with_returning(tx).await?)
}

/// All favourites of the user, oldest first.
pub(crate) async fn list(database: &impl Connection, user_id: UserId) -> Result<Vec<Favorite>> {
    Ok(Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id).all(database).await?)
}

/// All favourites of the user that are of this thing, however it is written: mostly one.
pub(crate) async fn list_of(
    database: &impl Connection,
    user_id: UserId,
    kind: FavoriteKind,
    subject: Subject,
) -> Result<Vec<Favorite>> {
    let of_thing = Entity::find().filter(Column::Kind.eq(kind)).filter(Column::Subject.eq(subject));
    Ok(of_thing.filter(Column::UserId.eq(user_id)).all(database).await?)
}

/// All favourites of these users.
pub(crate) async fn list_of_users(database: &impl Connection, users: Vec<UserId>) -> Result<Vec<Favorite>> {
    Ok(Entity::find().filter(Column::UserId.is_in(users)).all(database).await?)
}

/// Up to `limit` favourites without a subject.
pub(crate) async fn list_unmatched(database: &impl Connection, limit: u64) -> Result<Vec<Favorite>> {
    Ok(Entity::find().filter(Column::Subject.is_null()).order_by_asc(Column::Id).limit(limit).all(database).await?)
}

/// Gives the favourite its subject.
pub(crate) async fn match_subject(tx: &WriteTransaction, id: i64, subject: Subject) -> Result<()> {
    let columns = ActiveModel { subject: Set(Some(subject)), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// How many favourites of one kind the user has.
pub(crate) async fn count(database: &impl Connection, user_id: UserId, kind: FavoriteKind) -> Result<u64> {
    let of_kind = Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::Kind.eq(kind));
    Ok(of_kind.count(database).await?)
}

/// Removes the favourite and answers it, if it stood there.
pub(crate) async fn delete(
    tx: &WriteTransaction,
    user_id: UserId,
    kind: FavoriteKind,
    name: FavoriteName,
) -> Result<Option<Favorite>> {
    let delete = Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Name.eq(name));
    Ok(delete.exec_with_returning(tx).await?.pop())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use FavoriteKind::{Cuisine, Restaurant};
    use kit::on_every_database;

    on_every_database! {
        Fixture:
        a_thing_is_followed_once_and_keeps_its_row,
        a_list_is_in_the_order_of_following_and_without_what_was_removed,
    }

    fn name(name: &str) -> FavoriteName {
        name.parse().unwrap()
    }

    async fn a_thing_is_followed_once_and_keeps_its_row(fixture: Fixture) {
        let (ayse, ali) = (fixture.new_user(), fixture.new_user());
        let tx = fixture.context.database.begin_write().await.unwrap();

        let first = insert(&tx, ayse, Cuisine, name("kebap")).await.unwrap();
        insert(&tx, ayse, Restaurant, name("kebap")).await.unwrap();
        insert(&tx, ali, Cuisine, name("kebap")).await.unwrap();
        let again = insert(&tx, ayse, Cuisine, name("kebap")).await.unwrap();

        assert_eq!(first, again);
        assert_eq!(count(&tx, ayse, Cuisine).await.unwrap(), 1);
        assert_eq!(list(&tx, ayse).await.unwrap().len(), 2);
    }

    async fn a_list_is_in_the_order_of_following_and_without_what_was_removed(fixture: Fixture) {
        let (ayse, ali) = (fixture.new_user(), fixture.new_user());
        let tx = fixture.context.database.begin_write().await.unwrap();
        for cuisine in ["pide", "balık", "kebap"] {
            insert(&tx, ayse, Cuisine, name(cuisine)).await.unwrap();
        }

        let removed = delete(&tx, ayse, Cuisine, name("balık")).await.unwrap();
        let again = delete(&tx, ayse, Cuisine, name("balık")).await.unwrap();
        let of_another = delete(&tx, ali, Cuisine, name("pide")).await.unwrap();

        let left = list(&tx, ayse).await.unwrap();
        let names: Vec<&str> = left.iter().map(|favorite| favorite.name.as_str()).collect();
        assert_eq!(names, ["pide", "kebap"]);
        assert_eq!(removed.map(|favorite| favorite.name), Some(name("balık")));
        assert_eq!((again, of_another), (None, None));
    }
}
