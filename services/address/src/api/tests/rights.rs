//! Who may what: each route for each caller and each address, as one table.

use contracts::AddressId;
use kit::on_every_database;
use kit::testing::{Answer, Ask, Client, Engine, routes_of};
use serde_json::{Value, json};

use crate::fixture::{Fixture, home, id_of};

on_every_database! {
    Fixture:
    each_route_answers_each_caller_as_it_must,
    what_is_cached_is_owned_none_the_less,
    an_address_of_a_restaurant_is_its_managers_as_long_as_that_is_one,
    a_kind_that_is_named_has_to_be_that_of_the_address,
}

/// What is answered to anyone, to somebody with a forged token, a user, a manager and an admin.
type ToEach = [u16; 5];

/// A route, and what it answers where it is asked for what.
type Row = (&'static str, &'static str, &'static [(Of, ToEach)]);

/// What a request is about. Whoever is not signed in has nothing: to them their own is another's.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// Nobody's.
    Public,
    /// A home in the caller's own list.
    OwnHomes,
    /// What the caller has written of restaurants.
    OwnRestaurants,
    OwnHome,
    OthersHome,
    OwnRestaurant,
    OthersRestaurant,
    UnknownId,
    UnknownRestaurant,
    NoId,
}

const ROUTES: &[Row] = &[
    ("GET", "/addresses/health", &[(Of::Public, [200; 5])]),
    ("GET", "/addresses/places", &[(Of::Public, [200; 5])]),
    (
        "GET",
        "/addresses",
        &[(Of::OwnHomes, [401, 401, 200, 200, 200]), (Of::OwnRestaurants, [401, 401, 200, 200, 200])],
    ),
    (
        "POST",
        "/addresses",
        &[(Of::OwnHomes, [401, 401, 201, 201, 201]), (Of::OwnRestaurants, [401, 401, 403, 201, 201])],
    ),
    (
        "GET",
        "/addresses/{id}",
        &[
            (Of::OwnHome, [401, 401, 200, 200, 200]),
            (Of::OthersHome, [401, 401, 403, 403, 403]),
            (Of::OwnRestaurant, [200; 5]),
            (Of::OthersRestaurant, [200; 5]),
            (Of::UnknownId, [401, 401, 404, 404, 404]),
            (Of::UnknownRestaurant, [404; 5]),
            (Of::NoId, [401, 401, 404, 404, 404]),
        ],
    ),
    ("PUT", "/addresses/{id}", WRITTEN),
    ("DELETE", "/addresses/{id}", WRITTEN),
];

/// To whoever may not write it, what is not there is as what is another's.
const WRITTEN: &[(Of, ToEach)] = &[
    (Of::OwnHome, [401, 401, 200, 200, 200]),
    (Of::OthersHome, [401, 401, 403, 403, 403]),
    (Of::OwnRestaurant, [401, 401, 403, 200, 200]),
    (Of::OthersRestaurant, [401, 401, 403, 403, 200]),
    (Of::UnknownId, [401, 401, 403, 403, 403]),
    (Of::UnknownRestaurant, [401, 401, 403, 403, 403]),
    (Of::NoId, [401, 401, 403, 403, 403]),
];

/// The five callers, each with what they own: the first two own nothing, so that of a stranger stands for it.
struct Callers {
    clients: [Client; 5],
    /// As managers, by which each of them has written of a restaurant, whatever they are when they ask.
    owners: [Client; 5],
    stranger: Client,
}

impl Callers {
    fn of(fixture: &Fixture) -> Self {
        let anyone = fixture.client();
        let [stranger, user, manager, admin] = [(); 4].map(|()| fixture.new_user());
        let stranger = anyone.manager(stranger);
        Self {
            clients: [
                anyone.clone(),
                anyone.with_token("forged"),
                anyone.user(user),
                anyone.manager(manager),
                anyone.admin(admin),
            ],
            owners: [
                stranger.clone(),
                stranger.clone(),
                anyone.manager(user),
                anyone.manager(manager),
                anyone.manager(admin),
            ],
            stranger,
        }
    }
}

