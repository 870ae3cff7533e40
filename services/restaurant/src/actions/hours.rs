//! When a restaurant is open: its hours, and a break.

use std::time::Duration;

use clock::Timestamp;
use contracts::RestaurantId;

use crate::error::RestaurantError;
use crate::model::{HoursChange, Writer};
use crate::state::Restaurants;
use crate::store::restaurant::Restaurant;

use super::catalog::FullRestaurant;
use super::restaurants::{begin_change, commit_change, leave};
use super::write_limit::WriteKind;

/// A longer break is a closure.
const PAUSE_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_hours(
    restaurants: &Restaurants,
    writer: Writer,
    id: RestaurantId,
    change: HoursChange,
) -> Result<FullRestaurant, RestaurantError> {
    let (tx, before) = begin_change(restaurants, writer, id, WriteKind::Switch).await?;
    change.check((&before.special_days, &before.closures), tx.now()).map_err(RestaurantError::HoursInvalid)?;
    let after = before.clone().with_hours(change);
    if after == before { leave(tx, before).await } else { commit_change(tx, after).await }
}

/// Begins a break that lasts until then, or ends the one under way.
pub(crate) async fn update_pause(
    restaurants: &Restaurants,
    writer: Writer,
    id: RestaurantId,
    until: Option<Timestamp>,
) -> Result<FullRestaurant, RestaurantError> {
    let (tx, before) = begin_change(restaurants, writer, id, WriteKind::Switch).await?;
    if let Some(until) = until {
        if until <= tx.now() {
            return Err(RestaurantError::PauseIsOver);
        }
        if until > tx.now() + PAUSE_WINDOW {
            return Err(RestaurantError::PauseTooLong);
        }
    }
    if until == before.paused_until {
        return leave(tx, before).await;
    }
    commit_change(tx, Restaurant { paused_until: until, ..before }).await
}
