//! The demo: a town of restaurants, and accounts to walk around in it.

use std::process::Stdio;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::sqlite::SqliteFile;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::command_line::login;
use crate::support::{Desk, Ended, at_last, free_port, http_client};

/// A diner, three managers and an admin.
const DEMO_ACCOUNTS: usize = 5;

/// A demo that runs.
struct Demo {
    child: Child,
    base: String,
    accounts: Vec<(String, String)>,
}

impl Demo {
    /// Starts one at the desk, and returns once its accounts are shown.
    async fn start(desk: &Desk) -> Self {
        let port = free_port();
        let mut child = desk
            .command(&["serve", "--demo", "--port", &port])
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let accounts = shown_accounts(&mut child).await;
        Self { child, base: format!("http://127.0.0.1:{port}"), accounts }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = http_client().get(format!("{}{path}", self.base)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    /// What there is to eat, restaurant by restaurant, once all of the town can be seen.
    async fn menus(&self) -> Vec<(Value, Value)> {
        let restaurants = at_last("the whole town is there", async || {
            let listed = http_client().get(format!("{}/restaurants?limit=100", self.base)).send().await.unwrap();
            // Not before all have been read once.
            let listed = Some(listed).filter(|listed| listed.status() != StatusCode::SERVICE_UNAVAILABLE)?;
            let restaurants: Vec<Value> = listed.json().await.unwrap();
            Some(restaurants).filter(|restaurants| restaurants.len() == 24)
        });
        let mut menus = Vec::new();
        for restaurant in restaurants.await {
            let meals = self.get(&format!("/meals/restaurant/{}", restaurant["id"].as_str().unwrap())).await;
            menus.push((restaurant["name"].clone(), meals));
        }
        menus
    }
}

#[tokio::test]
async fn demo_accounts_open_nothing_without_a_demo() {
    let desk = Desk::new();
    let mut demo = Demo::start(&desk).await;
    let accounts = demo.accounts.clone();
    let sign_in = async |base: &str| {
        let url = format!("{base}/auth/login");
        join_all(accounts.iter().map(|(email, password)| login(&url, email, password))).await
    };

    assert_eq!(sign_in(&demo.base).await, [StatusCode::OK; DEMO_ACCOUNTS]);
    demo.child.kill().await.unwrap();
    let mut server = desk.server();
    server.start().await.unwrap();

    assert_eq!(sign_in(&server.url("")).await, [StatusCode::BAD_REQUEST; DEMO_ACCOUNTS]);
}

#[tokio::test]
async fn a_town_is_written_down_once() {
    let desk = Desk::new();
    let mut demo = Demo::start(&desk).await;
    let first = demo.menus().await;
    demo.child.kill().await.unwrap();

    let again = Demo::start(&desk).await;

    assert_eq!(again.menus().await, first);
    let campaigns = again.get("/campaigns").await;
    assert_eq!((&campaigns[0]["code"], campaigns.get(1)), (&json!("LEZZET10"), None), "{campaigns}");
    assert!(first.iter().map(|(_, meals)| meals.as_array().unwrap().len()).sum::<usize>() >= 312);
    let logo = again.get("/restaurants?limit=1").await[0]["logo"].as_str().unwrap().to_owned();
    let picture = http_client().get(format!("{}{logo}", again.base)).send().await.unwrap();
    assert_eq!(
        (picture.status(), &picture.headers()["content-type"]),
        (StatusCode::OK, &"image/svg+xml".parse().unwrap())
    );
}

/// The cart of the demo's diner, as soon as all of its lines can be had.
async fn cart_of_diner(demo: &Demo) -> Value {
    let diner = demo.accounts.iter().find(|(email, _)| email.starts_with("demo@"));
    let (email, password) = diner.expect("a diner's account is shown");
    let login = json!({ "email": email, "password": password });
    let login = http_client().post(format!("{}/auth/login", demo.base)).json(&login).send().await.unwrap();
    let token: Value = login.json().await.unwrap();
    let token = token["access_token"].as_str().expect("the diner is signed in").to_owned();
    at_last("the cart of the diner can be ordered", async || {
        let cart = http_client().get(format!("{}/carts/current", demo.base)).bearer_auth(&token);
        let cart: Value = cart.send().await.unwrap().json().await.unwrap();
        (cart["restaurant"]["name"].is_string() && cart["unavailable_count"] == 0).then_some(cart)
    })
    .await
}

#[tokio::test]
async fn the_diner_of_a_demo_has_a_cart_that_a_second_start_leaves_alone() {
    let desk = Desk::new();
    let mut demo = Demo::start(&desk).await;
    let first = cart_of_diner(&demo).await;
    demo.child.kill().await.unwrap();

    let again = cart_of_diner(&Demo::start(&desk).await).await;

    assert!(first["item_count"].as_u64() > Some(1), "{first}");
    assert_eq!((&again["items"], &again["version"]), (&first["items"], &json!(1)));
}

#[tokio::test]
async fn a_cart_service_that_has_lost_all_restaurants_hears_of_them_once_more() {
    let desk = Desk::new();
    let mut demo = Demo::start(&desk).await;
    let before = cart_of_diner(&demo).await;
    demo.child.kill().await.unwrap();
    let mut database = SqliteFile::open(&desk.data().join("lezzetlimani.db")).await.unwrap();
    database.execute("DELETE FROM cart_restaurant").await.unwrap();
    drop(database);
    let again = Demo::start(&desk).await;

    let published = desk.run(&["restaurants", "publish"]).await;

    assert_eq!((published.code, published.complained.as_str()), (Some(0), ""), "{published:?}");
    let after = cart_of_diner(&again).await;
    assert_eq!((&after["items"], &after["total"]), (&before["items"], &before["total"]));
}

/// All rows of the services that hold the town, each column with its name; without what is counted of it afterwards. Of different folders, without what no two of them
/// have in common: the accounts of the managers, and the times.
async fn rows(desk: &Desk, of_different_folders: bool) -> Vec<String> {
    let mut database = SqliteFile::open(&desk.data().join("lezzetlimani.db")).await.unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*_migration' \
        AND (name GLOB 'restaurant_*' OR name GLOB 'address_*') AND name <> 'restaurant_audience' ORDER BY name";
    let mut rows = Vec::new();
    for table in database.texts(tables).await.unwrap() {
        let columns = database.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).await.unwrap();
        let written = |column: &String| match column.as_str() {
            "owner_id" | "created_by" | "entity_id" if of_different_folders => {
                format!("'{column} ' || (SELECT email FROM auth_account WHERE id = {column})")
            }
            "created_at" | "updated_at" | "touched_at" | "start_date" | "end_date" if of_different_folders => {
                format!("'{column}'")
            }
            _ => format!("'{column} ' || quote({column})"),
        };
        let row = columns.iter().map(written).collect::<Vec<_>>().join(" || ', ' || ");
        let of_table = database.texts(&format!("SELECT '{table}: ' || {row} FROM {table} ORDER BY 1")).await;
        rows.extend(of_table.unwrap());
    }
    rows
}

/// Where two lists are not one.
fn different<'a>(some: &'a [String], others: &'a [String]) -> Vec<(&'a str, &'a str)> {
    assert_eq!(some.len(), others.len());
    let pairs = some.iter().zip(others).filter(|(one, other)| one != other);
    pairs.map(|(one, other)| (one.as_str(), other.as_str())).collect()
}

