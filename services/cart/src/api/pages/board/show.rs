//! `/mutfak/{restaurant}`: the orders of a restaurant, in the columns through which they move, and the stream that says when they have.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contracts::{Locale, RestaurantId};
use kit::Problem;
use web::{Page, Reader, Script, Typed, Watcher, dates};

use super::kitchen::Kitchen;
use super::stage::Stage;
use super::ticket::{ClosedOrder, Shown, Ticket};
use super::words;
use crate::actions::{self, Board, MOST_OPEN};
use crate::api::live::stream_changes;
use crate::model::Audience;
use crate::state::Carts;

#[derive(Template)]
#[template(path = "board/board.html")]
struct Body {
    locale: Locale,
    restaurant_id: RestaurantId,
    /// Why what was asked for was not done, as HTML.
    summary: String,
    /// The class and the text.
    hours: (&'static str, String),
    now: String,
    refreshed_at: String,
    columns: [Column; 3],
    closed: Vec<ClosedOrder>,
    closed_count: u64,
    /// Whether there are more orders than the board shows.
    is_cut: bool,
}

/// Orders of one stage.
struct Column {
    stage: Stage,
    title: &'static str,
    empty: &'static str,
    tickets: Vec<Ticket>,
}

pub(super) async fn show(State(carts): State<Arc<Carts>>, reader: Reader, kitchen: Kitchen) -> Result<Page, Problem> {
    page(&carts, &reader, &kitchen, &Typed::default()).await
}

pub(super) async fn stream(
    State(carts): State<Arc<Carts>>,
    Kitchen { id, .. }: Kitchen,
    Watcher(request): Watcher,
) -> Response {
    stream_changes(carts, request, Audience::Kitchen(id)).await.into_response()
}

/// The board, with why `form` was refused above it.
pub(super) async fn page(carts: &Carts, reader: &Reader, kitchen: &Kitchen, form: &Typed) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, carts.context.now());
    let Kitchen { id, restaurant, .. } = kitchen;
    let shown = Shown { restaurant_id: *id, restaurant, now, sources: &carts.context.sources, locale };
    let Board { open, closed, closed_count } = actions::read_board(carts, *id).await?;
    let body = Body {
        locale,
        restaurant_id: *id,
        summary: form.summary().map_err(anyhow::Error::from)?,
        hours: words::hours(restaurant.kitchen(), now, locale),
        now: dates::machine_time(now),
        refreshed_at: dates::clock(now),
        is_cut: u64::try_from(open.len()).is_ok_and(|count| count >= MOST_OPEN),
        columns: columns(open.into_iter().filter_map(|order| Ticket::of(order, &shown)).collect(), locale),
        closed: closed.iter().map(|order| ClosedOrder::of(order, locale)).collect(),
        closed_count,
    };
    let title = format!("{} · {}", restaurant.name(), locale.say("Mutfak", "Kitchen"));
    let page = Page::of(reader, title, &body).full().script(Script::Board);
    Ok(page.shortcut("#pano", locale.say("Siparişlere geç", "Skip to the orders")))
}

fn columns(tickets: Vec<Ticket>, locale: Locale) -> [Column; 3] {
    let (new, others): (Vec<_>, Vec<_>) = tickets.into_iter().partition(|ticket| ticket.stage == Stage::New);
    let (cooking, on_the_way) = others.into_iter().partition(|ticket| ticket.stage == Stage::Cooking);
    [
        Column {
            stage: Stage::New,
            title: locale.say("Yeni", "New"),
            empty: locale.say("Yeni sipariş burada görünür.", "A new order is shown here."),
            tickets: new,
        },
        Column {
            stage: Stage::Cooking,
            title: locale.say("Hazırlanıyor", "Cooking"),
            empty: locale.say("Kabul ettikleriniz burada durur.", "What you accept stands here."),
            tickets: cooking,
        },
        Column {
            stage: Stage::OnTheWay,
            title: locale.say("Yolda", "On its way"),
            empty: locale.say("Yola çıkanlar burada durur.", "What is on its way stands here."),
            tickets: on_the_way,
        },
    ]
}
