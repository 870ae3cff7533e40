//! How something is added to a menu, once for each request.

use contracts::RestaurantId;
use kit::idempotency::{self, Answer, Begun, Fresh, Request};

use crate::error::RestaurantError;
use crate::model::Writer;
use crate::state::Restaurants;
use crate::store::restaurant::Restaurant;

use super::restaurants::begin_version;
use super::write_limit::WriteKind;

/// What is to be added to a menu, and by whom.
pub(crate) struct Addition<P> {
    pub(crate) writer: Writer,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) parts: P,
}

/// Whether it is added now.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub(super) enum Begin {
    /// It is, in this transaction, which has the restaurant to itself in its next version.
    Fresh(Fresh, Restaurant),
    /// It was added before, and this was answered.
    Answered(Answer),
}

/// Begins to add something to the menu of the restaurant, unless `request` has done so.
pub(super) async fn begin_addition<P>(
    restaurants: &Restaurants,
    request: Option<Request>,
    addition: &Addition<P>,
) -> Result<Begin, RestaurantError> {
    if !addition.writer.may_own() {
        return Err(RestaurantError::NotYours);
    }
    let tx = restaurants.context.database.begin_read_committed().await?;
    match idempotency::begin(tx, request).await? {
        Begun::Fresh(tx) => {
            let restaurant = begin_version(&tx, addition.writer, addition.restaurant_id, WriteKind::Content).await?;
            Ok(Begin::Fresh(tx, restaurant))
        }
        Begun::Answered(before) => Ok(Begin::Answered(before)),
        Begun::Reused => Err(RestaurantError::KeyReused),
    }
}
