//! Campaigns of restaurants and of the platform: writing one down, reading, changing and deleting it.

use std::collections::HashMap;
use std::slice;

use contracts::{CampaignId, RestaurantId, Role};
use database::{Database, WriteTransaction};
use kit::idempotency::{self, Answer, Begun, Request};
use kit::{Fault, Text};

use crate::error::RestaurantError;
use crate::model::{CampaignChange, CampaignParts, ListPage, Writer};
use crate::state::Restaurants;
use crate::store;
use crate::store::campaign::Campaign;
use crate::store::restaurant::Restaurant;

use super::announcements;
use super::catalog::{record_changed, record_platform_changed};
use super::restaurants::{begin_version, is_theirs};
use super::write_limit::WriteKind;

/// All of them stand in each event of their restaurant.
const MOST_OF_AN_OWNER: usize = 50;

/// Only the platform's own has none.
pub(super) const RESTAURANT_REQUIRED: Fault =
    Fault::new("restaurant_id", "REQUIRED", Text::new("Bu alan zorunludur.", "This field is required."));

/// A campaign to be written down.
pub(crate) struct CreateCampaign {
    pub(crate) writer: Writer,
    /// Whose it is; the platform's where that is `None`.
    pub(crate) restaurant_id: Option<RestaurantId>,
    pub(crate) parts: CampaignParts,
}

/// Which campaigns of a restaurant are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WantedCampaigns {
    /// Those that hold, or will.
    Running,
    Ended,
}

/// Whose campaigns are to change, in their next version; others that change them wait until the transaction ends.
enum Owner {
    Restaurant(Box<Restaurant>),
    Platform { version: i64 },
}

/// Writes down a campaign, once for each `request`; answers what was answered first. Where there are too many, it takes the place
/// of the one that has ended first.
pub(crate) async fn create_campaign(
    restaurants: &Restaurants,
    request: Option<Request>,
    CreateCampaign { writer, restaurant_id, parts }: CreateCampaign,
    answer: impl FnOnce(&Campaign) -> Answer,
) -> Result<Answer, RestaurantError> {
    let tx = restaurants.context.database.begin_read_committed().await?;
    let tx = match idempotency::begin(tx, request).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) => return Ok(before),
        Begun::Reused => return Err(RestaurantError::KeyReused),
    };
    if restaurant_id.is_none() && writer.role == Role::Manager {
        return Err(RestaurantError::CampaignInvalid(vec![RESTAURANT_REQUIRED]));
    }
    let owner = Owner::claim(&tx, writer, restaurant_id).await?;
    parts.check(tx.now()).map_err(RestaurantError::CampaignInvalid)?;
    let known = store::campaign::list_of(&*tx, restaurant_id).await?;
    check_code(&tx, &known, None, &parts)?;
    if known.len() >= MOST_OF_AN_OWNER {
        let first = known.first().filter(|first| first.has_ended(tx.now()));
        store::campaign::delete(&tx, first.ok_or(RestaurantError::TooManyCampaigns)?.id).await?;
    }
    let campaign = owner.campaign(Campaign::new(CampaignId(tx.sources().uuid()), restaurant_id, parts, tx.now()));
    store::campaign::insert(&tx, &campaign).await?;
    owner.record(&tx).await?;
    Ok(tx.commit(answer(&campaign)).await?)
}

/// Part of what everybody sees, the one that ends first before the others.
pub(crate) async fn list_campaigns(
    restaurants: &Restaurants,
    page: ListPage,
) -> Result<Vec<Campaign>, RestaurantError> {
    Ok(store::campaign::list_visible(&restaurants.context.database, restaurants.context.now(), page).await?)
}

/// The same, each with its restaurant; those of the platform have none.
pub(crate) async fn list_campaigns_by_restaurant(
    restaurants: &Restaurants,
    page: ListPage,
) -> Result<Vec<(Campaign, Option<Restaurant>)>, RestaurantError> {
    let campaigns = list_campaigns(restaurants, page).await?;
    let ids: Vec<RestaurantId> = campaigns.iter().filter_map(|campaign| campaign.restaurant_id).collect();
    // SQLite plans a query for none of them as a walk through all.
    let rows =
        if ids.is_empty() { Vec::new() } else { store::search::list(&restaurants.context.database, ids).await? };
    let rows: HashMap<RestaurantId, Restaurant> =
        rows.into_iter().filter(Restaurant::is_visible).map(|row| (row.id, row)).collect();
    let with_restaurant = campaigns.into_iter().filter_map(|campaign| match campaign.restaurant_id {
        // It may have become a draft since.
        Some(id) => rows.get(&id).cloned().map(|row| (campaign, Some(row))),
        None => Some((campaign, None)),
    });
    Ok(with_restaurant.collect())
}

/// The campaigns of one restaurant that have ended, or those that have not, if the reader may see it.
pub(crate) async fn list_campaigns_of(
    restaurants: &Restaurants,
    id: RestaurantId,
    reader: Option<Writer>,
    wanted: WantedCampaigns,
) -> Result<Vec<Campaign>, RestaurantError> {
    let database = &restaurants.context.database;
    if !is_seen(database, id, reader).await? {
        return Err(RestaurantError::NotFound);
    }
    let now = restaurants.context.now();
    let is_wanted = |campaign: &Campaign| match wanted {
        WantedCampaigns::Running => !campaign.has_ended(now),
        WantedCampaigns::Ended => campaign.has_ended(now),
    };
    Ok(store::campaign::list_of(database, Some(id)).await?.into_iter().filter(is_wanted).collect())
}

