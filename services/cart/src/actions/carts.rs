//! The cart of a user: putting meals into it, changing them and taking them out.

use std::ops::Deref;

use axum::http::StatusCode;
use contracts::{Locale, RestaurantId, UserId};
use database::WriteTransaction;
use kit::idempotency::{self, Answer, Begun, Request};
use uuid::Uuid;

use crate::error::CartError;
use crate::model::{
    ChoiceRefusal, ConflictSide, ItemChange, LineChoice, MOST_LINES, MOST_OF_A_LINE, NewItem, Note, OnConflict,
    Options, PricedCart, Quantity, RestaurantConflict, RestaurantCopy, WantedLine, check_choice,
};
use crate::state::Carts;
use crate::store;
use crate::store::basket::Basket;
use crate::store::line::Line;

use super::catalog;

/// The cart as it is now, with what it costs.
#[derive(Debug)]
pub(crate) struct CurrentCart {
    /// `None` where the user never had one.
    pub(crate) basket: Option<Basket>,
    pub(crate) lines: Vec<Line>,
    pub(crate) priced: PricedCart,
}

/// A cart within a transaction that has it to itself: one that is boxed, or that of a request which may come again.
struct OpenCart<T = Box<WriteTransaction>> {
    tx: T,
    user_id: UserId,
    basket: Option<Basket>,
    lines: Vec<Line>,
}

/// Puts a line into the cart, or makes the same line there as it is wanted; answers it. A cart with meals of another restaurant
/// is left as it is, unless it is to be replaced.
pub(crate) async fn add_item(carts: &Carts, user_id: UserId, item: NewItem) -> Result<Line, CartError> {
    // Its campaigns have no restaurant, and it has no meals.
    if item.restaurant_id == RestaurantId::PLATFORM {
        return Err(ChoiceRefusal::UnknownMeal.into());
    }
    let restaurant = catalog::find_restaurant(carts, item.restaurant_id).await?;
    let cart = OpenCart::begin(carts, user_id).await?.with_place_for(carts, &item).await?;
    let line = cart.put(item, restaurant.as_deref()).await?;
    cart.tx.commit().await?;
    Ok(line)
}

/// Adds so many units to the cart, once for each `request`: beside those of the same line that are there. Otherwise as [`add_item`].
pub(crate) async fn add_units(
    carts: &Carts,
    user_id: UserId,
    request: Request,
    mut item: NewItem,
) -> Result<(), CartError> {
    let restaurant = catalog::find_restaurant(carts, item.restaurant_id).await?;
    let tx = store::basket::begin_write(&carts.context.database, user_id).await?;
    let tx = match idempotency::begin(tx, Some(request)).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(_) => return Ok(()),
        Begun::Reused => return Err(CartError::KeyReused),
    };
    let cart = OpenCart::of(tx, user_id).await?.with_place_for(carts, &item).await?;
    if let Some(same) = cart.same(&item) {
        let sum = same.quantity.saturating_add(item.quantity.0);
        item.quantity = Quantity(Some(sum).filter(|sum| *sum <= MOST_OF_A_LINE).ok_or(CartError::QuantityLimit)?);
    }
    let line = cart.put(item, restaurant.as_deref()).await?;
    cart.tx.commit(Answer::json(StatusCode::OK, Locale::Tr, &line.line_id())).await?;
    Ok(())
}

/// Puts lines of one restaurant into the cart, where each has as many as before at least: all or none. Sent again it changes nothing.
/// Answers the lines as they are then.
pub(super) async fn add_again(
    carts: &Carts,
    user_id: UserId,
    restaurant_id: RestaurantId,
    items: Vec<NewItem>,
) -> Result<Vec<Line>, CartError> {
    let Some(first) = items.first() else { return Ok(Vec::new()) };
    let restaurant = catalog::find_restaurant(carts, restaurant_id).await?;
    let mut cart = OpenCart::begin(carts, user_id).await?.with_place_for(carts, first).await?;
    let mut added = Vec::with_capacity(items.len());
    for mut item in items {
        if let Some(same) = cart.same(&item) {
            item.quantity = Quantity(same.quantity.max(item.quantity.0));
        }
        let line = cart.put(item, restaurant.as_deref()).await?;
        cart.lines.retain(|other| other.id != line.id);
        cart.lines.push(line.clone());
        added.push(line);
    }
    cart.tx.commit().await?;
    Ok(added)
}

