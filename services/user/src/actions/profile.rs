//! Profiles: completing one, showing it, changing it.

use contracts::UserId;

use crate::error::UserError;
use crate::model::{ProfileChange, ProfileDetails};
use crate::state::User;
use crate::store;
use crate::store::profile::Profile;

/// Gives the user a profile. Possible once, and however long after the registration.
pub(crate) async fn complete_registration(
    user: &User,
    user_id: UserId,
    details: ProfileDetails,
) -> Result<Profile, UserError> {
    if !is_known(user, user_id).await? {
        return Err(UserError::NotPending);
    }
    let tx = user.context.database.begin_write().await?;
    if !details.born_date.is_before(tx.now()) {
        return Err(UserError::BornInFuture);
    }
    let profile = Profile::new(user_id, details, tx.now());
    match store::profile::insert(&tx, &profile).await {
        Err(error) if store::profile::is_taken(&error) => return Err(UserError::ProfileExists),
        inserted => inserted?,
    }
    tx.commit().await?;
    if let Err(error) = store::pending_user::remove(&user.context, user_id).await {
        tracing::warn!(%error, "the profile is complete; its pending key stays until it expires");
    }
    Ok(profile)
}

/// Our row needs nobody's word. Without one auth's event may still be under way, and the key that auth sets when the mailbox
/// is proven vouches for the user; so an outage of the key's store keeps only such a newcomer waiting. The profile comes
/// last: whoever completed it removed the key after the commit, so a key just gone means a profile to be found.
async fn is_known(user: &User, user_id: UserId) -> Result<bool, UserError> {
    Ok(store::account::find(&user.context.database, user_id).await?.is_some()
        || store::pending_user::is_set(&user.context, user_id).await?
        || store::profile::find(&user.context.database, user_id).await?.is_some())
}

/// The user's profile.
pub(crate) async fn find_profile(user: &User, user_id: UserId) -> Result<Profile, UserError> {
    store::profile::find(&user.context.database, user_id).await?.ok_or(UserError::NoProfile)
}

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_profile(user: &User, user_id: UserId, change: ProfileChange) -> Result<Profile, UserError> {
    if change.is_empty() {
        return find_profile(user, user_id).await;
    }
    let tx = user.context.database.begin_read_committed().await?;
    if change.born_date.is_some_and(|date| !date.is_before(tx.now())) {
        return Err(UserError::BornInFuture);
    }
    let profile = store::profile::update(&tx, user_id, change).await?.ok_or(UserError::NoProfile)?;
    tx.commit().await?;
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use contracts::UserCreated;
    use kit::on_every_database;

    on_every_database! {
        Fixture: the_event_and_two_completions_at_once_make_one_profile_and_leave_no_key
    }

    async fn the_event_and_two_completions_at_once_make_one_profile_and_leave_no_key(fixture: Fixture) {
        for _ in 0..20 {
            let user_id = fixture.new_user();
            let event = UserCreated { user_id, email: None, locale: None, created_at: None };
            let user = fixture.user.clone();
            store::pending_user::put(&fixture.context, user_id).await.unwrap();

            let (first, second, ()) = tokio::join!(
                complete_registration(&user, user_id, Fixture::details()),
                complete_registration(&user, user_id, Fixture::details()),
                fixture.deliver(event),
            );

            let made = [&first, &second].into_iter().filter(|result| result.is_ok()).count();
            let refused =
                [&first, &second].into_iter().filter(|result| matches!(result, Err(UserError::ProfileExists)));
            assert_eq!((made, refused.count()), (1, 1));
            assert_eq!(fixture.pending_key(user_id).await, None);
        }
    }
}
