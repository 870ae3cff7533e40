use kit::on_every_database;
use serde_json::Value;

use crate::api;
use crate::fixture::Fixture;

on_every_database! {
    Fixture: every_route_is_described
}

/// `method path`, with a star where a session is needed.
fn operations(description: &Value) -> Vec<String> {
    let paths = description["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| {
            let star = if operation.get("security").is_some() { " *" } else { "" };
            format!("{method} {path}{star}")
        })
    });
    let mut operations: Vec<String> = operations.collect();
    operations.sort();
    operations
}

async fn every_route_is_described(fixture: Fixture) {
    let (_, description) = api::routes(&fixture.auth).split_for_parts();
    let description = serde_json::to_value(description).unwrap();

    assert_eq!(
        operations(&description),
        [
            "delete /auth/sessions/{id} *",
            "get /auth/.well-known/jwks.json",
            "get /auth/events *",
            "get /auth/health",
            "get /auth/me *",
            "get /auth/reset-password",
            "get /auth/sessions *",
            "get /auth/verify-email",
            "post /auth/change-password *",
            "post /auth/forgot-password",
            "post /auth/login",
            "post /auth/logout *",
            "post /auth/logout-all *",
            "post /auth/refresh",
            "post /auth/register",
            "post /auth/resend-verification",
            "post /auth/reset-password",
            "post /auth/verify-email",
        ]
    );
}
