//! Errors as pages: what a reader can do about each, in their language.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, ALLOW};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contracts::Locale;
use kit::{Problem, Text};

use crate::page::Page;
use crate::reader::{PageSettings, Reader};

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemBody<'a> {
    locale: Locale,
    message: String,
    /// How many seconds to wait.
    wait: Option<&'a str>,
    way_on: Option<WayOn<'a>>,
}

/// What may help besides the first page.
struct WayOn<'a> {
    path: &'a str,
    text: &'static str,
}

/// The page that says `problem` to `reader`, who asked by `method`.
fn problem_page(reader: &Reader, method: &Method, problem: &Problem) -> Page {
    let (locale, retry_after) = (reader.locale, problem.retry_after_header());
    let text = match (method.is_safe(), &retry_after) {
        (true, Some(_)) => Some(locale.say("Yeniden dene", "Try again")),
        (true, None) => None,
        // What was sent to leads to the page with the form.
        (false, _) => Some(locale.say("Forma dön", "Back to the form")),
    };
    let body = ProblemBody {
        locale,
        message: problem.message(locale),
        wait: retry_after.as_ref().and_then(|seconds| seconds.to_str().ok()),
        way_on: text.map(|text| WayOn { path: reader.here.as_str(), text }),
    };
    Page::of(reader, title(problem.status(), locale), &body).refused(problem)
}

fn title(status: StatusCode, locale: Locale) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => locale.say("Sayfa bulunamadı", "Page not found"),
        StatusCode::FORBIDDEN => locale.say("Buna izin yok", "Not allowed"),
        StatusCode::METHOD_NOT_ALLOWED => locale.say("Bu sayfa böyle açılmaz", "This page does not open like that"),
        StatusCode::TOO_MANY_REQUESTS => locale.say("Biraz bekleyin", "Please wait a moment"),
        StatusCode::SERVICE_UNAVAILABLE => locale.say("Şu anda yanıt veremiyoruz", "We can't answer right now"),
        status if status.is_server_error() => locale.say("Bizde bir sorun var", "Something is wrong on our side"),
        _ => locale.say("Olmadı", "That did not work"),
    }
}

/// Middleware that renders every problem as a page, also those that the router makes itself.
pub(crate) async fn render(State(settings): State<Arc<PageSettings>>, request: Request, next: Next) -> Response {
    let reader = Reader::of(request.headers(), request.uri(), settings);
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let Some(problem) = Problem::take(&mut response) else { return response };
    let mut page = problem_page(&reader, &method, &problem).into_response();
    if let Some(allow) = response.headers_mut().remove(ALLOW) {
        page.headers_mut().insert(ALLOW, allow);
    }
    page
}

/// `api` with a page for readers who ask for what is nowhere. A program is answered as by the API.
pub fn with_unknown_paths(api: Router, settings: PageSettings) -> Router {
    let settings = Arc::new(settings);
    api.fallback(async move |request: Request| {
        if !wants_page(request.headers()) {
            return StatusCode::NOT_FOUND.into_response();
        }
        let text = Text::new("Aradığınız sayfa bulunamadı.", "There is no page at this address.");
        let problem = Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", text);
        let reader = Reader::of(request.headers(), request.uri(), settings);
        problem_page(&reader, &Method::GET, &problem).into_response()
    })
}

/// Browsers name HTML when somebody opens an address, and programs don't.
fn wants_page(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    accepted.any(|line| line.split(',').any(|range| range.trim().starts_with("text/html")))
}