/// The lines of the cart, oldest first.
pub(crate) async fn list_items(carts: &Carts, user_id: UserId) -> Result<Vec<Line>, CartError> {
    Ok(store::line::list(&carts.context.database, user_id).await?)
}

/// The cart with what it costs.
pub(crate) async fn current_cart(carts: &Carts, user_id: UserId) -> Result<CurrentCart, CartError> {
    let (basket, lines) = store::basket::find_with_lines(&carts.context.database, user_id).await?;
    let priced = price(carts, &lines).await?;
    Ok(CurrentCart { basket, lines, priced })
}

/// Changes what `change` names in the line that `name` means, and answers it.
pub(crate) async fn update_item(
    carts: &Carts,
    user_id: UserId,
    name: Uuid,
    change: ItemChange,
) -> Result<Line, CartError> {
    let cart = OpenCart::begin(carts, user_id).await?;
    let before = cart.named(name)?.ok_or(CartError::ItemNotFound)?.clone();
    let after = Line {
        quantity: change.quantity.map_or(before.quantity, |quantity| quantity.0),
        note: change.note.apply(Some(before.note.clone())).unwrap_or_default(),
        schedule_date: change.schedule_date.apply(before.schedule_date),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    store::line::update(&cart.tx, &after).await?;
    cart.touch(after.restaurant_id).await?;
    cart.tx.commit().await?;
    Ok(after)
}

/// Takes out the line that `name` means, if it is there.
pub(crate) async fn remove_item(carts: &Carts, user_id: UserId, name: Uuid) -> Result<(), CartError> {
    let cart = OpenCart::begin(carts, user_id).await?;
    let Some(line) = cart.named(name)?.cloned() else { return Ok(()) };
    store::line::delete(&cart.tx, line.id).await?;
    cart.touch(line.restaurant_id).await?;
    Ok(cart.tx.commit().await?)
}

/// Takes out all lines.
pub(crate) async fn clear_cart(carts: &Carts, user_id: UserId) -> Result<(), CartError> {
    let mut cart = OpenCart::begin(carts, user_id).await?;
    let Some(restaurant_id) = cart.lines.first().map(|line| line.restaurant_id) else { return Ok(()) };
    cart.empty().await?;
    cart.touch(restaurant_id).await?;
    Ok(cart.tx.commit().await?)
}

/// Takes out all lines, in a transaction that has the cart to itself.
pub(super) async fn empty_cart(tx: &WriteTransaction, user_id: UserId) -> database::Result<()> {
    let Some(basket) = store::basket::find(tx, user_id).await? else { return Ok(()) };
    store::line::delete_all(tx, user_id).await?;
    store::basket::put(tx, Basket { version: basket.version + 1, updated_at: tx.now(), ..basket }).await
}

impl OpenCart {
    async fn begin(carts: &Carts, user_id: UserId) -> Result<Self, CartError> {
        Self::of(Box::new(store::basket::begin_write(&carts.context.database, user_id).await?), user_id).await
    }
}

impl<T: Deref<Target = WriteTransaction>> OpenCart<T> {
    /// The user's cart, which `tx` has to itself.
    async fn of(tx: T, user_id: UserId) -> Result<Self, CartError> {
        let basket = store::basket::find(&*tx, user_id).await?;
        let lines = store::line::list(&*tx, user_id).await?;
        Ok(Self { tx, user_id, basket, lines })
    }

    /// The cart, without meals of another restaurant than that of `item`, if it wants that; else it is asked what to do.
    async fn with_place_for(mut self, carts: &Carts, item: &NewItem) -> Result<Self, CartError> {
        let current = self.lines.first().map(|line| line.restaurant_id);
        let Some(current) = current.filter(|id| *id != item.restaurant_id) else { return Ok(self) };
        match item.on_conflict {
            OnConflict::Replace => self.empty().await?,
            OnConflict::Keep => return Err(conflict(carts, current, self.close(), item).await?),
        }
        Ok(self)
    }

    /// The line of the same meal with the same options.
    fn same(&self, item: &NewItem) -> Option<&Line> {
        let key = item.options.as_ref().map(Options::key).unwrap_or_default();
        self.lines.iter().find(|line| line.meal_id == item.meal_id && line.options_key == key)
    }

    /// The line that is called so; else the only one of the meal that is.
    fn named(&self, name: Uuid) -> Result<Option<&Line>, CartError> {
        if let Some(line) = self.lines.iter().find(|line| line.line_id().0 == name) {
            return Ok(Some(line));
        }
        let of_meal: Vec<&Line> = self.lines.iter().filter(|line| line.meal_id.0 == name).collect();
        match of_meal.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => {
                Err(CartError::LineAmbiguous(several.iter().map(|line| LineChoice::from(&line.kept())).collect()))
            }
        }
    }

    async fn empty(&mut self) -> Result<(), CartError> {
        store::line::delete_all(&self.tx, self.user_id).await?;
        self.lines.clear();
        Ok(())
    }

    async fn put(&self, item: NewItem, restaurant: Option<&RestaurantCopy>) -> Result<Line, CartError> {
        let meal_id = item.meal_id;
        if let Some(before) = self.same(&item) {
            // There can be fewer of what is gone by now.
            if item.quantity.0 > before.quantity {
                check_choice(restaurant, meal_id, item.options.as_ref(), self.tx.now())?;
            }
            let after = wanted(before.clone(), &item);
            if after != *before {
                store::line::update(&self.tx, &after).await?;
                self.touch(item.restaurant_id).await?;
            }
            return Ok(after);
        }
        check_choice(restaurant, meal_id, item.options.as_ref(), self.tx.now())?;
        if self.lines.len() >= MOST_LINES {
            return Err(CartError::TooManyLines);
        }
        // A line refers to its basket, which may be new, or of another restaurant until now.
        self.touch(item.restaurant_id).await?;
        let new = wanted(self.blank(&item), &item);
        Ok(store::line::insert(&self.tx, new).await?)
    }

    fn blank(&self, item: &NewItem) -> Line {
        Line {
            id: 0,
            user_id: self.user_id,
            restaurant_id: item.restaurant_id,
            meal_id: item.meal_id,
            quantity: item.quantity.0,
            options: item.options.clone().unwrap_or_default(),
            options_key: item.options.as_ref().map(Options::key).unwrap_or_default(),
            note: Note::default(),
            schedule_date: None,
            created_at: self.tx.now(),
        }
    }

    /// Gives the cart its next version, at this restaurant.
    async fn touch(&self, restaurant_id: RestaurantId) -> Result<(), CartError> {
        let version = self.basket.as_ref().map_or(0, |basket| basket.version) + 1;
        let basket = Basket { user_id: self.user_id, restaurant_id, version, updated_at: self.tx.now() };
        Ok(store::basket::put(&self.tx, basket).await?)
    }

    /// The lines, with nothing changed.
    fn close(self) -> Vec<Line> {
        self.lines
    }
}