/// The campaign, if the reader may see its restaurant.
pub(crate) async fn find_campaign(
    restaurants: &Restaurants,
    id: CampaignId,
    reader: Option<Writer>,
) -> Result<Campaign, RestaurantError> {
    let database = &restaurants.context.database;
    let campaign = store::campaign::find(database, id).await?.ok_or(RestaurantError::CampaignNotFound)?;
    let Some(restaurant) = campaign.restaurant_id else { return Ok(campaign) };
    if is_seen(database, restaurant, reader).await? { Ok(campaign) } else { Err(RestaurantError::CampaignNotFound) }
}

async fn is_seen(database: &Database, id: RestaurantId, reader: Option<Writer>) -> Result<bool, RestaurantError> {
    let restaurant = store::restaurant::find(database, id).await?;
    Ok(restaurant.is_some_and(|restaurant| restaurant.is_visible() || is_theirs(reader, &restaurant)))
}

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_campaign(
    restaurants: &Restaurants,
    writer: Writer,
    id: CampaignId,
    change: CampaignChange,
) -> Result<Campaign, RestaurantError> {
    let (tx, owner, before) = begin_campaign(restaurants, writer, id).await?;
    let parts = before.parts().changed(change);
    parts.check(tx.now()).map_err(RestaurantError::CampaignInvalid)?;
    let known = store::campaign::list_of(&tx, before.restaurant_id).await?;
    check_code(&tx, &known, Some(id), &parts)?;
    if parts == before.parts() {
        return Ok(before);
    }
    // Nobody else is written of what begins later than they would read it.
    let before = if parts.start_date > tx.now() { owner.take_back(&tx, before).await? } else { before };
    let after = before.with(parts, tx.now());
    store::campaign::update(&tx, &after).await?;
    owner.record(&tx).await?;
    tx.commit().await?;
    Ok(after)
}

/// Deletes the campaign, and answers what it was.
pub(crate) async fn delete_campaign(
    restaurants: &Restaurants,
    writer: Writer,
    id: CampaignId,
) -> Result<Campaign, RestaurantError> {
    let (tx, owner, before) = begin_campaign(restaurants, writer, id).await?;
    owner.take_back(&tx, before.clone()).await?;
    store::campaign::delete(&tx, id).await?;
    owner.record(&tx).await?;
    tx.commit().await?;
    Ok(before)
}

/// Begins a transaction that has the campaigns beside this one to itself. Who may not change it learns no more of it than whoever
/// asks for it.
async fn begin_campaign(
    restaurants: &Restaurants,
    writer: Writer,
    id: CampaignId,
) -> Result<(WriteTransaction, Owner, Campaign), RestaurantError> {
    if !writer.may_own() {
        return Err(RestaurantError::NotYours);
    }
    let tx = restaurants.context.database.begin_read_committed().await?;
    let found = store::campaign::find(&tx, id).await?.ok_or(RestaurantError::CampaignNotFound)?;
    let owner = Owner::claim(&tx, writer, found.restaurant_id).await.map_err(of_its_restaurant)?;
    // Somebody may have changed or deleted it while this one waited.
    let campaign = store::campaign::find(&tx, id).await?.ok_or(RestaurantError::CampaignNotFound)?;
    Ok((tx, owner, campaign))
}

/// What can't be done with a restaurant, as it is said of a campaign.
pub(super) fn of_its_restaurant(error: RestaurantError) -> RestaurantError {
    if matches!(error, RestaurantError::NotFound) { RestaurantError::CampaignNotFound } else { error }
}

impl Owner {
    async fn claim(
        tx: &WriteTransaction,
        writer: Writer,
        restaurant_id: Option<RestaurantId>,
    ) -> Result<Self, RestaurantError> {
        match restaurant_id {
            Some(id) => begin_version(tx, writer, id, WriteKind::Content)
                .await
                .map(|restaurant| Self::Restaurant(Box::new(restaurant))),
            None if writer.runs_platform() => Ok(Self::Platform { version: store::platform::begin_version(tx).await? }),
            None => Err(RestaurantError::NotYours),
        }
    }

    /// One that is written down now.
    fn campaign(&self, new: Campaign) -> Campaign {
        match self {
            Self::Restaurant(restaurant) => new.of(restaurant),
            Self::Platform { .. } => new,
        }
    }

    /// The campaign as it is once nobody else is to be written of it.
    async fn take_back(&self, tx: &WriteTransaction, campaign: Campaign) -> database::Result<Campaign> {
        match self {
            Self::Restaurant(restaurant) if campaign.is_announced(tx.now()) => {
                announcements::withdraw(tx, restaurant, slice::from_ref(&campaign)).await?;
                Ok(campaign.taken_back())
            }
            Self::Restaurant(_) | Self::Platform { .. } => Ok(campaign),
        }
    }

    async fn record(self, tx: &WriteTransaction) -> database::Result<()> {
        match self {
            Self::Restaurant(restaurant) => record_changed(tx, vec![*restaurant]).await.map(drop),
            Self::Platform { version } => record_platform_changed(tx, version).await,
        }
    }
}

/// A code means one campaign of its owner's at a time: a diner who types it could not say which of two.
fn check_code(
    tx: &WriteTransaction,
    known: &[Campaign],
    id: Option<CampaignId>,
    parts: &CampaignParts,
) -> Result<(), RestaurantError> {
    let others = known.iter().filter(|other| Some(other.id) != id && !other.has_ended(tx.now()));
    let is_taken = parts.code.is_some() && others.map(Campaign::parts).any(|other| other.shares_code(parts));
    if is_taken { Err(RestaurantError::CouponCodeTaken) } else { Ok(()) }
}
