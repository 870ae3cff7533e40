//! Whose basket a page is about: that of who is signed in, or one without an owner, which a cookie names.
//!
//! Whoever has both is about to have one: what was chosen before signing in goes into the cart of the account.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;
use contracts::UserId;
use kit::{Caller, Client, Problem};
use web::{Cookie, Detour, Flash, Keep, Reader, SignedIn};

use crate::actions::merge::{AskedMerge, Merged, Run, merge_cart};
use crate::anonymous::AnonymousError;
use crate::error::CartError;
use crate::model::MergeStrategy;
use crate::model::anonymous::{CartId, CartRefusal, TTL_DAYS};
use crate::state::Carts;

/// As long as the cart itself is kept.
const CART_COOKIE_TTL: Duration = Duration::from_secs(TTL_DAYS as u64 * 24 * 60 * 60);

/// Somebody with a basket.
#[derive(Debug, Clone)]
pub(super) struct Diner {
    /// Who is signed in.
    pub(super) user_id: Option<UserId>,
    /// The cart without an owner.
    pub(super) cart_id: Option<CartId>,
    /// Where they are.
    pub(super) network: String,
}

/// What has become of the cart from before signing in.
#[derive(Debug)]
pub(super) enum Merging {
    /// There is none, or it can't be reached now.
    Nothing,
    /// It is in the account's, or nothing was in it: these cookies say so.
    Done(Vec<HeaderValue>),
    /// The diner has to choose.
    Undecided,
}

/// A session that only has to be renewed is: as a stranger its reader would see another basket.
impl<S: Send + Sync> FromRequestParts<S> for Diner {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Detour> {
        let Ok(reader) = Reader::from_request_parts(parts, state).await;
        let read = |cookie: Cookie| cookie.read(&parts.headers, reader.cookies());
        let cart_id = read(Cookie::Cart).and_then(CartId::parse);
        let caller = if reader.has_session { caller(parts, state).await? } else { None };
        let client = Client::from_request_parts(parts, state).await?;
        Ok(Self { user_id: caller.map(|caller| caller.user_id()), cart_id, network: client.network().to_string() })
    }
}

/// Whoever is signed in; `None` whose session is over for good.
async fn caller<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Option<Caller>, Detour> {
    match SignedIn::from_request_parts(parts, state).await {
        Ok(SignedIn(caller)) => Ok(Some(caller)),
        Err(detour @ (Detour::Renew(_) | Detour::Refused(_))) => Err(detour),
        Err(Detour::SignIn(_) | Detour::Continue(_)) => Ok(None),
    }
}

impl Diner {
    /// Puts what was chosen before signing in into the account's cart, if that can be done without asking.
    pub(super) async fn merge(&self, carts: &Carts, reader: &Reader) -> Result<Merging, Problem> {
        let (Some(user_id), Some(cart_id)) = (self.user_id, self.cart_id) else { return Ok(Merging::Nothing) };
        let forgotten = Cookie::Cart.delete(reader.cookies());
        match merge_cart(carts, user_id, self.asked(cart_id, MergeStrategy::AddQuantities, Run::Merge)).await {
            Ok(Merged::Done(..)) => Ok(Merging::Done(vec![forgotten, reader.will_hear(Flash::BasketsMerged)])),
            Ok(Merged::Nothing | Merged::Preview(..)) => Ok(Merging::Done(vec![forgotten])),
            Err(CartError::DifferentRestaurant(_) | CartError::TooManyLines) => Ok(Merging::Undecided),
            Err(error) if is_lost(&error) => Ok(Merging::Done(vec![forgotten])),
            // Carts of accounts, and orders, go on without the store.
            Err(CartError::Anonymous(error)) => {
                tracing::warn!(%error, "a cart from before signing in can't be merged now");
                Ok(Merging::Nothing)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The merge of that cart into the account's.
    pub(super) fn asked(&self, cart_id: CartId, strategy: MergeStrategy, run: Run) -> AskedMerge {
        AskedMerge { cart_id, strategy, if_match: None, run, network: self.network.clone() }
    }
}

/// The cookie by which a browser finds the cart again.
pub(super) fn cart_cookie(cart_id: CartId, reader: &Reader) -> HeaderValue {
    Cookie::Cart.set(&cart_id.text(), Keep::For(CART_COOKIE_TTL), reader.cookies())
}

/// Whether a cart without an owner is gone, or is none that anybody could read.
pub(super) fn is_lost(error: &CartError) -> bool {
    matches!(error, CartError::Anonymous(AnonymousError::Refused(CartRefusal::NoCart | CartRefusal::Unreadable(_))))
}
