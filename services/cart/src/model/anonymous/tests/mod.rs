//! What is read and written, beside a cart service of the first platform.

pub(crate) mod peer;

mod changes;
mod formats;
mod properties;
mod taking;

use super::*;
use crate::model::{ChosenOption, Note, OnConflict, Options};

pub(crate) const ID: &str = "018f5a3e-0000-4000-8000-00000000000a";
pub(crate) const RESTAURANT: &str = "018f5a3e-2222-4000-8000-000000000001";

pub(crate) fn id() -> CartId {
    CartId::parse(ID).unwrap()
}

pub(crate) fn meal(number: u32) -> String {
    format!("018f5a3e-3333-4000-8000-{number:012}")
}

/// So many of a meal, and nothing else said.
pub(crate) fn some(number: u32, quantity: u32) -> AddItem {
    AddItem {
        restaurant_id: RESTAURANT.to_owned(),
        meal_id: meal(number),
        options: None,
        quantity,
        note: None,
        schedule_date: None,
        on_conflict: OnConflict::Keep,
        key: None,
    }
}

/// The add of `item` that may be repeated by this key.
pub(crate) fn keyed(key: &str, item: AddItem) -> AddItem {
    AddItem { key: Some(AddKey::of(key, &item)), ..item }
}

pub(crate) fn stamp() -> Stamp {
    Stamp { now: "2026-03-02T12:00:00.000001Z".parse().unwrap(), nonce: "0123456789abcdef".to_owned() }
}

fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

/// Each option once.
fn options(numbers: &[u128]) -> Options {
    let option =
        |number: &u128| ChosenOption { option_id: contracts::OptionId(uuid::Uuid::from_u128(*number)), quantity: 1 };
    Options::new(numbers.iter().map(option)).unwrap()
}

/// Reads `bytes` and makes `change` of them.
fn applied(bytes: Option<&[u8]>, change: &Change) -> (Standing, Result<Changed, CartRefusal>) {
    let mut standing = Standing::read(id(), bytes).unwrap();
    let answer = standing.apply(id(), (change, None), &stamp());
    (standing, answer)
}

fn bytes_of(standing: &Standing) -> Vec<u8> {
    match standing {
        Standing::Absent => panic!("there is no cart"),
        Standing::Present(_, bytes) => bytes.to_vec(),
    }
}

fn quantities(cart: &AnonymousCart) -> Vec<(String, u32)> {
    cart.lines.iter().map(|line| (line.meal_id.clone(), line.quantity)).collect()
}
