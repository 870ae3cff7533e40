//! Orders as they move, as streams of server-sent events.

use std::sync::Arc;

use axum::Json as Answered;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use contracts::Locale;
use futures_util::{Stream, stream};
use kit::{Caller, EventStreams, Language, StreamEvent, StreamReader, StreamRequest, StreamTicket};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::live::{self, News, Watching};
use crate::actions::{self, FullOrder, OrderReader};
use crate::live::{LiveOrder, OrderReport};
use crate::model::Audience;
use crate::state::Carts;

use super::asked_order::AskedRestaurant;
use super::order_body::OrderBody;

/// All orders that are shown.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderSnapshot)]
pub(super) struct SnapshotBody {
    /// Those that move, and those that came to their end within the last quarter of an hour; 500 at most.
    orders: Vec<OrderBody>,
    /// By which the client can set its countdowns.
    server_time: DateTime<Utc>,
}

/// The caller's orders as they move: those that are under way, and those that came to their end within the last quarter of an hour.
/// The stream begins with an event `snapshot`, or with `unchanged` where the client has seen it all; then an event `order` comes for
/// each change, with the order as it is, and a slow client skips steps. The `id` of each event names the state. The stream ends with
/// `expired` when the token or the ticket does, after half an hour at most, or when the session was ended.
#[utoipa::path(
    get,
    path = "/carts/orders/live",
    tag = "order",
    security(("bearer" = []), ()),
    params(
        ("ticket" = Option<String>, Query, description = "Instead of a token, for clients that can send no header"),
        ("last_event_id" = Option<String>, Query, description = "What the client has seen, where it can't send `Last-Event-ID`"),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that the client has seen"),
    ),
    responses(
        (
            status = 200,
            description = "`snapshot`, `unchanged`, `order` and `expired`; a stream that ends at once with a `retry` says when to come again",
            content_type = "text/event-stream",
            body = SnapshotBody
        ),
        (status = 204, description = "There is nothing to watch"),
        (status = 401, description = "Neither the token nor the ticket is good"),
    )
)]
pub(super) async fn watch_orders(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    request: StreamRequest,
) -> Response {
    let audience = Audience::Diner(request.reader.user_id);
    stream(carts, language, request, audience).await
}

/// The orders of a restaurant as they move, for who runs it and for admins: as `/carts/orders/live` streams the caller's.
#[utoipa::path(
    get,
    path = "/carts/restaurants/{restaurant_id}/live",
    tag = "order",
    security(("bearer" = []), ()),
    params(
        ("restaurant_id" = String, Path, description = "The restaurant", min_length = 1),
        ("ticket" = Option<String>, Query, description = "Instead of a token, for clients that can send no header"),
        ("last_event_id" = Option<String>, Query, description = "What the client has seen, where it can't send `Last-Event-ID`"),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that the client has seen"),
    ),
    responses(
        (
            status = 200,
            description = "`snapshot`, `unchanged`, `order` and `expired`; a stream that ends at once with a `retry` says when to come again",
            content_type = "text/event-stream",
            body = SnapshotBody
        ),
        (status = 401, description = "Neither the token nor the ticket is good"),
        (status = 404, description = "The caller runs no such restaurant"),
    )
)]
pub(super) async fn watch_board(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    AskedRestaurant(restaurant_id): AskedRestaurant,
    request: StreamRequest,
) -> Response {
    stream(carts, language, request, Audience::Kitchen(restaurant_id)).await
}

/// A ticket that opens streams for who can send no header, such as the `EventSource` of a browser: it is good for as long as the
/// token that it is asked for with, and as often as it takes.
#[utoipa::path(
    post,
    path = "/carts/live/ticket",
    tag = "order",
    security(("bearer" = [])),
    responses((status = 200, description = "The ticket", body = StreamTicket))
)]
pub(super) async fn give_ticket(Extension(streams): Extension<EventStreams>, caller: Caller) -> Answered<StreamTicket> {
    Answered(StreamTicket::for_reader(&streams, &StreamReader::from(&caller)))
}

/// What an order is shown as.
pub(crate) fn render(order: FullOrder) -> LiveOrder {
    let FullOrder { order: row, .. } = &order;
    let report = OrderReport {
        order_id: row.public_id,
        user_id: row.user_id,
        restaurant_id: row.restaurant_id,
        version: row.version,
    };
    let (status, closed_at) = (row.status, row.closed_at);
    let tr = json(&shown(order.clone(), Locale::Tr));
    LiveOrder { report, status, closed_at, tr, en: json(&shown(order, Locale::En)) }
}

fn shown(order: FullOrder, locale: Locale) -> OrderBody {
    OrderBody::of(order, locale.say("Sipariş", "Order"))
}

async fn stream(carts: Arc<Carts>, locale: Locale, request: StreamRequest, audience: Audience) -> Response {
    let StreamReader { user_id, role, .. } = request.reader;
    let last_state = request.last_event_id.clone();
    let open = async {
        if let Audience::Kitchen(restaurant_id) = audience {
            actions::check_board(&carts, OrderReader { user_id, role }, restaurant_id).await?;
        }
        let watching = live::watch(&carts, audience, last_state.as_deref()).await?;
        Ok(watching.map(|watching| events(Arc::clone(&carts), watching, locale)))
    };
    request.answer(open).await
}

fn events(carts: Arc<Carts>, watching: Watching, locale: Locale) -> impl Stream<Item = StreamEvent> + Send + 'static {
    stream::unfold((carts, watching), move |(carts, mut watching)| async move {
        let (news, id) = watching.next(&carts).await;
        let (name, data) = match news {
            News::Unchanged => ("unchanged", Bytes::from_static(b"{}")),
            News::Snapshot(orders) => {
                let orders = orders.into_iter().map(|order| shown(order, locale)).collect();
                ("snapshot", json(&SnapshotBody { orders, server_time: carts.context.now() }))
            }
            News::Order(order) => ("order", order.body(locale)),
        };
        Some((StreamEvent { name, id, data }, (carts, watching)))
    })
}

fn json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).expect("an order has texts as the keys of its maps").into()
}
