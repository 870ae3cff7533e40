//! Events that can't be handled: they wait, or are given up, while everything else flows; and the operator sees to them.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::outbox;
use contracts::{Event, Locale, UserCreated, UserId};
use database::Connection;
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{Counts, Diner, Operator, Platform, Tokens, http_client, read};

/// Longer than any wait between two attempts.
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

/// What claims to be a `user_created`, and is none.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Garbled {
    key: String,
    token: String,
}

impl Event for Garbled {
    const TOPIC: &'static str = UserCreated::TOPIC;
    const TYPE: &'static str = UserCreated::TYPE;

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// What the user service can't do for the moment.
const BROKEN_STOVE: [&str; 3] = [
    "CREATE TABLE test_broken (email TEXT PRIMARY KEY)",
    "CREATE TRIGGER test_break BEFORE INSERT ON user_account \
     WHEN EXISTS (SELECT 1 FROM test_broken WHERE email = NEW.email) \
     BEGIN SELECT RAISE(ABORT, 'the stove is cold'); END",
    "INSERT INTO test_broken (email) VALUES ('ayse@example.com')",
];

/// After the third failure somebody lights it.
const LIT_IN_TIME: &str = "CREATE TRIGGER test_mend AFTER UPDATE OF attempts ON bus_parked WHEN NEW.attempts = 3 \
    BEGIN DELETE FROM test_broken; END";

const LIT: &str = "DELETE FROM test_broken";

async fn execute(platform: &Platform, statements: &[&str]) {
    let tx = platform.database().begin_write().await.unwrap();
    for statement in statements {
        tx.execute_unprepared(statement).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn record(platform: &Platform, event: &impl Event) {
    let tx = platform.database().begin_write().await.unwrap();
    outbox::record(&tx, event).await.unwrap();
    tx.commit().await.unwrap();
}

/// A later event of the same user, which would make another account of it if it were heard first.
async fn record_later_event(platform: &Platform, user_id: UserId) {
    let email = Some("ayse@example.com".parse().unwrap());
    record(platform, &UserCreated { user_id, email, locale: Some(Locale::Tr), created_at: None }).await;
}

/// Ayşe, who registers in English, and her id.
async fn ayse(platform: &Platform) -> (Diner, Tokens, UserId) {
    let ayse = Diner::new(platform, "ayse@example.com").in_english();
    let tokens = ayse.sign_up().await;
    let id = platform.claims(&tokens.access)["sub"].as_str().unwrap().parse().unwrap();
    (ayse, tokens, id)
}

/// The language of the account that the user service has; Turkish when it has none.
async fn language(diner: &Diner, tokens: &Tokens) -> Value {
    diner.get_as(tokens, "/users/preferences").await.json()["locale"].clone()
}

/// How many keys of `user_created` are held by an event that the user service tries again.
async fn parked_keys(operator: &Operator) -> Value {
    let topics = operator.get("/admin/topics").await.json();
    let topic = topics.as_array().unwrap().iter().find(|topic| topic["topic"] == "user_created").unwrap();
    let user = topic["consumers"].as_array().unwrap().iter().find(|consumer| consumer["consumer"] == "user").unwrap();
    assert_eq!(user["lag_records"], 0, "{topics}");
    user["parked_keys"].clone()
}

#[tokio::test]
async fn what_cannot_be_parsed_is_given_up_at_once_while_everything_else_flows() {
    let platform = Platform::start().await;
    let operator = Operator::of(&platform).await;
    let (ayse, tokens, id) = ayse(&platform).await;

    record(&platform, &Garbled { key: id.to_string(), token: "vErYsEcReT0123456789".to_owned() }).await;
    record_later_event(&platform, id).await;
    platform.idle().await;

    let letters = operator.letters("").await;
    let consumers: BTreeSet<&str> = letters.iter().map(|letter| letter["consumer"].as_str().unwrap()).collect();
    assert_eq!((letters.len(), consumers), (2, BTreeSet::from(["cart", "user"])), "each that hears of users");
    for letter in &letters {
        assert_eq!(letter["reason"], "not a lezzetlimani.user.created.v1: neither id nor user_id is given");
        assert_eq!((&letter["attempts"], &letter["state"]), (&json!(1), &json!("open")));
        assert_eq!(
            (&letter["topic"], &letter["payload"]),
            (&json!("user_created"), &json!({ "key": id, "token": "***" }))
        );
    }
    assert_eq!(parked_keys(&operator).await, 0);
    assert_eq!(language(&ayse, &tokens).await, "en");
}

#[tokio::test]
async fn an_event_that_fails_three_times_has_its_effect_and_its_key_waits_in_order() {
    let platform = Platform::start().await;
    let operator = Operator::of(&platform).await;
    execute(&platform, &BROKEN_STOVE).await;
    execute(&platform, &[LIT_IN_TIME]).await;
    let (ayse, tokens, id) = ayse(&platform).await;
    record_later_event(&platform, id).await;
    let berk = Diner::new(&platform, "berk@example.com").in_english();
    let berks = berk.sign_up().await;
    platform.idle().await;

    assert_eq!((language(&ayse, &tokens).await, language(&berk, &berks).await), (json!("tr"), json!("en")));
    for wait in [2, 3] {
        assert_eq!(parked_keys(&operator).await, 1);
        platform.advance(Duration::from_secs(wait));
        platform.idle().await;
    }
    assert_eq!(parked_keys(&operator).await, 1);
    platform.advance(Duration::from_secs(6));
    platform.idle().await;

    assert_eq!(parked_keys(&operator).await, 0);
    assert_eq!(language(&ayse, &tokens).await, "en", "the first event came first");
    assert_eq!(operator.letters("?state=all").await, [Value::Null; 0]);
}

#[tokio::test]
async fn an_event_that_always_fails_is_given_up_and_replayed_once_its_cause_is_gone() {
    let counts = Counts::start();
    let platform = Platform::start_counting(counts.handle.clone()).await;
    let mut operator = Operator::of(&platform).await;
    execute(&platform, &BROKEN_STOVE).await;
    let (ayse, _, id) = ayse(&platform).await;
    record_later_event(&platform, id).await;

    // The later event is tried only when the first one is given up, and fails as often.
    let mut given_up = Vec::new();
    for _ in 0..2 * 12 {
        platform.idle().await;
        operator.sign_in().await;
        given_up.push(operator.letters("").await.len());
        platform.advance(HALF_AN_HOUR);
    }
    platform.idle().await;
    operator.sign_in().await;

    assert_eq!(given_up[..12], [[0; 11].as_slice(), &[1]].concat());
    let letters = operator.letters("").await;
    let reasons: Vec<_> = letters.iter().map(|letter| letter["reason"].as_str().unwrap_or_default()).collect();
    assert!(reasons.len() == 2 && reasons.iter().all(|reason| reason.contains("the stove is cold")), "{letters:?}");
    assert!(letters.iter().all(|letter| letter["attempts"] == 12), "{letters:?}");
    expect_open(&platform, 2).await;

    dry_runs_change_nothing(&operator, &letters).await;

    execute(&platform, &[LIT]).await;
    let replayed = operator.command(&["dead-letters", "replay", "--key", &id.to_string(), "--json"]).await.json();
    assert_eq!(replayed.as_array().unwrap().len(), 2);
    platform.notice_other_processes();
    platform.idle().await;
    expect_open(&platform, 0).await;

    operator.sign_in().await;
    assert_eq!(parked_keys(&operator).await, 0);
    assert_eq!(language(&ayse, &ayse.login().await.tokens()).await, "en", "their order was kept");
    assert_eq!(operator.letters("").await, [Value::Null; 0]);
    for letter in operator.letters("?state=replayed").await {
        let details = operator.get(&format!("/admin/dead-letters/{}", letter["id"])).await.json();
        assert_eq!(details["history"][0]["actor"], "command line");
    }
}

/// By the command line and over HTTP.
async fn dry_runs_change_nothing(operator: &Operator, letters: &[Value]) {
    let by_command = operator.command(&["dead-letters", "replay", "--all", "--dry-run", "--json"]).await.json();
    let by_request = operator.post("/admin/dead-letters/replay", json!({ "all": true, "dry_run": true })).await;

    assert_eq!(by_command.as_array().unwrap(), letters);
    assert_eq!(by_request.json(), json!({ "count": 2, "dry_run": true }));
    assert_eq!(operator.command(&["dead-letters", "list", "--json"]).await.json().as_array().unwrap(), letters);
    assert_eq!(operator.letters("?state=all").await, letters);
}

/// The gauge is set by the upkeep of each second.
async fn expect_open(platform: &Platform, letters: u64) {
    let line = format!("bus_dead_letters{{reason=\"exhausted\"}} {letters}");
    let shown = async {
        platform.advance(Duration::from_secs(1));
        while !metrics(platform).await.lines().any(|shown| shown == line) {}
    };
    tokio::time::timeout(Duration::from_secs(20), shown).await.unwrap_or_else(|_| panic!("{line} is never shown"));
}

async fn metrics(platform: &Platform) -> String {
    let answer = read(http_client().get(platform.url("/metrics"))).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.text
}
