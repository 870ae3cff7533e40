//! Dressed pages before a browser, and before what is none.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request};
use axum::routing::{get as on_get, post as on_post};
use http_body_util::BodyExt;
use kit::{Pages, Problem};
use tower::ServiceExt;

use super::*;
use crate::testing::{Response, ask, get, send, settings};

const FORM: &str = "application/x-www-form-urlencoded";

fn pages() -> Pages {
    let front_page = FrontPage { services: Vec::new(), has_mailbox: false, version: "1" };
    super::pages(front_page, None)
        .merge(home_without_restaurants())
        .route("/giris", on_get(async || "giriş").post(async || "done"))
        .route("/large", on_get(async || "a".repeat(10_000)))
        .route("/events", on_get(async || ([(CONTENT_TYPE, "text/event-stream")], "a".repeat(10_000))))
        .route("/later", on_get(async || Problem::unavailable().retry_after(Duration::from_secs(7))))
        .route("/gone", on_get(async || Problem::not_found("NO_ORDER", "Böyle bir sipariş yok.", "No such order.")))
        .route("/guvenlik", on_post(async |_: Form<Nothing>| "done"))
}

#[derive(serde::Deserialize)]
struct Nothing {}

async fn post(path: &str, headers: &[(&str, &str)], body: &'static str) -> Response {
    let mut request = Request::post(path).header("host", "liman.example:8080");
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", FORM);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(pages(), request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_form_is_taken_from_our_own_origin_alone() {
    let ours: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "same-origin"), ("origin", "http://liman.example:8080")],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        &[("sec-fetch-site", "none")],
        &[("origin", "http://liman.example:8080")],
        &[],
    ];
    let foreign: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "same-site"), ("origin", "http://liman.example:3000")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "http://liman.example:3000")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];

    for path in ["/giris", "/dil", "/guvenlik"] {
        for headers in ours {
            let status = post(path, headers, "dil=tr").await.status;
            assert!(matches!(status, 200 | 303), "{path} {headers:?}: {status}");
        }
        for headers in foreign {
            let answer = post(path, headers, "dil=tr").await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
            assert!(answer.text.contains("Bu istek başka bir siteden geldi."), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_link_of_another_site_opens_a_page_and_its_scripts_read_none() {
    let status = async |site: &str, mode: &str| {
        ask(pages(), get("/giris").header("sec-fetch-site", site).header("sec-fetch-mode", mode)).await.status
    };

    for (site, mode, expected) in [
        ("cross-site", "navigate", 200),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
        ("cross-site", "no-cors", 403),
        ("same-site", "cors", 403),
    ] {
        assert_eq!(status(site, mode).await, expected, "{site} {mode}");
    }
    assert_eq!(ask(pages(), get("/giris")).await.status, 200);
}

#[tokio::test]
async fn every_error_is_a_page_that_says_what_to_do() {
    let in_english = |path| get(path).header("accept-language", "en").header("cookie", "refresh=x");

    let gone = ask(pages(), in_english("/gone")).await;
    let later = ask(pages(), in_english("/later")).await;
    let method = ask(pages(), in_english("/guvenlik")).await;
    let unreadable = post("/guvenlik", &[("content-type", "text/plain")], "a=b").await;

    assert_eq!((gone.status, later.status, method.status, unreadable.status), (404, 503, 405, 415));
    assert!(gone.text.contains("<h1>Page not found</h1>") && gone.text.contains("No such order."), "{}", gone.text);
    assert!(later.text.contains("<strong>7</strong>") && later.headers["retry-after"] == "7", "{}", later.text);
    assert_eq!(
        (&method.headers["allow"], &method.headers["cache-control"]),
        (&"POST".parse().unwrap(), &"no-store".parse().unwrap())
    );
    assert!(unreadable.text.contains("<html lang=\"tr\">"), "{}", unreadable.text);
    assert!(unreadable.text.contains("href=\"/guvenlik\">Forma dön"), "{}", unreadable.text);
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    for path in ["/", "/liman", "/giris", "/gone", "/assets/style.css", "/assets/art/pide-1.svg"] {
        let headers = ask(pages(), get(path)).await.headers;

        for (name, value) in policy::POLICIES {
            assert_eq!(headers[&name], value, "{path}");
        }
    }
}

#[tokio::test]
async fn the_language_is_chosen_once_and_leads_back() {
    let chosen = post("/dil", &[], "dil=en&donus=%2Fguvenlik%3Fa%3D1").await;
    let unknown = post("/dil", &[], "dil=xx").await;
    let elsewhere = post("/dil", &[], "dil=tr&donus=%2F%2Fevil.example").await;
    let page = ask(pages(), get("/liman").header("cookie", "lang=en").header("accept-language", "tr")).await;

    assert_eq!((chosen.status, chosen.headers["location"].to_str().unwrap()), (303, "/guvenlik?a=1"));
    assert!(chosen.headers["set-cookie"].to_str().unwrap().starts_with("lang=en; Path=/; Max-Age="));
    assert_eq!(unknown.status, 422);
    assert_eq!(elsewhere.headers["location"], "/");
    assert!(page.text.contains("<html lang=\"en\">") && page.headers["content-language"] == "en");
}

#[tokio::test]
async fn what_is_large_is_compressed_and_what_flows_is_not() {
    let encoding = async |path| {
        let answer = ask(pages(), get(path).header("accept-encoding", "gzip")).await;
        answer.headers.get("content-encoding").map(|encoding| encoding.to_str().unwrap().to_owned())
    };

    assert_eq!(encoding("/large").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("/liman").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("/assets/style.css").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("/giris").await, None);
    assert_eq!(encoding("/events").await, None);
}

#[tokio::test]
async fn who_asks_for_what_is_nowhere_gets_a_page_in_a_browser_alone() {
    let ask = async |accept: &str| {
        let api = with_unknown_paths(Router::new().route("/here", on_get(async || "")), settings());
        let request = Request::get("/nowhere").header("accept", accept).body(Body::empty()).unwrap();
        let (parts, body) = api.oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (parts.status.as_u16(), is_html(&parts.headers), text)
    };

    let browser = ask("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").await;
    let program = ask("*/*").await;

    assert!(matches!(&browser, (404, true, text) if text.contains("Sayfa bulunamadı")), "{browser:?}");
    assert_eq!(program, (404, false, String::new()));
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|media| media.to_str().unwrap().starts_with("text/html"))
}
