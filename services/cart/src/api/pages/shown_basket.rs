//! A basket as pages show it, whether or not it has an owner.

use axum::http::HeaderValue;
use contracts::{MealId, Money, RestaurantId, UserId};
use kit::{FieldChange, Problem};
use uuid::Uuid;
use web::{Cookie, Keep, Reader};

use super::diner::{Diner, is_lost};
use crate::actions;
use crate::anonymous::{AnonymousError, AskedChange};
use crate::error::CartError;
use crate::model::anonymous::{CartId, CartRefusal, Change, LineChange, LineName};
use crate::model::{ItemChange, LineId, Note, Options, PricedCart, PricedLine, Unavailable, WantedLine};
use crate::state::Carts;

/// A basket with what it costs.
pub(super) struct ShownBasket {
    pub(super) restaurant_id: Option<RestaurantId>,
    pub(super) lines: Vec<ShownLine>,
    /// What all of it costs, and where.
    pub(super) priced: PricedCart,
}

/// A line of it.
pub(super) struct ShownLine {
    pub(super) id: LineId,
    /// `None` where it is of none that we could know.
    pub(super) meal_id: Option<MealId>,
    pub(super) options: Options,
    pub(super) quantity: u32,
    pub(super) note: String,
    /// The last name of the meal that is known.
    pub(super) name: Option<String>,
    /// What was chosen with it.
    pub(super) chosen: String,
    /// What one and what all of them cost, or why they can't be had.
    pub(super) price: Result<(Money, Money), Unavailable>,
}

impl ShownBasket {
    /// That of the diner.
    pub(super) async fn of(carts: &Carts, diner: &Diner) -> Result<Self, CartError> {
        match (diner.user_id, diner.cart_id) {
            (Some(user_id), _) => Self::of_user(carts, user_id).await,
            (None, Some(cart_id)) => Self::of_stranger(carts, cart_id, &diner.network).await,
            (None, None) => Ok(Self::empty()),
        }
    }

    /// The cart of an account.
    pub(super) async fn of_user(carts: &Carts, user_id: UserId) -> Result<Self, CartError> {
        let current = actions::current_cart(carts, user_id).await?;
        let restaurant_id = current.lines.first().map(|line| line.restaurant_id);
        let lines = current.lines.into_iter().map(|line| ShownLine {
            id: line.line_id(),
            meal_id: Some(line.meal_id),
            options: line.options,
            quantity: line.quantity.unsigned_abs().into(),
            note: line.note.as_str().to_owned(),
            ..ShownLine::blank()
        });
        Self::priced(carts, restaurant_id, lines.collect(), current.priced).await
    }

    /// A cart without an owner. One that is gone, or can't be read, is empty.
    pub(super) async fn of_stranger(carts: &Carts, cart_id: CartId, network: &str) -> Result<Self, CartError> {
        let cart = match actions::anonymous::find(carts, cart_id, network).await {
            Ok(found) => found.cart,
            Err(error) if is_lost(&error) => return Ok(Self::empty()),
            Err(error) => return Err(error),
        };
        let restaurant_id = cart.restaurant_id().and_then(|id| id.parse().ok());
        let wanted: Vec<WantedLine<'_>> = cart.lines.iter().map(WantedLine::from).collect();
        let priced = actions::catalog::price(carts, restaurant_id, &wanted).await?;
        let lines = cart.lines.iter().map(|line| ShownLine {
            id: line.id(),
            meal_id: line.meal(),
            options: line.options.clone(),
            quantity: line.quantity,
            note: line.note.clone().unwrap_or_default(),
            ..ShownLine::blank()
        });
        Self::priced(carts, restaurant_id, lines.collect(), priced).await
    }

    /// One with nothing but this line.
    pub(super) async fn of_wish(
        carts: &Carts,
        restaurant_id: RestaurantId,
        wanted: &WantedLine<'_>,
        note: &str,
    ) -> Result<Self, CartError> {
        let priced = actions::catalog::price(carts, Some(restaurant_id), std::slice::from_ref(wanted)).await?;
        let line = ShownLine {
            meal_id: wanted.meal_id,
            options: wanted.options.clone(),
            quantity: wanted.quantity,
            note: note.to_owned(),
            ..ShownLine::blank()
        };
        Self::priced(carts, Some(restaurant_id), vec![line], priced).await
    }

