//! What events look like on the wire, for programs: JSON Schemas, and the AsyncAPI document that lists them.

use serde_json::{Value, json};

use crate::{EmailEvent, Event, UserCreated};

/// One kind of event and the form of its values.
#[derive(Debug, Clone, PartialEq)]
pub struct EventSchema {
    /// The topic that it travels on.
    pub topic: &'static str,
    /// The CloudEvents type.
    pub kind: &'static str,
    /// The JSON Schema (2020-12) of its value.
    pub schema: Value,
}

/// All events that the platform records or hears.
#[must_use]
pub fn event_schemas() -> Vec<EventSchema> {
    vec![describe::<UserCreated>(), describe::<EmailEvent>()]
}

fn describe<E: Event>() -> EventSchema {
    EventSchema { topic: E::TOPIC, kind: E::TYPE, schema: schemars::schema_for!(E).to_value() }
}

/// The AsyncAPI 3.0 document of all topics.
#[must_use]
pub fn async_api(version: &str) -> Value {
    let mut channels = serde_json::Map::new();
    let mut operations = serde_json::Map::new();
    for EventSchema { topic, kind, schema } in event_schemas() {
        let message = json!({ "name": kind, "contentType": "application/json", "payload": schema });
        channels.insert(topic.to_owned(), json!({ "address": topic, "messages": { topic: message } }));
        let channel = json!({ "$ref": format!("#/channels/{topic}") });
        operations.insert(format!("send_{topic}"), json!({ "action": "send", "channel": channel }));
        operations.insert(format!("receive_{topic}"), json!({ "action": "receive", "channel": channel }));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": "Lezzetlimani", "version": version },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
    })
}
