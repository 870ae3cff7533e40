//! What a campaign will say, and to how many, before it is announced.

use contracts::{CampaignId, Locale, RestaurantId, Role};

use crate::error::RestaurantError;
use crate::model::{CampaignMail, CampaignParts, Writer};
use crate::state::Restaurants;
use crate::store;
use crate::store::audience::Audience;
use crate::store::restaurant::Restaurant;

use super::campaigns::{RESTAURANT_REQUIRED, of_its_restaurant};
use super::restaurants::is_theirs;

/// What would be announced.
#[derive(Debug)]
pub(crate) struct CampaignPreview {
    pub(crate) parts: CampaignParts,
    /// `None` of the platform's own, of which nobody is written.
    pub(crate) of_restaurant: Option<RestaurantPreview>,
}

/// What those who follow a restaurant would get, and how many they are.
#[derive(Debug)]
pub(crate) struct RestaurantPreview {
    pub(crate) mails: [CampaignMail; 2],
    /// `None` where they were not counted yet.
    pub(crate) audience: Option<Audience>,
}

/// Shows what a campaign that is written down says.
pub(crate) async fn preview_campaign(
    restaurants: &Restaurants,
    writer: Writer,
    id: CampaignId,
) -> Result<CampaignPreview, RestaurantError> {
    if !writer.may_own() {
        return Err(RestaurantError::NotYours);
    }
    let found = store::campaign::find(&restaurants.context.database, id).await?;
    let campaign = found.ok_or(RestaurantError::CampaignNotFound)?;
    let owner = find_owner(restaurants, writer, campaign.restaurant_id).await.map_err(of_its_restaurant)?;
    preview(restaurants, owner, campaign.parts()).await
}

/// Shows what one would say that is not written down.
pub(crate) async fn preview_new_campaign(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, parts): (Option<RestaurantId>, CampaignParts),
) -> Result<CampaignPreview, RestaurantError> {
    if restaurant_id.is_none() && writer.role == Role::Manager {
        return Err(RestaurantError::CampaignInvalid(vec![RESTAURANT_REQUIRED]));
    }
    let owner = find_owner(restaurants, writer, restaurant_id).await?;
    parts.check(restaurants.context.now()).map_err(RestaurantError::CampaignInvalid)?;
    preview(restaurants, owner, parts).await
}

/// The restaurant whose campaigns they may write; `None` is the platform.
async fn find_owner(
    restaurants: &Restaurants,
    writer: Writer,
    id: Option<RestaurantId>,
) -> Result<Option<Restaurant>, RestaurantError> {
    let Some(id) = id else {
        return if writer.runs_platform() { Ok(None) } else { Err(RestaurantError::NotYours) };
    };
    if !writer.may_own() {
        return Err(RestaurantError::NotYours);
    }
    let restaurant = store::restaurant::find(&restaurants.context.database, id).await?;
    let restaurant = restaurant.ok_or(RestaurantError::NotFound)?;
    match (is_theirs(Some(writer), &restaurant), restaurant.is_visible()) {
        (true, _) => Ok(Some(restaurant)),
        (false, true) => Err(RestaurantError::NotYours),
        (false, false) => Err(RestaurantError::NotFound),
    }
}

async fn preview(
    restaurants: &Restaurants,
    owner: Option<Restaurant>,
    parts: CampaignParts,
) -> Result<CampaignPreview, RestaurantError> {
    let Some(restaurant) = owner else { return Ok(CampaignPreview { parts, of_restaurant: None }) };
    let mail = |locale| CampaignMail::new(&parts, restaurant.name.as_str(), locale);
    let mails = [Locale::Tr, Locale::En].map(mail);
    let audience = store::audience::find(&restaurants.context.database, restaurant.id).await?;
    Ok(CampaignPreview { parts, of_restaurant: Some(RestaurantPreview { mails, audience }) })
}
