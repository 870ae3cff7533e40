use kit::on_every_database;
use kit::testing::routes_of;

use crate::api;
use crate::fixture::{Ask, Browser, Fixture};

on_every_database! {
    Fixture:
    no_page_takes_a_form_of_another_origin,
    no_page_leads_to_another_host,
    no_form_leads_to_another_host,
    cookies_open_no_route_of_the_api_and_tokens_no_page,
}

/// The path of each page, with something plain for its parameters.
fn paths(fixture: &Fixture) -> Vec<String> {
    let pages = api::pages::pages(&fixture.auth);
    pages.paths().iter().map(|path| path.replace("{id}", "018f0000-0000-7000-8000-000000000001")).collect()
}

async fn no_page_takes_a_form_of_another_origin(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "same-site"), ("origin", "http://liman.example:3000")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    let ours: [&[(&str, &str)]; 3] = [
        &[("sec-fetch-site", "same-origin"), ("origin", "http://liman.example")],
        &[("origin", "http://liman.example")],
        &[],
    ];
    let post = async |path: &str, headers: &[(&str, &str)], cookies: &str| {
        let ask = Ask::form(path, "").header("host", "liman.example").cookie(cookies);
        let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        fixture.ask(ask).await.status
    };

    for path in paths(&fixture) {
        for headers in foreign {
            assert_eq!(post(&path, headers, &browser.line()).await, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(browser.get("/guvenlik").await.status, 200, "nothing has changed");
    for path in paths(&fixture) {
        for headers in ours {
            assert_ne!(post(&path, headers, "").await, 403, "{path} {headers:?}");
        }
    }
}

/// What nobody is led back to.
fn elsewhere() -> Vec<String> {
    let long = format!("%2Fguvenlik%2F{}", "a".repeat(10_000));
    let short = [
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "https%3A%2F%2Fevil.example",
        "%2Fguvenlik%0D%0Aa:b",
        "%2Foturum%2Fkapat",
        "%2Fauth%2Fme",
        "",
    ];
    short.into_iter().map(str::to_owned).chain([long]).collect()
}

async fn no_form_leads_to_another_host(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;

    for donus in elsewhere() {
        fixture.a_moment_later();
        let browser = Browser::before(&fixture);
        let kept = browser.submit(&format!("/oturum/devam?donus={donus}"), "not=kalan").await;
        let sent = browser.sign_in("ayse@example.com", &format!("&donus={donus}&tut.not=kalan&gonder=1")).await;
        fixture.a_moment_later();
        let signed_in = Browser::before(&fixture).sign_in("ayse@example.com", &format!("&donus={donus}")).await;

        assert!(kept.text.contains("name=\"donus\" value=\"/\""), "{donus}: {}", kept.text);
        assert!(sent.text.contains("<form method=\"post\" action=\"/\">"), "{donus}: {}", sent.text);
        assert_eq!((signed_in.status, signed_in.header("location")), (303, "/"), "{donus}");
    }
}

async fn no_page_leads_to_another_host(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;

    for donus in elsewhere() {
        for path in ["/oturum/yenile", "/giris"] {
            let answer = browser.step("GET", &format!("{path}?donus={donus}"), "").await;
            let location = answer.headers.get("location").map(|location| location.to_str().unwrap());
            assert_eq!(location, Some("/"), "{path} {donus}: {}", answer.status);
        }
    }
}

async fn cookies_open_no_route_of_the_api_and_tokens_no_page(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let description = api::routes(&fixture.auth).into_openapi();
    let send = async |method: &str, path: &str, cookies: &str| {
        let ask = match method {
            "GET" => Ask::get(path),
            "DELETE" => Ask::delete(path),
            "PUT" => Ask::put(path, serde_json::json!({})),
            _ => Ask::post(path, serde_json::json!({})),
        };
        fixture.ask(ask.cookie(cookies)).await.status
    };

    for (method, path) in routes_of(&description) {
        let path = path.replace("{id}", "018f0000-0000-7000-8000-000000000001");
        let (with, without) = (send(&method, &path, &browser.line()).await, send(&method, &path, "").await);
        assert_eq!(with, without, "{method} {path}");
    }
    assert_eq!(send("GET", "/auth/me", &browser.line()).await, 401);
    let bearer = Ask::get("/guvenlik").bearer(&browser.cookie("access").unwrap());
    assert_eq!(fixture.ask(bearer).await.status, 303);
}
