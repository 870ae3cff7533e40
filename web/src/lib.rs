//! Pages rendered on the server, for readers with a browser and nothing else.
//!
//! One layout, one stylesheet, no build step, no script, no file from elsewhere. Each service writes the bodies of its own
//! pages as templates and wraps them in a [`Page`]; only the front page, which belongs to no service, stands here.

mod assets;
#[cfg(test)]
mod contrast_tests;
mod front_page;
mod page;

use axum::Router;
use axum::http::HeaderMap;
use contracts::Locale;

pub use front_page::{FrontPage, RunningService};
pub use page::Page;

/// The front page at `/` in the language that `locale_of` reads from a request, and the files that all pages use.
pub fn routes(front_page: FrontPage, locale_of: fn(&HeaderMap) -> Locale) -> Router {
    assets::routes().merge(front_page::routes(front_page, locale_of))
}
