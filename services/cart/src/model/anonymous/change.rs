//! What may change in an anonymous cart, and what is refused. A refused change changes nothing.

use std::sync::Arc;
use std::time::Duration;

use clock::Timestamp;
use kit::FieldChange;
use serde_json::Map;

use super::cart::{AnonymousCart, CartLine, Found, LineName, MAX_DONE};
use super::cart_id::CartId;
use super::etag::{ETag, IfMatch, hash};
use super::returned::Returned;
use super::stored::Unreadable;
use super::taken::Taken;
use crate::model::{LineChoice, MOST_LINES, MOST_OF_A_LINE, MergeId, Note, OnConflict, Options};

/// One change of one cart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// More of a meal.
    Add(AddItem),
    /// Of a line that stands there.
    Update(LineName, LineChange),
    /// A line goes, if it stands there.
    Remove(LineName),
    /// All lines go.
    Clear,
    /// It is kept for so many days after each write.
    Extend(u16),
    /// What a merge has taken goes.
    Take(MergeId, Taken),
    /// What a merge had taken goes back.
    Return(Box<Returned>),
}

/// More of a meal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AddItem {
    pub(crate) restaurant_id: String,
    pub(crate) meal_id: String,
    /// `None` where the client knows of none.
    pub(crate) options: Option<Options>,
    pub(crate) quantity: u32,
    /// What is left out stays.
    pub(crate) note: Option<Note>,
    pub(crate) schedule_date: Option<Timestamp>,
    pub(crate) on_conflict: OnConflict,
    pub(crate) key: Option<AddKey>,
}

/// What is new of a line; what is left out stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LineChange {
    pub(crate) quantity: Option<u32>,
    /// An empty one takes the note away.
    pub(crate) note: Option<Note>,
    pub(crate) schedule_date: FieldChange<Timestamp>,
}

/// Names an add that a client may repeat, and what it adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddKey {
    key: String,
    item: String,
}

/// What marks all changes of one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) now: Timestamp,
    pub(crate) nonce: String,
}

/// What stands at the key of a cart, between two changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Standing {
    Absent,
    Present(Arc<AnonymousCart>, Arc<[u8]>),
}

/// A cart right after a change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Changed {
    pub(crate) cart: Arc<AnonymousCart>,
    pub(crate) etag: ETag,
    /// It was done before and had no effect.
    pub(crate) is_repeat: bool,
}

/// Why a change had no effect.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum CartRefusal {
    #[error("there is no such cart")]
    NoCart,
    #[error("there is no such line")]
    NoLine,
    #[error("the meal stands there with several options")]
    Ambiguous(Vec<LineChoice>),
    #[error("the cart holds meals of another restaurant")]
    OtherRestaurant,
    #[error("a line holds no more units")]
    QuantityLimit,
    #[error("the cart holds no more lines")]
    TooManyLines,
    #[error("the cart is too long")]
    TooLong,
    #[error("the cart has changed")]
    Changed(Standing),
    #[error("the key stands for another add")]
    KeyReused,
    #[error("too many new carts of this network")]
    TooManyCarts(Duration),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl AddKey {
    /// That of an add of `item`.
    pub(crate) fn of(idempotency_key: &str, item: &AddItem) -> Self {
        let AddItem { restaurant_id, meal_id, options, quantity, note, schedule_date, .. } = item;
        let added = (restaurant_id, meal_id, options, quantity, note, schedule_date);
        let item = serde_json::to_vec(&added).expect("an item has texts as the keys of its maps");
        Self { key: hash(idempotency_key.as_bytes()), item: hash(&item) }
    }

    /// As it stands among the last adds of a cart.
    fn done(&self) -> String {
        format!("{}{}", self.key, self.item)
    }
}

impl Standing {
    /// What `bytes` are, which stand at the key of `id`.
    pub(crate) fn read(id: CartId, bytes: Option<&[u8]>) -> Result<Self, Unreadable> {
        bytes.map_or(Ok(Self::Absent), |bytes| {
            Ok(Self::Present(Arc::new(AnonymousCart::read(id, bytes)?), bytes.into()))
        })
    }

