//! Who keeps which restaurant, and what of it the path names.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use clock::Sources;
use contracts::{CampaignId, CategoryId, MealId, OptionGroupId, RestaurantId};
use kit::idempotency::{Key, Request};
use kit::{Fault, FieldValue, IdempotencyKey, Problem};
use serde::Serialize;
use web::{Detour, FormKey, SignedIn, Typed};

use crate::actions::{self, FullRestaurant};
use crate::error::{MenuPart, RestaurantError};
use crate::model::Writer;
use crate::state::Restaurants;

/// What belongs to a form of these pages, of all keys of their reader.
const SCOPE: &str = "form of a manager";

/// Somebody who may own restaurants. To others nothing is here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manager(pub(super) Writer);

/// A restaurant with whoever keeps it: its owner, or an admin. To others it is not there.
#[derive(Debug, Clone)]
pub(super) struct OwnRestaurant {
    pub(super) writer: Writer,
    pub(super) full: FullRestaurant,
}

/// What of the restaurant the path names behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<I>(pub(super) I);

/// An id of what a restaurant has.
pub(super) trait PartId: FromStr + Send {
    /// Its parameter in paths.
    const NAME: &'static str;

    /// Why one that is none names nothing.
    fn unknown() -> RestaurantError;
}

impl PartId for MealId {
    const NAME: &'static str = "meal";

    fn unknown() -> RestaurantError {
        RestaurantError::NoSuch(MenuPart::Meal)
    }
}

impl PartId for CategoryId {
    const NAME: &'static str = "part";

    fn unknown() -> RestaurantError {
        RestaurantError::NoSuch(MenuPart::Category)
    }
}

impl PartId for OptionGroupId {
    const NAME: &'static str = "part";

    fn unknown() -> RestaurantError {
        RestaurantError::NoSuch(MenuPart::Group)
    }
}

impl PartId for CampaignId {
    const NAME: &'static str = "part";

    fn unknown() -> RestaurantError {
        RestaurantError::CampaignNotFound
    }
}

impl FromRequestParts<Arc<Restaurants>> for Manager {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Restaurants>) -> Result<Self, Detour> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let writer = Writer { user_id: caller.user_id(), role: caller.role() };
        if writer.may_own() { Ok(Self(writer)) } else { Err(Problem::from(RestaurantError::NotFound).into()) }
    }
}

impl FromRequestParts<Arc<Restaurants>> for OwnRestaurant {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Restaurants>) -> Result<Self, Detour> {
        let Manager(writer) = Manager::from_request_parts(parts, state).await?;
        let id: Option<RestaurantId> = parameter(parts, state, "r").await;
        let found = match id {
            Some(id) => actions::find_restaurant(state, id, Some(writer)).await,
            None => Err(RestaurantError::NotFound),
        };
        let full = found.map_err(Problem::from)?;
        if writer.may_change(full.restaurant.owner_id) {
            Ok(Self { writer, full })
        } else {
            Err(Problem::from(RestaurantError::NotFound).into())
        }
    }
}

impl<I: PartId> FromRequestParts<Arc<Restaurants>> for Part<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Restaurants>) -> Result<Self, Problem> {
        parameter(parts, state, I::NAME).await.map(Self).ok_or_else(|| I::unknown().into())
    }
}

async fn parameter<I: FromStr>(parts: &mut Parts, state: &Arc<Restaurants>, name: &str) -> Option<I> {
    let parameters = RawPathParams::from_request_parts(parts, state).await.ok()?;
    parameters.iter().find(|(known, _)| *known == name).and_then(|(_, id)| id.parse().ok())
}

impl OwnRestaurant {
    pub(super) fn id(&self) -> RestaurantId {
        self.full.restaurant.id
    }

    /// Its page with `rest` behind it.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/isletme/{}{rest}", self.id())
    }

    pub(super) fn name(&self) -> &str {
        self.full.restaurant.name.as_str()
    }
}

/// The hidden field of a form that is shown now.
pub(super) fn new_key(sources: &Sources) -> String {
    FormKey::new(sources).field()
}

/// What `writer` asks for by a form, which may be sent twice.
pub(super) fn request_of(
    restaurants: &Restaurants,
    writer: Writer,
    typed: &Typed,
    asked: &impl Serialize,
) -> Result<Request, Problem> {
    let key = FormKey::parse(typed.value("istek").to_owned());
    let key = key.map_err(|(code, text)| Problem::invalid(vec![Fault::new("istek", code, text)]))?;
    let vault = restaurants.context.database.vault();
    Ok(Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&IdempotencyKey::from(key))), asked))
}

/// The id in a field of the form that a button sends; what no page of ours sends is none.
pub(super) fn sent_id<I: PartId>(typed: &Typed, field: &str) -> Result<I, RestaurantError> {
    typed.value(field).parse().map_err(|_| I::unknown())
}
