//! `restaurant_restaurant`: restaurants, also those that were deleted.

use clock::Timestamp;
use contracts::geography::InvalidDeliveryArea;
use contracts::opening_hours::Schedule;
use contracts::{AddressId, EmailAddress, Money, OpeningHours, OrderTerms, Phone, RestaurantId, UserId};
use database::{Connection, Database, Result, WriteTransaction};
use kit::PageRequest;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, LockBehavior, LockType};
use sea_orm::{IntoActiveModel, NotSet, QueryOrder, QuerySelect, UpdateMany};
use tokio::sync::watch;

use super::address::Address;
use crate::model::{
    AreaRing, Closures, Description, DraftReason, HoursChange, Name, OrderTermsChange, PictureUrl, RestaurantChange,
    RestaurantParts, SpecialDays, Status, TimeZone,
};

contracts::text_column!(Description);
contracts::text_column!(DraftReason);
contracts::text_column!(PictureUrl);
contracts::text_column!(TimeZone);
contracts::json_column!(AreaRing);
contracts::json_column!(Closures);
contracts::json_column!(SpecialDays);

/// What a commit announces after which a search may find something else.
const CHANGED: &str = "restaurants";

/// A restaurant.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_restaurant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: RestaurantId,
    pub(crate) owner_id: UserId,
    pub(crate) name: Name,
    pub(crate) description: Option<Description>,
    pub(crate) logo: Option<PictureUrl>,
    pub(crate) phone_number: Option<Phone>,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) status: Status,
    pub(crate) address_id: AddressId,
    /// Why its owner alone sees it; `None` where everybody does.
    pub(crate) draft_reason: Option<DraftReason>,
    pub(crate) time_zone: TimeZone,
    pub(crate) opening_hours: OpeningHours,
    pub(crate) special_days: SpecialDays,
    pub(crate) closures: Closures,
    pub(crate) last_order_min: i16,
    pub(crate) paused_until: Option<Timestamp>,
    pub(crate) prep_time: i16,
    /// In hundredths; 0 where nobody has rated it.
    pub(crate) rating_avg: i32,
    pub(crate) rating_count: i32,
    pub(crate) delivery_fee_kurus: Money,
    pub(crate) min_order_kurus: Money,
    pub(crate) delivery_radius_m: Option<i32>,
    pub(crate) delivery_area: Option<AreaRing>,
    /// `None` where nobody has said how it takes orders.
    pub(crate) order_terms: Option<OrderTerms>,
    /// Raised by each change of the restaurant or of what is under it.
    pub(crate) version: i64,
    /// The version of the newest change that a search may find; 0 after an import, until that is recorded.
    pub(crate) search_version: i64,
    /// When that change happened, by the clock of whoever made it.
    pub(crate) touched_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Restaurant;

