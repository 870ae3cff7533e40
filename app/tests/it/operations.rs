//! What operators and their tools see: health, metrics, and the description of the routes.

use std::path::Path;
use std::time::Duration;

use reqwest::{StatusCode, Version};
use serde_json::{Value, json};
use testkit::Server;

use crate::support::{Answer, PROGRAM, Platform, at_last, http_client, read};

async fn get(platform: &Platform, path: &str) -> Answer {
    read(http_client().get(platform.url(path))).await
}

/// What readiness says once nothing is degraded: a moment after the start the mail server is reached and the index is built.
async fn ready(platform: &Platform) -> Value {
    let ready = async {
        loop {
            let answer = get(platform, "/health/ready").await;
            if answer.json()["status"] == "ready" {
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
                return answer.json();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ready).await.expect("the platform is never ready")
}

#[tokio::test]
async fn a_started_platform_is_alive_and_ready_and_says_what_that_depends_on() {
    let platform = Platform::start().await;

    let live = get(&platform, "/health/live").await;
    let body = ready(&platform).await;

    assert_eq!(live.status, StatusCode::OK);
    let checks = body["checks"].as_array().unwrap();
    for name in ["database", "ephemeral", "revocations", "signing_keys", "smtp"] {
        assert!(checks.contains(&json!({ "name": name, "status": "ready", "reason": null })), "{name} in {body}");
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_not_for_whom_a_proxy_on_it_speaks() {
    let platform = Platform::start().await;
    let asked = |name: &str, value: &str| http_client().get(platform.url("/metrics")).header(name, value);

    let near = get(&platform, "/metrics").await;

    assert_eq!(near.status, StatusCode::OK);
    let proxied = [
        ("x-forwarded-for", "203.0.113.1"),
        ("x-real-ip", "203.0.113.1"),
        ("forwarded", "for=203.0.113.1"),
        ("via", "1.1 proxy"),
        ("x-forwarded-port", "443"),
        ("host", "lezzetlimani.example"),
    ];
    for (name, value) in proxied {
        let far = read(asked(name, value)).await;
        assert_eq!((far.status, far.code().as_str()), (StatusCode::FORBIDDEN, "FORBIDDEN"), "{name}");
    }
    let silent_proxy = http_client().get(platform.url("/metrics")).version(Version::HTTP_10);
    assert_eq!(read(silent_proxy).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn why_something_is_away_is_shown_to_this_machine_and_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let mail_server =
        [("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", "1"), ("EMAIL_TLS", "none"), ("EMAIL_FROM", "liman@example.com")];
    let mut server = Server::new(Path::new(PROGRAM), &folder.path().join("data"), &mail_server).unwrap();
    server.start().await.unwrap();
    let ask = |path| http_client().get(server.url(path));
    let smtp = |answer: &Answer| {
        let checks = answer.json()["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["name"] == "smtp").unwrap()
    };

    at_last("all but the mail server is ready", async || {
        (read(ask("/health/ready")).await.status == StatusCode::OK).then_some(())
    })
    .await;
    for path in ["/health/ready", "/notification/health"] {
        let near = read(ask(path)).await;
        let far = read(ask(path).header("x-forwarded-for", "203.0.113.1")).await;
        assert_eq!(near.status, far.status, "{path}");
        assert!(near.text.contains("mail server"), "{}", near.text);
        assert!(!far.text.contains("mail server"), "{}", far.text);
    }
    let far = read(ask("/health/ready").header("host", "lezzetlimani.example")).await;
    assert_eq!(smtp(&far), json!({ "name": "smtp", "status": "degraded", "reason": null }));
}

#[tokio::test]
async fn the_description_holds_every_service_and_the_explorer_no_file_from_elsewhere() {
    let platform = Platform::start().await;

    let description: Value = get(&platform, "/openapi.json").await.json();
    let page = get(&platform, "/docs/").await;
    let script = get(&platform, "/docs/swagger-initializer.js").await;

    assert_eq!(description["openapi"], "3.1.0");
    for path in ["/auth/login", "/users/me", "/notification/send", "/health/ready"] {
        assert!(description["paths"].get(path).is_some(), "{path} is not described");
    }
    for file in [page, script] {
        assert_eq!(file.status, StatusCode::OK);
        assert!(!file.text.contains("http://") && !file.text.contains("https://"), "{}", file.text);
        let policy = file.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'self'"), "{policy}");
    }
}

#[tokio::test]
async fn every_reference_in_the_description_leads_somewhere() {
    let platform = Platform::start().await;

    let description: Value = get(&platform, "/openapi.json").await.json();

    let mut references = Vec::new();
    collect_references(&description, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        assert!(description.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
}

fn collect_references(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
            fields.values().for_each(|value| collect_references(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
