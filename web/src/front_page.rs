//! `/liman`: what runs here and where to click, for whoever looks after the platform or tries it.

use std::sync::Arc;

use askama::Template;
use axum::response::Redirect;
use axum::routing::get;
use contracts::Locale;
use kit::Pages;

use crate::page::Page;
use crate::reader::Reader;

/// What the front page tells about the running program.
#[derive(Debug, Clone)]
pub struct FrontPage {
    /// The services of this process.
    pub services: Vec<RunningService>,
    /// Whether mails stay here and are shown at `/mailbox`.
    pub has_mailbox: bool,
    /// The version of the program.
    pub version: &'static str,
}

/// A service as the front page tells of it.
#[derive(Debug, Clone, Copy)]
pub struct RunningService {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for.
    pub purpose: fn(Locale) -> &'static str,
}

#[derive(Template)]
#[template(path = "front_page.html")]
struct Body<'a> {
    locale: Locale,
    facts: &'a FrontPage,
    /// Whether accounts are made and opened here.
    has_accounts: bool,
    /// Name and purpose of each.
    services: Vec<(&'static str, &'static str)>,
}

/// Where the page stands.
const PATH: &str = "/liman";

pub(crate) fn routes(facts: FrontPage) -> Pages {
    let facts = Arc::new(facts);
    let show = async move |reader: Reader| facts.page(&reader);
    Pages::new().route(PATH, get(show))
}

/// `/` of a process that shows no restaurants there: it leads to what runs here. 307 and not 308, which browsers keep for good.
#[must_use]
pub fn home_without_restaurants() -> Pages {
    Pages::new().route("/", get(async || Redirect::temporary(PATH)))
}

impl FrontPage {
    fn page(&self, reader: &Reader) -> Page {
        let locale = reader.locale;
        let services = self.services.iter().map(|service| (service.name, (service.purpose)(locale)));
        let has_accounts = self.services.iter().any(|service| service.name == "auth");
        let body = Body { locale, facts: self, has_accounts, services: services.collect() };
        Page::of(reader, locale.say("Tatların limanı", "The harbour of tastes"), &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Response, ask, get as request};

    async fn answer(path: &str, language: &str, has_mailbox: bool) -> Response {
        let auth = RunningService { name: "auth", purpose: |locale| locale.say("Oturumlar", "Sessions") };
        let user = RunningService { name: "user", purpose: |locale| locale.say("Profiller", "Profiles") };
        let facts = FrontPage { services: vec![auth, user], has_mailbox, version: "1.2.3" };
        ask(routes(facts), request(path).header("accept-language", language)).await
    }

    async fn front_page(has_mailbox: bool, language: &str) -> String {
        answer(PATH, language, has_mailbox).await.text
    }

    #[tokio::test]
    async fn whoever_opens_the_platform_is_led_to_it() {
        let answer = ask(home_without_restaurants(), request("/")).await;

        assert_eq!((answer.status, answer.headers["location"].to_str().unwrap()), (307, "/liman"));
    }

    #[tokio::test]
    async fn it_says_what_runs_and_where_to_click() {
        let html = front_page(true, "en").await;

        for shown in [
            "auth",
            "Profiles",
            "/kayit",
            "/guvenlik",
            "1.2.3",
            "/docs",
            "/openapi.json",
            "/mailbox",
            "/health/ready",
            "/metrics",
        ] {
            assert!(html.contains(shown), "{shown} is missing in {html}");
        }
        assert!(!html.contains("restaurant</"), "a service that does not run is named");
    }

    #[tokio::test]
    async fn it_speaks_the_language_of_the_request() {
        let turkish = front_page(true, "tr").await;

        assert!(
            turkish.contains("lang=\"tr\"") && turkish.contains("Burada çalışanlar") && turkish.contains("Profiller"),
            "{turkish}"
        );
    }

    #[tokio::test]
    async fn without_a_mailbox_nothing_points_to_one() {
        let html = front_page(false, "tr").await;

        assert!(!html.contains("/mailbox"), "{html}");
    }
}
