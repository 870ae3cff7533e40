//! Pages: what a diner is about to order and has ordered, and the board of a kitchen.

mod add;
mod basket;
mod basket_choice;
mod board;
mod checkout;
mod checkout_form;
mod checkout_page;
mod diner;
mod order;
mod order_progress;
mod orders;
mod reorder;
mod shown_basket;
mod wish;
mod words;

use std::sync::Arc;

use axum::routing::{get, post};
use kit::Pages;

use crate::state::Carts;

/// All pages of the service.
pub(crate) fn pages(carts: &Arc<Carts>) -> Pages {
    board::pages(carts).merge(diner_pages(carts))
}

/// Those of who orders.
fn diner_pages(carts: &Arc<Carts>) -> Pages {
    Pages::new()
        .route(basket::BASKET, get(basket::show))
        .form("/sepet/ekle", basket::BASKET, post(add::add))
        .route("/sepet/satir/{id}", get(basket::show_line).post(basket::change))
        .form("/sepet/satir/{id}/cikar", basket::BASKET, post(basket::remove))
        .route("/sepet/karar", get(basket_choice::show).post(basket_choice::choose))
        .route(checkout::CHECKOUT, get(checkout::show).post(checkout::order))
        .form("/odeme/hesapla", checkout::CHECKOUT, post(checkout::reckon))
        .route("/siparis/{public_id}", get(order::show))
        .form("/siparis/{public_id}/iptal", "/siparis/{public_id}", post(order::cancel))
        .route("/siparis/{public_id}/tekrar", get(reorder::show).post(reorder::reorder))
        .route("/siparisler", get(orders::show))
        .route("/siparisler/olaylar", get(orders::watch))
        .with_state(Arc::clone(carts))
}
