//! Who may do what with campaigns: of a restaurant that everybody sees, of a draft, and of the platform.

use contracts::CampaignId;
use kit::on_every_database;
use kit::testing::Client;
use serde_json::{Value, json};

use super::rights::{ask, callers};
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    each_route_of_campaigns_answers_each_caller_as_it_must,
}

/// A route, the body that it gets of the restaurant's path, and what it answers: to anyone, a user, a manager who does not own
/// the restaurant, its owner, and an admin.
type Row = (&'static str, &'static str, fn(&str) -> Value, [u16; 5]);

const NO_BODY: fn(&str) -> Value = |_| Value::Null;

/// Of a restaurant that everybody sees; `POST` names it.
pub(super) const CAMPAIGNS: &[Row] = &[
    ("GET", "/campaigns", NO_BODY, [200; 5]),
    ("POST", "/campaigns", campaign, [401, 403, 403, 201, 201]),
    ("GET", "/campaigns/{id}", NO_BODY, [200; 5]),
    ("PUT", "/campaigns/{id}", |_| json!({}), [401, 403, 403, 200, 200]),
    ("DELETE", "/campaigns/{id}", NO_BODY, [401, 403, 403, 200, 200]),
    ("GET", "/campaigns/{id}/preview", NO_BODY, [401, 403, 403, 200, 200]),
    ("POST", "/campaigns/preview", campaign, [401, 403, 403, 200, 200]),
];

/// Whether it shows what everybody sees.
fn is_everybodys((_, _, _, of_visible): &Row) -> bool {
    of_visible[0] == 200
}

/// What `POST` answers where it names none.
fn of_no_restaurant((_, _, _, of_visible): &Row) -> [u16; 5] {
    [401, 403, 422, 422, of_visible[4]]
}

/// What the same routes answer of a campaign of a draft, to those five.
fn of_hidden(row: &Row) -> [u16; 5] {
    let (.., of_visible) = row;
    if is_everybodys(row) { [404, 404, 404, 200, 200] } else { [401, 403, 404, of_visible[3], of_visible[4]] }
}

/// And of what is not there.
fn of_unknown(row: &Row, is_an_id: bool) -> [u16; 5] {
    match (is_everybodys(row), is_an_id) {
        (true, _) => [404; 5],
        (false, true) => [401, 403, 404, 404, 404],
        (false, false) => [401, 404, 404, 404, 404],
    }
}

pub(super) fn campaign(restaurant: &str) -> Value {
    json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar", "start_date": "2026-03-01T12:00:00Z",
        "end_date": "2026-03-03T12:00:00Z", "restaurant_id": restaurant.trim_start_matches("/restaurants/"),
    })
}

fn of_platform() -> Value {
    let mut body = campaign("");
    body["restaurant_id"] = Value::Null;
    body
}

pub(super) async fn create(client: &Client, body: Value) -> String {
    client.post("/campaigns", body).await.json()["id"].as_str().unwrap().to_owned()
}

async fn each_route_of_campaigns_answers_each_caller_as_it_must(fixture: Fixture) {
    for caller in 0..5 {
        for row in CAMPAIGNS {
            let (method, route, body, expected) = row;
            let (meral, visible) = fixture.open_restaurant(json!({})).await;
            let hidden = meral.create(json!({ "address_id": fixture.manager().address_id })).await;
            let client = &callers(&fixture, &meral)[caller];
            let admin = fixture.client().admin(fixture.new_user());
            let unknown = CampaignId(fixture.context.sources.uuid()).to_string();
            // What is asked for, and what is sent.
            let mut tried = Vec::new();
            if route.contains("{id}") {
                let of_visible = create(&meral.client, campaign(&visible)).await;
                let of_draft = create(&meral.client, campaign(&hidden)).await;
                let platforms = create(&admin, of_platform()).await;
                let of_platform = if is_everybodys(row) { [200; 5] } else { [401, 403, 403, 403, 200] };
                tried.push((of_draft, body(""), of_hidden(row)));
                tried.push((of_visible, body(""), *expected));
                tried.push((platforms, body(""), of_platform));
                tried.push((unknown.clone(), body(""), of_unknown(row, true)));
                tried.push(("17".to_owned(), body(""), of_unknown(row, false)));
            } else {
                tried.push((String::new(), body(&visible), *expected));
            }
            if *method == "POST" {
                tried.push((String::new(), campaign(&hidden), of_hidden(row)));
                tried.push((String::new(), campaign(&unknown), of_unknown(row, true)));
                tried.push((String::new(), of_platform(), of_no_restaurant(row)));
            }
            for (id, body, expected) in tried {
                let path = route.replace("{id}", &id);
                let answered = ask(client, method, &path, body.clone()).await;
                assert_eq!(answered, expected[caller], "{method} {path} with {body} by caller {caller}");
            }
        }
    }
}
