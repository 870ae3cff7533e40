//! What runs here and where to click, for whoever opens the address of the platform.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use contracts::Locale;

use crate::Page;

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
    /// Name and purpose of each.
    services: Vec<(&'static str, &'static str)>,
}

pub(crate) fn routes(facts: FrontPage, locale_of: fn(&HeaderMap) -> Locale) -> Router {
    let facts = Arc::new(facts);
    Router::new().route("/", get(async move |headers: HeaderMap| facts.page(locale_of(&headers))))
}

impl FrontPage {
    fn page(&self, locale: Locale) -> Page {
        let services = self.services.iter().map(|service| (service.name, (service.purpose)(locale)));
        let body = Body { locale, facts: self, services: services.collect() };
        Page::new(locale, locale.say("Tatların limanı", "The harbour of tastes"), &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body as RequestBody;
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn front_page(has_mailbox: bool, locale_of: fn(&HeaderMap) -> Locale) -> String {
        let auth = RunningService { name: "auth", purpose: |locale| locale.say("Oturumlar", "Sessions") };
        let user = RunningService { name: "user", purpose: |locale| locale.say("Profiller", "Profiles") };
        let facts = FrontPage { services: vec![auth, user], has_mailbox, version: "1.2.3" };
        let request = Request::get("/").body(RequestBody::empty()).unwrap();
        let response = routes(facts, locale_of).oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn it_says_what_runs_and_where_to_click() {
        let html = front_page(true, |_| Locale::En).await;

        for shown in ["auth", "Profiles", "1.2.3", "/docs", "/openapi.json", "/mailbox", "/health/ready", "/metrics"] {
            assert!(html.contains(shown), "{shown} is missing in {html}");
        }
        assert!(!html.contains("restaurant</"), "a service that does not run is named");
    }

    #[tokio::test]
    async fn it_speaks_the_language_of_the_request() {
        let turkish = front_page(true, |_| Locale::Tr).await;

        assert!(
            turkish.contains("lang=\"tr\"") && turkish.contains("Burada çalışanlar") && turkish.contains("Profiller"),
            "{turkish}"
        );
    }

    #[tokio::test]
    async fn without_a_mailbox_nothing_points_to_one() {
        let html = front_page(false, |_| Locale::Tr).await;

        assert!(!html.contains("/mailbox"), "{html}");
    }
}
