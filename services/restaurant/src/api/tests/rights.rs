//! Who may do what, route by route.

use kit::on_every_database;
use kit::testing::{Ask, Client, Engine, routes_of};
use serde_json::{Value, json};

use super::campaign_rights::CAMPAIGNS;
use super::demo::PICTURES;
use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    each_route_answers_each_caller_as_it_must,
    what_a_client_may_not_say_is_ignored,
}

/// A route, and what it answers: to anyone, a user, a manager who does not own the restaurant, its owner, and an admin.
type Row = (&'static str, &'static str, fn(&Place) -> Value, [u16; 5]);

/// What a request may name, by its ids.
pub(super) struct Place {
    address: String,
    restaurant: String,
    meal: String,
    category: String,
    mealtime: String,
    group: String,
    option: String,
}

const NO_BODY: fn(&Place) -> Value = |_| Value::Null;
const EMPTY: fn(&Place) -> Value = |_| json!({});
const NAMED: fn(&Place) -> Value = |_| json!({ "name": "Yeni" });
const A_MEALTIME: fn(&Place) -> Value = |_| json!({ "name": "Yeni", "hours": { "mon": "11:00-14:00" } });
const OFF: fn(&Place) -> Value = |_| json!({ "is_available": false });
const A_RESTAURANT: fn(&Place) -> Value = |place| json!({ "name": "Yeni", "address_id": place.address });
const A_MEAL: fn(&Place) -> Value = |place| json!({ "name": "Yeni", "price": 1, "restaurant_id": place.restaurant });

/// Of a restaurant that everybody sees.
pub(super) const VISIBLE: &[Row] = &[
    ("GET", "/restaurants/health", NO_BODY, [200; 5]),
    ("GET", "/restaurants", NO_BODY, [200; 5]),
    ("GET", "/restaurants/search", NO_BODY, [200; 5]),
    ("GET", "/restaurants/mine", NO_BODY, [401, 200, 200, 200, 200]),
    ("POST", "/restaurants", A_RESTAURANT, [401, 403, 201, 201, 201]),
    ("GET", "/restaurants/{id}", NO_BODY, [200; 5]),
    ("GET", "/restaurants/{id}/hours", NO_BODY, [200; 5]),
    ("PUT", "/restaurants/{id}", EMPTY, [401, 403, 403, 200, 200]),
    ("PUT", "/restaurants/{id}/hours", EMPTY, [401, 403, 403, 200, 200]),
    ("GET", "/restaurants/{id}/order-terms", NO_BODY, [200; 5]),
    ("PUT", "/restaurants/{id}/order-terms", EMPTY, [401, 403, 403, 200, 200]),
    ("PUT", "/restaurants/{id}/pause", |_| json!({ "until": null }), [401, 403, 403, 200, 200]),
    ("DELETE", "/restaurants/{id}", NO_BODY, [401, 403, 403, 200, 200]),
    ("GET", "/restaurants/{id}/menu", NO_BODY, [200; 5]),
    ("GET", "/restaurants/{id}/campaigns", NO_BODY, [200; 5]),
    ("GET", "/restaurants/{id}/categories", NO_BODY, [200; 5]),
    ("POST", "/restaurants/{id}/categories", NAMED, [401, 403, 403, 201, 201]),
    ("PUT", "/restaurants/{id}/categories/{category_id}", EMPTY, [401, 403, 403, 200, 200]),
    ("DELETE", "/restaurants/{id}/categories/{category_id}", NO_BODY, [401, 403, 403, 200, 200]),
    ("GET", "/restaurants/{id}/groups", NO_BODY, [200; 5]),
    ("POST", "/restaurants/{id}/groups", NAMED, [401, 403, 403, 201, 201]),
    ("PUT", "/restaurants/{id}/groups/{group_id}", EMPTY, [401, 403, 403, 200, 200]),
    ("DELETE", "/restaurants/{id}/groups/{group_id}", NO_BODY, [401, 403, 403, 200, 200]),
    ("PATCH", "/restaurants/{id}/options/{option_id}/availability", OFF, [401, 403, 403, 200, 200]),
    ("GET", "/restaurants/{id}/mealtimes", NO_BODY, [200; 5]),
    ("POST", "/restaurants/{id}/mealtimes", A_MEALTIME, [401, 403, 403, 201, 201]),
    ("PUT", "/restaurants/{id}/mealtimes/{mealtime_id}", EMPTY, [401, 403, 403, 200, 200]),
    ("DELETE", "/restaurants/{id}/mealtimes/{mealtime_id}", NO_BODY, [401, 403, 403, 200, 200]),
    ("GET", "/meals/restaurant/{restaurant_id}", NO_BODY, [200; 5]),
    ("GET", "/meals/{id}", NO_BODY, [200; 5]),
    ("GET", "/meals/{id}/complementary", NO_BODY, [200; 5]),
    ("POST", "/meals", A_MEAL, [401, 403, 403, 201, 201]),
    ("PUT", "/meals/{id}", EMPTY, [401, 403, 403, 200, 200]),
    ("PATCH", "/meals/{id}/availability", OFF, [401, 403, 403, 200, 200]),
    ("DELETE", "/meals/{id}", NO_BODY, [401, 403, 403, 200, 200]),
];

