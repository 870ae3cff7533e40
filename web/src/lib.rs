//! Pages rendered on the server, for readers with a browser and nothing else.
//!
//! One layout, one stylesheet, one script a page, no build step, no file from elsewhere; everything works without script. Each service writes the
//! bodies of its own pages as templates and wraps them in a [`Page`]; [`dress()`] puts around all of them what makes them safe to
//! open with a cookie. What belongs to no service stands here: the files, the language switch, help, privacy and `/liman`.

mod account_tabs;
mod art;
mod assets;
mod chart;
#[cfg(test)]
mod contrast_tests;
mod cookie;
pub mod dates;
mod dress;
mod flash;
mod form;
mod front_page;
mod guide;
mod language_switch;
mod minify;
pub mod money;
mod page;
mod policy;
mod problem_page;
mod reader;
mod return_path;
mod session;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use axum::routing::post;
use kit::Pages;

pub use account_tabs::{AccountTab, AccountTabs};
pub use art::{Art, Dish};
pub use chart::{Bar, BarChart};
pub use cookie::{Cookie, CookieScheme, Keep, set_cookies};
pub use dress::dress;
pub use flash::Flash;
pub use form::{Form, FormKey, Input, Select, TextArea, Typed};
pub use front_page::{FrontPage, RunningService, home_without_restaurants};
pub use guide::Operator;
pub use page::{Page, Script};
pub use problem_page::with_unknown_paths;
pub use reader::{PageSettings, Reader};
pub use return_path::ReturnPath;
pub use session::{CONTINUE, CurrentlySignedIn, Detour, MaybeSignedIn, RENEW, SIGN_IN, SignedIn, Watcher};

/// The pages that every process serves: the front page, help and privacy, the language switch, and the files that all pages use.
#[must_use]
pub fn pages(front_page: FrontPage, operator: Option<Operator>) -> Pages {
    let switch = Pages::new().form("/dil", "/", post(language_switch::choose_language));
    assets::routes().merge(front_page::routes(front_page)).merge(guide::routes(operator)).merge(switch)
}
