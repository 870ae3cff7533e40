//! A whole page in the platform's layout, with the headers that keep it private and harmless.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, VARY};
use axum::response::{Html, IntoResponse, Response};
use contracts::Locale;

use crate::assets::{ICON, STYLE};

/// An HTML page as an answer; 200 unless [`Page::status`] says otherwise.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    locale: Locale,
    html: askama::Result<String>,
}

impl Page {
    /// A page in `locale` with `title` as its heading and `body` below it.
    ///
    /// The classes that a body may use are listed at the top of `assets/style.css`.
    #[must_use]
    pub fn new(locale: Locale, title: impl Into<String>, body: &impl Template) -> Self {
        let layout = Layout { locale, title: title.into(), body, style: STYLE.path(), icon: ICON.path() };
        Self { status: StatusCode::OK, locale, html: layout.render() }
    }

    /// The same page under another status, such as that of a refused form.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a, B: Template> {
    locale: Locale,
    title: String,
    body: &'a B,
    style: String,
    icon: String,
}

/// A page may hold a token in its address or a mail in its text: nobody keeps it, no other site learns its address, and
/// nothing in it can load, run or send to anything but ourselves. Its forms name their origin, without which a browser sends
/// `Origin: null`.
const PRIVATE: [(HeaderName, &str); 3] = [
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "strict-origin"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
];

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        match self.html {
            Ok(html) => {
                let language = [(CONTENT_LANGUAGE, self.locale.as_str()), (VARY, "accept-language")];
                (self.status, PRIVATE, language, Html(html)).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "a page can't be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[derive(Template)]
    #[template(source = "<p>{{ name }}</p>", ext = "html")]
    struct Greeting {
        name: &'static str,
    }

    async fn html(page: Page) -> String {
        let body = page.into_response().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_page_is_its_body_in_the_layout_and_in_its_language() {
        let page = || Page::new(Locale::En, "Hello", &Greeting { name: "Ayşe" });

        let headers = page().into_response().headers().clone();
        let html = html(page()).await;

        assert_eq!(
            (&headers["content-language"], &headers["vary"]),
            (&"en".parse().unwrap(), &"accept-language".parse().unwrap())
        );
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{html}");
        assert!(html.contains("<h1>Hello</h1>") && html.contains("<p>Ayşe</p>"), "{html}");
        assert!(html.contains(&STYLE.path()) && html.contains(&ICON.path()), "{html}");
    }

    #[tokio::test]
    async fn what_somebody_typed_stays_text() {
        let page = Page::new(Locale::Tr, "<b>", &Greeting { name: "<script>" });

        let html = html(page).await;

        assert!(!html.contains("<b>") && !html.contains("<script"), "{html}");
    }

    #[tokio::test]
    async fn no_page_needs_what_its_own_policy_forbids() {
        let page = Page::new(Locale::Tr, "Merhaba", &Greeting { name: "Ayşe" });

        let html = html(page).await;

        for forbidden in [" style=", "<style", "<script", " onclick=", "href=\"http", "src="] {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
    }

    #[test]
    fn a_page_is_kept_by_nobody_and_frames_nothing_foreign() {
        let response =
            Page::new(Locale::Tr, "Olmadı", &Greeting { name: "Ayşe" }).status(StatusCode::BAD_REQUEST).into_response();

        let header = |name: HeaderName| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(header(CACHE_CONTROL), "no-store");
        assert_eq!(header(REFERRER_POLICY), "strict-origin");
        assert!(header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none';"));
    }
}
