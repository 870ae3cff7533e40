//! The front end of the first platform in the same browser: cookies don't tell ports of one host apart, so with credentials ours go along
//! with its requests. They open nothing to it, and it disturbs nobody.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::phone;
use crate::support::{Account, Browser, Script, Town, turn};

/// All that a page of it needs here.
const FRONT_END: &str = "<!doctype html><title>Eski ön yüz</title><main></main>";
/// Of the API, as all services together have it.
const DESCRIPTION: &str = include_str!("../../../../docs/openapi.json");
/// Fewer routes than that need no token.
const FEWEST_ROUTES: u64 = 50;

/// A server of that front end.
pub(super) struct FrontEnd {
    pub(super) origin: String,
    _serving: JoinSet<()>,
}

impl FrontEnd {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        let pages = Router::new().route("/", get(|| async { Html(FRONT_END) }));
        serving.spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Self { origin, _serving: serving }
    }
}

#[tokio::test]
async fn the_first_platforms_front_end_shares_the_jar_and_neither_disturbs_the_other() {
    let _turn = turn().await;
    let front_end = FrontEnd::open().await;
    share_jar(&Town::open_for(&front_end.origin).await, &front_end).await;
}

/// The diner has not said yet whether campaigns may be mailed to them.
pub(super) async fn share_jar(town: &Town, front_end: &FrontEnd) {
    let browser = phone(town, Script::On).await;
    browser.sign_in(town.diner()).await;
    browser.open("/guvenlik").await;
    let before = session(&browser).await;
    assert!(before.iter().all(Option::is_some));

    browser.open_elsewhere(&front_end.origin).await;
    the_api_is_open_to_its_token_and_to_no_cookie(town, &browser).await;
    no_page_answers_its_scripts(town, &browser).await;
    a_form_of_its_own_is_refused(town, &browser).await;

    browser.open("/guvenlik").await;
    browser.shows(&town.diner().email).await;
    assert_eq!(session(&browser).await, before);
    browser.open("/tercihler").await;
    browser.shows("Henüz cevap vermediniz").await;
    browser.close().await;
}

async fn the_api_is_open_to_its_token_and_to_no_cookie(town: &Town, browser: &Browser) {
    let Account { email, password } = town.diner();
    let described: Value = serde_json::from_str(DESCRIPTION).unwrap();
    let arguments = [json!(town.base()), described["paths"].clone(), json!(email), json!(password)];
    let answered = browser.run_later(include_str!("ask_api.js"), &arguments).await;

    assert_eq!(answered["opened"], json!([]), "{answered}");
    assert!(answered["asked"].as_u64().unwrap() > FEWEST_ROUTES, "{answered}");
    assert_eq!(answered["token"], json!([email, 200]), "{answered}");
}

async fn no_page_answers_its_scripts(town: &Town, browser: &Browser) {
    let read = browser.run_later(include_str!("reach_pages.js"), &[json!(town.base())]).await;

    assert_eq!(read, json!([Value::Null, Value::Null, Value::Null]));
}

async fn a_form_of_its_own_is_refused(town: &Town, browser: &Browser) {
    let form = "document.body.innerHTML = '<form method=post>'; document.forms[0].action = arguments[0]; \
        document.forms[0].submit()";
    browser.run(form, &[json!(format!("{}/guvenlik/oturumlar", town.base()))]).await;

    browser.shows("Bu istek başka bir siteden geldi.").await;
}

/// The cookies of a session.
async fn session(browser: &Browser) -> [Option<String>; 3] {
    [browser.cookie("access").await, browser.cookie("refresh").await, browser.cookie("device").await]
}
