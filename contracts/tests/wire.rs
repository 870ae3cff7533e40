//! What stands on the wire stays readable.

use std::path::Path;

use contracts::{EmailEvent, event_schemas};

#[test]
fn every_message_that_ever_stood_on_the_wire_is_understood() {
    for event in event_schemas() {
        assert!(!event.examples.is_empty(), "{} has no example", event.kind);
        for message in event.examples {
            (event.understand)(message.clone()).unwrap_or_else(|error| panic!("{error} in {message}"));
        }
    }
}

/// The compiler does not ask for it, and an event that is not listed has no schema, and no prefix before its topic.
#[test]
fn every_event_is_listed() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(path).unwrap();
                count += text.lines().filter(|line| line.starts_with("impl Event for ")).count();
            }
        }
    }

    assert!(count > 0, "events are found by another line");
    assert_eq!(event_schemas().len(), count);
}

#[test]
fn what_we_write_we_also_read() {
    let email_event = event_schemas().into_iter().find(|event| event.topic == "email_event").unwrap();
    for message in email_event.examples {
        let event: EmailEvent = serde_json::from_value(message).unwrap();
        let written = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<EmailEvent>(&written).unwrap(), event);
    }
}