/// The line as `item` wants it.
fn wanted(line: Line, item: &NewItem) -> Line {
    Line {
        quantity: item.quantity.0,
        note: item.note.clone().apply(Some(line.note.clone())).unwrap_or_default(),
        schedule_date: item.schedule_date.apply(line.schedule_date),
        ..line
    }
}

async fn price(carts: &Carts, lines: &[Line]) -> Result<PricedCart, CartError> {
    let restaurant_id = lines.first().map(|line| line.restaurant_id);
    let wanted: Vec<WantedLine<'_>> = lines.iter().map(WantedLine::from).collect();
    catalog::price(carts, restaurant_id, &wanted).await
}

/// What is to be asked: what stands there, and what would instead.
async fn conflict(
    carts: &Carts,
    current: RestaurantId,
    lines: Vec<Line>,
    item: &NewItem,
) -> Result<CartError, CartError> {
    let none = Options::default();
    let wanted = WantedLine {
        meal_id: Some(item.meal_id),
        options: item.options.as_ref().unwrap_or(&none),
        quantity: u32::from(item.quantity.0.unsigned_abs()),
        due: item.schedule_date.apply(None),
    };
    let item_count = lines.iter().map(|line| u32::from(line.quantity.unsigned_abs())).sum();
    let current = ConflictSide::of(current, item_count, price(carts, &lines).await?);
    let priced = catalog::price(carts, Some(item.restaurant_id), &[wanted]).await?;
    let wanted = ConflictSide::of(item.restaurant_id, wanted.quantity, priced);
    Ok(CartError::DifferentRestaurant(Box::new(RestaurantConflict::new(current, wanted))))
}

impl<'a> From<&'a Line> for WantedLine<'a> {
    fn from(line: &'a Line) -> Self {
        Self {
            meal_id: Some(line.meal_id),
            options: &line.options,
            quantity: u32::from(line.quantity.unsigned_abs()),
            due: line.schedule_date,
        }
    }
}
