//! Which restaurants and meals a request means, and who asks.

use std::convert::Infallible;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use contracts::{CampaignId, CategoryId, MealId, MealtimeId, OptionGroupId, OptionId, RestaurantId};
use kit::{Caller, Problem};
use serde::de::DeserializeOwned;

use crate::error::{MenuPart, RestaurantError};
use crate::model::Writer;

/// The id in the path. One that no restaurant can have is that of no restaurant.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedId(pub(super) RestaurantId);

impl<S: Send + Sync> FromRequestParts<S> for AskedId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<RestaurantId>, PathRejection> = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| RestaurantError::NotFound.into())
    }
}

/// The same of a meal.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedMeal(pub(super) MealId);

impl<S: Send + Sync> FromRequestParts<S> for AskedMeal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<MealId>, PathRejection> = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| RestaurantError::NoSuch(MenuPart::Meal).into())
    }
}

/// A restaurant, and the id of what is on its menu.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedPart<I>(pub(super) RestaurantId, pub(super) I);

/// An id of what a menu is made of.
pub(super) trait PartId: DeserializeOwned + Send {
    const PART: MenuPart;
}

impl PartId for CategoryId {
    const PART: MenuPart = MenuPart::Category;
}

impl PartId for MealtimeId {
    const PART: MenuPart = MenuPart::Mealtime;
}

impl PartId for OptionGroupId {
    const PART: MenuPart = MenuPart::Group;
}

impl PartId for OptionId {
    const PART: MenuPart = MenuPart::Option;
}

impl<I: PartId, S: Send + Sync> FromRequestParts<S> for AskedPart<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ids: Result<Path<(RestaurantId, I)>, PathRejection> = Path::from_request_parts(parts, state).await;
        ids.map(|Path((restaurant, id))| Self(restaurant, id)).map_err(|_| RestaurantError::NoSuch(I::PART).into())
    }
}

/// The id in the path, as [`AskedId`] is that of a restaurant.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedCampaign(pub(super) CampaignId);

impl<S: Send + Sync> FromRequestParts<S> for AskedCampaign {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<CampaignId>, PathRejection> = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| RestaurantError::CampaignNotFound.into())
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignedIn(pub(super) Writer);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Ok(Self(Writer { user_id: caller.user_id(), role: caller.role() }))
    }
}

/// Whoever asks for what everybody may see. A token that is worth nothing hides nothing from anybody, and is refused where nothing is
/// found: it may be of the owner of what is hidden.
#[derive(Debug)]
pub(super) enum Reader {
    /// Nobody who says who they are.
    Anyone,
    Writer(Writer),
    /// Somebody whose token is refused so.
    Refused(Problem),
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let has_token = parts.headers.contains_key(AUTHORIZATION);
        Ok(match SignedIn::from_request_parts(parts, state).await {
            Ok(SignedIn(writer)) => Self::Writer(writer),
            // One that can't be checked says nothing.
            Err(problem) if has_token && problem.status() == StatusCode::UNAUTHORIZED => Self::Refused(problem),
            Err(_) => Self::Anyone,
        })
    }
}

impl Reader {
    pub(super) fn writer(&self) -> Option<Writer> {
        match self {
            Self::Writer(writer) => Some(*writer),
            Self::Anyone | Self::Refused(_) => None,
        }
    }

    /// What was found, or why not.
    pub(super) fn found<T>(&self, found: Result<T, RestaurantError>) -> Result<T, Problem> {
        match (found, self) {
            (Err(error), Self::Refused(problem)) if error.hides() => Err(problem.clone()),
            (found, _) => Ok(found?),
        }
    }
}