/// The path at which caller number `caller` asks for that, which stands there anew.
async fn path_of(fixture: &Fixture, callers: &Callers, caller: usize, route: &str, of: Of) -> String {
    let write = async |client: &Client, kind: &str| {
        let (status, created) = client.post(&format!("/addresses?entity_type={kind}"), home()).await.parts();
        assert_eq!(status, 201, "{created}");
        route.replace("{id}", &id_of(&created).to_string())
    };
    let unknown = || route.replace("{id}", &AddressId(fixture.new_user().0).to_string());
    match of {
        Of::Public | Of::OwnHomes => route.to_owned(),
        Of::OwnRestaurants => format!("{route}?entity_type=RESTAURANT"),
        Of::OwnHome => write(&callers.owners[caller], "USER").await,
        Of::OthersHome => write(&callers.stranger, "USER").await,
        Of::OwnRestaurant => write(&callers.owners[caller], "RESTAURANT").await,
        Of::OthersRestaurant => write(&callers.stranger, "RESTAURANT").await,
        Of::UnknownId => unknown(),
        Of::UnknownRestaurant => format!("{}?entity_type=RESTAURANT", unknown()),
        Of::NoId => route.replace("{id}", "not-a-uuid"),
    }
}

async fn ask(client: &Client, method: &str, path: &str) -> Answer {
    match method {
        "GET" => client.send(Ask::get(path)).await,
        "POST" => client.send(Ask::post(path, home())).await,
        "PUT" => client.send(Ask::put(path, json!({ "title": "Ele geçti" }))).await,
        "DELETE" => client.send(Ask::delete(path)).await,
        other => panic!("no caller knows {other}"),
    }
}

async fn each_route_answers_each_caller_as_it_must(fixture: Fixture) {
    let callers = Callers::of(&fixture);

    for (method, route, rights) in ROUTES {
        for (of, expected) in *rights {
            for (caller, client) in callers.clients.iter().enumerate() {
                let path = path_of(&fixture, &callers, caller, route, *of).await;
                fixture.recorded().await;

                let answer = ask(client, method, &path).await;

                let what = format!("{method} {route} of {of:?} to caller {caller}");
                assert_eq!(answer.status, expected[caller], "{what}: {}", answer.text);
                if answer.status >= 400 {
                    assert!(!answer.text.contains("Moda"), "{what}: {}", answer.text);
                    assert!(fixture.recorded().await.is_empty(), "{what} changed something");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_route_stands_in_the_table() {
    let fixture = Fixture::on(Engine::Sqlite).await.unwrap();
    let (_, description) = crate::api::routes(&fixture.addresses).split_for_parts();
    let mut known: Vec<_> =
        ROUTES.iter().map(|(method, route, _)| ((*method).to_owned(), (*route).to_owned())).collect();
    known.sort();

    assert_eq!(routes_of(&description), known);
}

async fn what_is_cached_is_owned_none_the_less(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    ayse.get(&path).await;
    let someone = fixture.client();

    let stranger = someone.user(fixture.new_user()).get(&path).await;
    let admin = someone.admin(fixture.new_user()).get(&path).await;

    assert_eq!((someone.get(&path).await.status, stranger.status, admin.status), (401, 403, 403));
    let refused = stranger.json();
    assert_eq!((&refused["detail"], &refused["code"]), (&json!("Permission denied"), &json!("PERMISSION_DENIED")));
    assert_eq!(ayse.get(&path).await.status, 200);
}

async fn an_address_of_a_restaurant_is_its_managers_as_long_as_that_is_one(fixture: Fixture) {
    let someone = fixture.client();
    let [meral, admin] = [(); 2].map(|()| fixture.new_user());
    let create = async |client: &Client| client.post("/addresses?entity_type=RESTAURANT", home()).await.json();

    let created = create(&someone.manager(meral)).await;
    let by_admin = create(&someone.admin(admin)).await;
    let path = |created: &Value| format!("/addresses/{}", id_of(created));
    let rename = async |client: &Client, created| client.put(&path(created), json!({ "title": "Çıpa" })).await.status;
    let renamed = [
        rename(&someone.user(meral), &created).await,
        rename(&someone.manager(meral), &by_admin).await,
        rename(&someone.manager(meral), &created).await,
    ];

    assert_eq!((&created["entity_type"], &created["entity_id"]), (&json!("RESTAURANT"), &json!(meral)));
    assert_eq!(renamed, [403, 403, 200]);
    let recorded = fixture.recorded().await;
    let made: Vec<_> = recorded.iter().take(2).map(|event| (event.created_by, event.created_as.as_str())).collect();
    assert_eq!(made, [(meral, "manager"), (admin, "admin")]);
}

async fn a_kind_that_is_named_has_to_be_that_of_the_address(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}?entity_type=RESTAURANT");

    let answers = [
        ayse.get(&path).await.status,
        fixture.client().get(&path).await.status,
        ayse.put(&path, json!({})).await.status,
        ayse.delete(&path).await.status,
    ];

    assert_eq!(answers, [404, 404, 403, 403]);
    assert_eq!(ayse.get("/addresses?entity_type=RESTAURANT").await.json(), Value::Array(Vec::new()));
}
