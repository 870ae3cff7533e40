//! The carts of those who are not signed in: what stands at their keys, and what may change in it.
//!
//! Whoever knows the id of such a cart may read and change it, so it is written to no log. The first platform's cart service
//! works on the same carts: what it writes is read, and what is written here it can read.

mod cart;
mod cart_id;
mod change;
mod etag;
mod moment;
mod returned;
mod stored;
mod taken;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use cart::{AnonymousCart, CartLine, LineName, TTL_DAYS};
pub(crate) use cart_id::CartId;
pub(crate) use change::{AddItem, AddKey, CartRefusal, Change, Changed, LineChange, Stamp, Standing};
pub(crate) use etag::{ETag, IfMatch};
pub(crate) use returned::Returned;
pub(crate) use stored::Unreadable;
pub(crate) use taken::{Rest, Taken};
