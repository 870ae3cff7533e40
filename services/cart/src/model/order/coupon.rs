//! Which campaign an order is given something off by.

use clock::Timestamp;
use contracts::{CatalogCampaign, Money, fold_coupon_code};
use serde::Serialize;

use super::money::{DeliveryCost, given_off};

/// What a diner types for a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct CouponCode(String);

/// How often a campaign was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Uses {
    pub(crate) in_all: i64,
    pub(crate) by_this_user: i64,
}

/// Why a code gives nothing off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CouponRefusal {
    Unknown,
    NotStarted,
    Expired,
    /// It is another restaurant's.
    OtherRestaurant,
    /// The meals must cost so much.
    MinBasket(Money),
    /// This diner has used it as often as one may.
    Used,
    /// All of it was given.
    UsedUp,
}

impl CouponCode {
    /// What was typed, as campaigns write it; `None` where nothing was.
    pub(crate) fn typed(text: &str) -> Option<Self> {
        let code = fold_coupon_code(text);
        (!code.is_empty()).then_some(Self(code))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the campaign gives something off an order of `subtotal`.
pub(crate) fn check(
    campaign: &CatalogCampaign,
    uses: Uses,
    subtotal: Money,
    now: Timestamp,
) -> Result<(), CouponRefusal> {
    if now < campaign.starts_at {
        return Err(CouponRefusal::NotStarted);
    }
    if now >= campaign.ends_at {
        return Err(CouponRefusal::Expired);
    }
    if subtotal < campaign.min_basket_kurus {
        return Err(CouponRefusal::MinBasket(campaign.min_basket_kurus));
    }
    if campaign.per_user_limit.is_some_and(|limit| uses.by_this_user >= i64::from(limit)) {
        return Err(CouponRefusal::Used);
    }
    if campaign.total_limit.is_some_and(|limit| uses.in_all >= i64::from(limit)) {
        return Err(CouponRefusal::UsedUp);
    }
    Ok(())
}

/// How much less an order costs by the campaign, with the way.
pub(crate) fn worth(campaign: &CatalogCampaign, subtotal: Money, delivery: DeliveryCost) -> Money {
    let (off, is_way_given) = given_off(&campaign.discount, subtotal);
    let way = if is_way_given { delivery.fee(subtotal) } else { Money::ZERO };
    off.checked_add(way).unwrap_or(Money::MAX)
}
