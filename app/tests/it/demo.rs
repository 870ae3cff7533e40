//! The demo: a town of restaurants, and accounts to walk around in it.

use std::process::Stdio;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::command_line::login;
use crate::support::{Desk, Ended, at_last, free_port};

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
        let answer = reqwest::get(format!("{}{path}", self.base)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    /// What there is to eat, restaurant by restaurant, once all of the town can be seen.
    async fn menus(&self) -> Vec<(Value, Value)> {
        let restaurants = at_last("the whole town is there", async || {
            let listed = reqwest::get(format!("{}/restaurants?limit=100", self.base)).await.unwrap();
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
    assert!(first.iter().map(|(_, meals)| meals.as_array().unwrap().len()).sum::<usize>() >= 312);
    let logo = again.get("/restaurants?limit=1").await[0]["logo"].as_str().unwrap().to_owned();
    let picture = reqwest::get(format!("{}{logo}", again.base)).await.unwrap();
    assert_eq!(
        (picture.status(), &picture.headers()["content-type"]),
        (StatusCode::OK, &"image/svg+xml".parse().unwrap())
    );
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