/// What the same routes with an id answer of a draft, and of what is not there, to those five.
fn of_hidden((method, route, _, of_visible): &Row) -> [u16; 5] {
    match *method {
        "GET" if is_list(route) => [200; 5],
        "GET" => [404, 404, 404, 200, 200],
        _ => [401, 403, 404, of_visible[3], of_visible[4]],
    }
}

fn of_unknown((method, route, ..): &Row, is_an_id: bool) -> [u16; 5] {
    match *method {
        "GET" if is_list(route) => [200; 5],
        "GET" => [404; 5],
        "POST" if !is_an_id && *route == "/meals" => [401, 422, 422, 422, 422],
        _ if is_an_id => [401, 403, 404, 404, 404],
        _ => [401, 404, 404, 404, 404],
    }
}

/// The first platform lists nothing of what it does not know.
fn is_list(route: &str) -> bool {
    route == "/meals/restaurant/{restaurant_id}"
}

/// A restaurant with one of everything.
pub(super) async fn place(meral: &Manager, changes: Value) -> Place {
    let path = meral.create(changes).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let add = async |what: &str, body: Value| meral.client.post(&format!("{path}/{what}"), body).await.json();
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    let category = add("categories", json!({ "name": "Kebaplar" })).await;
    let mealtime = add("mealtimes", json!({ "name": "Akşam", "hours": { "mon": "18:00-02:00" } })).await;
    let group = add("groups", json!({ "name": "Acı", "options": [{ "name": "Acılı" }] })).await;
    Place {
        address: meral.address_id.to_string(),
        restaurant: id(&path),
        meal: id(&meal),
        category: text(&category["id"]),
        mealtime: text(&mealtime["id"]),
        group: text(&group["id"]),
        option: text(&group["options"][0]["id"]),
    }
}

impl Place {
    /// Where every id is what `id` says.
    fn of(id: impl Fn() -> String) -> Self {
        let (address, restaurant, meal) = (id(), id(), id());
        Self { address, restaurant, meal, category: id(), mealtime: id(), group: id(), option: id() }
    }

    /// The path of `route` here.
    pub(super) fn path(&self, route: &str) -> String {
        route
            .replace("/meals/{id}", &format!("/meals/{}", self.meal))
            .replace("{id}", &self.restaurant)
            .replace("{restaurant_id}", &self.restaurant)
            .replace("{category_id}", &self.category)
            .replace("{mealtime_id}", &self.mealtime)
            .replace("{group_id}", &self.group)
            .replace("{option_id}", &self.option)
    }
}

