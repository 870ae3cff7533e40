//! The operator's routes: the same dead letters and topics as on the command line, for admins.

use std::collections::BTreeSet;

use bus::outbox;
use contracts::{Event, OrderChanged, UserCreated};
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{Operator, Platform, topic_names};

/// What claims to be an `order_changed`, and is none.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Garbled {
    key: String,
}

impl Event for Garbled {
    const TOPIC: &'static str = OrderChanged::TOPIC;
    const TYPE: &'static str = OrderChanged::TYPE;

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// A platform whose restaurant service gave up an event of each of `keys`.
async fn given_up(keys: impl IntoIterator<Item = String>) -> (Platform, Operator) {
    let platform = Platform::start().await;
    let operator = Operator::of(&platform).await;
    for key in keys {
        let tx = platform.database().begin_write().await.unwrap();
        outbox::record(&tx, &Garbled { key }).await.unwrap();
        tx.commit().await.unwrap();
    }
    platform.idle().await;
    (platform, operator)
}

fn keys(letters: &[Value]) -> Vec<&str> {
    letters.iter().map(|letter| letter["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn dead_letters_are_listed_in_pages_oldest_first_as_the_command_lists_them() {
    let (_platform, operator) = given_up((10..35).map(|number| number.to_string())).await;

    let mut pages = Vec::new();
    let mut query = "?limit=10".to_owned();
    loop {
        let page = operator.get(&format!("/admin/dead-letters{query}")).await.json();
        pages.push(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=10&cursor={cursor}");
    }

    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    let listed = operator.command(&["dead-letters", "list", "--json"]).await.json();
    assert_eq!(json!(pages.concat()), listed);
    let fields: BTreeSet<_> = listed[0].as_object().unwrap().keys().map(String::as_str).collect();
    let shown = ["id", "consumer", "topic", "key", "reason", "attempts", "payload", "state", "created_at"];
    assert_eq!(fields, BTreeSet::from(shown));
    let table = operator.command(&["dead-letters", "list"]).await;
    assert_eq!(table.said.lines().count(), 1 + 25);
}

#[tokio::test]
async fn dead_letters_are_chosen_by_what_they_say() {
    let (_platform, operator) = given_up(["a", "b"].map(ToOwned::to_owned)).await;
    let chosen = async |query: &str| operator.letters(query).await;

    assert_eq!(keys(&chosen("?key=a").await), ["a"]);
    assert_eq!(keys(&chosen("?consumer=restaurant&topic=order_changed&reason=order_id").await), ["a", "b"]);
    for nothing in ["?consumer=user", "?topic=email_event", "?reason=stove", "?state=discarded"] {
        assert_eq!(keys(&chosen(nothing).await), [""; 0], "{nothing}");
    }
    for (wrong, code) in [("state=lost", "INVALID_STATE"), ("limit=0", "INVALID_LIMIT"), ("cursor=x", "INVALID_CURSOR")]
    {
        let refused = operator.get(&format!("/admin/dead-letters?{wrong}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, code), "{wrong}");
    }
}

#[tokio::test]
async fn what_an_admin_does_is_recorded_and_not_done_twice() {
    let (_platform, operator) = given_up(["a"].map(ToOwned::to_owned)).await;
    let id = operator.letters("").await[0]["id"].to_string();
    let path = format!("/admin/dead-letters/{id}");

    let discarded = operator.press(&format!("{path}/discard")).await;

    assert_eq!((discarded.status, &discarded.json()["state"]), (StatusCode::OK, &json!("discarded")));
    for action in ["replay", "discard"] {
        let again = operator.press(&format!("{path}/{action}")).await;
        assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "DEAD_LETTER_NOT_OPEN"), "{action}");
        operator.command(&["dead-letters", action, &id]).await.expect(2, "is not open: it was discarded");
    }
    let details = operator.get(&path).await.json();
    assert_eq!(details["history"].as_array().unwrap().len(), 1);
    assert_eq!(details["history"][0]["action"], "discarded");
    assert_eq!(details["history"][0]["actor"], operator.id());
    assert_eq!(details, operator.command(&["dead-letters", "show", &id, "--json"]).await.json());
}

#[tokio::test]
async fn an_admin_replays_one_and_the_consumer_hears_it_again() {
    let (platform, operator) = given_up(["a"].map(ToOwned::to_owned)).await;
    let first = operator.letters("").await.remove(0);

    let replayed = operator.press(&format!("/admin/dead-letters/{}/replay", first["id"])).await;
    platform.idle().await;

    assert_eq!((replayed.status, &replayed.json()["state"]), (StatusCode::OK, &json!("replayed")));
    let second = operator.letters("").await.remove(0);
    assert_ne!(second["id"], first["id"], "it failed again, of course");
    assert_eq!(second["payload"], first["payload"]);
}

#[tokio::test]
async fn many_are_acted_on_only_when_they_are_chosen() {
    let (_platform, operator) = given_up(["a", "b", "c"].map(ToOwned::to_owned)).await;
    let discard = async |body: Value| operator.post("/admin/dead-letters/discard", body).await;

    for unclear in [json!({}), json!({ "dry_run": true }), json!({ "all": false }), json!({ "all": true, "key": "a" })]
    {
        let refused = discard(unclear.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{unclear}");
        assert_eq!(refused.faulty_fields(), ["all"], "{unclear}");
    }
    let wrong = discard(json!({ "key": "", "topic": 1, "dry_run": "no" })).await;
    assert_eq!(wrong.faulty_fields(), ["topic", "key", "dry_run"]);
    assert_eq!(discard(json!({ "key": "b" })).await.json(), json!({ "count": 1, "dry_run": false }));
    assert_eq!(keys(&operator.letters("").await), ["a", "c"]);
    assert_eq!(discard(json!({ "all": true })).await.json(), json!({ "count": 2, "dry_run": false }));
    assert_eq!(operator.letters("?state=discarded").await.len(), 3);
}

#[tokio::test]
async fn a_filter_of_control_characters_is_refused_by_its_name() {
    let (_platform, operator) = given_up([]).await;

    for field in ["consumer", "topic", "key", "reason"] {
        let listed = operator.get(&format!("/admin/dead-letters?{field}=%00")).await;
        let chosen = operator.post("/admin/dead-letters/discard", json!({ field: "a\u{0}" })).await;
        for refused in [listed, chosen] {
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            assert_eq!(refused.faulty_fields(), [field]);
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (_platform, operator) = given_up([]).await;

    for id in ["4711", "-1", "x"] {
        let path = format!("/admin/dead-letters/{id}");
        let answers = [
            operator.get(&path).await,
            operator.press(&format!("{path}/replay")).await,
            operator.press(&format!("{path}/discard")).await,
        ];
        for answer in answers {
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::NOT_FOUND, "DEAD_LETTER_NOT_FOUND"),
                "{id}"
            );
        }
    }
}

#[tokio::test]
async fn topics_are_shown_as_the_command_shows_them() {
    let (_platform, operator) = given_up([]).await;

    let shown = operator.get("/admin/topics").await.json();

    let names: Vec<_> = shown.as_array().unwrap().iter().map(|topic| topic["topic"].as_str().unwrap()).collect();
    assert_eq!(names, topic_names());
    let users = shown.as_array().unwrap().iter().find(|topic| topic["topic"] == UserCreated::TOPIC).unwrap();
    let consumers: Vec<_> = users["consumers"].as_array().unwrap().iter().map(|one| &one["consumer"]).collect();
    assert_eq!(consumers, ["cart", "user"]);
    let command = operator.command(&["topics", "--json"]).await.json();
    assert_eq!(
        names,
        command.as_array().unwrap().iter().map(|topic| topic["topic"].as_str().unwrap()).collect::<Vec<_>>()
    );
}
