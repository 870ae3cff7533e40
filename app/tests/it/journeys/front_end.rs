//! The front end of the first platform, as its pages ask: from another port of the same machine, by a bearer token, and with all cookies
//! that the browser has, those of our own pages among them. Whether they are there makes no difference.

use contracts::Secret;
use reqwest::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, ORIGIN,
};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};

use super::carts::restaurant;
use crate::support::{Answer, Diner, Platform, built, logs, read, token_in};

/// Where it is served while it is developed.
const HERE: &str = "http://localhost:5173";
const EMAIL: &str = "ayse@example.com";
const PASSWORD: &str = "gizli deniz feneri 42";

/// It in a browser, which keeps cookies for all ports of a machine.
struct FrontEnd {
    platform: Platform,
    browser: Client,
    /// In its local storage.
    access: Option<String>,
}

impl FrontEnd {
    fn open(platform: &Platform) -> Self {
        logs::remember(PASSWORD);
        let browser = built(Client::builder().cookie_store(true).redirect(redirect::Policy::none()));
        Self { platform: platform.clone(), browser, access: None }
    }

    /// Signs somebody in by our own pages, in another tab.
    async fn open_our_pages(&self, diner: &Diner) {
        let form = [("email", diner.email.as_str()), ("password", diner.password.as_str())];
        let signed_in = read(self.browser.post(self.platform.url("/giris")).form(&form)).await;
        assert_eq!(signed_in.status, StatusCode::SEE_OTHER, "{}", signed_in.text);
        let page = read(self.browser.get(self.platform.url("/guvenlik"))).await;
        assert_eq!(page.status, StatusCode::OK, "the browser has no session at our pages");
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// As its one axios instance does, with what its browser asks first.
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.ask_first(&method, path).await;
        let request = self.asked_from_here(method.clone(), path).header("accept", "application/json, text/plain, */*");
        let request = match &self.access {
            Some(access) => request.bearer_auth(access),
            None => request,
        };
        let answer = read(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await;
        is_readable(&answer, &format!("{method} {path}"));
        answer
    }

    fn asked_from_here(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.browser.request(method, self.platform.url(path)).header(ORIGIN, HERE);
        request.header("sec-fetch-site", "same-site").header("sec-fetch-mode", "cors")
    }

    async fn ask_first(&self, method: &Method, path: &str) {
        let request =
            self.asked_from_here(Method::OPTIONS, path).header("access-control-request-method", method.as_str());
        let answer = read(request.header("access-control-request-headers", "authorization,content-type")).await;
        let allowed = |name| answer.headers[name].to_str().unwrap().to_ascii_lowercase();
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        is_readable(&answer, path);
        assert!(allowed(ACCESS_CONTROL_ALLOW_METHODS).contains(&method.as_str().to_ascii_lowercase()), "{path}");
        for name in [AUTHORIZATION.as_str(), "content-type"] {
            assert!(allowed(ACCESS_CONTROL_ALLOW_HEADERS).contains(name), "{name} for {path}");
        }
    }

    /// The text that it shows of a refusal: a 401 would have it forget its session instead.
    fn shown(answer: &Answer) -> String {
        assert!(answer.status.is_client_error() && answer.status != StatusCode::UNAUTHORIZED, "{}", answer.text);
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned();
        assert_eq!((text("message"), text("error")), (text("detail"), text("detail")));
        text("detail")
    }
}

/// A browser gives the answer to the page, which has sent cookies along: never without the exact origin, and no `*`.
fn is_readable(answer: &Answer, what: &str) {
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header(ACCESS_CONTROL_ALLOW_ORIGIN), Some(HERE), "{what}: {}", answer.text);
    assert_eq!(header(ACCESS_CONTROL_ALLOW_CREDENTIALS), Some("true"), "{what}");
}

fn ok(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text);
    answer.json()
}

fn array(answer: &Answer) -> Vec<Value> {
    let body = ok(answer);
    body.as_array().unwrap_or_else(|| panic!("{body} is no array")).clone()
}

/// Each of `names` is there and is not `null`.
fn has(body: &Value, names: &[&str]) {
    for name in names {
        assert!(body.get(name).is_some_and(|value| !value.is_null()), "no {name} in {body}");
    }
}