    /// The cart as it is, if there is one.
    pub(crate) fn unchanged(&self) -> Option<Changed> {
        match self {
            Self::Absent => None,
            Self::Present(cart, bytes) => {
                Some(Changed { cart: Arc::clone(cart), etag: ETag::of(bytes), is_repeat: false })
            }
        }
    }

    /// Whether this change would make the cart.
    pub(crate) fn is_made_by(&self, change: &Change, if_match: Option<&IfMatch>) -> bool {
        matches!((self, change, if_match), (Self::Absent, Change::Add(_), None))
    }

    /// Makes `change` of the cart `id`, unless it is refused.
    pub(crate) fn apply(
        &mut self,
        id: CartId,
        (change, if_match): (&Change, Option<&IfMatch>),
        stamp: &Stamp,
    ) -> Result<Changed, CartRefusal> {
        let standing = self.unchanged();
        let is_there = standing.is_some() || matches!(change, Change::Add(_) | Change::Return(_));
        if !is_there {
            return Err(CartRefusal::NoCart);
        }
        // It had its effect, whatever the cart has become since.
        if let (Change::Add(item), Some(standing)) = (change, &standing)
            && standing.cart.has_done(item)?
        {
            return Ok(Changed { is_repeat: true, ..standing.clone() });
        }
        if if_match.is_some_and(|condition| !condition.matches(standing.as_ref().map(|standing| &standing.etag))) {
            return Err(CartRefusal::Changed(self.clone()));
        }
        if let (Change::Take(merge_id, taken), Some(standing)) = (change, &standing) {
            return self.take(standing.clone(), (*merge_id, taken), stamp);
        }
        if let Change::Return(returned) = change {
            return self.receive(standing, returned, stamp);
        }
        let before =
            standing.as_ref().map_or_else(|| AnonymousCart::new(id, stamp), |standing| (*standing.cart).clone());
        match (before.changed(change, stamp)?, standing) {
            (None, Some(standing)) => Ok(standing),
            (None, None) => Err(CartRefusal::NoCart),
            (Some(cart), _) => self.put(cart),
        }
    }

    /// Takes away what the merge has taken, once. A cart of which nothing is left is gone.
    fn take(
        &mut self,
        standing: Changed,
        taken: (MergeId, &Taken),
        Stamp { now, nonce }: &Stamp,
    ) -> Result<Changed, CartRefusal> {
        match standing.cart.without(taken, (*now, nonce)) {
            None => Ok(Changed { is_repeat: true, ..standing }),
            Some(left) if !taken.1.leaves(&left) => {
                *self = Self::Absent;
                Ok(Changed { cart: left.into(), etag: ETag::of(&[]), is_repeat: false })
            }
            Some(left) => self.put(left),
        }
    }

    /// Puts back what a merge had taken, once.
    fn receive(
        &mut self,
        standing: Option<Changed>,
        returned: &Returned,
        Stamp { now, nonce }: &Stamp,
    ) -> Result<Changed, CartRefusal> {
        match standing {
            Some(standing) if standing.cart.created_at == returned.returned_as => {
                Ok(Changed { is_repeat: true, ..standing })
            }
            standing => self.put(returned.put_into(standing.as_ref().map(|standing| &*standing.cart), (*now, nonce))),
        }
    }

    fn put(&mut self, cart: AnonymousCart) -> Result<Changed, CartRefusal> {
        let bytes = cart.write().map_err(|_| CartRefusal::TooLong)?;
        let (cart, etag) = (Arc::new(cart), ETag::of(&bytes));
        *self = Self::Present(Arc::clone(&cart), bytes.into());
        Ok(Changed { cart, etag, is_repeat: false })
    }
}

/// Units of one line.
fn max_quantity() -> u32 {
    u32::from(MOST_OF_A_LINE.unsigned_abs())
}

impl AnonymousCart {
    fn new(id: CartId, stamp: &Stamp) -> Self {
        Self {
            id,
            lines: Vec::new(),
            created_at: stamp.now,
            updated_at: stamp.now,
            version: 0,
            extended_days: None,
            done: Vec::new(),
            nonce: String::new(),
            merged: None,
            others: Map::new(),
        }
    }

