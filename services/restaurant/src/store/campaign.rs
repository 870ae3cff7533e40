//! `restaurant_campaign`: what restaurants, and the platform, promise for a time.

use clock::Timestamp;
use contracts::{CampaignId, CatalogCampaign, Money, Price, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{Condition, IntoActiveModel, NotSet, QueryOrder, QuerySelect};

use crate::model::{CampaignParts, CouponCode, Description, DiscountKind, ListPage, Title, TotalLimit, UserLimit};
use crate::store::restaurant::{self, Restaurant};

contracts::text_column!(CouponCode);
contracts::text_column!(DiscountKind);

/// So many versions a withdrawal takes: its own, and the next that may be announced.
pub(crate) const WITHDRAWAL: i64 = 2;

/// A campaign.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_campaign")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: CampaignId,
    /// Whose it is; the platform's where that is `None`.
    pub(crate) restaurant_id: Option<RestaurantId>,
    title: Title,
    description: Description,
    start_date: Timestamp,
    end_date: Timestamp,
    code: Option<CouponCode>,
    kind: Option<DiscountKind>,
    value: Option<Money>,
    max_discount_kurus: Option<Price>,
    min_basket_kurus: Option<Money>,
    total_limit: Option<i32>,
    per_user_limit: Option<i32>,
    /// Raised by each change.
    pub(crate) version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Whether its restaurant is a draft, so that lists need not read it.
    pub(super) hidden: bool,
    /// The version that was announced last; a larger one is to be announced once the campaign begins.
    pub(super) announced_version: i64,
    /// Since when those who follow its restaurant are written of it; `None` where they are not, or it was taken back.
    pub(crate) announced_at: Option<Timestamp>,
    /// When it is tried again to announce it; `None` where that has not failed.
    pub(super) announce_after: Option<Timestamp>,
    /// How often it has.
    pub(super) announce_attempts: i16,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Campaign;

impl Campaign {
    /// What is written down at `now`.
    pub(crate) fn new(
        id: CampaignId,
        restaurant_id: Option<RestaurantId>,
        parts: CampaignParts,
        now: Timestamp,
    ) -> Self {
        let CampaignParts { title, description, start_date, end_date, code, kind, value, .. } = parts;
        Self {
            id,
            restaurant_id,
            title,
            description,
            start_date,
            end_date,
            code,
            kind,
            value,
            max_discount_kurus: parts.max_discount,
            min_basket_kurus: parts.min_basket,
            total_limit: parts.total_limit.map(|limit| limit.0),
            per_user_limit: parts.per_user_limit.map(|limit| limit.0),
            version: 1,
            created_at: now,
            updated_at: now,
            hidden: false,
            announced_version: 0,
            announced_at: None,
            announce_after: None,
            announce_attempts: 0,
        }
    }

    /// The same, of a restaurant.
    pub(crate) fn of(self, restaurant: &Restaurant) -> Self {
        Self { hidden: !restaurant.is_visible(), ..self }
    }

    /// The same with `parts` instead of those before, at `now`; to be announced again where followers would read something else.
    pub(crate) fn with(self, parts: CampaignParts, now: Timestamp) -> Self {
        let Self { id, restaurant_id, created_at, hidden, .. } = self;
        let (version, announced_at) = (self.version + 1, self.announced_at.filter(|_| !self.has_ended(now)));
        let changed = Self { version, created_at, hidden, announced_at, ..Self::new(id, restaurant_id, parts, now) };
        let goes_on = !self.is_unannounced() && changed.start_date <= now;
        let stays = goes_on && (self.reads_like(&changed) || self.predates_announcements(now));
        Self { announced_version: if stays { version } else { self.announced_version }, ..changed }
    }

    /// The same, of which nobody else is to be written. The version in between is that of its withdrawal; this one may be announced.
    pub(crate) fn taken_back(self) -> Self {
        Self { version: self.version + WITHDRAWAL, announced_version: 0, announced_at: None, ..self }
    }

    /// Whether it is to be announced as it is, now or when it begins.
    fn is_unannounced(&self) -> bool {
        self.announced_version < self.version
    }

    /// Whether followers read the same of both.
    fn reads_like(&self, other: &Self) -> bool {
        let read = |campaign: &Self| {
            let Self { title, description, code, end_date, .. } = campaign.clone();
            (title, description, code, end_date)
        };
        read(self) == read(other)
    }

    /// Whether it had begun before campaigns were announced.
    fn predates_announcements(&self, now: Timestamp) -> bool {
        self.announced_at.is_none() && !self.has_ended(now)
    }

    /// Whether those who follow its restaurant are written of it.
    pub(crate) fn is_announced(&self, now: Timestamp) -> bool {
        self.announced_at.is_some() && !self.has_ended(now)
    }

    /// Whether it is to be announced by `now`, also where somebody else lets it wait who could not announce it.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let is_seen = self.restaurant_id.is_some() && !self.hidden;
        is_seen && self.is_unannounced() && self.start_date <= now
    }

    /// As it was written down.
    pub(crate) fn parts(&self) -> CampaignParts {
        let Self { title, description, start_date, end_date, code, kind, value, .. } = self.clone();
        CampaignParts {
            title,
            description,
            start_date,
            end_date,
            code,
            kind,
            value,
            max_discount: self.max_discount_kurus,
            min_basket: self.min_basket_kurus,
            total_limit: self.total_limit.map(TotalLimit),
            per_user_limit: self.per_user_limit.map(UserLimit),
        }
    }

    /// Whether it is over by `now`.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        self.end_date <= now
    }

    /// Whether it holds at `now`.
    pub(crate) fn is_running(&self, now: Timestamp) -> bool {
        self.start_date <= now && !self.has_ended(now)
    }

    /// As other services hear of it; `None` where nothing is given off.
    pub(crate) fn of_catalog(&self) -> Option<CatalogCampaign> {
        let parts = self.parts();
        Some(CatalogCampaign {
            id: self.id,
            code: parts.code.as_ref().map(|code| code.as_str().to_owned()),
            discount: parts.discount()?,
            min_basket_kurus: parts.min_basket.unwrap_or_default(),
            starts_at: self.start_date,
            ends_at: self.end_date,
            total_limit: self.total_limit.map(i32::unsigned_abs),
            per_user_limit: self.per_user_limit.map(i32::unsigned_abs),
        })
    }
}

