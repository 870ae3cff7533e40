//! What events look like on the wire, for programs: JSON Schemas, and the AsyncAPI document that lists them.

use serde_json::{Value, json};

use crate::{Event, event_schemas};

/// One kind of event and the form of its values.
#[derive(Debug, Clone)]
pub struct EventSchema {
    /// The topic that it travels on.
    pub topic: &'static str,
    /// The CloudEvents type.
    pub kind: &'static str,
    /// The JSON Schema (2020-12) of its value.
    pub schema: Value,
    /// Values as they have stood on the wire.
    pub examples: Vec<Value>,
    /// Whether a value is understood.
    pub understand: fn(Value) -> serde_json::Result<()>,
}

impl EventSchema {
    pub(crate) fn of<E: Event>() -> Self {
        Self {
            topic: E::TOPIC,
            kind: E::TYPE,
            schema: schemars::schema_for!(E).to_value(),
            examples: E::EXAMPLES.iter().map(|text| serde_json::from_str(text).expect("an example is JSON")).collect(),
            understand: |value| serde_json::from_value::<E>(value).map(drop),
        }
    }
}

/// The AsyncAPI 3.0 document of all topics.
#[must_use]
pub fn async_api(version: &str) -> Value {
    let mut channels = serde_json::Map::new();
    let mut operations = serde_json::Map::new();
    for EventSchema { topic, kind, schema, examples, .. } in event_schemas() {
        let examples: Vec<_> = examples.into_iter().map(|payload| json!({ "payload": payload })).collect();
        let message =
            json!({ "name": kind, "contentType": "application/json", "payload": schema, "examples": examples });
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
