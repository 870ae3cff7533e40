//! People before one platform, and what they have: for tests of all its pages.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use contracts::Secret;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::{Answer, Diner, Platform, Tokens, built, read};

/// Who opens a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// Nobody knows.
    Stranger,
    /// Has an address, a basket and orders.
    Diner,
    /// Has other ones.
    OtherDiner,
    /// Runs the restaurant in which the diner orders.
    Owner,
    /// Runs another one.
    OtherOwner,
    /// May do everything that operators may.
    Admin,
}

/// A platform with its people.
pub(super) struct World {
    pub(super) platform: Platform,
    people: BTreeMap<Who, Person>,
    /// The owner's, and a meal on its menu.
    restaurant: String,
    meal: String,
    /// How many orders were placed.
    orders: AtomicU32,
    /// One that nothing happens to.
    shown: OnceCell<String>,
}

/// Somebody with a session.
struct Person {
    diner: Diner,
    tokens: Tokens,
}

/// A route of a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PageRoute {
    pub(super) method: String,
    pub(super) path: &'static str,
}

/// What came back, but for a stream, which has no end.
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) media: String,
    pub(super) text: String,
}

const HOUR: Duration = Duration::from_secs(60 * 60);
/// An id that nobody has.
const NOBODYS: &str = "018f0000-0000-7000-8000-000000000001";

impl Who {
    pub(super) const ALL: [Self; 6] =
        [Self::Stranger, Self::Diner, Self::OtherDiner, Self::Owner, Self::OtherOwner, Self::Admin];

    fn email(self) -> &'static str {
        match self {
            Self::Stranger => panic!("a stranger has no account"),
            Self::Diner => "ayse@example.com",
            Self::OtherDiner => "derya@example.com",
            Self::Owner => "meral@example.com",
            Self::OtherOwner => "kemal@example.com",
            Self::Admin => "yonetici@example.com",
        }
    }
}

impl PageRoute {
    /// Its path, where what it names is nobody's.
    pub(super) fn plain(&self) -> String {
        plain(self.path)
    }
}

fn plain(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { NOBODYS } else { part }).collect::<Vec<_>>().join("/")
}

impl World {
    /// One whose people have their accounts, and the owners a restaurant each.
    pub(super) async fn open(platform: Platform) -> Self {
        let (people, orders) = (BTreeMap::new(), AtomicU32::new(0));
        let mut world =
            Self { platform, people, restaurant: String::new(), meal: String::new(), orders, shown: OnceCell::new() };
        let admin = Diner::new(&world.platform, Who::Admin.email());
        let password = Secret::new(admin.password.clone());
        auth::admin::create(world.platform.database(), admin.email.parse().unwrap(), password).await.unwrap();
        world.platform.idle().await;
        let tokens = admin.login().await.tokens();
        world.people.insert(Who::Admin, Person { diner: admin, tokens });
        for who in [Who::Diner, Who::OtherDiner, Who::Owner, Who::OtherOwner] {
            let (diner, tokens) = Diner::signed_up(&world.platform, who.email()).await;
            world.people.insert(who, Person { diner, tokens });
        }
        world.platform.idle().await;
        for who in [Who::Owner, Who::OtherOwner] {
            world.promote(who).await;
        }
        world.restaurant = world.open_restaurant(Who::Owner, "Çıpa Kebap").await;
        world.open_restaurant(Who::OtherOwner, "Liman Pide").await;
        world.meal = world.put_on_menu().await;
        for who in [Who::Diner, Who::Owner] {
            let profile = json!({
                "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567",
            });
            world.call(who, Method::POST, "/users/register/complete", profile).await;
        }
        world
    }

    /// One in which there is something to be seen on every page.
    pub(super) async fn furnished(platform: Platform) -> Self {
        let world = Self::open(platform).await;
        for _ in 0..2 {
            world.add_address().await;
            world.put_on_menu().await;
            world.promise(Duration::ZERO).await;
            let section = world.add_part("categories", json!({ "name": "Kebaplar" })).await;
            let options = json!([{ "name": "Acılı" }, { "name": "Acısız" }]);
            let group = world.add_part("groups", json!({ "name": "Acı", "options": options })).await;
            let meal = json!({
                "restaurant_id": world.restaurant, "name": "Urfa Kebap", "price": 230,
                "category_id": section, "group_ids": [group],
            });
            world.create(Who::Owner, "/meals", meal).await;
        }
        let favorite = json!({ "restaurant_id": world.restaurant });
        world.call(Who::Diner, Method::POST, "/favorites/restaurant", favorite).await;
        world.call(Who::Diner, Method::POST, "/favorites/cuisine", json!({ "cuisine": "Kebap" })).await;
        world.begin_session().await;
        world.platform.idle().await;
        for steps in [&[][..], &["accept"], &["accept", "prepare"], &["accept", "prepare", "dispatch"]] {
            world.order_with(steps).await;
        }
        world.order_with(&["accept", "deliver"]).await;
        // Orders have emptied it.
        world.put_in_basket().await;
        world.platform.idle().await;
        world
    }

