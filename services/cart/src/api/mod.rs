//! HTTP: takes requests apart, calls one action each, wraps the answers.

mod anonymous;
mod asked_order;
mod body;
mod carts;
mod live;
mod merge;
mod order_body;
mod orders;
pub(crate) mod pages;
mod payment_body;
mod payments;
mod priced;
mod step_body;
mod steps;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use kit::{HealthRoute, with_and_without_slash};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::Carts;

pub(crate) use live::render;

/// All routes of the service.
pub(crate) fn routes(carts: &Arc<Carts>) -> OpenApiRouter {
    [
        HealthRoute::new("cart", "/carts/health").of_database(&carts.context),
        routes!(anonymous::generate_cart_id),
        routes!(anonymous::add_anonymous_item),
        routes!(anonymous::clean_up_anonymous_carts),
        routes!(anonymous::find_anonymous_cart),
        routes!(anonymous::update_anonymous_item, anonymous::remove_anonymous_item),
        routes!(anonymous::clear_anonymous_cart),
        routes!(anonymous::validate_anonymous_cart),
        routes!(anonymous::extend_anonymous_cart),
        routes!(merge::merge_cart),
        routes!(merge::undo_merge),
        routes!(orders::check_out),
        routes!(orders::list_orders),
        routes!(orders::list_board),
        routes!(orders::find_order),
        routes!(live::watch_orders),
        routes!(live::watch_board),
        routes!(live::give_ticket),
        routes!(steps::accept_order),
        routes!(steps::reject_order),
        routes!(steps::prepare_order),
        routes!(steps::dispatch_order),
        routes!(steps::deliver_order),
        routes!(steps::cancel_order),
        routes!(steps::delay_order),
        routes!(steps::reorder),
        routes!(payments::refund_order),
        routes!(payments::receive_notice),
        routes!(payments::show_payment),
        routes!(payments::return_from_provider),
        routes!(carts::add_item),
        routes!(carts::list_items),
        routes!(carts::current_cart),
        routes!(carts::remove_item),
        routes!(carts::clear_cart),
        routes!(carts::update_item),
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), with_and_without_slash)
    .with_state(carts.clone())
}
