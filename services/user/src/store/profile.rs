//! `user_profile`: who the users say they are.

use clock::Timestamp;
use contracts::{Phone, UserId};
use database::{Connection, DatabaseError, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Set};

use crate::model::{FullName, Gender, ProfileChange, ProfileDetails};

contracts::text_column!(Gender);

/// A complete profile.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_profile")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    pub(crate) full_name: FullName,
    pub(crate) born_date: Date,
    pub(crate) gender: Gender,
    pub(crate) phone: Phone,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Profile;

impl Profile {
    /// The profile that `user_id` completes at `now`.
    pub(crate) fn new(user_id: UserId, details: ProfileDetails, now: Timestamp) -> Self {
        let ProfileDetails { full_name, born_date, gender, phone } = details;
        Self { user_id, full_name, born_date: born_date.day(), gender, phone, created_at: now, updated_at: now }
    }
}

/// Fails with [`DatabaseError::Taken`] when the user has a profile.
pub(crate) async fn insert(tx: &WriteTransaction, profile: &Profile) -> Result<()> {
    Entity::insert(profile.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether `error` says that the user has a profile.
pub(crate) fn is_taken(error: &DatabaseError) -> bool {
    error.is_taken(Entity.table_name())
}

pub(crate) async fn find(database: &impl Connection, user_id: UserId) -> Result<Option<Profile>> {
    Ok(Entity::find_by_id(user_id).one(database).await?)
}

/// Changes the columns that `change` names, and answers the whole profile.
pub(crate) async fn update(tx: &WriteTransaction, user_id: UserId, change: ProfileChange) -> Result<Option<Profile>> {
    let ProfileChange { full_name, born_date, gender, phone } = change;
    let columns = ActiveModel {
        full_name: full_name.map(Set).unwrap_or_default(),
        born_date: born_date.map(|date| Set(date.day())).unwrap_or_default(),
        gender: gender.map(Set).unwrap_or_default(),
        phone: phone.map(Set).unwrap_or_default(),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let update = Entity::update_many().set(columns).filter(Column::UserId.eq(user_id));
    Ok(update.exec_with_returning(tx).await?.pop())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use database::DatabaseError;
    use kit::on_every_database;
    use std::time::Duration;

    on_every_database! {
        Fixture:
        a_profile_comes_back_as_it_went_in_and_is_added_once,
        a_change_touches_its_own_columns_of_its_own_row,
        who_has_no_profile_changes_none,
    }

    async fn a_profile_comes_back_as_it_went_in_and_is_added_once(fixture: Fixture) {
        let profile = Profile::new(fixture.new_user(), Fixture::details(), fixture.context.now());
        let database = &fixture.context.database;
        let tx = database.begin_write().await.unwrap();

        insert(&tx, &profile).await.unwrap();
        tx.commit().await.unwrap();
        let second = insert(&database.begin_write().await.unwrap(), &profile).await;

        assert!(matches!(second, Err(DatabaseError::Taken { .. })));
        assert_eq!(find(database, profile.user_id).await.unwrap(), Some(profile));
    }

    async fn a_change_touches_its_own_columns_of_its_own_row(fixture: Fixture) {
        let now = fixture.context.now();
        let (mine, other) = (fixture.new_user(), fixture.new_user());
        let tx = fixture.context.database.begin_write().await.unwrap();
        for user_id in [mine, other] {
            insert(&tx, &Profile::new(user_id, Fixture::details(), now)).await.unwrap();
        }
        tx.commit().await.unwrap();
        fixture.clock.advance(Duration::from_secs(60));

        let tx = fixture.context.database.begin_write().await.unwrap();
        let change = ProfileChange { full_name: Some("Ayşe Kaya".parse().unwrap()), ..ProfileChange::default() };
        let changed = update(&tx, mine, change).await.unwrap();

        let before = Profile::new(mine, Fixture::details(), now);
        let after = Profile { full_name: "Ayşe Kaya".parse().unwrap(), updated_at: tx.now(), ..before };
        assert_eq!(changed, Some(after));
        let others = find(&tx, other).await.unwrap();
        assert_eq!(others, Some(Profile::new(other, Fixture::details(), now)));
    }

    async fn who_has_no_profile_changes_none(fixture: Fixture) {
        let tx = fixture.context.database.begin_write().await.unwrap();

        let changed = update(&tx, fixture.new_user(), ProfileChange::default()).await.unwrap();

        assert_eq!(changed, None);
    }
}
