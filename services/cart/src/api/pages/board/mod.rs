//! The board of a restaurant: its orders as they come, what is done with them, and what they have earned. It is there for who runs
//! the restaurant and for admins, and for nobody else.

mod earnings;
mod kitchen;
mod reject;
mod restaurants;
mod show;
mod stage;
mod steps;
mod sums;
mod ticket;
mod words;

use std::sync::Arc;

use axum::routing::{get, post};
use kit::Pages;

use crate::state::Carts;

/// The orders of one restaurant.
const BOARD: &str = "/mutfak/{restaurant}";

/// All pages of the board.
pub(super) fn pages(carts: &Arc<Carts>) -> Pages {
    Pages::new()
        .route("/mutfak", get(restaurants::show))
        .route(BOARD, get(show::show))
        .route("/mutfak/{restaurant}/olaylar", get(show::stream))
        .form("/mutfak/{restaurant}/kabul/{order}", BOARD, post(steps::accept_order))
        .form("/mutfak/{restaurant}/hazirla/{order}", BOARD, post(steps::prepare_order))
        .form("/mutfak/{restaurant}/yola/{order}", BOARD, post(steps::dispatch_order))
        .form("/mutfak/{restaurant}/teslim/{order}", BOARD, post(steps::deliver_order))
        .form("/mutfak/{restaurant}/gecikme/{order}", BOARD, post(steps::delay_order))
        .route("/mutfak/{restaurant}/red/{order}", get(reject::show).post(reject::reject_order))
        .route("/mutfak/{restaurant}/kazanc", get(earnings::show))
        .route("/mutfak/{restaurant}/kazanc.csv", get(earnings::download))
        .with_state(Arc::clone(carts))
}
