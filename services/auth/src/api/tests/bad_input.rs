use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::{Answer, Ask, Fixture};

on_every_database! {
    Fixture:
    every_fault_of_a_registration_is_named_and_nothing_is_stored,
    what_is_no_json_object_is_refused_before_its_fields,
    routes_of_signed_in_users_want_a_token,
    a_bad_token_on_a_public_route_is_ignored,
}

fn faults(answer: &Answer) -> Vec<(String, String)> {
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

fn fault(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

async fn every_fault_of_a_registration_is_named_and_nothing_is_stored(fixture: Fixture) {
    let good = "mavi balina 42";
    let long = "a".repeat(257);
    for (body, expected) in [
        (json!({}), vec![fault("email", "REQUIRED"), fault("password", "REQUIRED")]),
        (json!({"email": 7, "password": null}), vec![fault("email", "WRONG_TYPE"), fault("password", "REQUIRED")]),
        (json!({"email": "", "password": good}), vec![fault("email", "EMAIL_EMPTY")]),
        (json!({"email": "ayse", "password": good}), vec![fault("email", "EMAIL_INVALID")]),
        (json!({"email": "İ@example.com", "password": good}), vec![fault("email", "EMAIL_INVALID")]),
        (json!({"email": "a\0b@example.com", "password": good}), vec![fault("email", "EMAIL_INVALID")]),
        (json!({"email": "ayse@example.com", "password": "kısa"}), vec![fault("password", "PASSWORD_TOO_SHORT")]),
        (json!({"email": "ayse@example.com", "password": long}), vec![fault("password", "PASSWORD_TOO_LONG")]),
        (
            json!({"email": "ayse@example.com", "password": "galatasaray"}),
            vec![fault("password", "PASSWORD_TOO_COMMON")],
        ),
        (
            json!({"email": "ayse@example.com", "password": "x ayse@example.com"}),
            vec![fault("password", "PASSWORD_CONTAINS_EMAIL")],
        ),
    ] {
        let answer = fixture.ask(Ask::post("/auth/register", body.clone())).await;

        assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_FAILED"), "{body}");
        assert_eq!(faults(&answer), expected, "{body}");
    }
    assert_eq!(fixture.mails().await, []);
}

async fn what_is_no_json_object_is_refused_before_its_fields(fixture: Fixture) {
    for path in ["/auth/register", "/auth/login", "/auth/verify-email", "/auth/refresh", "/auth/forgot-password"] {
        for body in ["", "{", "[]", "null"] {
            let answer = fixture.ask(Ask::post_text(path, "application/json", body)).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "INVALID_PAYLOAD"), "{path} {body}");
        }
        let answer = fixture.ask(Ask::post_text(path, "text/plain", "{}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{path}");
    }
}

async fn routes_of_signed_in_users_want_a_token(fixture: Fixture) {
    for ask in [
        Ask::get("/auth/me"),
        Ask::get("/auth/sessions"),
        Ask::get("/auth/events"),
        Ask::delete("/auth/sessions/018f0000-0000-7000-8000-000000000001"),
        Ask::post("/auth/logout", json!({})),
        Ask::post("/auth/logout-all", json!({})),
        Ask::post("/auth/change-password", json!({})),
    ] {
        let answer = fixture.ask(ask).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "NO_TOKEN"));
    }
}

async fn a_bad_token_on_a_public_route_is_ignored(fixture: Fixture) {
    let body = json!({"email": "ayse@example.com", "password": "mavi balina 42"});

    let answer = fixture.ask(Ask::post("/auth/register", body).bearer("x.y.z")).await;

    assert_eq!(answer.status, 201);
}