    /// An order with which the kitchen has done so much.
    async fn order_with(&self, steps: &[&str]) {
        let order = self.order().await;
        for step in steps {
            self.call(Who::Owner, Method::POST, &format!("/carts/orders/{order}/{step}"), json!({})).await;
        }
    }

    /// All that is routed, with its methods, which the platform says itself where another one is refused.
    pub(super) async fn routes(&self) -> Vec<PageRoute> {
        let mut routes = Vec::new();
        for path in self.platform.page_paths() {
            let answer = read(self.ask(Who::Stranger, Method::PATCH, &plain(path))).await;
            let allowed = match answer.status {
                StatusCode::METHOD_NOT_ALLOWED => answer.headers["allow"].to_str().unwrap().to_owned(),
                // It keeps any method, on a detour.
                _ if path == "/oturum/yenile" => "GET,POST".to_owned(),
                status => panic!("{path} takes PATCH: {status}"),
            };
            let methods = allowed.split(',').map(str::trim).filter(|method| *method != "HEAD");
            routes.extend(methods.map(|method| PageRoute { method: method.to_owned(), path }));
        }
        routes.sort();
        routes
    }

    /// A request of somebody's browser, which follows nothing by itself.
    pub(super) fn ask(&self, who: Who, method: Method, path: &str) -> RequestBuilder {
        self.ask_as(who, method, path, "")
    }

    /// The same where the names of cookies begin so.
    pub(super) fn ask_as(&self, who: Who, method: Method, path: &str, prefix: &str) -> RequestBuilder {
        let client = built(Client::builder().redirect(redirect::Policy::none()));
        let is_form = method == Method::POST;
        let request = client.request(method, self.platform.url(path)).header("accept", "text/html");
        let request = match self.people.get(&who) {
            Some(person) => request.header("cookie", format!("{prefix}access={}", person.tokens.access)),
            None => request,
        };
        if is_form { request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("") } else { request }
    }

    pub(super) async fn show(&self, who: Who, method: Method, path: &str) -> Shown {
        show(self.ask(who, method, path)).await
    }

    /// Signs somebody in anew, whose sessions have ended.
    pub(super) async fn sign_in(&mut self, who: Who) {
        // Nobody may sign in again and again in no time.
        self.platform.advance(Duration::from_secs(1));
        let person = self.people.get_mut(&who).unwrap();
        person.tokens = person.diner.login().await.tokens();
    }

    /// `path` as it was routed, with what it names for its parameters: the diner's and the owner's, and each time another one
    /// where that may go away.
    pub(super) async fn filled(&self, PageRoute { method, path }: &PageRoute) -> String {
        if path.starts_with("/odeme") {
            self.put_in_basket().await;
        }
        let mut parts = Vec::new();
        for part in path.split('/') {
            parts.push(if part.starts_with('{') { self.thing(method, path, part).await } else { part.to_owned() });
        }
        parts.join("/")
    }

    /// What is sent to `route`: nothing, so that whoever may send it is told what is missing, and where a form names what it is for, that.
    pub(super) async fn form(&self, route: &PageRoute) -> String {
        match route.path {
            "/isletme/{r}/bolumler/sira" => {
                let section = || self.add_part("categories", json!({ "name": "Kebaplar" }));
                format!("category_id={}&onune={}", section().await, section().await)
            }
            "/isletme/{r}/menu/durum" => format!("meal_id={}&durum=var", self.meal),
            "/isletme/{r}/menu/sira" => format!("meal_id={}&onune={}", self.put_on_menu().await, self.meal),
            _ => String::new(),
        }
    }

    async fn thing(&self, method: &str, path: &str, parameter: &str) -> String {
        let is_kept = method == "GET";
        let first = path.split('/').nth(1).unwrap();
        let third = path.split('/').nth(3).unwrap_or_default();
        match (first, third, parameter) {
            ("assets", "{file}", _) => "pide-7.svg".to_owned(),
            ("assets", _, _) => "style.css".to_owned(),
            ("adresler", ..) => self.add_address().await,
            ("guvenlik", ..) => self.begin_session().await,
            ("sepet", ..) => self.put_in_basket().await,
            ("siparis", ..) | ("mutfak", _, "{order}") if is_kept => {
                self.shown.get_or_init(async || self.order().await).await.clone()
            }
            ("siparis", ..) | ("mutfak", _, "{order}") => self.order().await,
            ("isletme", "sil", "{r}") if !is_kept => self.open_restaurant(Who::Owner, "Kapanan").await,
            ("isletme", "menu", "{meal}") if !is_kept => self.put_on_menu().await,
            ("isletme", "bolumler", "{part}") => self.add_part("categories", json!({ "name": "Kebaplar" })).await,
            ("isletme", "secenekler", "{part}") => {
                self.add_part("groups", json!({ "name": "Acı", "options": [{ "name": "Acılı" }] })).await
            }
            ("isletme", "kampanyalar", "{part}") => self.promise(HOUR).await,
            ("restoran", _, "{dish}") | ("isletme", _, "{meal}") => self.meal.clone(),
            ("restoran", _, "{restaurant}")
            | ("mutfak", _, "{restaurant}")
            | ("isletme", _, "{r}")
            | ("favoriler", _, "{id}") => self.restaurant.clone(),
            _ => panic!("nothing is known that {parameter} in {path} could name"),
        }
    }