async fn registers_and_signs_in(page: &mut FrontEnd) -> String {
    let account = json!({ "email": EMAIL, "password": PASSWORD });
    assert_eq!(page.post("/auth/register", account.clone()).await.status, StatusCode::CREATED);
    let token = token_in(&page.platform.mail(EMAIL, "verification", 1).await);
    // While it is developed, each page is mounted twice.
    for _ in 0..2 {
        let verified = ok(&page.post("/auth/verify-email", json!({ "token": token })).await);
        has(&verified, &["access_token", "refresh_token"]);
    }
    let wrong = page.post("/auth/login", json!({ "email": EMAIL, "password": "yanlis parola 42" })).await;
    assert_ne!(FrontEnd::shown(&wrong), "");

    let access = ok(&page.post("/auth/login", account).await)["access_token"].as_str().unwrap().to_owned();
    let user_id = page.platform.claims(&access)["sub"].as_str().unwrap().to_owned();
    page.access = Some(access);
    page.platform.idle().await;
    user_id
}

async fn keeps_a_profile(page: &FrontEnd, user_id: &str) {
    assert_eq!(page.get("/users/me").await.status, StatusCode::NOT_FOUND, "a 401 would end the session");
    let profile =
        json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    let completed = page.post("/users/register/complete", profile.clone()).await;
    assert_eq!(ok(&completed)["user"]["full_name"], "Ayşe Yılmaz");
    let mut changed = profile.clone();
    changed["full_name"] = json!("Ayşe Demir");
    let updated = ok(&page.call(Method::PUT, "/users/me", Some(changed)).await);
    let read = ok(&page.get("/users/me").await);
    assert_eq!((&read, &read["id"], &read["full_name"]), (&updated, &json!(user_id), &json!("Ayşe Demir")));
    has(&read, &["phone", "gender", "born_date"]);
}

async fn keeps_addresses(page: &FrontEnd) {
    assert_eq!(array(&page.get("/addresses/").await), Vec::<Value>::new());
    let home = json!({
        "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Moda Caddesi 12, Kadıköy", "zip_code": "34710", "is_default": true,
    });
    assert_eq!(page.post("/addresses/", home).await.status, StatusCode::CREATED);
    let listed = array(&page.get("/addresses/").await);
    let path = format!("/addresses/{}", listed[0]["id"].as_str().unwrap());
    let mut whole = ok(&page.get(&path).await);
    has(&whole, &["title", "city", "district", "zip_code", "address", "full_address", "is_default"]);
    // The whole object as it came, with its ids, times and nulls.
    whole["title"] = json!("Yazlık");
    ok(&page.call(Method::PUT, &path, Some(whole)).await);
    assert_eq!(ok(&page.get(&path).await)["title"], "Yazlık");
    ok(&page.call(Method::DELETE, &path, None).await);
    assert_eq!(array(&page.get("/addresses/").await), Vec::<Value>::new());
}

async fn finds_restaurants(page: &FrontEnd, restaurant: &Value) {
    for listed in array(&page.get("/restaurants").await) {
        has(&listed, &["id", "name"]);
        has(&listed["address"], &["district", "city"]);
    }
    let search = "/restaurants/search?page=1&page_size=12&sort_by=rating&sort_order=desc&query=cipa&city=%C4%B0stanbul";
    let found = ok(&page.get(search).await);
    has(&found, &["restaurants", "total", "page_size", "has_next"]);
    assert_eq!(found["restaurants"][0]["id"], *restaurant, "{found}");
    let meals = array(&page.get(&format!("/meals/restaurant/{}", restaurant.as_str().unwrap())).await);
    has(&meals[0], &["id", "name", "price", "restaurant_id"]);
    for campaign in array(&page.get("/campaigns").await) {
        has(&campaign, &["id", "title", "description", "start_date", "end_date"]);
    }
}