#[tokio::test]
async fn two_towns_are_one_and_a_second_start_changes_no_row_of_it() {
    let desks = [Desk::new(), Desk::new()];
    let mut dumps = Vec::new();
    for desk in &desks {
        let mut demo = Demo::start(desk).await;
        demo.menus().await;
        demo.child.kill().await.unwrap();
        dumps.push(rows(desk, true).await);
    }
    let first = rows(&desks[0], false).await;

    let mut again = Demo::start(&desks[0]).await;
    again.menus().await;
    again.child.kill().await.unwrap();

    assert_eq!(different(&dumps[0], &dumps[1]), [("", ""); 0]);
    assert_eq!(different(&rows(&desks[0], false).await, &first), [("", ""); 0]);
    let of = |table: &str| first.iter().filter(|row| row.starts_with(table)).count();
    assert_eq!((of("restaurant_restaurant: "), of("address_address: "), of("restaurant_campaign: ")), (24, 24, 1));
    assert!(of("restaurant_meal: ") >= 312, "{}", of("restaurant_meal: "));
}

#[tokio::test]
async fn a_demo_is_not_shown_to_other_machines() {
    let desk = Desk::new();

    let output =
        desk.command(&["serve", "--demo", "--port", "0"]).env("SERVER_HOST", "0.0.0.0").output().await.unwrap();

    Ended::of(output).expect(2, "SERVER_HOST=0.0.0.0");
}

/// The addresses and passwords that a demo shows, as soon as it shows them.
async fn shown_accounts(demo: &mut Child) -> Vec<(String, String)> {
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut accounts = Vec::new();
    while accounts.len() < DEMO_ACCOUNTS {
        let line = lines.next_line().await.unwrap().expect("a demo shows its accounts");
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [_, email, "password", password] = words[..] {
            accounts.push((email.to_owned(), password.to_owned()));
        }
    }
    accounts
}
