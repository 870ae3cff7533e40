//! Groups of options, from which something is chosen with a meal. Meals may share one.

use contracts::{CatalogGroup, OptionGroupId, OptionId, RestaurantId};
use database::WriteTransaction;
use kit::idempotency::{Answer, Request};

use crate::error::{MenuPart, Place, RestaurantError};
use crate::model::{GroupChange, GroupOptions, GroupParts, Position, Writer};
use crate::state::Restaurants;
use crate::store;
use crate::store::menu::Menu;
use crate::store::option::MenuOption;
use crate::store::option_group::OptionGroup;

use super::additions::{Addition, Begin, begin_addition};
use super::menu::{record_grown_menu, record_menu};
use super::restaurants::begin_change;
use super::write_limit::WriteKind;

const MOST_GROUPS: usize = 100;
/// In all groups of a restaurant, so that its event stays small.
const MOST_OPTIONS: usize = 2000;

/// Writes down a group with its options, once for each `request`; answers what was answered first.
pub(crate) async fn create_group(
    restaurants: &Restaurants,
    request: Option<Request>,
    addition: Addition<GroupParts>,
    answer: impl FnOnce(CatalogGroup) -> Answer,
) -> Result<Answer, RestaurantError> {
    let (tx, restaurant) = match begin_addition(restaurants, request, &addition).await? {
        Begin::Fresh(tx, restaurant) => (tx, restaurant),
        Begin::Answered(before) => return Ok(before),
    };
    let known = store::option_group::list_of(&*tx, vec![restaurant.id]).await?;
    if known.len() >= MOST_GROUPS {
        return Err(RestaurantError::TooMany(MenuPart::Group));
    }
    let GroupParts { name, min, max, position, options } = addition.parts;
    let position = position.unwrap_or_else(|| Position::behind(known.last().map(|last| last.position))).0;
    let id = OptionGroupId(tx.sources().uuid());
    let max_choices = max.map(|max| max.0);
    let group = OptionGroup { id, restaurant_id: restaurant.id, name, min_choices: min.0, max_choices, position };
    check_limits(&group)?;
    check_enough(&group, options.most_choices(), "min")?;
    store::option_group::insert(&tx, &group).await?;
    replace_options(&tx, (restaurant.id, id), options).await?;
    let group = group_of(record_grown_menu(&tx, restaurant).await?, id)?;
    Ok(tx.commit(answer(group)).await?)
}

/// Changes what `change` names and leaves the rest. Options that are named take the place of all before, each by its id.
pub(crate) async fn update_group(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, id): (RestaurantId, OptionGroupId),
    change: GroupChange,
) -> Result<CatalogGroup, RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    let found = store::option_group::find(&tx, restaurant_id, id).await?;
    let before = found.ok_or(RestaurantError::NoSuch(MenuPart::Group))?;
    let after = OptionGroup {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        min_choices: change.min.map_or(before.min_choices, |min| min.0),
        max_choices: change.max.map(|max| max.0).apply(before.max_choices),
        position: change.position.map_or(before.position, |position| position.0),
        ..before
    };
    check_limits(&after)?;
    match &change.options {
        Some(options) => check_enough(&after, options.most_choices(), change.min.map_or("options", |_| "min"))?,
        None if change.min.is_some() => check_enough(&after, most_choices(&tx, (restaurant_id, id)).await?, "min")?,
        None => {}
    }
    let options = match change.options {
        Some(options) => replace_options(&tx, (restaurant_id, id), options).await?,
        None => Replaced::Same,
    };
    if after == before && options == Replaced::Same {
        return group_of(store::menu::load(&tx, restaurant_id).await?, id);
    }
    store::option_group::update(&tx, &after).await?;
    let menu = record_grown_menu(&tx, restaurant).await?;
    tx.commit().await?;
    group_of(menu, id)
}

