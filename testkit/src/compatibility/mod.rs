//! What a change of a description breaks, in sentences: for clients of the HTTP interface and for consumers of events.
//!
//! What is only added is not reported: readers overlook fields, answers and routes that they don't know.

mod schema;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use schema::{Comparison, Way};

/// What of the HTTP interface that `before` describes (OpenAPI 3.1) is not kept by `after`.
#[must_use]
pub fn client_breaks(before: &Value, after: &Value) -> Vec<String> {
    let mut breaks = Vec::new();
    for (path, methods) in members(&before["paths"]) {
        for (method, operation) in members(methods) {
            let name = format!("{} {path}", method.to_uppercase());
            match after["paths"].get(path).and_then(|methods| methods.get(method)) {
                None => breaks.push(format!("{name} is gone")),
                Some(next) => Route { name, before, after }.compare(operation, next, &mut breaks),
            }
        }
    }
    breaks
}

/// What of the events that `before` describes (AsyncAPI 3.0) is not kept by `after`.
#[must_use]
pub fn consumer_breaks(before: &Value, after: &Value) -> Vec<String> {
    let mut breaks = Vec::new();
    for (channel, old) in members(&before["channels"]) {
        let Some(new) = after["channels"].get(channel) else {
            breaks.push(format!("the channel {channel} is gone"));
            continue;
        };
        if old["address"] != new["address"] {
            breaks.push(format!("the channel {channel} is the topic {} instead of {}", new["address"], old["address"]));
        }
        for (message, old) in members(&old["messages"]) {
            match new["messages"].get(message) {
                None => breaks.push(format!("{channel} carries no {message}")),
                Some(new) => {
                    let mut comparison = Comparison::new(&old["payload"], &new["payload"], Way::Received);
                    comparison.compare(message, &old["payload"], &new["payload"]);
                    breaks.append(&mut comparison.breaks);
                    let kept: Vec<_> = elements(&new["examples"]).collect();
                    for example in elements(&old["examples"]).filter(|example| !kept.contains(example)) {
                        breaks.push(format!("{message}: the example {} is gone", example["payload"]));
                    }
                }
            }
        }
    }
    breaks
}

/// One operation, before and after.
struct Route<'a> {
    name: String,
    before: &'a Value,
    after: &'a Value,
}

impl<'a> Route<'a> {
    fn compare(&self, old: &'a Value, new: &'a Value, breaks: &mut Vec<String>) {
        self.compare_callers(old, new, breaks);
        self.compare_parameters(old, new, breaks);
        self.compare_bodies(old.get("requestBody"), new.get("requestBody"), breaks);
        self.compare_answers(&old["responses"], &new["responses"], breaks);
    }

    fn compare_callers(&self, old: &Value, new: &Value, breaks: &mut Vec<String>) {
        let (before, after) = (roles(old), roles(new));
        match (before, after) {
            (None, Some(_)) => breaks.push(format!("{} asks for a session", self.name)),
            (Some(before), Some(after)) => {
                for role in after.iter().filter(|role| !before.contains(role)) {
                    breaks.push(format!("{} asks for the role {role}", self.name));
                }
            }
            (_, None) => {}
        }
    }

    fn compare_parameters(&self, old: &'a Value, new: &'a Value, breaks: &mut Vec<String>) {
        let same = |one: &Value, other: &Value| one["in"] == other["in"] && one["name"] == other["name"];
        for parameter in elements(&old["parameters"]) {
            match elements(&new["parameters"]).find(|other| same(parameter, other)) {
                None => breaks.push(format!("{} reads no parameter {}", self.name, parameter["name"])),
                Some(next) => {
                    let place = format!("{}, parameter {}", self.name, parameter["name"]);
                    self.compare_schemas(Way::Sent, &place, [&parameter["schema"], &next["schema"]], breaks);
                }
            }
        }
        for parameter in elements(&new["parameters"]).filter(|parameter| parameter["required"] == true) {
            let was_needed =
                elements(&old["parameters"]).any(|other| same(parameter, other) && other["required"] == true);
            if !was_needed {
                breaks.push(format!("{} needs the parameter {}", self.name, parameter["name"]));
            }
        }
    }

    fn compare_bodies(&self, old: Option<&'a Value>, new: Option<&'a Value>, breaks: &mut Vec<String>) {
        let is_needed = |body: Option<&Value>| body.is_some_and(|body| body["required"] == true);
        if is_needed(new) && !is_needed(old) {
            breaks.push(format!("{} needs a body", self.name));
        }
        let Some(old) = old else { return };
        for (form, content) in members(&old["content"]) {
            match new.and_then(|new| new["content"].get(form)) {
                None => breaks.push(format!("{} reads no {form}", self.name)),
                Some(next) => {
                    let schemas = [&content["schema"], &next["schema"]];
                    self.compare_schemas(Way::Sent, &format!("{}, body", self.name), schemas, breaks);
                }
            }
        }
    }

    fn compare_answers(&self, old: &'a Value, new: &'a Value, breaks: &mut Vec<String>) {
        for (status, answer) in members(old) {
            let Some(next) = new.get(status) else {
                breaks.push(format!("{} answers {status} no more", self.name));
                continue;
            };
            for (header, _) in members(&answer["headers"]) {
                if next["headers"].get(header).is_none() {
                    breaks.push(format!("{} answers {status} without the header {header}", self.name));
                }
            }
            for (form, content) in members(&answer["content"]) {
                match next["content"].get(form) {
                    None => breaks.push(format!("{} answers {status} no more as {form}", self.name)),
                    Some(next) => {
                        let place = format!("{}, answer {status}", self.name);
                        self.compare_schemas(Way::Received, &place, [&content["schema"], &next["schema"]], breaks);
                    }
                }
            }
        }
    }

    fn compare_schemas(&self, way: Way, place: &str, [old, new]: [&'a Value; 2], breaks: &mut Vec<String>) {
        let mut comparison = Comparison::new(self.before, self.after, way);
        comparison.compare(place, old, new);
        breaks.append(&mut comparison.breaks);
    }
}

/// The roles that a route asks for; `None` where it asks for nobody.
fn roles(operation: &Value) -> Option<Vec<&str>> {
    let requirements = operation.get("security")?.as_array()?;
    let roles = requirements.iter().flat_map(members).flat_map(|(_, roles)| elements(roles));
    Some(roles.filter_map(Value::as_str).collect())
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
