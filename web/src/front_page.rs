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
    /// The services of this process, by their names on the command line.
    pub services: Vec<&'static str>,
    /// Whether mails stay here and are shown at `/mailbox`.
    pub has_mailbox: bool,
    /// The version of the program.
    pub version: &'static str,
}

#[derive(Template)]
#[template(path = "front_page.html")]
struct Body<'a> {
    locale: Locale,
    facts: &'a FrontPage,
}

pub(crate) fn routes(facts: FrontPage, locale_of: fn(&HeaderMap) -> Locale) -> Router {
    let facts = Arc::new(facts);
    Router::new().route("/", get(async move |headers: HeaderMap| facts.page(locale_of(&headers))))
}

impl FrontPage {
    fn page(&self, locale: Locale) -> Page {
        let body = Body { locale, facts: self };
        Page::new(locale, locale.say("Tatların limanı", "The harbour of tastes"), &body)
    }
}

impl Body<'_> {
    /// What a service is for; nothing for one that this page does not know yet.
    fn purpose(&self, service: &str) -> &'static str {
        match service {
            "auth" => self.locale.say("Kayıt, giriş, oturumlar", "Registration, sign-in, sessions"),
            "user" => self.locale.say("Profil, favoriler, tercihler", "Profile, favourites, preferences"),
            "address" => self.locale.say("Kullanıcı ve restoran adresleri", "Addresses of users and restaurants"),
            "restaurant" => self.locale.say("Restoranlar, menüler, kampanyalar", "Restaurants, menus, campaigns"),
            "cart" => self.locale.say("Sepetler ve siparişler", "Carts and orders"),
            "notification" => self.locale.say("E-postalar", "E-mails"),
            _ => "",
        }
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
        let facts = FrontPage { services: vec!["auth", "user"], has_mailbox, version: "1.2.3" };
        let request = Request::get("/").body(RequestBody::empty()).unwrap();
        let response = routes(facts, locale_of).oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn it_says_what_runs_and_where_to_click() {
        let html = front_page(true, |_| Locale::En).await;

        for told in
            ["auth", "Profile, favourites", "1.2.3", "/docs", "/openapi.json", "/mailbox", "/health/ready", "/metrics"]
        {
            assert!(html.contains(told), "{told} is missing in {html}");
        }
        assert!(!html.contains("restaurant</"), "a service that does not run is named");
    }

    #[tokio::test]
    async fn it_speaks_the_language_of_the_request() {
        let turkish = front_page(true, |_| Locale::Tr).await;

        assert!(turkish.contains("lang=\"tr\"") && turkish.contains("Burada çalışanlar"), "{turkish}");
    }

    #[tokio::test]
    async fn without_a_mailbox_nothing_points_to_one() {
        let html = front_page(false, |_| Locale::Tr).await;

        assert!(!html.contains("/mailbox"), "{html}");
    }
}
