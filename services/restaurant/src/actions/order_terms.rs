//! How a restaurant takes orders.

use contracts::RestaurantId;

use crate::error::RestaurantError;
use crate::model::{OrderTermsChange, Writer};
use crate::state::Restaurants;

use super::catalog::FullRestaurant;
use super::restaurants::{begin_change, commit_change, leave};
use super::write_limit::WriteKind;

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_order_terms(
    restaurants: &Restaurants,
    writer: Writer,
    id: RestaurantId,
    change: OrderTermsChange,
) -> Result<FullRestaurant, RestaurantError> {
    let (tx, before) = begin_change(restaurants, writer, id, WriteKind::Content).await?;
    let after = before.clone().with_terms(change);
    if after == before { leave(tx, before).await } else { commit_change(tx, after).await }
}
