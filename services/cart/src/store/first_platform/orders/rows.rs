//! A row of theirs, and the order that can be ours.

use contracts::{CatalogDiscount, MealId, Money, OrderId, PaymentMethod, RestaurantId, UserId};
use sea_orm_migration::sea_orm::FromQueryResult;
use sea_orm_migration::sea_orm::prelude::{DateTime, DateTimeUtc};
use serde::Deserialize;

use crate::model::{DeliveryCost, LineCost, MOST_LINES, Note, cost};

/// What a unit of any meal cost there.
pub(super) const UNIT_PRICE_KURUS: i64 = 10_000;

/// A row of theirs.
#[derive(FromQueryResult)]
pub(super) struct Row {
    pub(super) id: i64,
    user_id: String,
    restaurant_id: String,
    items: Option<String>,
    subtotal: Option<i64>,
    discount: Option<i64>,
    total: Option<i64>,
    payment_method: String,
    coupon_code: Option<String>,
    created_at: Option<DateTime>,
}

/// A line in the JSON of theirs.
#[derive(Deserialize)]
struct Item {
    meal_id: String,
    quantity: i16,
    #[serde(default)]
    note: Option<String>,
}

/// An order that can be ours.
pub(super) struct CopiedOrder {
    /// What it is called there.
    pub(super) number: i64,
    pub(super) public_id: OrderId,
    pub(super) user_id: UserId,
    pub(super) restaurant_id: RestaurantId,
    pub(super) payment_method: PaymentMethod,
    pub(super) subtotal: Money,
    pub(super) discount: Money,
    pub(super) total: Money,
    pub(super) coupon_code: Option<String>,
    pub(super) created_at: DateTimeUtc,
    pub(super) lines: Vec<CopiedLine>,
}

/// A line with its part of what was given off.
pub(super) struct CopiedLine {
    pub(super) meal_id: MealId,
    pub(super) quantity: i16,
    pub(super) total: Money,
    pub(super) discount: Money,
    pub(super) note: Note,
}

impl Row {
    /// The order, or why it can't be ours.
    pub(super) fn order(self) -> Result<CopiedOrder, &'static str> {
        let kurus = |kurus: Option<i64>| kurus.and_then(|kurus| Money::from_kurus(kurus).ok());
        let sums = kurus(self.subtotal).zip(kurus(self.discount)).zip(kurus(self.total));
        let ((subtotal, discount), total) = sums.ok_or("sums that are no money")?;
        Ok(CopiedOrder {
            number: self.id,
            public_id: OrderId::of_first_platform(self.id),
            user_id: self.user_id.parse().map_err(|_| "no user that we can use")?,
            restaurant_id: RestaurantId::of_first_platform(&self.restaurant_id),
            payment_method: self.payment_method.parse().map_err(|_| "no payment method that there is")?,
            subtotal,
            discount,
            total,
            coupon_code: self.coupon_code,
            created_at: self.created_at.ok_or("a time that can't be")?.and_utc(),
            lines: lines(self.items, discount)?,
        })
    }
}

/// The lines at the prices of there; one with nothing of its meal is left as it is.
fn lines(items: Option<String>, discount: Money) -> Result<Vec<CopiedLine>, &'static str> {
    let items: Option<Vec<Item>> = items.and_then(|json| serde_json::from_str(&json).ok());
    let items = items.ok_or("items that can't be read")?;
    if items.len() > MOST_LINES {
        return Err("more than 50 lines");
    }
    let total = |item: &Item| Money::from_kurus(UNIT_PRICE_KURUS * i64::from(item.quantity));
    let costs = items.iter().map(|item| total(item).map(|total| LineCost { total, vat_bp: 0 }));
    let costs: Vec<LineCost> = costs.collect::<Result<_, _>>().map_err(|_| "less than nothing of a meal")?;
    let given_off = CatalogDiscount::Amount { value: discount };
    let cost = cost(&costs, DeliveryCost::PICKUP, Some(&given_off)).map_err(|_| "sums that are no money")?;
    let lines =
        items.into_iter().zip(costs).zip(cost.lines).map(|((item, LineCost { total, .. }), share)| CopiedLine {
            meal_id: MealId::of_first_platform(&item.meal_id),
            quantity: item.quantity,
            total,
            discount: share.discount,
            note: Note::cut(&item.note.unwrap_or_default()),
        });
    Ok(lines.collect())
}
