//! Campaigns in the shape of the first platform, with what is ours behind it.

use chrono::{DateTime, Utc};
use clock::Timestamp;
use contracts::{CampaignId, Money, Price, RestaurantId};
use kit::{Faults, Field, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{
    CampaignChange, CampaignParts, CouponCode, Description, DiscountKind, Title, TotalLimit, UserLimit,
};
use crate::store::campaign::Campaign;

/// A campaign to be written down. Without a `kind` nothing is given off.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateCampaign {
    /// 1 to 128 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 128, example = "Hafta sonu indirimi")]
    title: Field<Title>,
    /// 1 to 2000 characters, in paragraphs.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 2000)]
    description: Field<Description>,
    /// The first instant that it holds, within 366 days.
    #[serde(default)]
    #[schema(required, value_type = DateTime<Utc>)]
    start_date: Field<Timestamp>,
    /// The first instant that it does not: in the future, and 366 days after its start at most.
    #[serde(default)]
    #[schema(required, value_type = DateTime<Utc>)]
    end_date: Field<Timestamp>,
    /// Whose it is. An admin leaves it out for a campaign of the platform, which holds at every restaurant.
    #[serde(default)]
    #[schema(value_type = Option<RestaurantId>)]
    restaurant_id: Field<RestaurantId>,
    /// What a diner types for it: 3 to 20 letters from A to Z and digits, in any case. Without one it holds by itself.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "LIMAN10")]
    code: Field<CouponCode>,
    /// What is given off.
    #[serde(default)]
    #[schema(value_type = Option<DiscountKind>)]
    kind: Field<DiscountKind>,
    /// How much, of what needs it: percent, or lira.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, example = 10)]
    value: Field<Money>,
    /// No more than this is given off by percent.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, example = 50)]
    max_discount: Field<Price>,
    /// What the meals must cost before anything is given off.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 150)]
    min_basket: Field<Money>,
    /// How many orders it is for; any number when left out.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    total_limit: Field<TotalLimit>,
    /// How many orders of one diner it is for; any number when left out.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 1)]
    per_user_limit: Field<UserLimit>,
}

/// What changes in a campaign; what is left out stays, and so does what can't be empty and is sent as `null`. Whose it is stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateCampaign {
    /// 1 to 128 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, example = "Hafta sonu indirimi")]
    title: Field<Title>,
    /// 1 to 2000 characters, in paragraphs.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    description: Field<Description>,
    /// The first instant that it holds, within 366 days.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    start_date: Field<Timestamp>,
    /// The first instant that it does not: in the future, and 366 days after its start at most.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    end_date: Field<Timestamp>,
    /// What a diner types for it; `null` lets it hold by itself.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "LIMAN10")]
    code: Field<CouponCode>,
    /// What is given off; `null` for nothing.
    #[serde(default)]
    #[schema(value_type = Option<DiscountKind>)]
    kind: Field<DiscountKind>,
    /// How much, of what needs it: percent, or lira. `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, example = 10)]
    value: Field<Money>,
    /// No more than this is given off by percent; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, example = 50)]
    max_discount: Field<Price>,
    /// What the meals must cost before anything is given off; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 150)]
    min_basket: Field<Money>,
    /// How many orders it is for; any number when `null`.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    total_limit: Field<TotalLimit>,
    /// How many orders of one diner it is for; any number when `null`.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 1)]
    per_user_limit: Field<UserLimit>,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(super) struct CampaignBody {
    id: CampaignId,
    #[schema(value_type = String)]
    title: Title,
    #[schema(value_type = String)]
    description: Description,
    /// The first instant that it holds.
    start_date: DateTime<Utc>,
    /// The first instant that it does not.
    end_date: DateTime<Utc>,
    /// `null` for a campaign of the platform, which holds at every restaurant.
    restaurant_id: Option<RestaurantId>,
    /// What a diner types for it; `null` where it holds by itself.
    #[schema(value_type = Option<String>)]
    code: Option<CouponCode>,
    /// `null` where nothing is given off.
    kind: Option<DiscountKind>,
    /// Percent, or lira.
    value: Option<Money>,
    #[schema(value_type = Option<f64>)]
    max_discount: Option<Price>,
    min_basket: Option<Money>,
    #[schema(value_type = Option<u32>)]
    total_limit: Option<TotalLimit>,
    #[schema(value_type = Option<u32>)]
    per_user_limit: Option<UserLimit>,
    /// Since when those who follow the restaurant are written of it; `null` where they are not yet, or not any more.
    announced_at: Option<DateTime<Utc>>,
}

/// The campaign is written down.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CampaignCreated {
    #[schema(example = "Campaign created successfully")]
    pub(super) message: &'static str,
    pub(super) id: CampaignId,
}

impl From<Campaign> for CampaignBody {
    fn from(campaign: Campaign) -> Self {
        let (id, restaurant_id, announced_at) = (campaign.id, campaign.restaurant_id, campaign.announced_at);
        let CampaignParts { title, description, start_date, end_date, code, kind, value, .. } = campaign.parts();
        let CampaignParts { max_discount, min_basket, total_limit, per_user_limit, .. } = campaign.parts();
        Self {
            id,
            title,
            description,
            start_date,
            end_date,
            restaurant_id,
            code,
            kind,
            value,
            max_discount,
            min_basket,
            total_limit,
            per_user_limit,
            announced_at,
        }
    }
}

impl CreateCampaign {
    /// Whose it is to be, and all fields; or every fault.
    pub(super) fn parts(self) -> Result<(Option<RestaurantId>, CampaignParts), Problem> {
        let mut faults = Faults::default();
        let restaurant_id = faults.unless_null("restaurant_id", self.restaurant_id);
        let title = faults.required("title", self.title);
        let description = faults.required("description", self.description);
        let start_date = faults.required("start_date", self.start_date);
        let end_date = faults.required("end_date", self.end_date);
        let code = faults.unless_null("code", self.code);
        let kind = faults.unless_null("kind", self.kind);
        let value = faults.unless_null("value", self.value);
        let max_discount = faults.unless_null("max_discount", self.max_discount);
        let min_basket = faults.unless_null("min_basket", self.min_basket);
        let total_limit = faults.unless_null("total_limit", self.total_limit);
        let per_user_limit = faults.unless_null("per_user_limit", self.per_user_limit);
        let (Some(title), Some(description), Some(start_date), Some(end_date)) =
            (title, description, start_date, end_date)
        else {
            return Err(faults.check().expect_err("a field that is missing left a fault"));
        };
        faults.check()?;
        let parts = CampaignParts {
            title,
            description,
            start_date,
            end_date,
            code,
            kind,
            value,
            max_discount,
            min_basket,
            total_limit,
            per_user_limit,
        };
        Ok((restaurant_id, parts))
    }
}

impl UpdateCampaign {
    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<CampaignChange, Problem> {
        let mut faults = Faults::default();
        let change = CampaignChange {
            title: faults.unless_null("title", self.title),
            description: faults.unless_null("description", self.description),
            start_date: faults.unless_null("start_date", self.start_date),
            end_date: faults.unless_null("end_date", self.end_date),
            code: faults.change("code", self.code),
            kind: faults.change("kind", self.kind),
            value: faults.change("value", self.value),
            max_discount: faults.change("max_discount", self.max_discount),
            min_basket: faults.change("min_basket", self.min_basket),
            total_limit: faults.change("total_limit", self.total_limit),
            per_user_limit: faults.change("per_user_limit", self.per_user_limit),
        };
        faults.check()?;
        Ok(change)
    }
}
