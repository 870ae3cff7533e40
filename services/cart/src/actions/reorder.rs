//! What was ordered before goes into the cart again, as far as it can still be had.

use contracts::{Money, OrderId, RestaurantId, UserId};
use kit::FieldChange;

use super::carts::add_again;
use super::catalog;
use crate::error::{CartError, UnavailableItem};
use crate::model::{MOST_OF_A_LINE, NewItem, OnConflict, Quantity, WantedLine};
use crate::state::Carts;
use crate::store;
use crate::store::line::Line;
use crate::store::order::{Order, OrderLine};

/// What has come of it.
#[derive(Debug)]
pub(crate) struct Reordered {
    /// The lines that are in the cart by it.
    pub(crate) lines: Vec<Line>,
    /// What can't be had any more.
    pub(crate) unavailable: Vec<UnavailableItem>,
}

/// What of an order could be ordered again.
#[derive(Debug)]
pub(crate) struct Reorderable {
    pub(crate) order: Order,
    /// Each line with what one of it costs now.
    pub(crate) lines: Vec<(OrderLine, Money)>,
    /// What can't be had any more.
    pub(crate) unavailable: Vec<UnavailableItem>,
}

/// What of the user's order can still be had.
pub(crate) async fn find_reorderable(carts: &Carts, user_id: UserId, id: OrderId) -> Result<Reorderable, CartError> {
    let database = &carts.context.database;
    let order = store::order::find(database, id).await?.filter(|order| order.user_id == user_id);
    let order = order.ok_or(CartError::OrderNotFound)?;
    let ordered = store::order::list_lines(database, vec![order.id]).await?;
    let wanted: Vec<WantedLine<'_>> = ordered.iter().map(WantedLine::from).collect();
    let priced = catalog::price(carts, Some(order.restaurant_id), &wanted).await?;
    let (mut lines, mut unavailable) = (Vec::new(), Vec::new());
    for (line, now) in ordered.into_iter().zip(priced.lines) {
        match now.price {
            Ok(price) => lines.push((line, price.unit)),
            Err(reason) => {
                let name = Some(now.name.unwrap_or(line.name));
                unavailable.push(UnavailableItem { meal_id: line.meal_id, name, reason });
            }
        }
    }
    Ok(Reorderable { order, lines, unavailable })
}

/// Puts what the user has ordered into their cart, beside what is there of the same restaurant. Where nothing of it can be had,
/// the cart stays as it is.
pub(crate) async fn reorder(
    carts: &Carts,
    user_id: UserId,
    id: OrderId,
    on_conflict: OnConflict,
) -> Result<Reordered, CartError> {
    let Reorderable { order, lines, unavailable } = find_reorderable(carts, user_id, id).await?;
    let mut items = Vec::<NewItem>::new();
    for (line, _) in &lines {
        put(&mut items, line, order.restaurant_id, on_conflict);
    }
    let lines =
        if items.is_empty() { Vec::new() } else { add_again(carts, user_id, order.restaurant_id, items).await? };
    Ok(Reordered { lines, unavailable })
}

/// Adds the line; a cart has one line of a meal with the same options, where an order may have several with other notes.
fn put(items: &mut Vec<NewItem>, line: &OrderLine, restaurant_id: RestaurantId, on_conflict: OnConflict) {
    // An order of the first platform may have nothing of a meal, or more than a cart takes.
    let Some(quantity) = Quantity::cut(line.quantity.into()) else { return };
    let is_same = |item: &&mut NewItem| item.meal_id == line.meal_id && item.options.as_ref() == Some(&line.options);
    if let Some(same) = items.iter_mut().find(is_same) {
        same.quantity = Quantity((same.quantity.0 + quantity.0).min(MOST_OF_A_LINE));
        return;
    }
    items.push(NewItem {
        restaurant_id,
        meal_id: line.meal_id,
        options: Some(line.options.clone()),
        quantity,
        note: FieldChange::Set(line.note.clone()),
        schedule_date: FieldChange::Keep,
        on_conflict,
    });
}

impl<'a> From<&'a OrderLine> for WantedLine<'a> {
    fn from(line: &'a OrderLine) -> Self {
        Self {
            meal_id: Some(line.meal_id),
            options: &line.options,
            quantity: u32::from(line.quantity.unsigned_abs()),
            due: None,
        }
    }
}