pub(crate) async fn insert(tx: &WriteTransaction, campaign: &Campaign) -> Result<()> {
    Entity::insert(campaign.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The campaign, if it is there.
pub(crate) async fn find(database: &impl Connection, id: CampaignId) -> Result<Option<Campaign>> {
    Ok(Entity::find().filter(Column::Id.eq(id)).one(database).await?)
}

/// Writes all that the campaign has.
pub(crate) async fn update(tx: &WriteTransaction, campaign: &Campaign) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..campaign.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(campaign.id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &WriteTransaction, id: CampaignId) -> Result<()> {
    Entity::delete_many().filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Deletes all campaigns of a restaurant.
pub(crate) async fn delete_of(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<()> {
    Entity::delete_many().filter(of(Some(restaurant_id))).exec(tx).await?;
    Ok(())
}

/// Hides the campaigns of a restaurant from lists while it is a draft.
pub(crate) async fn follow(tx: &WriteTransaction, restaurant: &Restaurant) -> Result<()> {
    let hidden = !restaurant.is_visible();
    let differing = Entity::update_many().col_expr(Column::Hidden, hidden.into());
    let differing = differing.filter(of(Some(restaurant.id))).filter(Column::Hidden.ne(hidden));
    differing.exec(tx).await?;
    Ok(())
}

/// All campaigns of a restaurant, or of the platform, the one that ends first before the others; those that have ended, too.
pub(crate) async fn list_of(database: &impl Connection, owner: Option<RestaurantId>) -> Result<Vec<Campaign>> {
    let sorted = Entity::find().filter(of(owner)).order_by_asc(Column::EndDate).order_by_asc(Column::Id);
    Ok(sorted.all(database).await?)
}

/// The campaigns of these restaurants that have not ended by `now`, each with its restaurant, in the order of their ids.
pub(crate) async fn list_running_of(
    database: &impl Connection,
    restaurants: Vec<RestaurantId>,
    now: Timestamp,
) -> Result<Vec<Campaign>> {
    let of_these = Entity::find().filter(Column::RestaurantId.is_in(restaurants)).filter(Column::EndDate.gt(now));
    Ok(of_these.order_by_asc(Column::RestaurantId).order_by_asc(Column::Id).all(database).await?)
}

/// Part of what everybody sees at `now`: what has not ended, the one that ends first before the others.
pub(crate) async fn list_visible(database: &impl Connection, now: Timestamp, page: ListPage) -> Result<Vec<Campaign>> {
    let restaurant = Query::select()
        .expr(Expr::val(1))
        .from(restaurant::Entity)
        .and_where(Expr::col((restaurant::Entity, restaurant::Column::Id)).equals((Entity, Column::RestaurantId)))
        .and_where(restaurant::Column::DraftReason.is_null())
        .and_where(restaurant::Column::DeletedAt.is_null())
        .take();
    let is_seen = Condition::any().add(Column::RestaurantId.is_null()).add(Expr::exists(restaurant));
    let sorted = Entity::find()
        .filter(Column::EndDate.gt(now))
        // As it stands in the index: a value beside the statement would not let a database know that they fit.
        .filter(Expr::cust("NOT hidden"))
        // The restaurant decides; the release before does not hide what it makes a draft.
        .filter(is_seen)
        .order_by_asc(Column::EndDate)
        .order_by_asc(Column::Id)
        .offset(page.offset)
        .limit(page.limit);
    Ok(sorted.all(database).await?)
}

pub(super) fn of(owner: Option<RestaurantId>) -> Expr {
    match owner {
        Some(restaurant) => Column::RestaurantId.eq(restaurant),
        None => Column::RestaurantId.is_null(),
    }
}