    /// What somebody is answered by the API, in which it has to succeed.
    async fn call(&self, who: Who, method: Method, path: &str, body: Value) -> Answer {
        let Person { diner, tokens } = &self.people[&who];
        let answer = diner.send(method, path, Some(&tokens.access), Some(body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        answer
    }

    async fn create(&self, who: Who, path: &str, body: Value) -> String {
        let created = self.call(who, Method::POST, path, body).await.json();
        created["id"].as_str().unwrap_or_else(|| panic!("no id in {created}")).to_owned()
    }

    async fn promote(&mut self, who: Who) {
        let id = self.platform.claims(&self.people[&who].tokens.access)["sub"].as_str().unwrap().to_owned();
        let path = format!("/admin/accounts/{id}/role");
        self.call(Who::Admin, Method::PUT, &path, json!({ "role": "manager" })).await;
        let person = self.people.get_mut(&who).unwrap();
        person.tokens = person.diner.refresh(&person.tokens).await.tokens();
    }

    async fn open_restaurant(&self, who: Who, name: &str) -> String {
        let place = json!({
            "title": name, "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
            "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
        });
        let address = self.create(who, "/addresses?entity_type=RESTAURANT", place).await;
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let hours: BTreeMap<_, _> = days.map(|day| (day, "00:00-24:00")).into_iter().collect();
        let body = json!({ "name": name, "address_id": address, "opening_hours": hours, "cuisines": ["Kebap"] });
        let restaurant = self.create(who, "/restaurants", body).await;
        self.platform.idle().await;
        restaurant
    }

    async fn put_on_menu(&self) -> String {
        let meal = json!({ "restaurant_id": self.restaurant, "name": "Adana Kebap", "price": 240 });
        let meal = self.create(Who::Owner, "/meals", meal).await;
        self.platform.idle().await;
        meal
    }

    async fn add_part(&self, parts: &str, body: Value) -> String {
        self.create(Who::Owner, &format!("/restaurants/{}/{parts}", self.restaurant), body).await
    }

    /// A campaign of the owner's that begins so much later.
    async fn promise(&self, later: Duration) -> String {
        let start = self.platform.now() + later;
        let campaign = json!({
            "title": "Hafta sonu", "description": "Cumartesi ve pazar", "kind": "percent", "value": 10,
            "restaurant_id": self.restaurant, "start_date": start, "end_date": start + 24 * HOUR,
        });
        self.create(Who::Owner, "/campaigns", campaign).await
    }

    async fn add_address(&self) -> String {
        let home = json!({
            "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
            "full_address": "Moda Caddesi 12, Kadıköy", "zip_code": "34710",
        });
        self.create(Who::Diner, "/addresses", home).await
    }

    async fn begin_session(&self) -> String {
        let elsewhere = self.people[&Who::Diner].diner.elsewhere("198.51.100.20");
        let tokens = elsewhere.login().await.tokens();
        self.platform.claims(&tokens.access)["sid"].as_str().unwrap().to_owned()
    }

    async fn put_in_basket(&self) -> String {
        let meal = json!({ "restaurant_id": self.restaurant, "meal_id": self.meal, "quantity": 2 });
        self.call(Who::Diner, Method::POST, "/carts/add", meal).await;
        let cart = self.call(Who::Diner, Method::GET, "/carts/current", Value::Null).await.json();
        cart["items"][0]["line_id"].as_str().unwrap_or_else(|| panic!("no line in {cart}")).to_owned()
    }

    async fn order(&self) -> String {
        // What is ordered twice in a moment is ordered once.
        let note = format!("sipariş {}", self.orders.fetch_add(1, Ordering::Relaxed));
        let item = json!({ "meal_id": self.meal, "quantity": 1, "note": note });
        let wanted = json!({ "payment_method": "cash", "items": [item] });
        let placed = self.call(Who::Diner, Method::POST, "/carts/checkout", wanted).await.json();
        placed["public_id"].as_str().unwrap_or_else(|| panic!("no order in {placed}")).to_owned()
    }
}

/// What `request` is answered.
pub(super) async fn show(request: RequestBuilder) -> Shown {
    let answer = request.send().await.unwrap();
    let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, location) = (answer.status(), header(LOCATION));
    let media = header(CONTENT_TYPE).unwrap_or_default();
    let text = if media == "text/event-stream" { String::new() } else { answer.text().await.unwrap() };
    Shown { status, location, media, text }
}
