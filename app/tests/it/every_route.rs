//! What holds for each route that the description names, also for those to come.

use contracts::Secret;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Map, Value, json};
use testkit::servers::postgres::fresh_database;

use crate::support::{Answer, Diner, Platform, Tokens, http_client, read};

/// One operation of the description.
struct Route {
    method: Method,
    path: String,
    operation: Value,
}

/// Somebody who may do everything, and what there is to do.
struct Visit {
    platform: Platform,
    admin: Diner,
    tokens: Tokens,
    description: Value,
    http: Client,
}

impl Visit {
    async fn to(platform: Platform) -> Self {
        let admin = Diner::new(&platform, "yonetici@example.com");
        let password = Secret::new(admin.password.clone());
        auth::admin::create(platform.database(), admin.email.parse().unwrap(), password).await.unwrap();
        platform.idle().await;
        let tokens = admin.login().await.tokens();
        let http = http_client();
        let description = read(http.get(platform.url("/openapi.json"))).await.json();
        Self { platform, admin, tokens, description, http }
    }

    fn routes(&self) -> Vec<Route> {
        let paths = self.description["paths"].as_object().unwrap().iter();
        let routes = paths.flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(|(method, operation)| Route {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                operation: operation.clone(),
            })
        });
        routes.collect()
    }

    async fn ask(&self, route: &Route, path: &str, header: Option<(&str, &str)>) -> Answer {
        let mut request =
            self.http.request(route.method.clone(), self.platform.url(path)).bearer_auth(&self.tokens.access);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        if route.operation.get("requestBody").is_some() {
            request = request.json(&json!({}));
        }
        read(request).await
    }

    /// The fields of the JSON that `route` takes, with their schemas.
    fn fields(&self, route: &Route) -> Map<String, Value> {
        let schema = &route.operation["requestBody"]["content"]["application/json"]["schema"];
        let schema = match schema["$ref"].as_str() {
            Some(reference) => self.description.pointer(reference.trim_start_matches('#')).unwrap(),
            None => schema,
        };
        schema["properties"].as_object().cloned().unwrap_or_default()
    }
}

impl Route {
    fn parameters(&self) -> Vec<(&str, &str)> {
        let parameters = self.operation["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        parameters.map(|one| (one["in"].as_str().unwrap(), one["name"].as_str().unwrap())).collect()
    }

    /// The path with `value` in the place of `name`, and something plain in the others.
    fn path_with(&self, name: &str, value: &str) -> String {
        let filled = self.path.replace(&format!("{{{name}}}"), value);
        let segments = filled.split('/').map(|segment| if segment.starts_with('{') { "1" } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }
}

async fn no_parameter_takes_what_nobody_can_type(platform: Platform) {
    let visit = Visit::to(platform).await;
    let mut parameters = 0;

    for route in visit.routes() {
        let tried = format!("{} {}", route.method, route.path);
        // A tag is compared and kept nowhere.
        let is_tag = |name: &str| matches!(name, "If-Match" | "If-None-Match" | "Last-Event-ID");
        for (place, name) in route.parameters().into_iter().filter(|(_, name)| !is_tag(name)) {
            parameters += 1;
            for harm in ["%00", "a%00b", "a%0Ab", "a%7Fb", "a%C2%85b"] {
                let answer = match place {
                    "path" => visit.ask(&route, &route.path_with(name, harm), None).await,
                    "query" => visit.ask(&route, &format!("{}?{name}={harm}", route.path_with("", "")), None).await,
                    // No other control character can be written into a header.
                    _ => visit.ask(&route, &route.path_with("", ""), Some((name, "a\tb"))).await,
                };
                assert!(answer.status.is_client_error(), "{tried}, {name}={harm}: {}", answer.text);
                assert_eq!(answer.faulty_fields(), [name], "{tried}, {name}={harm}");
            }
        }
        let unlisted = visit.ask(&route, &format!("{}?unlisted=a%00b", route.path_with("", "")), None).await;
        assert_eq!(unlisted.status, StatusCode::UNPROCESSABLE_ENTITY, "{tried}: {}", unlisted.text);
    }

    assert!(parameters > 15, "{parameters}");
}

mod no_parameter_takes_what_nobody_can_type {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        super::no_parameter_takes_what_nobody_can_type(Platform::start().await).await;
    }

    #[tokio::test]
    async fn postgres() {
        if let Some(database) = fresh_database("empty", async |_| ()).await {
            super::no_parameter_takes_what_nobody_can_type(Platform::on(database).await).await;
        }
    }
}

async fn no_field_breaks_what_stores_it(platform: Platform) {
    let visit = Visit::to(platform).await;
    let mut fields = 0;

    for route in visit.routes() {
        for (name, _) in visit.fields(&route) {
            fields += 1;
            for harm in [json!("\0"), json!("a\0@example.com"), json!({ "\0": "\0" }), json!([{}]), json!(1e300)] {
                let body = json!({ &name: harm });
                let path = route.path_with("", "");
                let token = Some(visit.tokens.access.as_str());
                let answer = visit.admin.send(route.method.clone(), &path, token, Some(body)).await;
                assert!(answer.status.is_client_error(), "{} {path}, {name}={harm}: {}", route.method, answer.text);
            }
        }
    }

    assert!(fields > 20, "{fields}");
}

mod no_field_breaks_what_stores_it {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        super::no_field_breaks_what_stores_it(Platform::start().await).await;
    }

