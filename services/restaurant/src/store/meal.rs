//! `restaurant_meal`: what restaurants cook, also what was deleted.

use clock::Timestamp;
use contracts::{CategoryId, MealId, MealtimeId, Price, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, NotSet, QueryOrder, QuerySelect, Set};

use crate::model::{Description, MealChange, MealCuisine, MealParts, MenuName, PictureUrl, Position};

/// A meal.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_meal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: MealId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) category_id: Option<CategoryId>,
    pub(crate) mealtime_id: Option<MealtimeId>,
    pub(crate) name: MenuName,
    pub(crate) description: Option<Description>,
    pub(crate) cuisine: Option<MealCuisine>,
    pub(crate) price_kurus: Price,
    pub(crate) image_url: Option<PictureUrl>,
    pub(crate) is_available: bool,
    /// When what is not available comes back by itself.
    pub(crate) sold_out_until: Option<Timestamp>,
    /// A bit each; `None` where nothing is known of them.
    pub(crate) allergens: Option<i32>,
    pub(crate) contains_alcohol: bool,
    pub(crate) contains_pork: bool,
    pub(crate) position: i16,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: Option<Timestamp>,
    /// The name as searches compare it; `None` where the release before has written it.
    pub(crate) search_name: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Meal;

impl Meal {
    /// What is written down at `now`, but for its complements and groups.
    pub(crate) fn new(
        id: MealId,
        restaurant_id: RestaurantId,
        parts: MealParts,
        position: Position,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            restaurant_id,
            category_id: parts.category_id,
            mealtime_id: parts.mealtime_id,
            search_name: Some(search::normalize(parts.name.as_str())),
            name: parts.name,
            description: parts.description,
            cuisine: parts.cuisine,
            price_kurus: parts.price,
            image_url: parts.image_url,
            is_available: parts.is_available,
            sold_out_until: None,
            allergens: parts.allergens.map(|allergens| allergens.0),
            contains_alcohol: parts.contains_alcohol,
            contains_pork: parts.contains_pork,
            position: position.0,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// The same with what `change` names, but for its complements and groups.
    pub(crate) fn changed(self, change: &MealChange, now: Timestamp) -> Self {
        let MealChange { name, description, price, image_url, cuisine, category_id, mealtime_id, .. } = change.clone();
        let MealChange { allergens, contains_alcohol, contains_pork, position, .. } = change.clone();
        let name = name.unwrap_or(self.name);
        Self {
            search_name: Some(search::normalize(name.as_str())),
            name,
            description: description.apply(self.description),
            price_kurus: price.unwrap_or(self.price_kurus),
            image_url: image_url.apply(self.image_url),
            cuisine: cuisine.apply(self.cuisine),
            category_id: category_id.apply(self.category_id),
            mealtime_id: mealtime_id.apply(self.mealtime_id),
            allergens: allergens.map(|allergens| allergens.0).apply(self.allergens),
            contains_alcohol: contains_alcohol.unwrap_or(self.contains_alcohol),
            contains_pork: contains_pork.unwrap_or(self.contains_pork),
            position: position.map_or(self.position, |position| position.0),
            updated_at: now,
            ..self
        }
    }

    /// What is left of it once it was deleted at `now`.
    pub(crate) fn deleted(self, now: Timestamp) -> Self {
        let deleted_at = Some(now);
        Self {
            description: None,
            cuisine: None,
            image_url: None,
            category_id: None,
            mealtime_id: None,
            deleted_at,
            ..self
        }
    }

    /// Whether a search finds both by the same words.
    pub(crate) fn reads_like(&self, other: &Self) -> bool {
        (&self.name, &self.description, &self.cuisine) == (&other.name, &other.description, &other.cuisine)
    }
}

pub(crate) async fn insert(tx: &WriteTransaction, meal: &Meal) -> Result<()> {
    Entity::insert(meal.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The meal, unless it was deleted.
pub(crate) async fn find(database: &impl Connection, id: MealId) -> Result<Option<Meal>> {
    Ok(there().filter(Column::Id.eq(id)).one(database).await?)
}

/// The meals of these restaurants, those of each in the order of its menu.
pub(crate) async fn list_of(database: &impl Connection, restaurants: Vec<RestaurantId>) -> Result<Vec<Meal>> {
    let of_these = there().filter(Column::RestaurantId.is_in(restaurants));
    let sorted = of_these.order_by_asc(Column::RestaurantId).order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(sorted.all(database).await?)
}

/// How many meals the restaurant has.
pub(crate) async fn count(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<u64> {
    Ok(there().filter(Column::RestaurantId.eq(restaurant_id)).count(tx).await?)
}

/// Which of `ids` are meals of the restaurant.
pub(crate) async fn list_existing(
    tx: &WriteTransaction,
    restaurant_id: RestaurantId,
    ids: Vec<MealId>,
) -> Result<Vec<MealId>> {
    let of_restaurant = there().filter(Column::RestaurantId.eq(restaurant_id)).filter(Column::Id.is_in(ids));
    Ok(of_restaurant.select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// Where the last meal of the restaurant's menu stands; `None` where there is no meal.
pub(crate) async fn last_position(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<Option<i16>> {
    let of_restaurant = there().filter(Column::RestaurantId.eq(restaurant_id));
    let last = of_restaurant.order_by_desc(Column::Position).order_by_desc(Column::Id).one(tx).await?;
    Ok(last.map(|meal| meal.position))
}

/// How many meals of the restaurant are served at that time.
pub(crate) async fn count_at(tx: &WriteTransaction, restaurant_id: RestaurantId, id: MealtimeId) -> Result<u64> {
    let of_restaurant = there().filter(Column::RestaurantId.eq(restaurant_id));
    Ok(of_restaurant.filter(Column::MealtimeId.eq(id)).count(tx).await?)
}

/// Takes the meals of the restaurant out of the category.
pub(crate) async fn leave_category(tx: &WriteTransaction, restaurant_id: RestaurantId, id: CategoryId) -> Result<()> {
    let columns = ActiveModel { category_id: Set(None), ..Default::default() };
    let of_restaurant = Entity::update_many().set(columns).filter(Column::RestaurantId.eq(restaurant_id));
    of_restaurant.filter(Column::DeletedAt.is_null()).filter(Column::CategoryId.eq(id)).exec(tx).await?;
    Ok(())
}

/// Writes all that the meal has.
pub(crate) async fn update(tx: &WriteTransaction, meal: &Meal) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..meal.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(meal.id)).exec(tx).await?;
    Ok(())
}

/// Where the meal stands on its menu.
pub(crate) async fn update_position(tx: &WriteTransaction, id: MealId, position: Position) -> Result<()> {
    let columns = ActiveModel { position: Set(position.0), updated_at: Set(tx.now()), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Up to `limit` meals whose name as searches compare it is missing, and their names.
pub(crate) async fn list_without_search_name(
    database: &impl Connection,
    limit: u64,
) -> Result<Vec<(MealId, MenuName)>> {
    let missing = Entity::find().select_only().columns([Column::Id, Column::Name]);
    let missing = missing.filter(Expr::cust("search_name IS NULL")).order_by_asc(Column::Id);
    Ok(missing.limit(limit).into_tuple().all(database).await?)
}

/// Adds to the meal how searches compare its name, unless somebody has given it another one.
pub(crate) async fn update_search_name(tx: &WriteTransaction, (id, name): &(MealId, MenuName)) -> Result<()> {
    let columns = ActiveModel { search_name: Set(Some(search::normalize(name.as_str()))), ..Default::default() };
    let named = Entity::update_many().set(columns).filter(Column::Id.eq(*id)).filter(Column::Name.eq(name.clone()));
    named.exec(tx).await?;
    Ok(())
}

fn there() -> Select<Entity> {
    Entity::find().filter(Column::DeletedAt.is_null())
}
