//! How often a manager writes.

use contracts::Role;
use database::WriteTransaction;

use crate::error::RestaurantError;
use crate::model::Writer;

/// Writes of a manager on one day: ten of the largest menus, meal by meal.
const MOST_A_DAY: i64 = 5_000;

/// Counts the write of this transaction, unless an admin makes it. What changes nothing is not committed, and so not counted.
pub(super) async fn count_write(tx: &WriteTransaction, writer: Writer) -> Result<(), RestaurantError> {
    match writer.role {
        Role::Admin | Role::User => Ok(()),
        Role::Manager => Ok(kit::count_write(tx, "restaurant", writer.user_id, MOST_A_DAY).await??),
    }
}
