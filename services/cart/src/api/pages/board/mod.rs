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

use axum::routing::get;
use kit::Pages;

use crate::state::Carts;

/// All pages of the board.
pub(super) fn pages(carts: &Arc<Carts>) -> Pages {
    Pages::new()
        .route("/mutfak", get(restaurants::show))
        .route("/mutfak/{restaurant}", get(show::show))
        .route("/mutfak/{restaurant}/olaylar", get(show::stream))
        .route("/mutfak/{restaurant}/kabul/{order}", get(show::back).post(steps::accept_order))
        .route("/mutfak/{restaurant}/hazirla/{order}", get(show::back).post(steps::prepare_order))
        .route("/mutfak/{restaurant}/yola/{order}", get(show::back).post(steps::dispatch_order))
        .route("/mutfak/{restaurant}/teslim/{order}", get(show::back).post(steps::deliver_order))
        .route("/mutfak/{restaurant}/gecikme/{order}", get(show::back).post(steps::delay_order))
        .route("/mutfak/{restaurant}/red/{order}", get(reject::show).post(reject::reject_order))
        .route("/mutfak/{restaurant}/kazanc", get(earnings::show))
        .route("/mutfak/{restaurant}/kazanc.csv", get(earnings::download))
        .with_state(Arc::clone(carts))
}
