//! What stands on the wire stays readable, and its form is written down.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path;

use contracts::{EmailEvent, Event, UserCreated, event_schemas};

#[test]
fn every_message_that_ever_stood_on_the_wire_is_understood() {
    understand::<UserCreated>(include_str!("messages/user_created.jsonl"));
    understand::<EmailEvent>(include_str!("messages/email_event.jsonl"));
}

#[test]
fn what_we_write_we_also_read() {
    for line in include_str!("messages/email_event.jsonl").lines() {
        let event: EmailEvent = serde_json::from_str(line).unwrap();
        let written = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<EmailEvent>(&written).unwrap(), event);
    }
}

#[test]
fn the_schemas_are_those_checked_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for event in event_schemas() {
        let file = folder.join(format!("{}.json", event.kind));
        let checked_in: serde_json::Value =
            std::fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let generated = serde_json::to_string_pretty(&event.schema).unwrap();
        assert_eq!(checked_in, event.schema, "{} should hold:\n{generated}", file.display());
    }
}

fn understand<E: Event>(lines: &str) {
    for line in lines.lines() {
        serde_json::from_str::<E>(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    }
}
