//! What stands on the wire stays readable, and its form is written down.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path;

use contracts::{EmailEvent, EventSchema, event_schemas};
use serde_json::Value;

/// The form of an event's values that is checked in, and messages as they have stood on the wire.
struct CheckedIn {
    schema: Value,
    messages: Vec<Value>,
}

impl CheckedIn {
    fn of(event: &EventSchema) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{}.json", event.kind));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
            let schema = serde_json::to_string_pretty(&event.schema).unwrap();
            panic!("{error}: {} should hold this, with messages under `examples`:\n{schema}", file.display())
        });
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        let messages = schema.as_object_mut().unwrap().remove("examples");
        Self { schema, messages: messages.unwrap().as_array().unwrap().clone() }
    }
}

#[test]
fn every_message_that_ever_stood_on_the_wire_is_understood() {
    for event in event_schemas() {
        let messages = CheckedIn::of(&event).messages;

        assert!(!messages.is_empty(), "{} has no example", event.kind);
        for message in messages {
            (event.understand)(message.clone()).unwrap_or_else(|error| panic!("{error} in {message}"));
        }
    }
}

/// The compiler does not ask for it, and an event that is not listed has no schema, and no prefix before its topic.
#[test]
fn every_event_is_listed() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = std::fs::read_dir(sources).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let count: usize = files.map(|text| text.lines().filter(|line| line.starts_with("impl Event for ")).count()).sum();

    assert!(count > 0, "events are found by another line");
    assert_eq!(event_schemas().len(), count);
}

#[test]
fn what_we_write_we_also_read() {
    let email_event = event_schemas().into_iter().find(|event| event.topic == "email_event").unwrap();
    for message in CheckedIn::of(&email_event).messages {
        let event: EmailEvent = serde_json::from_value(message).unwrap();
        let written = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<EmailEvent>(&written).unwrap(), event);
    }
}

#[test]
fn the_schemas_are_those_checked_in() {
    for event in event_schemas() {
        let generated = serde_json::to_string_pretty(&event.schema).unwrap();
        assert_eq!(CheckedIn::of(&event).schema, event.schema, "{} should be:\n{generated}", event.kind);
    }
}