    fn empty() -> Self {
        Self { restaurant_id: None, lines: Vec::new(), priced: PricedCart::unknown(0) }
    }

    async fn priced(
        carts: &Carts,
        restaurant_id: Option<RestaurantId>,
        lines: Vec<ShownLine>,
        priced: PricedCart,
    ) -> Result<Self, CartError> {
        let restaurant = match restaurant_id {
            Some(id) => actions::catalog::find_restaurant(carts, id).await?,
            None => None,
        };
        let shown = |(line, PricedLine { name, price }): (ShownLine, &PricedLine)| ShownLine {
            name: name.clone(),
            chosen: restaurant.as_ref().map_or_else(String::new, |known| chosen(&known.names(&line.options))),
            price: price.map(|price| (price.unit, price.total)),
            ..line
        };
        let lines = lines.into_iter().zip(&priced.lines).map(shown).collect();
        Ok(Self { restaurant_id, lines, priced })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn line(&self, id: Uuid) -> Option<&ShownLine> {
        self.lines.iter().find(|line| line.id == LineId(id))
    }

    /// The restaurant's name, where anything is known of it.
    pub(super) fn restaurant_name(&self) -> Option<&str> {
        self.priced.restaurant.as_ref().map(|restaurant| restaurant.name.as_str())
    }

    /// How many lines it has, as the header of pages shows it.
    pub(super) fn count(&self) -> Option<u16> {
        u16::try_from(self.lines.len()).ok().filter(|count| *count > 0)
    }

    /// The cookie by which other pages know of it: lines, kuruş, restaurant.
    pub(super) fn hint(&self, reader: &Reader) -> HeaderValue {
        let Some((count, restaurant_id)) = self.count().zip(self.restaurant_id) else {
            return Cookie::Basket.delete(reader.cookies());
        };
        let hint = format!("{count}-{}-{restaurant_id}", self.priced.subtotal.kurus());
        Cookie::Basket.set(&hint, Keep::UntilClosed, reader.cookies())
    }
}

impl ShownLine {
    /// Before it is filled in.
    fn blank() -> Self {
        Self {
            id: LineId(Uuid::nil()),
            meal_id: None,
            options: Options::default(),
            quantity: 0,
            note: String::new(),
            name: None,
            chosen: String::new(),
            price: Err(Unavailable::PriceUnknown),
        }
    }
}

/// What was chosen, in one line.
pub(super) fn chosen(names: &[(&str, u16)]) -> String {
    let each = names.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        _ => format!("{name} × {count}"),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Makes the line what it is to be.
pub(super) async fn change_line(carts: &Carts, diner: &Diner, id: Uuid, change: ItemChange) -> Result<(), Problem> {
    if let Some(user_id) = diner.user_id {
        actions::update_item(carts, user_id, id, change).await?;
        return Ok(());
    }
    let note = match change.note {
        FieldChange::Keep => None,
        FieldChange::Clear => Some(Note::default()),
        FieldChange::Set(note) => Some(note),
    };
    let quantity = change.quantity.map(|quantity| quantity.0.unsigned_abs().into());
    let change = LineChange { quantity, note, schedule_date: change.schedule_date };
    Ok(change_of_stranger(carts, diner, Change::Update(LineName(id.to_string()), change)).await?)
}

/// Takes the line out, if it is there.
pub(super) async fn remove_line(carts: &Carts, diner: &Diner, id: Uuid) -> Result<(), Problem> {
    if let Some(user_id) = diner.user_id {
        return Ok(actions::remove_item(carts, user_id, id).await?);
    }
    match change_of_stranger(carts, diner, Change::Remove(LineName(id.to_string()))).await {
        // It went with the rest of the basket.
        Err(error) if is_lost(&error) => Ok(()),
        removed => Ok(removed?),
    }
}

async fn change_of_stranger(carts: &Carts, diner: &Diner, change: Change) -> Result<(), CartError> {
    let cart_id = diner.cart_id.ok_or(AnonymousError::Refused(CartRefusal::NoCart))?;
    let asked = AskedChange { change, if_match: None, network: diner.network.clone() };
    actions::anonymous::change(carts, cart_id, asked).await?;
    Ok(())
}
