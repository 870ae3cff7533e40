//! How often a manager writes: each write leaves rows and an event, and what is deleted leaves a row for good.

use std::time::Duration;

use clock::Timestamp;
use contracts::Role;
use database::WriteTransaction;

use crate::error::RestaurantError;
use crate::model::Writer;
use crate::store;

/// Writes of a manager on one day, by UTC: ten of the largest menus, meal by meal.
const MOST_A_DAY: i64 = 5_000;

const DAY: u64 = 24 * 60 * 60;

/// Counts the write of this transaction, unless an admin makes it. What changes nothing is not committed, and so not counted.
pub(super) async fn count_write(tx: &WriteTransaction, writer: Writer) -> Result<(), RestaurantError> {
    match writer.role {
        Role::Admin | Role::User => Ok(()),
        Role::Manager => {
            let seconds = since_epoch(tx.now());
            let day = i64::try_from(seconds / DAY).unwrap_or(i64::MAX);
            if store::writes::add(tx, writer.user_id, day).await? > MOST_A_DAY {
                return Err(RestaurantError::TooManyWrites(Duration::from_secs(DAY - seconds % DAY)));
            }
            Ok(())
        }
    }
}

fn since_epoch(now: Timestamp) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or_default()
}