impl Restaurant {
    /// What `owner_id` writes down at `now`, a draft until its address is known.
    pub(crate) fn new(id: RestaurantId, owner_id: UserId, parts: RestaurantParts, now: Timestamp) -> Self {
        Self {
            id,
            owner_id,
            name: parts.name,
            description: parts.description,
            logo: parts.logo,
            phone_number: parts.phone_number,
            email: parts.email,
            status: "active".parse().expect("it is a short word"),
            address_id: parts.address_id,
            draft_reason: Some(DraftReason::AddressUnknown),
            time_zone: TimeZone::ISTANBUL,
            opening_hours: parts.opening_hours,
            special_days: SpecialDays::default(),
            closures: Closures::default(),
            last_order_min: 0,
            paused_until: None,
            prep_time: parts.prep_time.0,
            rating_avg: 0,
            rating_count: 0,
            delivery_fee_kurus: parts.delivery_fee,
            min_order_kurus: parts.min_order,
            delivery_radius_m: parts.delivery_radius.map(|radius| radius.0),
            delivery_area: parts.delivery_area,
            order_terms: None,
            version: 1,
            search_version: 1,
            touched_at: now,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// Whether everybody sees it.
    pub(crate) fn is_visible(&self) -> bool {
        self.draft_reason.is_none() && self.deleted_at.is_none()
    }

    /// What is wrong with its area at the address, if the address says where it is.
    pub(crate) fn check_area(&self, address: &Address) -> std::result::Result<(), InvalidDeliveryArea> {
        match self.delivery_area.as_ref().zip(address.coordinates()) {
            Some((area, place)) => area.check_around(place),
            None => Ok(()),
        }
    }

    /// Why it is a draft at the address; `None` if it is none.
    pub(crate) fn draft_reason_at(&self, address: &Address) -> Option<DraftReason> {
        let of_area = || self.check_area(address).is_err().then_some(DraftReason::DeliveryAreaElsewhere);
        DraftReason::of(self.owner_id, address.written()).or_else(of_area)
    }

    /// All that decides when it is open.
    pub(crate) fn schedule(&self) -> Schedule {
        Schedule {
            time_zone: self.time_zone.0,
            week: self.opening_hours.clone(),
            special_days: self.special_days.by_date(),
            closures: self.closures.times(),
            paused_until: self.paused_until,
            last_order_minutes: self.last_order_min.unsigned_abs(),
        }
    }

    /// The same, where a search may find what has changed.
    pub(crate) fn found_anew(self, now: Timestamp) -> Self {
        Self { search_version: self.version, touched_at: now, ..self }
    }

    /// What is left of it once it was deleted at `now`.
    pub(crate) fn deleted(self, now: Timestamp) -> Self {
        Self {
            description: None,
            logo: None,
            phone_number: None,
            email: None,
            opening_hours: OpeningHours::default(),
            special_days: SpecialDays::default(),
            closures: Closures::default(),
            paused_until: None,
            delivery_area: None,
            order_terms: None,
            deleted_at: Some(now),
            ..self
        }
    }

    /// The same with what `change` names, but for its cuisines.
    pub(crate) fn changed(self, change: &RestaurantChange) -> Self {
        let RestaurantChange { name, description, logo, phone_number, email, opening_hours, prep_time, .. } =
            change.clone();
        let RestaurantChange { delivery_fee, min_order, delivery_radius, delivery_area, address_id, .. } =
            change.clone();
        Self {
            name: name.unwrap_or(self.name),
            description: description.apply(self.description),
            logo: logo.apply(self.logo),
            phone_number: phone_number.apply(self.phone_number),
            email: email.apply(self.email),
            opening_hours: opening_hours.unwrap_or(self.opening_hours),
            prep_time: prep_time.map_or(self.prep_time, |minutes| minutes.0),
            delivery_fee_kurus: delivery_fee.unwrap_or(self.delivery_fee_kurus),
            min_order_kurus: min_order.unwrap_or(self.min_order_kurus),
            delivery_radius_m: delivery_radius.map(|radius| radius.0).apply(self.delivery_radius_m),
            delivery_area: delivery_area.apply(self.delivery_area),
            address_id: address_id.unwrap_or(self.address_id),
            ..self
        }
    }

    /// How it takes orders.
    pub(crate) fn terms(&self) -> OrderTerms {
        self.order_terms.clone().unwrap_or_default()
    }

    /// The same with what `change` names.
    pub(crate) fn with_terms(self, change: OrderTermsChange) -> Self {
        let terms = change.apply(self.terms());
        let are_said = self.order_terms.is_some() || terms != OrderTerms::default();
        Self { order_terms: are_said.then_some(terms), ..self }
    }

    /// The same with what `change` names.
    pub(crate) fn with_hours(self, change: HoursChange) -> Self {
        let HoursChange { week, special_days, closures, last_order, time_zone } = change;
        Self {
            opening_hours: week.unwrap_or(self.opening_hours),
            special_days: special_days.map_or(self.special_days, SpecialDays::from),
            closures: closures.map_or(self.closures, Closures::from),
            last_order_min: last_order.map_or(self.last_order_min, |minutes| minutes.0),
            time_zone: time_zone.unwrap_or(self.time_zone),
            ..self
        }
    }
}

/// Counts the commits of this process after which a search may find something else.
pub(crate) fn announcements(database: &Database) -> watch::Receiver<u64> {
    database.announcements_of(CHANGED)
}

/// Begins a transaction that has the list of the owner's restaurants to itself.
pub(crate) async fn begin_write(database: &Database, owner_id: UserId) -> Result<WriteTransaction> {
    database.begin_locked(&format!("restaurants of {owner_id}")).await
}

pub(crate) async fn insert(tx: &WriteTransaction, restaurant: &Restaurant) -> Result<()> {
    tx.announce(CHANGED);
    Entity::insert(restaurant.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The restaurant, unless it was deleted.
pub(crate) async fn find(database: &impl Connection, id: RestaurantId) -> Result<Option<Restaurant>> {
    Ok(there().filter(Column::Id.eq(id)).one(database).await?)
}

/// Keeps the restaurant from others until the transaction ends, in the version that it has; `None` where there is none, or somebody
/// has it.
pub(crate) async fn claim(tx: &WriteTransaction, id: RestaurantId) -> Result<Option<Restaurant>> {
    let free = there().filter(Column::Id.eq(id)).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    Ok(free.one(tx).await?)
}

/// Which of `ids` are there, or were and are deleted.
pub(crate) async fn list_existing(database: &impl Connection, ids: Vec<RestaurantId>) -> Result<Vec<RestaurantId>> {
    let these = Entity::find().filter(Column::Id.is_in(ids));
    Ok(these.select_only().column(Column::Id).into_tuple().all(database).await?)
}

/// How many restaurants the owner has.
pub(crate) async fn count(tx: &WriteTransaction, owner_id: UserId) -> Result<u64> {
    Ok(there().filter(Column::OwnerId.eq(owner_id)).count(tx).await?)
}

/// Whether a restaurant names the address.
pub(crate) async fn is_any_at(tx: &WriteTransaction, address_id: AddressId) -> Result<bool> {
    Ok(there().filter(Column::AddressId.eq(address_id)).one(tx).await?.is_some())
}

/// Up to `limit` restaurants that name the address, behind one, in the order of their ids.
pub(crate) async fn list_at(
    tx: &WriteTransaction,
    address_id: AddressId,
    after: Option<RestaurantId>,
    limit: u64,
) -> Result<Vec<Restaurant>> {
    let mut at_address = there().filter(Column::AddressId.eq(address_id)).order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        at_address = at_address.filter(Column::Id.gt(after));
    }
    Ok(at_address.all(tx).await?)
}

/// Up to `limit` restaurants behind one, in the order of their ids, also those that were deleted.
pub(crate) async fn list_all(
    tx: &WriteTransaction,
    after: Option<RestaurantId>,
    limit: u64,
) -> Result<Vec<Restaurant>> {
    let mut all = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        all = all.filter(Column::Id.gt(after));
    }
    Ok(all.all(tx).await?)
}

/// Which of `addresses` are named by a restaurant.
pub(crate) async fn named_addresses(tx: &WriteTransaction, addresses: Vec<AddressId>) -> Result<Vec<AddressId>> {
    let named = there().filter(Column::AddressId.is_in(addresses));
    Ok(named.select_only().column(Column::AddressId).into_tuple().all(tx).await?)
}

/// One page of the owner's restaurants, oldest first, and the row behind it.
pub(crate) async fn list_of(
    database: &impl Connection,
    owner_id: UserId,
    page: PageRequest,
) -> Result<Vec<Restaurant>> {
    let mut of_owner = there().filter(Column::OwnerId.eq(owner_id)).order_by_asc(Column::Id).limit(page.limit + 1);
    if let Some(after) = page.after {
        of_owner = of_owner.filter(Column::Id.gt(RestaurantId(after.0)));
    }
    Ok(of_owner.all(database).await?)
}

/// Some of the restaurants that were imported, or whose meals were, and of which no event is recorded since.
pub(crate) async fn find_unrecorded(database: &impl Connection, limit: u64) -> Result<Vec<Restaurant>> {
    // As it stands in the index, as above.
    let unrecorded = Entity::find().filter(Expr::cust("search_version = 0")).filter(Expr::cust("deleted_at IS NULL"));
    Ok(unrecorded.order_by_asc(Column::Id).limit(limit).all(database).await?)
}

/// Raises the version of a restaurant and answers it as it is then; others that change it wait until the transaction ends. `None`
/// where there is none, or it is not `owner_id`'s; anybody's where that is `None`.
pub(crate) async fn begin_version(
    tx: &WriteTransaction,
    id: RestaurantId,
    owner_id: Option<UserId>,
) -> Result<Option<Restaurant>> {
    let mut update = next_version().filter(Column::Id.eq(id));
    if let Some(owner_id) = owner_id {
        update = update.filter(Column::OwnerId.eq(owner_id));
    }
    Ok(update.exec_with_returning(tx).await?.pop())
}

/// Raises the versions of those of `ids` that are at the address, as [`begin_version`] does that of one.
pub(crate) async fn begin_versions_at(
    tx: &WriteTransaction,
    address_id: AddressId,
    ids: Vec<RestaurantId>,
) -> Result<Vec<Restaurant>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let these = next_version().filter(Column::AddressId.eq(address_id)).filter(Column::Id.is_in(ids));
    Ok(these.exec_with_returning(tx).await?)
}

/// Writes all that the restaurant has.
pub(crate) async fn update(tx: &WriteTransaction, restaurant: &Restaurant) -> Result<()> {
    tx.announce(CHANGED);
    let columns = ActiveModel { id: NotSet, ..restaurant.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(restaurant.id)).exec(tx).await?;
    Ok(())
}

fn there() -> Select<Entity> {
    Entity::find().filter(Column::DeletedAt.is_null())
}

fn next_version() -> UpdateMany<Entity> {
    let next = Expr::col(Column::Version).add(1_i64);
    Entity::update_many().col_expr(Column::Version, next).filter(Column::DeletedAt.is_null())
}
