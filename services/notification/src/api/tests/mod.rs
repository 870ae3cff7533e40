//! Requests through the router, as a client sees them.

mod counts;
mod mailbox;
mod send;
mod unsubscribe;

use std::sync::Arc;
use std::time::Duration;

use kit::testing::Client;
use serde_json::json;

use crate::fixture::{Fixture, server, settings};
use crate::state::Notification;

/// A browser on this machine, whose reader wants English.
fn client(notification: &Arc<Notification>) -> Client {
    Client::anonymous(super::routes(notification), &notification.context).with_header("host", "localhost:8080")
}

#[tokio::test]
async fn the_service_reports_its_health() {
    let fixture = Fixture::new().await;
    let with_mailbox = client(&fixture.with_mailbox());
    let without_server = client(&fixture.with_settings(&settings(server(1))));

    let healthy = with_mailbox.get("/notification/health").await;
    let degraded = without_server.get("/notification/health").await;
    fixture.context.database.close().await.unwrap();
    let shared = with_mailbox.get("/notification/health").await;
    fixture.clock.advance(Duration::from_secs(1));
    let broken = with_mailbox.get("/notification/health").await;

    assert_eq!((healthy.status, healthy.json()), (200, json!({ "message": "OK" })));
    assert_eq!((degraded.status, &degraded.json()["message"]), (200, &"DEGRADED".into()));
    assert_eq!(shared.status, 200, "the answer of a second ago serves everybody");
    assert_eq!(broken.status, 503);
}

#[tokio::test]
async fn the_types_begin_with_those_of_the_first_platform() {
    let fixture = Fixture::new().await;

    let types = client(&fixture.with_mailbox()).get("/notification/types").await;

    assert_eq!((types.header("content-language"), types.header("vary")), ("en", "accept-language"));
    let mut types = types.json();
    types.sort_all_objects();
    let (frozen, later) = types["supported_types"].as_array().unwrap().split_at(7);
    assert!(later.iter().all(|kind| !kind["description"].as_str().unwrap().is_empty()));
    insta::assert_snapshot!(serde_json::to_string_pretty(frozen).unwrap(), @r#"
      [
        {
          "description": "Link that proves an e-mail address",
          "required_variables": [
            "code"
          ],
          "type": "verification"
        },
        {
          "description": "Link for choosing a new password",
          "required_variables": [
            "code"
          ],
          "type": "password_reset"
        },
        {
          "description": "Offer of a restaurant",
          "required_variables": [
            "title",
            "description"
          ],
          "type": "discount"
        },
        {
          "description": "The address already has an account",
          "required_variables": [],
          "type": "already_registered"
        },
        {
          "description": "The password was changed",
          "required_variables": [],
          "type": "password_changed"
        },
        {
          "description": "A session was ended for safety",
          "required_variables": [],
          "type": "session_revoked"
        },
        {
          "description": "A sign-in from a new device",
          "required_variables": [],
          "type": "new_device"
        }
      ]
    "#);
}
