//! What is promised to clients and consumers is checked in; a change of it is seen, and one that breaks them does not pass
//! unsaid.

use std::path::{Path, PathBuf};

use serde_json::Value;
use testkit::compatibility::{client_breaks, consumer_breaks};

use crate::support::Desk;

const REGENERATE: &str = "./scripts/describe";

fn checked_in(name: &str) -> (PathBuf, Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    (file, serde_json::from_str(&text).unwrap())
}

/// Fails when `described` is not what stands in docs/`name`, and says whether that breaks `readers`.
fn compare(name: &str, described: &Value, readers: &str, breaks: fn(&Value, &Value) -> Vec<String>) {
    let (file, before) = checked_in(name);
    let broken = breaks(&before, described);
    assert!(
        broken.is_empty(),
        "this breaks {readers} that work with what docs/{name} promises:\n  {}\nDo it so that they go on working; only if \
         none of them can exist yet, write the new promise with {REGENERATE}.",
        broken.join("\n  ")
    );
    assert!(
        before == *described,
        "{} is not what is described any more; nothing that {readers} rely on has changed, so write it anew with \
         {REGENERATE}, and check it in.",
        file.display()
    );
}

#[tokio::test]
async fn the_http_interface_is_the_one_that_is_checked_in() {
    let described = Desk::new().run(&["openapi"]).await.json();

    compare("openapi.json", &described, "clients", client_breaks);
}

#[tokio::test]
async fn the_events_are_those_that_are_checked_in() {
    let described = Desk::new().run(&["asyncapi"]).await.json();

    compare("asyncapi.json", &described, "consumers", consumer_breaks);
}

#[test]
fn no_description_holds_an_escape_of_the_source() {
    for name in ["openapi.json", "asyncapi.json"] {
        no_backslash(name, &checked_in(name).1);
    }
}

fn no_backslash(place: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let (Value::String(text), "description" | "summary") = (member, name.as_str()) {
                    assert!(!text.contains('\\'), "{place}: {text}");
                } else {
                    no_backslash(&format!("{place}/{name}"), member);
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| no_backslash(place, element)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