pub(super) async fn ask(client: &Client, method: &str, path: &str, body: Value) -> u16 {
    let ask = match method {
        "GET" => Ask::get(path),
        "DELETE" => Ask::delete(path),
        "POST" => Ask::post(path, body),
        "PATCH" => Ask::patch(path, body),
        _ => Ask::put(path, body),
    };
    client.send(ask).await.status
}

/// Anyone, a user, a manager who does not own what is `meral`'s, `meral`, and an admin.
pub(super) fn callers(fixture: &Fixture, meral: &Manager) -> [Client; 5] {
    let (anyone, other) = (fixture.client(), fixture.manager());
    let admin = anyone.admin(fixture.new_user());
    [anyone.clone(), anyone.user(fixture.new_user()), other.client, meral.client.clone(), admin]
}

async fn each_route_answers_each_caller_as_it_must(fixture: Fixture) {
    fixture.follow().await;
    for caller in 0..5 {
        for row in VISIBLE {
            let (method, route, body, expected) = row;
            let meral = fixture.manager();
            fixture.deliver(meral.address(1)).await.unwrap();
            let visible = place(&meral, json!({})).await;
            let hidden = place(&meral, json!({ "address_id": fixture.manager().address_id })).await;
            let client = &callers(&fixture, &meral)[caller];
            let unknown = Place::of(|| fixture.context.sources.uuid().to_string());
            let no_id = Place::of(|| "17".to_owned());
            let mut tried = vec![(&visible, expected[caller])];
            if route.contains('{') || *route == "/meals" {
                tried.insert(0, (&hidden, of_hidden(row)[caller]));
                tried.push((&unknown, of_unknown(row, true)[caller]));
                tried.push((&no_id, of_unknown(row, false)[caller]));
            }
            for (place, expected) in tried {
                let answered = ask(client, method, &place.path(route), body(place)).await;
                assert_eq!(answered, expected, "{method} {route} of {} to caller {caller}", place.restaurant);
            }
        }
    }
}

async fn what_a_client_may_not_say_is_ignored(fixture: Fixture) {
    let (kerem, ayse) = (fixture.manager(), fixture.new_user());
    fixture.deliver(kerem.address(1)).await.unwrap();
    let lies = json!({
        "id": ayse, "owner_id": ayse, "status": "approved", "rating_avg": 5, "rating_count": 1000, "version": 9,
        "draft_reason": null, "deleted_at": null,
    });

    let path = kerem.create(lies.clone()).await;
    let shown = kerem.client.put(&path, lies).await.json();
    let admin = fixture.client().admin(ayse);
    let of_kerem = admin.post("/restaurants", kerem.restaurant(json!({ "owner_id": kerem.id }))).await.status;

    assert_eq!(
        (&shown["status"], &shown["rating_avg"], &shown["rating_count"]),
        (&json!("active"), &json!(0.0), &json!(0))
    );
    assert_ne!(shown["id"], json!(ayse));
    let owners: Vec<_> = fixture.recorded().await.into_iter().map(|event| event.catalog.unwrap().owner_id).collect();
    assert_eq!((of_kerem, owners), (201, vec![kerem.id; 2]), "what is ignored changes nothing");
}

#[tokio::test]
async fn every_route_stands_in_the_matrix() {
    let fixture = Fixture::on(Engine::Sqlite).await.unwrap();

    let missing: Vec<_> = routes_of(&fixture.description())
        .into_iter()
        .filter(|(method, path)| {
            let restaurants = VISIBLE.iter().map(|(method, route, ..)| (*method, *route));
            let campaigns = CAMPAIGNS.iter().map(|(method, route, ..)| (*method, *route));
            restaurants.chain(campaigns).chain([PICTURES]).all(|known| known != (method.as_str(), path.as_str()))
        })
        .collect();

    assert_eq!(missing, []);
}
