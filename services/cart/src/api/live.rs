//! Orders as they move, as streams of server-sent events.

use std::sync::Arc;

use axum::Json as Answered;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use contracts::Locale;
use futures_util::{Stream, stream};
use kit::{
    Caller, EventStreams, Language, Problem, StreamEvent, StreamPart, StreamReader, StreamRequest, StreamTicket,
};
use utoipa::ToSchema;

use crate::actions::live::{self, News, SnapshotPart, Watching};
use crate::actions::{self, FullOrder, OrderReader};
use crate::model::Audience;
use crate::state::Carts;

use super::asked_order::AskedRestaurant;
use super::order_body::OrderBody;

/// All orders that are shown.
#[derive(ToSchema)]
#[schema(as = OrderSnapshot)]
#[expect(dead_code, reason = "it describes what is written in parts")]
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
    params(StreamRequest),
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
        StreamRequest,
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
pub(crate) fn render(order: &FullOrder, locale: Locale) -> Bytes {
    let body = OrderBody::of(order.clone(), locale.say("Sipariş", "Order"));
    serde_json::to_vec(&body).expect("an order has texts as the keys of its maps").into()
}

/// Answers a page that `request` comes from, each time that something of what it shows has changed: what that is, the page reads
/// by itself.
pub(super) async fn stream_changes(carts: Arc<Carts>, request: StreamRequest, audience: Audience) -> Response {
    // Nothing is rendered, so in which language is all the same.
    let asked = (request.reader, request.last_event_id.clone());
    let watching = watch(&carts, asked, audience, (Locale::Tr, |_, _| Bytes::new()));
    let open = async { Ok(watching.await?.map(|watching| changes(Arc::clone(&carts), watching))) };
    request.answer(open).await
}

async fn stream(carts: Arc<Carts>, locale: Locale, request: StreamRequest, audience: Audience) -> Response {
    let asked = (request.reader, request.last_event_id.clone());
    let watching = watch(&carts, asked, audience, (locale, render));
    let open = async { Ok(watching.await?.map(|watching| events(Arc::clone(&carts), watching))) };
    request.answer(open).await
}

/// What there is to watch, for whom it concerns.
async fn watch(
    carts: &Carts,
    (reader, last_state): (StreamReader, Option<String>),
    audience: Audience,
    rendering: (Locale, live::Render),
) -> Result<Option<Watching>, Problem> {
    let StreamReader { user_id, role, .. } = reader;
    if let Audience::Kitchen(restaurant_id) = audience {
        actions::check_board(carts, OrderReader { user_id, role }, restaurant_id).await?;
    }
    Ok(live::watch(carts, audience, last_state.as_deref(), rendering).await?)
}

/// That something has changed: a `message`, which a browser hands to whoever names no event. The state of all that is shown is its
/// `id`, so who comes again and has missed nothing is sent none.
fn changes(carts: Arc<Carts>, watching: Watching) -> impl Stream<Item = StreamPart> + Send + 'static {
    stream::unfold((carts, watching), move |(carts, mut watching)| async move {
        let (name, id) = loop {
            match watching.next(&carts).await {
                News::Unchanged(id) => break ("unchanged", id),
                News::Order(_, id) | News::Snapshot(SnapshotPart { state: Some(id), .. }) => break ("message", id),
                News::Snapshot(SnapshotPart { state: None, .. }) => {}
            }
        };
        let event = StreamEvent { name, id, data: Bytes::from_static(b"{}") };
        Some((event.into(), (carts, watching)))
    })
}

/// What is said to who watches. Very many are held while nothing happens, so it is small.
pub(super) fn events(carts: Arc<Carts>, watching: Watching) -> impl Stream<Item = StreamPart> + Send + 'static {
    stream::unfold((carts, watching), move |(carts, mut watching)| async move {
        let part = match watching.next(&carts).await {
            News::Unchanged(id) => StreamEvent { name: "unchanged", id, data: Bytes::from_static(b"{}") }.into(),
            News::Snapshot(part) => snapshot(part, carts.context.now()),
            News::Order(data, id) => StreamEvent { name: "order", id, data }.into(),
        };
        Some((part, (carts, watching)))
    })
}

/// A [`SnapshotBody`], as far as the part goes.
fn snapshot(SnapshotPart { is_first, follows_others, orders, state }: SnapshotPart, now: DateTime<Utc>) -> StreamPart {
    let mut data = if is_first { b"{\"orders\":[".to_vec() } else { Vec::new() };
    for (number, order) in orders.iter().enumerate() {
        if follows_others || number > 0 {
            data.push(b',');
        }
        data.extend_from_slice(order);
    }
    if state.is_some() {
        data.extend_from_slice(format!("],\"server_time\":{}}}", serde_json::json!(now)).as_bytes());
    }
    let (name, data) = ("snapshot", Bytes::from(data));
    match (is_first, state) {
        (true, Some(id)) => StreamEvent { name, id, data }.into(),
        (true, None) => StreamPart::First { name, data },
        (false, None) => StreamPart::Next(data),
        (false, Some(id)) => StreamPart::Last { id, data },
    }
}
