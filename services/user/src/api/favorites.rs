//! Favourite restaurants and cuisines. The rows have the shapes of the first platform, which could not list them.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use contracts::UserId;
use kit::{Claim, Field, Json, Owner, Problem, required_fields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::error::UserError;
use crate::model::{FavoriteKind, FavoriteName};
use crate::state::User;
use crate::store::favorite::Favorite;

/// Names a restaurant to follow.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AddFavoriteRestaurant {
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 64)]
    restaurant_id: Field<FavoriteName>,
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Claim,
}

/// Names a cuisine to follow.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AddFavoriteCuisine {
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 64, example = "kebap")]
    cuisine: Field<FavoriteName>,
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Claim,
}

/// A restaurant that the user follows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FavoriteRestaurant {
    id: i64,
    user_id: UserId,
    #[schema(value_type = String)]
    restaurant_id: FavoriteName,
}

/// A cuisine that the user follows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FavoriteCuisine {
    id: i64,
    user_id: UserId,
    #[schema(value_type = String, example = "kebap")]
    cuisine: FavoriteName,
}

/// Everything that a user follows, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Favorites {
    restaurants: Vec<FavoriteRestaurant>,
    cuisines: Vec<FavoriteCuisine>,
}

impl From<Favorite> for FavoriteRestaurant {
    fn from(favorite: Favorite) -> Self {
        Self { id: favorite.id, user_id: favorite.user_id, restaurant_id: favorite.name }
    }
}

impl From<Favorite> for FavoriteCuisine {
    fn from(favorite: Favorite) -> Self {
        Self { id: favorite.id, user_id: favorite.user_id, cuisine: favorite.name }
    }
}

impl Favorites {
    async fn of(user: &User, owner: &Owner) -> Result<Self, UserError> {
        let all = actions::list_favorites(user, owner.user_id).await?;
        let (restaurants, cuisines): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|favorite| favorite.kind == FavoriteKind::Restaurant);
        Ok(Self {
            restaurants: restaurants.into_iter().map(FavoriteRestaurant::from).collect(),
            cuisines: cuisines.into_iter().map(FavoriteCuisine::from).collect(),
        })
    }
}

/// All favourites of the signed-in user.
#[utoipa::path(
    get,
    path = "/favorites",
    tag = "user",
    security(("bearer" = ["owner"])),
    responses(
        (status = 200, description = "All favourites, oldest first", body = Favorites),
    )
)]
pub(super) async fn list_favorites(State(user): State<Arc<User>>, owner: Owner) -> Result<Answer<Favorites>, Problem> {
    Ok(Answer(Favorites::of(&user, &owner).await?))
}

/// The favourite restaurants of the signed-in user.
#[utoipa::path(
    get,
    path = "/favorites/restaurants",
    tag = "user",
    security(("bearer" = ["owner"])),
    responses(
        (status = 200, description = "The restaurants, oldest first", body = [FavoriteRestaurant]),
    )
)]
pub(super) async fn list_favorite_restaurants(
    State(user): State<Arc<User>>,
    owner: Owner,
) -> Result<Answer<Vec<FavoriteRestaurant>>, Problem> {
    Ok(Answer(Favorites::of(&user, &owner).await?.restaurants))
}

/// The favourite cuisines of the signed-in user.
#[utoipa::path(
    get,
    path = "/favorites/cuisines",
    tag = "user",
    security(("bearer" = ["owner"])),
    responses(
        (status = 200, description = "The cuisines, oldest first", body = [FavoriteCuisine]),
    )
)]
pub(super) async fn list_favorite_cuisines(
    State(user): State<Arc<User>>,
    owner: Owner,
) -> Result<Answer<Vec<FavoriteCuisine>>, Problem> {
    Ok(Answer(Favorites::of(&user, &owner).await?.cuisines))
}

/// Follows a restaurant; the row that stands there already is answered again.
#[utoipa::path(
    post,
    path = "/favorites/restaurant",
    tag = "user",
    security(("bearer" = ["owner"])),
    request_body = AddFavoriteRestaurant,
    responses(
        (status = 200, description = "The user follows it", body = FavoriteRestaurant),
        (status = 409, description = "The list is full"),
    )
)]
pub(super) async fn add_favorite_restaurant(
    State(user): State<Arc<User>>,
    owner: Owner,
    Json(body): Json<AddFavoriteRestaurant>,
) -> Result<Answer<FavoriteRestaurant>, Problem> {
    owner.check(&body.user_id)?;
    let name = required_fields!(body => restaurant_id)?;
    let favorite = actions::add_favorite(&user, owner.user_id, FavoriteKind::Restaurant, name).await?;
    Ok(Answer(favorite.into()))
}

/// Follows a cuisine; the row that stands there already is answered again.
#[utoipa::path(
    post,
    path = "/favorites/cuisine",
    tag = "user",
    security(("bearer" = ["owner"])),
    request_body = AddFavoriteCuisine,
    responses(
        (status = 200, description = "The user follows it", body = FavoriteCuisine),
        (status = 409, description = "The list is full"),
    )
)]
pub(super) async fn add_favorite_cuisine(
    State(user): State<Arc<User>>,
    owner: Owner,
    Json(body): Json<AddFavoriteCuisine>,
) -> Result<Answer<FavoriteCuisine>, Problem> {
    owner.check(&body.user_id)?;
    let name = required_fields!(body => cuisine)?;
    let favorite = actions::add_favorite(&user, owner.user_id, FavoriteKind::Cuisine, name).await?;
    Ok(Answer(favorite.into()))
}

/// Follows a restaurant no more.
#[utoipa::path(
    delete,
    path = "/favorites/restaurant/{restaurant_id}",
    tag = "user",
    security(("bearer" = ["owner"])),
    params(("restaurant_id" = String, Path, description = "The restaurant", min_length = 1, max_length = 64)),
    responses(
        (status = 200, description = "The row that was removed, or `null` if there was none", body = Option<FavoriteRestaurant>),
    )
)]
pub(super) async fn remove_favorite_restaurant(
    State(user): State<Arc<User>>,
    owner: Owner,
    restaurant_id: Result<Path<FavoriteName>, PathRejection>,
) -> Result<Answer<Option<FavoriteRestaurant>>, Problem> {
    let removed = remove(&user, &owner, FavoriteKind::Restaurant, restaurant_id).await?;
    Ok(Answer(removed.map(FavoriteRestaurant::from)))
}

/// Follows a cuisine no more.
#[utoipa::path(
    delete,
    path = "/favorites/cuisine/{cuisine}",
    tag = "user",
    security(("bearer" = ["owner"])),
    params(("cuisine" = String, Path, description = "The cuisine", min_length = 1, max_length = 64)),
    responses(
        (status = 200, description = "The row that was removed, or `null` if there was none", body = Option<FavoriteCuisine>),
    )
)]
pub(super) async fn remove_favorite_cuisine(
    State(user): State<Arc<User>>,
    owner: Owner,
    cuisine: Result<Path<FavoriteName>, PathRejection>,
) -> Result<Answer<Option<FavoriteCuisine>>, Problem> {
    let removed = remove(&user, &owner, FavoriteKind::Cuisine, cuisine).await?;
    Ok(Answer(removed.map(FavoriteCuisine::from)))
}

async fn remove(
    user: &User,
    owner: &Owner,
    kind: FavoriteKind,
    name: Result<Path<FavoriteName>, PathRejection>,
) -> Result<Option<Favorite>, UserError> {
    match name {
        Ok(Path(name)) => actions::remove_favorite(user, owner.user_id, kind, name).await,
        // What can't be a favourite stands in no list.
        Err(_) => Ok(None),
    }
}