async fn fills_a_cart(page: &FrontEnd, user_id: &str, here: &(Value, Value), elsewhere: &(Value, Value)) {
    let add = |(restaurant, meal): &(Value, Value), quantity: u32, note: &str| {
        let item = json!({
            "user_id": user_id, "restaurant_id": restaurant, "meal_id": meal, "quantity": quantity, "note": note,
        });
        page.post("/carts/add", item)
    };
    let quantities = async || {
        let items = array(&page.get(&format!("/carts/get?user_id={user_id}")).await);
        items.iter().map(|item| item["quantity"].clone()).collect::<Vec<_>>()
    };
    // The quantity is the new total; a note comes with each key.
    for (quantity, note) in [(1, ""), (2, ""), (2, "a"), (2, "ac")] {
        ok(&add(here, quantity, note).await);
        assert_eq!(quantities().await, [json!(quantity)]);
    }
    let refused = FrontEnd::shown(&add(elsewhere, 1, "").await);
    assert!(refused.contains("different restaurant"), "{refused}");
    let remove = format!("/carts/remove/{}?user_id={user_id}", here.1.as_str().unwrap());
    ok(&page.call(Method::DELETE, &remove, None).await);
    ok(&add(here, 3, "").await);
    assert_eq!(quantities().await, [json!(3)]);
    ok(&page.call(Method::DELETE, &format!("/carts/clear?user_id={user_id}"), None).await);
    assert_eq!(quantities().await, Vec::<Value>::new());
}

async fn orders(page: &FrontEnd, user_id: &str, (restaurant, meal): &(Value, Value)) {
    // The page of the cart names no restaurant of ours.
    for (restaurant, quantity) in [(restaurant, 3), (&json!("test-restaurant"), 4)] {
        let order = json!({
            "user_id": user_id, "restaurant_id": restaurant, "items": [{ "meal_id": meal, "quantity": quantity }],
            "payment_method": "cash",
        });
        let placed = ok(&page.post("/carts/checkout", order).await);
        has(&placed, &["id", "message", "total", "discount", "payment_method", "created_at", "items"]);
        assert!(placed["total"].is_number() && placed["items"].is_array(), "{placed}");
        assert!(placed.get("coupon_code").is_some(), "{placed}");
    }
    let past = array(&page.get(&format!("/carts/orders?user_id={user_id}")).await);
    assert_eq!(past.len(), 2);
    for order in past {
        has(&order, &["id", "created_at", "discount", "payment_method", "items"]);
        assert!(order["total"].is_number(), "{order}");
        has(&order["items"][0], &["meal_id", "quantity"]);
    }
}

async fn gets_another_password(page: &FrontEnd) {
    let asked = ok(&page.post("/auth/forgot-password", json!({ "email": EMAIL })).await);
    has(&asked, &["message"]);
    let token = token_in(&page.platform.mail(EMAIL, "password_reset", 1).await);
    let reset = json!({ "token": token, "password": "yeni ve uzun bir parola" });
    has(&ok(&page.post("/auth/reset-password", reset).await), &["message"]);
}

/// Whose cookies of ours the browser of the front end has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cookies {
    Nobodys,
    SomebodyElses,
}

async fn the_front_end_of_the_first_platform_goes_on_as_before(cookies: Cookies) {
    let platform = Platform::start().await;
    let meral = Diner::new(&platform, "meral@example.com");
    let password = Secret::new(meral.password.clone());
    auth::admin::create(platform.database(), meral.email.parse().unwrap(), password).await.unwrap();
    let tokens = meral.login().await.tokens();
    let here = restaurant(&platform, &meral, &tokens, "Çıpa Kebap").await;
    let elsewhere = restaurant(&platform, &meral, &tokens, "Liman").await;
    let mut page = FrontEnd::open(&platform);
    if cookies == Cookies::SomebodyElses {
        page.open_our_pages(&meral).await;
        let alone = page.get("/users/me").await;
        assert_eq!(alone.status, StatusCode::UNAUTHORIZED, "a cookie opens no route: {}", alone.text);
    }

    let user_id = registers_and_signs_in(&mut page).await;
    keeps_a_profile(&page, &user_id).await;
    keeps_addresses(&page).await;
    finds_restaurants(&page, &here.0).await;
    fills_a_cart(&page, &user_id, &here, &elsewhere).await;
    orders(&page, &user_id, &here).await;
    gets_another_password(&page).await;

    if cookies == Cookies::SomebodyElses {
        let still = read(page.browser.get(platform.url("/guvenlik"))).await;
        assert!(still.status == StatusCode::OK && still.text.contains("meral@example.com"), "{}", still.status);
    }
}

mod the_front_end_of_the_first_platform_goes_on_as_before {
    use super::*;

    #[tokio::test]
    async fn without_cookies_of_ours() {
        super::the_front_end_of_the_first_platform_goes_on_as_before(Cookies::Nobodys).await;
    }

    #[tokio::test]
    async fn with_cookies_of_somebody_else() {
        super::the_front_end_of_the_first_platform_goes_on_as_before(Cookies::SomebodyElses).await;
    }
}
