//! Pages: where a diner lives, and where to bring the food.

mod address_form;
mod addresses;
mod deletion;

use std::sync::Arc;

use axum::routing::{get, post};
use kit::{Caller, Pages, Problem};

use crate::error::AddressError;
use crate::model::Writer;
use crate::state::Addresses;

/// The list of a reader's addresses.
const LIST: &str = "/adresler";

/// All pages of the service.
pub(crate) fn pages(addresses: &Arc<Addresses>) -> Pages {
    Pages::new()
        .route(LIST, get(addresses::show))
        .route("/adresler/yeni", get(address_form::show_new).post(address_form::create_address))
        .route(
            "/adresler/restoran",
            get(address_form::show_new_of_restaurant).post(address_form::create_address_of_restaurant),
        )
        .route("/adresler/{id}", get(address_form::show).post(address_form::update_address))
        .route("/adresler/{id}/sil", get(deletion::show).post(deletion::delete_address))
        .form("/adresler/{id}/varsayilan", LIST, post(addresses::make_default))
        .with_state(Arc::clone(addresses))
}

fn writer(caller: &Caller) -> Writer {
    Writer { user_id: caller.user_id(), role: caller.role() }
}

/// To a reader, what is another's is nowhere.
fn problem(error: AddressError) -> Problem {
    if matches!(error, AddressError::NotYours) { AddressError::NotFound.into() } else { error.into() }
}