    /// Whether it was added before by the same key.
    pub(crate) fn has_done(&self, item: &AddItem) -> Result<bool, CartRefusal> {
        let Some(key) = &item.key else { return Ok(false) };
        match self.done.iter().find(|done| done.starts_with(&key.key)) {
            None => Ok(false),
            // An earlier release kept the key alone.
            Some(done) if *done == key.done() || *done == key.key => Ok(true),
            Some(_) => Err(CartRefusal::KeyReused),
        }
    }

    /// The cart after the change; `None` where that changes nothing.
    fn changed(mut self, change: &Change, stamp: &Stamp) -> Result<Option<Self>, CartRefusal> {
        match change {
            Change::Add(item) => self.add(item, stamp.now)?,
            Change::Update(name, change) if !self.update(name, change)? => return Ok(None),
            Change::Update(..) => {}
            Change::Remove(name) => match self.find(name) {
                Found::At(index) => drop(self.lines.remove(index)),
                Found::Nowhere => return Ok(None),
                Found::Several(lines) => return Err(CartRefusal::Ambiguous(lines)),
            },
            Change::Clear if self.lines.is_empty() => return Ok(None),
            Change::Clear => self.lines.clear(),
            Change::Extend(days) => self.extended_days = Some(*days),
            Change::Take(..) | Change::Return(_) => return Ok(None),
        }
        // A clock that is set back makes no cart that changed before it was made.
        self.updated_at = stamp.now.max(self.created_at);
        self.version = self.version.saturating_add(1);
        self.nonce.clone_from(&stamp.nonce);
        Ok(Some(self))
    }

    fn add(&mut self, item: &AddItem, now: Timestamp) -> Result<(), CartRefusal> {
        if self.restaurant_id().is_some_and(|standing| !standing.eq_ignore_ascii_case(&item.restaurant_id)) {
            match item.on_conflict {
                OnConflict::Keep => return Err(CartRefusal::OtherRestaurant),
                OnConflict::Replace => self.lines.clear(),
            }
        }
        let options = item.options.clone().unwrap_or_default();
        match self.lines.iter().position(|line| line.is_same(&item.meal_id, &options)) {
            Some(index) => self.lines[index].add(item)?,
            None if self.lines.len() >= MOST_LINES => return Err(CartRefusal::TooManyLines),
            None if item.quantity > max_quantity() => return Err(CartRefusal::QuantityLimit),
            None => self.lines.push(item.line(options, now)),
        }
        if let Some(key) = &item.key {
            let surplus = (self.done.len() + 1).saturating_sub(MAX_DONE);
            self.done.drain(..surplus);
            self.done.push(key.done());
        }
        Ok(())
    }

    /// Whether the line is another one now.
    fn update(&mut self, name: &LineName, change: &LineChange) -> Result<bool, CartRefusal> {
        let line = match self.find(name) {
            Found::At(index) => &mut self.lines[index],
            Found::Nowhere => return Err(CartRefusal::NoLine),
            Found::Several(lines) => return Err(CartRefusal::Ambiguous(lines)),
        };
        let before = line.clone();
        line.quantity = change.quantity.unwrap_or(line.quantity);
        if let Some(note) = &change.note {
            line.note = written(note);
        }
        line.schedule_date = change.schedule_date.apply(line.schedule_date);
        Ok(*line != before)
    }
}

impl CartLine {
    fn add(&mut self, item: &AddItem) -> Result<(), CartRefusal> {
        let sum = self.quantity.saturating_add(item.quantity);
        if sum > max_quantity() {
            return Err(CartRefusal::QuantityLimit);
        }
        self.quantity = sum;
        self.note = item.note().or(self.note.take());
        self.schedule_date = item.schedule_date.or(self.schedule_date);
        Ok(())
    }
}

impl AddItem {
    fn note(&self) -> Option<String> {
        self.note.as_ref().and_then(written)
    }

    fn line(&self, options: Options, now: Timestamp) -> CartLine {
        CartLine {
            restaurant_id: self.restaurant_id.clone(),
            meal_id: self.meal_id.clone(),
            options,
            quantity: self.quantity,
            note: self.note(),
            schedule_date: self.schedule_date,
            created_at: now,
            others: Map::new(),
        }
    }
}

/// A note as it stands in a cart, where an empty one is none.
fn written(note: &Note) -> Option<String> {
    Some(note.as_str().to_owned()).filter(|note| !note.is_empty())
}
