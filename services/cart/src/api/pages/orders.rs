//! `/siparisler`: what a diner has ordered, newest first, and the stream that says when something of it changes.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use contracts::Locale;
use kit::{Page as Rows, PageRequest, Problem};
use web::{Page, Reader, SignedIn, Watcher, dates, money};

use super::words;
use crate::actions::{self, FullOrder};
use crate::api::live::stream_changes;
use crate::model::Audience;
use crate::state::Carts;

#[derive(Template)]
#[template(path = "orders.html")]
struct Body {
    locale: Locale,
    orders: Rows<OrderRow>,
    is_first_page: bool,
    /// Whether there is something to watch.
    has_open: bool,
}

struct OrderRow {
    path: String,
    restaurant: String,
    items: String,
    total: String,
    status: &'static str,
    is_open: bool,
    /// As HTML.
    at: String,
}

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    page: PageRequest<i64>,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let orders = actions::list_orders(&carts, caller.user_id(), &page).await?;
    let orders = Rows::of(orders, &page, |order| order.order.id, |order| OrderRow::of(&order, locale));
    let has_open = orders.items.iter().any(|order| order.is_open);
    let body = Body { locale, orders, is_first_page: page.after.is_none(), has_open };
    Ok(Page::of(&reader, locale.say("Siparişlerim", "My orders"), &body))
}

/// Says that an order has changed, and nothing of it: the page is asked for again, which knows who may see what.
pub(super) async fn watch(State(carts): State<Arc<Carts>>, Watcher(request): Watcher) -> Response {
    let audience = Audience::Diner(request.reader.user_id);
    stream_changes(carts, request, audience).await
}

impl OrderRow {
    fn of(FullOrder { order, lines, .. }: &FullOrder, locale: Locale) -> Self {
        Self {
            path: format!("/siparis/{}", order.public_id),
            restaurant: order.restaurant_name.clone(),
            items: words::items(lines.iter().map(|line| u32::from(line.quantity.unsigned_abs())).sum(), locale),
            total: money::amount(order.total_kurus, locale),
            status: words::status(order.status, order.fulfilment, locale),
            is_open: !order.status.is_terminal(),
            at: dates::time_element(order.created_at, locale),
        }
    }
}
