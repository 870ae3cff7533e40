//! All that a restaurant offers: read whole, because whoever asks for a part needs what it belongs to.

use std::collections::HashMap;

use bus::outbox;
use clock::Timestamp;
use contracts::pricing::{Moment, PriceRefusal};
use contracts::{CatalogChanged, CatalogMeal, CatalogMenu, MealId, OptionGroupId, RestaurantId};
use database::{Connection, WriteTransaction};

use crate::model::TimeZone;
use crate::store;
use crate::store::meal::Meal;
use crate::store::restaurant::Restaurant;

use super::catalog::complete;
use super::offers::load_offers;

/// The menu of a restaurant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Menu {
    /// In their order; those of `offer` are the same ones.
    pub(crate) meals: Vec<Meal>,
    pub(crate) complements: HashMap<MealId, Vec<MealId>>,
    /// What other services know of it.
    pub(crate) offer: CatalogMenu,
}

/// A meal with what belongs to it, as it is at an instant.
#[derive(Debug, Clone)]
pub(crate) struct FullMeal {
    pub(crate) meal: Meal,
    pub(crate) complements: Vec<MealId>,
    pub(crate) groups: Vec<OptionGroupId>,
    /// Whether it can be had, if not at any time of the day.
    pub(crate) is_available: bool,
    /// Whether it is served at this time, too.
    pub(crate) can_be_ordered: bool,
}

/// The menu of the restaurant.
pub(super) async fn load_menu(database: &impl Connection, id: RestaurantId) -> database::Result<Menu> {
    let mut complements: HashMap<MealId, Vec<MealId>> = HashMap::new();
    for (meal, other) in store::complement::list_of(database, id).await? {
        complements.entry(meal).or_default().push(other);
    }
    let (meals, offer) = load_offers(database, vec![id]).await?.remove(&id).unwrap_or_default();
    Ok(Menu { meals, complements, offer })
}

/// Records what the restaurant is in its next version, of which `after` is the row, and answers its menu. The row itself is
/// written where a search may find what has changed.
pub(super) async fn record_menu(tx: &WriteTransaction, after: Restaurant) -> database::Result<Menu> {
    if after.search_version == after.version {
        store::restaurant::update(tx, &after).await?;
    }
    let menu = load_menu(tx, after.id).await?;
    let full = complete(tx, vec![after]).await?;
    let events: Vec<CatalogChanged> = full.iter().map(|full| full.event(menu.offer.clone(), tx.now())).collect();
    outbox::record_all(tx, &events).await?;
    Ok(menu)
}

impl Menu {
    /// The meal, as it is at `now`.
    pub(crate) fn meal(&self, id: MealId, time_zone: TimeZone, now: Timestamp) -> Option<FullMeal> {
        let place = self.meals.iter().position(|meal| meal.id == id)?;
        Some(self.full(&self.meals[place], &self.offer.meals[place], Moment { at: now, time_zone: time_zone.0 }))
    }

    /// All meals, as they are at `now`.
    pub(crate) fn meals_at(&self, time_zone: TimeZone, now: Timestamp) -> Vec<FullMeal> {
        let moment = Moment { at: now, time_zone: time_zone.0 };
        self.meals.iter().zip(&self.offer.meals).map(|(meal, offered)| self.full(meal, offered, moment)).collect()
    }

    /// What goes well with the meal and can be had at `now`, in its order.
    pub(crate) fn complements_at(&self, id: MealId, time_zone: TimeZone, now: Timestamp) -> Vec<FullMeal> {
        let others = self.complements.get(&id).into_iter().flatten();
        others.filter_map(|other| self.meal(*other, time_zone, now)).filter(|other| other.is_available).collect()
    }

    fn full(&self, meal: &Meal, offered: &CatalogMeal, moment: Moment) -> FullMeal {
        let checked = self.offer.check(offered, moment);
        FullMeal {
            complements: self.complements.get(&meal.id).cloned().unwrap_or_default(),
            groups: offered.group_ids.clone(),
            is_available: checked != Err(PriceRefusal::MealUnavailable),
            can_be_ordered: checked.is_ok(),
            meal: meal.clone(),
        }
    }
}