/// Switches an option on or off.
pub(crate) async fn update_option_availability(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, id): (RestaurantId, OptionId),
    is_available: Switch,
) -> Result<CatalogGroup, RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Switch).await?;
    let found = store::option::find(&tx, restaurant_id, id).await?;
    let before = found.ok_or(RestaurantError::NoSuch(MenuPart::Option))?;
    let is_available = matches!(is_available, Switch::On);
    if before.is_available == is_available {
        return group_of(store::menu::load(&tx, restaurant_id).await?, before.group_id);
    }
    store::option::update_availability(&tx, id, is_available).await?;
    let menu = record_menu(&tx, restaurant).await?;
    tx.commit().await?;
    group_of(menu, before.group_id)
}

/// Whether something can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    Off,
}

/// Deletes the group with its options, and answers what it was. Its meals are ordered without it.
pub(crate) async fn delete_group(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, id): (RestaurantId, OptionGroupId),
) -> Result<CatalogGroup, RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    if store::option_group::find(&tx, restaurant_id, id).await?.is_none() {
        return Err(RestaurantError::NoSuch(MenuPart::Group));
    }
    let before = group_of(store::menu::load(&tx, restaurant_id).await?, id)?;
    store::meal_group::delete_group(&tx, (restaurant_id, id)).await?;
    store::option::replace(&tx, (restaurant_id, id), &[]).await?;
    store::option_group::delete(&tx, id).await?;
    record_menu(&tx, restaurant).await?;
    tx.commit().await?;
    Ok(before)
}

fn check_limits(group: &OptionGroup) -> Result<(), RestaurantError> {
    match group.max_choices {
        Some(max) if max < group.min_choices => Err(RestaurantError::MaxBelowMin),
        Some(_) | None => Ok(()),
    }
}

/// A group that asks for more than it has could never be chosen from; what can't be had now may come back.
fn check_enough(group: &OptionGroup, most_choices: i32, field: &'static str) -> Result<(), RestaurantError> {
    if i32::from(group.min_choices) > most_choices { Err(RestaurantError::MinAboveOptions(field)) } else { Ok(()) }
}

async fn most_choices(
    tx: &WriteTransaction,
    (restaurant_id, group_id): (RestaurantId, OptionGroupId),
) -> Result<i32, RestaurantError> {
    let options = store::option::list_of(tx, vec![restaurant_id]).await?;
    let own = options.iter().filter(|option| option.group_id == group_id);
    Ok(own.map(|option| i32::from(option.max_quantity)).sum())
}

/// What became of the options of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replaced {
    /// They are what they were.
    Same,
    Others,
}

/// Puts `options` in the place of those that the group had. One that is named by its id is one of these.
async fn replace_options(
    tx: &WriteTransaction,
    (restaurant_id, group_id): (RestaurantId, OptionGroupId),
    GroupOptions(options): GroupOptions,
) -> Result<Replaced, RestaurantError> {
    let known = store::option::list_of(tx, vec![restaurant_id]).await?;
    let (own, others): (Vec<_>, Vec<_>) = known.iter().partition(|option| option.group_id == group_id);
    if others.len() + options.len() > MOST_OPTIONS {
        return Err(RestaurantError::TooMany(MenuPart::Option));
    }
    let is_own = |id: OptionId| own.iter().any(|option| option.id == id);
    if let Some(row) = options.iter().position(|option| option.id.is_some_and(|id| !is_own(id))) {
        return Err(RestaurantError::OfAnother(Place::FieldOfRow("options", row, "id")));
    }
    let rows: Vec<MenuOption> = options
        .into_iter()
        .zip(0_i16..)
        .map(|(option, position)| MenuOption {
            id: option.id.unwrap_or_else(|| OptionId(tx.sources().uuid())),
            restaurant_id,
            group_id,
            name: option.name,
            price_kurus: option.price,
            max_quantity: option.max_quantity,
            is_available: option.is_available,
            position,
        })
        .collect();
    if own.into_iter().eq(&rows) {
        return Ok(Replaced::Same);
    }
    store::option::replace(tx, (restaurant_id, group_id), &rows).await?;
    Ok(Replaced::Others)
}

fn group_of(menu: Menu, id: OptionGroupId) -> Result<CatalogGroup, RestaurantError> {
    let found = menu.offer.groups.into_iter().find(|group| group.id == id);
    found.ok_or(RestaurantError::NoSuch(MenuPart::Group))
}
