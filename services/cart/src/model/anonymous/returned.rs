//! What a merge has taken out of an anonymous cart goes back there when it is undone.

use clock::Timestamp;

use super::cart::{AnonymousCart, CartLine, MAX_DONE};
use crate::model::{MOST_LINES, MOST_OF_A_LINE};

/// What goes back, and what the cart is called behind it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Returned {
    /// The cart that was merged.
    pub(crate) guest: AnonymousCart,
    /// `created_at` of the cart that has it again, and of none before: peers keep it with each write.
    pub(crate) returned_as: Timestamp,
}

impl Returned {
    /// Whether it can go into the cart that stands there, as a client could have put it there.
    pub(crate) fn has_place(&self, standing: &AnonymousCart) -> bool {
        let restaurant = standing.restaurant_id().zip(self.guest.restaurant_id());
        let is_one_restaurant = restaurant.is_none_or(|(standing, own)| standing.eq_ignore_ascii_case(own));
        let together = self.put_into(Some(standing), (standing.updated_at, ""));
        let most = u32::from(MOST_OF_A_LINE.unsigned_abs());
        let had = |line: &CartLine| self.guest.lines.iter().find(|had| had.is_same(&line.meal_id, &line.options));
        let are_short =
            together.lines.iter().all(|line| line.quantity <= most.max(had(line).map_or(0, |had| had.quantity)));
        is_one_restaurant && are_short && together.lines.len() <= MOST_LINES && together.write().is_ok()
    }

    /// The cart with what goes back, wherever that has a place; `None` is no cart.
    pub(super) fn put_into(&self, standing: Option<&AnonymousCart>, (now, nonce): (Timestamp, &str)) -> AnonymousCart {
        let mut cart = AnonymousCart {
            lines: self.guest.of_restaurant().cloned().collect(),
            created_at: self.returned_as,
            updated_at: now.max(self.returned_as),
            nonce: nonce.to_owned(),
            ..self.guest.clone()
        };
        if let Some(standing) = standing {
            cart.receive(standing);
        }
        cart.version = cart.version.saturating_add(1);
        cart
    }
}

impl AnonymousCart {
    /// Takes in what came behind the merge.
    fn receive(&mut self, later: &Self) {
        for line in &later.lines {
            match self.lines.iter_mut().find(|known| known.is_same(&line.meal_id, &line.options)) {
                Some(known) => {
                    let earlier: CartLine = std::mem::replace(known, line.clone());
                    known.absorb(earlier);
                }
                None => self.lines.push(line.clone()),
            }
        }
        self.version = self.version.max(later.version);
        self.extended_days = later.extended_days.or(self.extended_days);
        self.done.extend(later.done.iter().cloned());
        let surplus = self.done.len().saturating_sub(MAX_DONE);
        self.done.drain(..surplus);
        self.merged.clone_from(&later.merged);
        self.others.extend(later.others.clone());
    }
}
