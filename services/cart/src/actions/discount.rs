//! What an order is given off.

use clock::Timestamp;
use contracts::{Money, RestaurantId, UserId};
use database::Connection;

use crate::error::{CartError, OrderRefusal};
use crate::model::{CouponCode, CouponRefusal, DeliveryCost, LineCost, Uses, check_coupon, subtotal, worth};
use crate::store;
use crate::store::campaign::Campaign;

/// Which campaigns are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Discounts {
    /// Those that hold by themselves, too.
    All,
    /// The one whose code was typed alone.
    ByCode,
}

/// By what an order is given something off.
pub(super) struct Chosen {
    pub(super) campaign: Campaign,
    /// Which order of the diner it is for.
    pub(super) nth: i32,
}

/// The coupon, or what gives more off by itself; of two that give as much the coupon.
pub(super) async fn choose(
    database: &impl Connection,
    (user_id, now): (UserId, Timestamp),
    (coupon, discounts): (Option<&CouponCode>, Discounts),
    (restaurant_id, costs, delivery): (RestaurantId, &[LineCost], DeliveryCost),
) -> Result<Option<Chosen>, CartError> {
    let subtotal = subtotal(costs).map_err(|_| OrderRefusal::TooExpensive)?;
    let mut best: Option<(Money, Chosen)> = None;
    let mut refusal = coupon.map(|_| CouponRefusal::Unknown);
    let is_asked_for = |campaign: &Campaign| campaign.code.as_deref() == coupon.map(CouponCode::as_str);
    let (asked, others): (Vec<Campaign>, Vec<Campaign>) = store::campaign::list(database, restaurant_id)
        .await?
        .into_iter()
        .partition(|campaign| coupon.is_some() && is_asked_for(campaign));
    let automatic = others.into_iter().filter(|campaign| campaign.code.is_none() && discounts == Discounts::All);
    for (campaign, is_coupon) in
        asked.into_iter().map(|asked| (asked, true)).chain(automatic.map(|other| (other, false)))
    {
        let (count, last) = store::campaign::count_of(database, campaign.id, user_id).await?;
        let uses = Uses { in_all: campaign.used, by_this_user: count };
        match check_coupon(&campaign.body, uses, subtotal, now) {
            Ok(()) => {
                if is_coupon {
                    refusal = None;
                }
                let worth = worth(&campaign.body, subtotal, delivery);
                // One that gives nothing off is not used up by that, unless it was asked for.
                let is_worth_it = is_coupon || worth > Money::ZERO;
                if is_worth_it && best.as_ref().is_none_or(|(most, _)| worth > *most) {
                    best = Some((worth, Chosen { campaign, nth: last + 1 }));
                }
            }
            Err(why) if is_coupon && refusal.is_some() => refusal = Some(why),
            Err(_) => {}
        }
    }
    match (refusal, coupon) {
        (Some(CouponRefusal::Unknown), Some(code))
            if store::campaign::is_any_called(database, code.as_str()).await? =>
        {
            Err(OrderRefusal::Coupon(CouponRefusal::OtherRestaurant).into())
        }
        (Some(refusal), _) => Err(OrderRefusal::Coupon(refusal).into()),
        (None, _) => Ok(best.map(|(_, chosen)| chosen)),
    }
}
