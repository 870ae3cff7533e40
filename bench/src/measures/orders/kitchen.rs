//! Where it is ordered, and who runs that.

use anyhow::Result;
use database::Database;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::diner::Diner;
use crate::store;

/// A restaurant with two meals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kitchen {
    pub(crate) restaurant: Uuid,
    pub(crate) meals: [Uuid; 2],
}

impl Kitchen {
    /// The one with this number.
    pub(crate) fn new(number: usize) -> Self {
        let number = number as u64;
        let meals = [2 * number, 2 * number + 1].map(|meal| Uuid::from_u64_pair(9, meal));
        Self { restaurant: Uuid::from_u64_pair(8, number), meals }
    }

    /// The body of a checkout.
    pub(super) fn checkout(&self, coupon: Option<&str>) -> Value {
        let items = self.meals.map(|meal| json!({ "meal_id": meal, "quantity": 1 }));
        match coupon {
            Some(code) => json!({ "items": items, "payment_method": "cash", "coupon_code": code }),
            None => json!({ "items": items, "payment_method": "cash" }),
        }
    }
}

/// Lets `diner`, whose account is in `database`, run restaurants.
pub(crate) async fn make_owner(database: &Database, diner: Diner) -> Result<Diner> {
    store::make_manager(database, diner.email()).await?;
    diner.login().await
}

/// Opens a kitchen of `owner` for each of `diners`, who have a cart there.
pub(crate) async fn open_kitchens(database: &Database, owner: &Diner, diners: &[Diner]) -> Result<()> {
    let owner = owner.user_id().await?.0;
    for (number, diner) in diners.iter().enumerate() {
        let Kitchen { restaurant, meals } = Kitchen::new(number);
        store::cart::add_catalog(database, (restaurant, owner), &meals).await?;
        store::cart::add_customer(database, (diner.user_id().await?.0, diner.email()), restaurant).await?;
    }
    Ok(())
}