    #[tokio::test]
    async fn postgres() {
        if let Some(database) = fresh_database("empty", async |_| ()).await {
            super::no_field_breaks_what_stores_it(Platform::on(database).await).await;
        }
    }
}

#[tokio::test]
async fn a_field_that_may_be_null_takes_null() {
    let visit = Visit::to(Platform::start().await).await;
    let mut nullable = 0;

    for route in visit.routes() {
        for (name, schema) in visit.fields(&route) {
            if !schema.to_string().contains("\"null\"") {
                continue;
            }
            nullable += 1;
            let body = json!({ &name: null });
            let path = route.path_with("", "");
            let answer = visit.admin.send(route.method.clone(), &path, Some(&visit.tokens.access), Some(body)).await;
            let faults = answer.json()["errors"].as_array().cloned().unwrap_or_default();
            let refused = faults.iter().any(|fault| fault["field"] == name.as_str());
            assert!(!refused, "{} {path}: {name} is refused: {}", route.method, answer.text);
        }
    }

    assert!(nullable > 0);
}

#[tokio::test]
async fn a_text_is_taken_or_refused_alike_wherever_people_write_one() {
    let visit = Visit::to(Platform::start().await).await;
    let cases = [
        ("Ayşe", None),
        ("", Some("EMPTY")),
        (" ", Some("EMPTY")),
        ("\u{200B}", Some("EMPTY")),
        ("\u{3164}\u{2800}", Some("EMPTY")),
        ("a\0b", Some("CONTROL_CHARACTERS")),
        ("a\u{7f}b", Some("CONTROL_CHARACTERS")),
        ("a\u{2028}b", Some("CONTROL_CHARACTERS")),
        ("a\u{202E}b", Some("CONTROL_CHARACTERS")),
        ("a\u{2066}b", Some("CONTROL_CHARACTERS")),
    ];
    let discount = |title: &str, description: &str| {
        let variables = json!({ "title": title, "description": description });
        json!({ "type": "discount", "to": "ayse@example.com", "variables": variables })
    };
    let places = |text: &str| {
        [
            (Method::POST, "/users/register/complete", "full_name", json!({ "full_name": text })),
            (Method::PUT, "/users/me", "full_name", json!({ "full_name": text })),
            (Method::POST, "/favorites/cuisine", "cuisine", json!({ "cuisine": text })),
            (Method::POST, "/addresses", "title", json!({ "title": text })),
            (Method::POST, "/addresses", "floor", json!({ "floor": text })),
            (Method::POST, "/restaurants", "name", json!({ "name": text })),
            (Method::POST, "/restaurants", "cuisines[0]", json!({ "cuisines": [text] })),
            (Method::POST, "/favorites/restaurant", "restaurant_id", json!({ "restaurant_id": text })),
            (
                Method::PUT,
                "/users/preferences",
                "commercial_mail.text_version",
                json!({ "commercial_mail": { "granted": true, "text_version": text } }),
            ),
            (Method::POST, "/notification/send", "variables.title", discount(text, "d")),
            (Method::POST, "/notification/send", "variables.description", discount("t", text)),
        ]
    };

    for (text, expected) in cases {
        for (method, path, field, body) in places(text) {
            if text.is_empty() && path == "/notification/send" {
                // The first platform's answer to a variable that is not there.
                continue;
            }
            let answer = visit.admin.send(method, path, Some(&visit.tokens.access), Some(body)).await;
            let faults = answer.json()["errors"].as_array().cloned().unwrap_or_default();
            let fault = faults.iter().find(|fault| fault["field"] == field);
            assert_eq!(fault.and_then(|fault| fault["code"].as_str()), expected, "{path} {text:?}: {}", answer.text);
        }
    }
}
