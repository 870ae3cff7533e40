//! The bytes at the key of a cart: the fields of the first platform, then ours, which a peer's next write drops.
//!
//! Nothing that must be right hangs on our fields. Fields that neither knows are kept, for the release beside this one.

use clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cart::{AnonymousCart, CartLine};
use super::cart_id::CartId;
use super::moment;
use crate::model::{ChosenOption, Options};

/// Longer values are neither read nor written: 50 lines with the longest notes need less, and so do 50 with 20 options each.
const MAX_BYTES: usize = 128 * 1024;

/// What stands at the key is no cart that a peer could read. It is left alone until it expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what stands at the key is no cart")]
pub(crate) struct Unreadable;

/// A cart does not fit into one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

#[derive(Serialize, Deserialize)]
struct StoredCart {
    cart_id: String,
    items: Vec<StoredItem>,
    #[serde(with = "moment")]
    created_at: Timestamp,
    #[serde(with = "moment")]
    updated_at: Timestamp,
    /// Of the items, among which it stands, too.
    #[serde(default)]
    restaurant_id: Option<String>,
    #[serde(default)]
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl_days: Option<u16>,
    #[serde(default)]
    done: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    merged: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct StoredItem {
    cart_id: String,
    restaurant_id: String,
    meal_id: String,
    #[serde(default = "one")]
    quantity: u32,
    #[serde(default)]
    note: Option<String>,
    #[serde(default, with = "moment::typed")]
    schedule_date: Option<Timestamp>,
    #[serde(with = "moment")]
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    options: Vec<ChosenOption>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

fn one() -> u32 {
    1
}

impl AnonymousCart {
    /// Reads what stands at the key of `id`. Lines of the same meal with the same options become one.
    pub(crate) fn read(id: CartId, bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.len() > MAX_BYTES {
            return Err(Unreadable);
        }
        // By way of a value, because of a name that comes twice a peer reads the last.
        let value: Value = serde_json::from_slice(bytes).map_err(|_| Unreadable)?;
        let stored: StoredCart = serde_json::from_value(value).map_err(|_| Unreadable)?;
        let mut lines: Vec<CartLine> = Vec::with_capacity(stored.items.len());
        for item in stored.items {
            let line = CartLine::try_from(item)?;
            match lines.iter_mut().find(|known| known.is_same(&line.meal_id, &line.options)) {
                Some(known) => known.absorb(line),
                None => lines.push(line),
            }
        }
        Ok(Self {
            id,
            lines,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            version: stored.version,
            extended_days: stored.ttl_days,
            done: stored.done,
            nonce: stored.nonce,
            merged: stored.merged,
            others: stored.others,
        })
    }

    /// The same as what is written, to be kept elsewhere.
    pub(crate) fn text(&self) -> Result<String, TooLong> {
        self.write().map(|bytes| String::from_utf8(bytes).expect("JSON is text"))
    }

    /// The bytes to be written.
    pub(super) fn write(&self) -> Result<Vec<u8>, TooLong> {
        let cart_id = self.id.text();
        let stored = StoredCart {
            items: self.lines.iter().map(|line| line.stored(&cart_id)).collect(),
            cart_id,
            created_at: self.created_at,
            updated_at: self.updated_at,
            restaurant_id: self.restaurant_id().map(str::to_owned),
            version: self.version,
            ttl_days: self.extended_days,
            done: self.done.clone(),
            nonce: self.nonce.clone(),
            merged: self.merged.clone(),
            others: self.others.clone(),
        };
        let bytes = serde_json::to_vec(&stored).expect("a cart has texts as the keys of its maps");
        if bytes.len() > MAX_BYTES { Err(TooLong) } else { Ok(bytes) }
    }
}

impl CartLine {
    fn stored(&self, cart_id: &str) -> StoredItem {
        let line = self.clone();
        StoredItem {
            cart_id: cart_id.to_owned(),
            restaurant_id: line.restaurant_id,
            meal_id: line.meal_id,
            quantity: line.quantity,
            note: line.note,
            schedule_date: line.schedule_date,
            created_at: line.created_at,
            options: line.options.chosen().to_vec(),
            others: line.others,
        }
    }
}

impl TryFrom<StoredItem> for CartLine {
    type Error = Unreadable;

    fn try_from(item: StoredItem) -> Result<Self, Unreadable> {
        if item.quantity == 0 {
            return Err(Unreadable);
        }
        Ok(Self {
            restaurant_id: item.restaurant_id,
            meal_id: item.meal_id,
            options: Options::new(item.options).ok_or(Unreadable)?,
            quantity: item.quantity,
            note: item.note,
            schedule_date: item.schedule_date,
            created_at: item.created_at,
            others: item.others,
        })
    }
}
