//! What a route may refuse, by what it asks for: the description lists it without the route.
//!
//! A route names what is its own, and what it names stays as it is. Whom it asks for stands in its `security`: `"bearer" = []`
//! is anybody who is signed in, [`OWNER`] somebody who works on what is their own, [`ADMIN`] somebody who runs the platform.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

/// The role of whoever asks for what is their own; another user is named, and it is 403.
const OWNER: &str = "owner";
/// The role of whoever runs the platform.
const ADMIN: &str = "admin";
/// What the form of a route's parameters is checked for, whatever it takes.
const BAD_PARAMETER: &str = "A parameter holds control characters or is sent twice; `errors` names it";
const AWAY: &str = "Something that this needs is away for the moment.";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Adds to `description` what each route refuses that asks for a caller, a body or parameters, the form of every refusal, and
/// the header that says when to come again.
pub fn describe(description: &mut OpenApi) {
    for item in description.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head];
        for operation in operations.into_iter().flatten() {
            let refusals = refusals(operation);
            let answers_pages = takes(operation, JSON) && takes(operation, FORM);
            let responses = &mut operation.responses.responses;
            for (status, meaning) in refusals {
                responses.entry(status.to_owned()).or_insert_with(|| Response::new(meaning).into());
            }
            for (status, response) in responses {
                if let RefOr::T(response) = response {
                    complete(status, response, answers_pages);
                }
            }
        }
    }
}

/// Status and meaning, of two with one status the first.
fn refusals(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let mut refusals = Vec::new();
    if asks_for(operation, &[OWNER]) {
        refusals.push(("403", "Another user is named."));
    }
    if asks_for(operation, &[ADMIN]) {
        refusals.push(("403", "Not an admin."));
    }
    if operation.security.as_ref().is_some_and(|security| !security.is_empty()) {
        refusals.extend([("401", "There is no valid session."), ("503", AWAY)]);
    }
    if let Some(body) = &operation.request_body {
        let RefOr::T(body) = body else { return refusals };
        if body.content.contains_key(JSON) {
            refusals.push(("400", "The body is no JSON object."));
        }
        refusals.extend([
            ("408", "The body did not come in time."),
            ("413", "The body is longer than 256 KiB."),
            ("415", "The body is not of a type that this route reads."),
            ("422", "A field is missing or wrong; `errors` names each of them."),
            ("503", AWAY),
        ]);
    }
    if parameters(operation).any(|one| one.name == "cursor") {
        refusals.push(("400", "The cursor or the limit is wrong"));
    }
    if parameters(operation).any(|one| matches!(one.parameter_in, ParameterIn::Path | ParameterIn::Query)) {
        refusals.push(("422", BAD_PARAMETER));
    }
    refusals
}

fn takes(operation: &Operation, media: &str) -> bool {
    matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key(media))
}

fn asks_for(operation: &Operation, roles: &[&str]) -> bool {
    let asked = SecurityRequirement::new("bearer", roles.iter().copied());
    operation.security.iter().flatten().any(|requirement| *requirement == asked)
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

/// A refusal without a form of its own is a problem, and a page for the form of a page (what is wrong with the request as
/// such stays a problem); one that passes says when.
fn complete(status: &str, response: &mut Response, answers_pages: bool) {
    let is_refusal = status.starts_with('4') || status.starts_with('5');
    if is_refusal && response.content.is_empty() {
        let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
        response.content.insert("application/problem+json".to_owned(), problem.into());
        if answers_pages && matches!(status, "400" | "422" | "503") {
            let page = Content::new(Some(ObjectBuilder::new().schema_type(Type::String)));
            response.content.insert("text/html".to_owned(), page.into());
        }
    }
    if matches!(status, "429" | "503") {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let header =
            HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds until it may be tried again"));
        response.headers.insert("Retry-After".to_owned(), header.build().into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The answers of a route that is described by `operation`.
    #[expect(clippy::needless_pass_by_value, reason = "written at the call as a literal")]
    fn answers(operation: Value) -> Value {
        let document = json!({
            "openapi": "3.1.0",
            "info": { "title": "t", "version": "1" },
            "paths": { "/route": { "post": operation } },
        });
        let mut description: OpenApi = serde_json::from_value(document).unwrap();
        describe(&mut description);
        let described = serde_json::to_value(description).unwrap();
        described["paths"]["/route"]["post"]["responses"].clone()
    }

    fn statuses(operation: Value) -> Vec<String> {
        answers(operation).as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn what_a_route_asks_for_says_what_it_may_refuse() {
        let ok = json!({ "200": { "description": "Done" } });
        let body = json!({ "content": { "application/json": {} } });
        let form = json!({ "content": { "application/x-www-form-urlencoded": {} } });
        let query = |name: &str| json!([{ "name": name, "in": "query", "required": false }]);

        assert_eq!(statuses(json!({ "responses": ok })), ["200"]);
        assert_eq!(statuses(json!({ "responses": ok, "security": [{ "bearer": [] }] })), ["200", "401", "503"]);
        for role in ["owner", "admin"] {
            let secured = json!({ "responses": ok, "security": [{ "bearer": [role] }] });
            assert_eq!(statuses(secured), ["200", "401", "403", "503"], "{role}");
        }
        let of_json = ["200", "400", "408", "413", "415", "422", "503"];
        assert_eq!(statuses(json!({ "responses": ok, "requestBody": body })), of_json);
        let of_form = ["200", "408", "413", "415", "422", "503"];
        assert_eq!(statuses(json!({ "responses": ok, "requestBody": form })), of_form);
        assert_eq!(statuses(json!({ "responses": ok, "parameters": query("to") })), ["200", "422"]);
        assert_eq!(statuses(json!({ "responses": ok, "parameters": query("cursor") })), ["200", "400", "422"]);
    }

    #[test]
    fn a_route_for_programs_and_pages_refuses_each_in_its_own_form() {
        let both = json!({ "content": { "application/json": {}, "application/x-www-form-urlencoded": {} } });

        let answers = answers(json!({ "responses": { "400": { "description": "Used" } }, "requestBody": both }));

        let forms = |status: &str| answers[status]["content"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        for status in ["400", "422", "503"] {
            assert_eq!(forms(status), ["application/problem+json", "text/html"], "{status}");
        }
        for status in ["408", "413", "415"] {
            assert_eq!(forms(status), ["application/problem+json"], "{status}");
        }
        assert_eq!(answers["400"]["description"], "Used");
    }

    #[test]
    fn what_a_route_names_itself_stays_and_a_refusal_has_a_form() {
        let own = json!({
            "200": { "description": "Done" },
            "403": { "description": "Nobody vouches for the user" },
            "422": { "description": "A page", "content": { "text/html": {} } },
            "429": { "description": "Too often" },
        });

        let answers = answers(json!({
            "responses": own,
            "security": [{ "bearer": ["owner"] }],
            "requestBody": { "content": { "application/json": {} } },
        }));

        assert_eq!(answers["403"]["description"], "Nobody vouches for the user");
        assert_eq!(answers["422"]["content"], json!({ "text/html": {} }));
        assert!(answers["200"].get("content").is_none());
        for status in ["401", "403", "413", "429", "503"] {
            let schema = &answers[status]["content"]["application/problem+json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{status}");
        }
        for status in ["429", "503"] {
            assert_eq!(answers[status]["headers"]["Retry-After"]["schema"]["type"], "integer", "{status}");
        }
    }
}
