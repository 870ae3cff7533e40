use serde_json::{Value, json};

use super::{client_breaks, consumer_breaks};

/// A change of the interface, and the sentence about what it breaks.
type Change = (fn(&mut Value), &'static str);

fn http() -> Value {
    json!({
        "paths": { "/carts/{id}": { "put": {
            "parameters": [{ "in": "path", "name": "id", "required": true, "schema": { "type": "string" } }],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Change" } } } },
            "responses": {
                "200": { "description": "Changed", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Cart" } } } },
                "404": { "description": "None" },
            },
        } } },
        "components": { "schemas": {
            "Change": { "type": "object", "required": ["note"], "properties": {
                "note": { "type": "string" },
                "size": { "type": "string", "enum": ["small", "large"] },
            } },
            "Cart": { "type": "object", "required": ["id", "lines"], "properties": {
                "id": { "type": "string", "format": "uuid" },
                "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
                "owner": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Owner" }] },
            } },
            "Line": { "type": "object", "required": ["count"], "properties": { "count": { "type": "integer" } } },
            "Owner": { "type": "object", "required": ["name"], "properties": {
                "name": { "type": "string" },
                "carts": { "type": "array", "items": { "$ref": "#/components/schemas/Cart" } },
            } },
        } },
    })
}

/// What `change` to the interface breaks.
fn breaks(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut after = http();
    change(&mut after);
    client_breaks(&http(), &after)
}

fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}

fn route(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/carts/{id}"]["put"]
}

fn remove(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name).unwrap();
}

#[test]
fn what_is_added_breaks_no_client() {
    assert_eq!(breaks(|_| ()), [""; 0]);
    let added = breaks(|after| {
        after["paths"]["/carts"] = json!({ "get": {} });
        route(after)["responses"]["409"] = json!({ "description": "Closed" });
        route(after)["parameters"].as_array_mut().unwrap().push(json!({ "in": "query", "name": "dry" }));
        schema(after, "Line")["properties"]["price"] = json!({ "type": "integer" });
        schema(after, "Change")["properties"]["gift"] = json!({ "type": "boolean" });
        schema(after, "Change")["properties"]["size"]["enum"] = json!(["small", "medium", "large"]);
        schema(after, "Change")["properties"]["note"]["type"] = json!(["string", "null"]);
        schema(after, "Change")["required"] = json!([]);
    });
    assert_eq!(added, [""; 0]);
}

#[test]
fn what_a_client_reads_has_to_stay() {
    let changes: [Change; 8] = [
        (|after| remove(&mut after["paths"], "/carts/{id}"), "PUT /carts/{id} is gone"),
        (|after| remove(&mut route(after)["responses"], "404"), "PUT /carts/{id} answers 404 no more"),
        (
            |after| remove(&mut schema(after, "Cart")["properties"], "id"),
            "PUT /carts/{id}, answer 200: the field id is gone",
        ),
        (
            |after| schema(after, "Cart")["required"] = json!(["id"]),
            "PUT /carts/{id}, answer 200: the field lines may be missing",
        ),
        (
            |after| schema(after, "Line")["properties"]["count"]["type"] = json!("string"),
            "PUT /carts/{id}, answer 200, field lines, element, field count: the type changes from integer to string",
        ),
        (
            |after| schema(after, "Line")["properties"]["count"]["type"] = json!(["integer", "null"]),
            "PUT /carts/{id}, answer 200, field lines, element, field count: the type changes from integer to integer or null",
        ),
        (
            |after| remove(&mut schema(after, "Owner")["properties"], "name"),
            "PUT /carts/{id}, answer 200, field owner: the field name is gone",
        ),
        (
            |after| schema(after, "Cart")["properties"]["id"]["format"] = json!("int64"),
            "PUT /carts/{id}, answer 200, field id: the type changes from string or uuid to string or int64",
        ),
    ];

    for (change, sentence) in changes {
        assert_eq!(breaks(change), [sentence]);
    }
}

#[test]
fn what_a_client_sends_has_to_be_taken() {
    let changes: [Change; 7] = [
        (|after| route(after)["security"] = json!([{ "bearer": [] }]), "PUT /carts/{id} asks for a session"),
        (
            |after| schema(after, "Change")["required"] = json!(["note", "size"]),
            "PUT /carts/{id}, body: the field size is required",
        ),
        (
            |after| schema(after, "Change")["properties"]["note"]["type"] = json!("integer"),
            "PUT /carts/{id}, body, field note: the type changes from string to integer",
        ),
        (
            |after| schema(after, "Change")["properties"]["size"]["enum"] = json!(["small"]),
            "PUT /carts/{id}, body, field size: the value large is refused",
        ),
        (
            |after| remove(&mut schema(after, "Change")["properties"], "size"),
            "PUT /carts/{id}, body: the field size is gone",
        ),
        (
            |after| {
                let parameters = route(after)["parameters"].as_array_mut().unwrap();
                parameters.push(json!({ "in": "query", "name": "town", "required": true }));
            },
            "PUT /carts/{id} needs the parameter \"town\"",
        ),
        (
            |after| remove(&mut route(after)["requestBody"]["content"], "application/json"),
            "PUT /carts/{id} reads no application/json",
        ),
    ];

    for (change, sentence) in changes {
        assert_eq!(breaks(change), [sentence]);
    }
}

#[test]
fn what_a_consumer_reads_has_to_stay() {
    let payload = json!({
        "$defs": { "Id": { "type": "string" } },
        "type": "object",
        "required": ["id"],
        "properties": { "id": { "$ref": "#/$defs/Id" }, "class": { "anyOf": [{ "const": "a", "type": "string" }, { "type": "null" }] } },
    });
    let events = json!({ "channels": { "carts": { "address": "carts", "messages": { "carts": {
            "payload": payload, "examples": [{ "payload": { "id": "1" } }, { "payload": { "id": "2" } }],
        } } } } });
    let breaks = |change: fn(&mut Value)| {
        let mut after = events.clone();
        change(&mut after);
        consumer_breaks(&events, &after)
    };

    assert_eq!(breaks(|_| ()), [""; 0]);
    assert_eq!(breaks(|after| remove(&mut after["channels"], "carts")), ["the channel carts is gone"]);
    let renamed = breaks(|after| after["channels"]["carts"]["address"] = json!("baskets"));
    assert_eq!(renamed, ["the channel carts is the topic \"baskets\" instead of \"carts\""]);
    let retyped = breaks(|after| {
        after["channels"]["carts"]["messages"]["carts"]["payload"]["$defs"]["Id"]["type"] = json!("integer");
    });
    assert_eq!(retyped, ["carts, field id: the type changes from string to integer"]);
    let optional = breaks(|after| after["channels"]["carts"]["messages"]["carts"]["payload"]["required"] = json!([]));
    assert_eq!(optional, ["carts: the field id may be missing"]);
    let forgotten = breaks(|after| {
        after["channels"]["carts"]["messages"]["carts"]["examples"] = json!([{ "payload": { "id": "2" } }]);
    });
    assert_eq!(forgotten, ["carts: the example {\"id\":\"1\"} is gone"]);
}
