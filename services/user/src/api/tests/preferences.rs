//! Preferences, as a client sees them.

use std::time::Duration;

use contracts::{Locale, UserCreated};
use kit::on_every_database;
use kit::testing::faults;
use serde_json::json;

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    the_language_is_that_of_the_registration_until_another_is_chosen,
    consent_is_dated_by_the_server_and_can_be_withdrawn,
    what_is_sent_back_as_it_was_shown_changes_nothing,
    consent_is_to_a_text_and_languages_are_ours,
}

async fn the_language_is_that_of_the_registration_until_another_is_chosen(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.client().user(user_id);
    let unknown = ayse.get("/users/preferences").await.parts();
    fixture.deliver(UserCreated { user_id, email: None, locale: Some(Locale::En), created_at: None }).await;

    let registered = ayse.get("/users/preferences").await.parts();
    let chosen = ayse.put("/users/preferences", json!({ "locale": "tr" })).await.parts();

    let preferences = |locale| {
        let commercial_mail = json!({ "granted": false, "at": null, "text_version": null });
        (200, json!({ "locale": locale, "commercial_mail": commercial_mail }))
    };
    assert_eq!(unknown, preferences("tr"));
    assert_eq!(registered, preferences("en"));
    assert_eq!(chosen, preferences("tr"));
}

async fn consent_is_dated_by_the_server_and_can_be_withdrawn(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());
    let consent = json!({ "granted": true, "at": "1999-01-01T00:00:00Z", "text_version": "2026-01" });

    let granted = ayse.put("/users/preferences", json!({ "commercial_mail": consent })).await.parts();
    fixture.clock.advance(Duration::from_secs(60));
    ayse.put("/users/preferences", json!({ "commercial_mail": { "granted": false } })).await;
    let withdrawn = ayse.get("/users/preferences").await.parts();

    let mail = json!({ "granted": true, "at": "2026-03-02T12:00:00Z", "text_version": "2026-01" });
    assert_eq!(granted, (200, json!({ "locale": "tr", "commercial_mail": mail })));
    let mail = json!({ "granted": false, "at": "2026-03-02T12:01:00Z", "text_version": "2026-01" });
    assert_eq!(withdrawn, (200, json!({ "locale": "tr", "commercial_mail": mail })));
}

async fn what_is_sent_back_as_it_was_shown_changes_nothing(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());
    let consent = json!({ "locale": "en", "commercial_mail": { "granted": true, "text_version": "2026-01" } });
    let (_, shown) = ayse.put("/users/preferences", consent).await.parts();
    fixture.clock.advance(Duration::from_secs(60));

    let sent_back = ayse.put("/users/preferences", shown.clone()).await.parts();

    assert_eq!(sent_back, (200, shown));
}

async fn consent_is_to_a_text_and_languages_are_ours(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());
    let body = json!({ "locale": "de", "commercial_mail": { "granted": true } });

    let (status, answer) = ayse.put("/users/preferences", body).await.parts();
    let (null, nothing) = ayse.put("/users/preferences", json!({ "commercial_mail": null })).await.parts();

    let named = vec![("locale", "LOCALE_UNKNOWN"), ("commercial_mail.text_version", "TEXT_VERSION_REQUIRED")];
    assert_eq!((status, faults(&answer)), (422, named));
    assert_eq!((null, faults(&nothing)), (422, vec![("commercial_mail", "NULL")]));
    assert!(ayse.get("/users/preferences").await.parts().1["commercial_mail"]["at"].is_null());
}
