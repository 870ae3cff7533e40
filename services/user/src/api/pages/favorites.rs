//! `/favoriler`: the restaurants and cuisines that a reader follows. Followed twice is followed once.

use std::sync::Arc;

use askama::Template;
use axum::Json as Answer;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, RestaurantId};
use kit::{Caller, Field, Problem, QueryParameters, required_fields};
use serde::{Deserialize, Serialize};
use web::{AccountTab, AccountTabs, Detour, Flash, Page, Reader, SignedIn, Typed, set_cookies};

use crate::actions;
use crate::model::{FavoriteKind, FavoriteName};
use crate::state::User;

const PATH: &str = "/favoriler";

/// Which cuisine is meant.
#[derive(Debug, Deserialize)]
struct CuisineFields {
    #[serde(default)]
    cuisine: Field<FavoriteName>,
}

#[derive(Template)]
#[template(path = "favorites.html")]
struct Body<'a> {
    locale: Locale,
    tabs: AccountTabs,
    form: &'a Typed,
    restaurants: Vec<RestaurantRow>,
    cuisines: Vec<FavoriteName>,
}

/// A restaurant that the reader follows.
struct RestaurantRow {
    id: RestaurantId,
    /// None where it is not known, or gone.
    name: Option<String>,
}

/// Whether a restaurant is among the favourites, for the script of its page.
#[derive(Serialize)]
struct FavoriteState {
    favorite: bool,
}

pub(super) async fn show(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Page, Problem> {
    page(&user, &reader, &caller, &Typed::default()).await
}

/// Whoever is not signed in has no favourites; an expired session is renewed on the way as that of a page.
pub(super) async fn show_state(
    State(user): State<Arc<User>>,
    reader: Reader,
    signed_in: Result<SignedIn, Detour>,
    parameters: QueryParameters,
) -> Result<Response, Problem> {
    let SignedIn(caller) = match signed_in {
        Ok(signed_in) => signed_in,
        Err(_) if !reader.has_session => return Ok(StatusCode::NO_CONTENT.into_response()),
        Err(detour) => return Ok(detour.into_response()),
    };
    let favorite = match parameters.one("restoran") {
        Ok(Some(id)) => {
            actions::follows_restaurant(&user, caller.user_id(), RestaurantId::of_first_platform(id)).await?
        }
        Ok(None) => false,
        Err(fault) => return Err(Problem::invalid(vec![fault])),
    };
    Ok(([(CACHE_CONTROL, "no-store")], Answer(FavoriteState { favorite })).into_response())
}

pub(super) async fn add_restaurant(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    id: Result<Path<RestaurantId>, PathRejection>,
    typed: Typed,
) -> Result<Response, Problem> {
    let Path(id) = id.map_err(|_| no_restaurant())?;
    let name = id.to_string().parse().map_err(|_| no_restaurant())?;
    let added = actions::add_favorite(&user, caller.user_id(), FavoriteKind::Restaurant, name).await;
    match added {
        Ok(_) => Ok(done(&reader, &typed, Flash::FavoriteAdded)),
        Err(error) => refused(&user, &reader, &caller, typed, error.into()).await,
    }
}

pub(super) async fn remove_restaurant(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    id: Result<Path<RestaurantId>, PathRejection>,
    typed: Typed,
) -> Result<Response, Problem> {
    let Path(id) = id.map_err(|_| no_restaurant())?;
    let name = id.to_string().parse().map_err(|_| no_restaurant())?;
    actions::unfollow(&user, caller.user_id(), FavoriteKind::Restaurant, &name).await?;
    Ok(done(&reader, &typed, Flash::FavoriteRemoved))
}

pub(super) async fn add_cuisine(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    typed: Typed,
) -> Result<Response, Problem> {
    let add = async {
        actions::add_favorite(&user, caller.user_id(), FavoriteKind::Cuisine, cuisine(&typed)?).await?;
        Ok(())
    };
    match add.await {
        Ok(()) => Ok(done(&reader, &typed, Flash::FavoriteAdded)),
        Err(problem) => refused(&user, &reader, &caller, typed, problem).await,
    }
}

pub(super) async fn remove_cuisine(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    typed: Typed,
) -> Result<Response, Problem> {
    actions::unfollow(&user, caller.user_id(), FavoriteKind::Cuisine, &cuisine(&typed)?).await?;
    Ok(done(&reader, &typed, Flash::FavoriteRemoved))
}

fn cuisine(typed: &Typed) -> Result<FavoriteName, Problem> {
    let fields: CuisineFields = typed.filled()?;
    required_fields!(fields => cuisine)
}

fn no_restaurant() -> Problem {
    Problem::not_found("RESTAURANT_NOT_FOUND", "Restoran bulunamadı.", "Restaurant not found")
}

/// Leads back to where the form was, and here where it does not say.
fn done(reader: &Reader, typed: &Typed, flash: Flash) -> Response {
    let back = reader.return_path(typed.value("donus"));
    let back = if back.is_home() { PATH } else { back.as_str() };
    (set_cookies([reader.will_hear(flash)]), Redirect::to(back)).into_response()
}

async fn refused(
    user: &User,
    reader: &Reader,
    caller: &Caller,
    typed: Typed,
    problem: Problem,
) -> Result<Response, Problem> {
    let typed = typed.refused(&problem, reader.locale);
    Ok(page(user, reader, caller, &typed).await?.refused(&problem).into_response())
}

async fn page(user: &User, reader: &Reader, caller: &Caller, form: &Typed) -> Result<Page, Problem> {
    let locale = reader.locale;
    let favorites = actions::list_favorites(user, caller.user_id()).await?;
    let mut known = actions::list_restaurants(user, &favorites).await?;
    let (mut restaurants, mut cuisines) = (Vec::new(), Vec::new());
    for favorite in favorites {
        match favorite.kind {
            FavoriteKind::Restaurant => {
                let id = RestaurantId::of_first_platform(favorite.name.as_str());
                let restaurant = known.remove(&id).filter(|restaurant| !restaurant.is_deleted);
                restaurants.push(RestaurantRow { id, name: restaurant.map(|restaurant| restaurant.name) });
            }
            FavoriteKind::Cuisine => cuisines.push(favorite.name),
        }
    }
    let tabs = AccountTabs::new(locale, AccountTab::Favorites, caller.role());
    let body = Body { locale, tabs, form, restaurants, cuisines };
    Ok(Page::of(reader, locale.say("Favoriler", "Favourites"), &body))
}
