//! Pages at the door of the whole platform, beside its API.

mod crawl;
mod forgery;
mod harmless;
mod house;
mod rights;
mod rights_table;
mod world;

use lezzetlimani::services::page_segments;
use reqwest::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, LOCATION};
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};

use crate::support::{Answer, Diner, Platform, built, in_every_size, read};

/// A browser that goes nowhere by itself.
fn browser() -> Client {
    built(Client::builder().redirect(redirect::Policy::none()))
}

async fn description(platform: &Platform) -> Value {
    read(browser().get(platform.url("/openapi.json"))).await.json()
}

fn media(answer: &Answer) -> &str {
    answer.headers[CONTENT_TYPE].to_str().unwrap()
}

#[tokio::test]
async fn who_opens_the_platform_finds_restaurants_and_elsewhere_what_runs_there() {
    in_every_size(async |platform| {
        let front_page = read(browser().get(platform.url("/liman"))).await;
        assert_eq!((front_page.status, media(&front_page)), (StatusCode::OK, "text/html; charset=utf-8"));

        let of_restaurants = platform.urls("/");
        for url in platform.urls_everywhere("/") {
            let home = read(browser().get(&url)).await;
            if of_restaurants.contains(&url) {
                assert_eq!((home.status, media(&home)), (StatusCode::OK, "text/html; charset=utf-8"));
                assert!(home.text.contains("action=\"/\""), "{}", home.text);
            } else {
                let led_to = home.headers.get(LOCATION).and_then(|location| location.to_str().ok());
                assert_eq!((home.status, led_to), (StatusCode::TEMPORARY_REDIRECT, Some("/liman")));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn pages_stand_outside_cors_and_outside_the_description() {
    let platform = Platform::start().await;
    let from_front_end = |path: &str| browser().get(platform.url(path)).header("origin", "http://localhost:5173");

    let (page, api) = (read(from_front_end("/giris")).await, read(from_front_end("/auth/.well-known/jwks.json")).await);

    assert_eq!(page.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN), None);
    assert!(api.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{}", api.text);
    assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
    let described = description(&platform).await;
    let paths: Vec<&String> = described["paths"].as_object().unwrap().keys().collect();
    let named = page_segments().into_iter().filter(|segment| !segment.is_empty());
    for segment in named.chain(["dil", "assets"]) {
        let prefix = format!("/{segment}");
        assert!(!paths.iter().any(|path| path.starts_with(&prefix)), "{segment}");
    }
}

#[tokio::test]
async fn what_is_nowhere_is_a_page_in_a_browser_and_a_problem_for_a_program() {
    let platform = Platform::start().await;
    let nowhere = format!("{}hicbir-yer", platform.url("/"));
    let ask = |accept: &str| browser().get(&nowhere).header("accept", accept.to_owned());

    let (page, problem) = (read(ask("text/html,*/*;q=0.8")).await, read(ask("*/*")).await);

    assert_eq!((page.status, media(&page)), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
    assert_eq!((problem.status, media(&problem)), (StatusCode::NOT_FOUND, "application/problem+json"));
}

/// The front end of the first platform sends cookies along with each request, and on one machine ours are among them.
#[tokio::test]
async fn a_cookie_changes_no_answer_of_the_api() {
    let platform = Platform::start().await;
    let diner = Diner::new(&platform, "ayse@example.com");
    let tokens = diner.sign_up().await;
    let cookies = format!("access={}; refresh=k.{}; lang=en; flash=signed-out", tokens.access, tokens.refresh);
    let described = description(&platform).await;
    let mut closed = 0;

    for (path, item) in described["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let plain = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
            let url = platform.url(&plain.collect::<Vec<_>>().join("/"));
            let ask = || -> RequestBuilder {
                let request = browser().request(method.to_uppercase().parse().unwrap(), &url);
                if method == "get" || method == "delete" { request } else { request.json(&json!({})) }
            };
            let (without, with) = (read(ask()).await, read(ask().header("cookie", &cookies)).await);
            assert_eq!(with.status, without.status, "{method} {path}: {}", with.text);
            closed += u32::from(with.status == StatusCode::UNAUTHORIZED);
        }
    }

    assert!(closed > 50, "{closed}");
}

/// Its token has expired, so auth renews the session on the way to the service of the form, and back.
#[tokio::test]
async fn a_form_of_another_service_survives_an_expired_token_and_has_its_effect_once() {
    let platform = Platform::start().await;
    let diner = Diner::new(&platform, "ayse@example.com");
    let tokens = diner.sign_up().await;
    let with = |path: &str, cookies: &str| browser().get(platform.url(path)).header("cookie", cookies.to_owned());
    let access = format!("access={}; refresh=k.{}", tokens.access, tokens.refresh);
    let shown = read(with("/adresler/yeni", &access)).await;
    let key = shown.text.split_once("name=\"istek\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let form = format!(
        "title=Ev&address=Moda+Caddesi+12&city=%C4%B0stanbul&district=Kad%C4%B1k%C3%B6y&zip_code=34710\
         &full_address=Moda+Caddesi+12&istek={key}"
    );
    let send = async |path: &str, cookies: &str| {
        let request = browser().post(platform.url(path)).header("cookie", cookies.to_owned()).body(form.clone());
        read(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded")).await
    };

    let expired = send("/adresler/yeni", &format!("refresh=k.{}", tokens.refresh)).await;
    let renewal = send(expired.headers[LOCATION].to_str().unwrap(), &format!("refresh=k.{}", tokens.refresh)).await;
    let set = renewal.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let renewed = set.map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    let saved = send(renewal.headers[LOCATION].to_str().unwrap(), &renewed).await;
    let again = send("/adresler/yeni", &renewed).await;
    let listed = read(with("/adresler", &renewed)).await;

    assert_eq!((expired.status, renewal.status), (StatusCode::TEMPORARY_REDIRECT, StatusCode::TEMPORARY_REDIRECT));
    assert_eq!(renewal.headers[LOCATION], "/adresler/yeni");
    for answer in [&saved, &again] {
        assert_eq!((answer.status, &answer.headers[LOCATION]), (StatusCode::SEE_OTHER, &"/adresler".parse().unwrap()));
    }
    assert_eq!(listed.text.matches("<strong>Ev</strong>").count(), 1, "{}", listed.text);
}
