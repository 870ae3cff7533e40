use std::time::Duration;

use contracts::Secret;
use kit::on_every_database;
use serde_json::json;

use crate::admin;
use crate::fixture::{Answer, Ask, Fixture, Held, PASSWORD};

on_every_database! {
    Fixture:
    a_reset_changes_the_password_once_and_ends_every_session,
    a_newer_reset_link_cancels_the_older_one_and_both_grow_old,
    parallel_resets_by_one_token_have_one_effect,
    a_reset_works_while_throttled_and_opens_the_door_again,
    a_reset_link_ends_with_what_it_was_mailed_for,
    a_refused_password_leaves_the_link_usable,
    a_change_ends_every_session_and_opens_a_new_one,
    a_wrong_current_password_names_its_field_and_is_limited,
}

const NEW: &str = "kırmızı vapur 7";

async fn forgot(fixture: &Fixture, email: &str) -> String {
    fixture.ask(Ask::post("/auth/forgot-password", json!({ "email": email }))).await;
    fixture.mailed_token().await
}

async fn reset(fixture: &Fixture, token: &str, password: &str) -> Answer {
    fixture.ask(Ask::post("/auth/reset-password", json!({"token": token, "password": password}))).await
}

async fn change(fixture: &Fixture, held: &Held, current: &str) -> Answer {
    let body = json!({"current_password": current, "new_password": NEW});
    fixture.ask(Ask::post("/auth/change-password", body).bearer(&held.access)).await
}

async fn a_reset_changes_the_password_once_and_ends_every_session(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let token = forgot(&fixture, "ayse@example.com").await;

    let done = reset(&fixture, &token, NEW).await;
    let again = reset(&fixture, &token, "yeşil vapur 8").await;

    assert_eq!(done.json(), json!({"message": "Parolanız sıfırlandı."}));
    assert_eq!((again.status, again.code().as_str()), (400, "INVALID_TOKEN"));
    assert_eq!(fixture.status_of(&held.access).await, 401);
    assert_eq!(fixture.refresh(&held.refresh).await.status, 401);
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 400);
    assert_eq!(fixture.login("ayse@example.com", NEW).await.status, 200);
    let kinds: Vec<_> = fixture.mails().await.iter().map(|mail| mail.message.kind()).collect();
    assert_eq!(kinds, ["password_changed", "new_device"]);
}

async fn a_newer_reset_link_cancels_the_older_one_and_both_grow_old(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let older = forgot(&fixture, "ayse@example.com").await;
    let newer = forgot(&fixture, "ayse@example.com").await;

    let by_older = reset(&fixture, &older, NEW).await;
    fixture.clock.advance(Duration::from_secs(15 * 60));
    let too_late = reset(&fixture, &newer, NEW).await;

    assert_eq!((by_older.code().as_str(), too_late.code().as_str()), ("INVALID_TOKEN", "INVALID_TOKEN"));
}

async fn parallel_resets_by_one_token_have_one_effect(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let token = forgot(&fixture, "ayse@example.com").await;
    let passwords: Vec<String> = (0..8).map(|number| format!("yeni parola {number}")).collect();

    let answers = futures_util::future::join_all(passwords.iter().map(|new| reset(&fixture, &token, new))).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(fixture.mails().await.len(), 1);
}

async fn a_reset_works_while_throttled_and_opens_the_door_again(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    for _ in 0..6 {
        fixture.login("ayse@example.com", "yanlış parola").await;
    }
    let throttled = fixture.login("ayse@example.com", PASSWORD).await.status;
    let token = forgot(&fixture, "ayse@example.com").await;

    let done = reset(&fixture, &token, NEW).await.status;

    assert_eq!((throttled, done), (429, 200));
    assert_eq!(fixture.login("ayse@example.com", NEW).await.status, 200);
}

async fn a_reset_link_ends_with_what_it_was_mailed_for(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    let held = fixture.sign_up("ayse@example.com").await;

    let token = forgot(&fixture, "ayse@example.com").await;
    let held = Held::by(&change(&fixture, &held, PASSWORD).await);
    let after_a_change = reset(&fixture, &token, "hırsızın parolası").await.status;
    let token = forgot(&fixture, "ayse@example.com").await;
    fixture.ask(Ask::post("/auth/logout-all", json!({})).bearer(&held.access)).await;
    let after_a_log_out = reset(&fixture, &token, "hırsızın parolası").await.status;
    fixture.clock.advance(Duration::from_secs(15 * 60));
    let token = forgot(&fixture, "ayse@example.com").await;
    admin::lock(&database, &"ayse@example.com".parse().unwrap()).await.unwrap();
    admin::unlock(&database, &"ayse@example.com".parse().unwrap()).await.unwrap();
    let after_a_lock = reset(&fixture, &token, "hırsızın parolası").await.status;
    fixture.clock.advance(Duration::from_secs(15 * 60));
    let token = forgot(&fixture, "ayse@example.com").await;
    admin::create(&database, "ayse@example.com".parse().unwrap(), Secret::new("yöneticinin parolası")).await.unwrap();
    let after_a_promotion = reset(&fixture, &token, "hırsızın parolası").await.status;

    assert_eq!([after_a_change, after_a_log_out, after_a_lock, after_a_promotion], [400; 4]);
    assert_eq!(fixture.login("ayse@example.com", "yöneticinin parolası").await.status, 200);
}

async fn a_refused_password_leaves_the_link_usable(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let token = forgot(&fixture, "ayse@example.com").await;

    let holds_address = reset(&fixture, &token, "ayse@example.com!").await;

    assert_eq!(holds_address.status, 422);
    assert_eq!(holds_address.json()["errors"][0]["code"], "PASSWORD_CONTAINS_EMAIL");
    assert_eq!(holds_address.json()["errors"][0]["field"], "password");
    assert_eq!(reset(&fixture, &token, NEW).await.status, 200);
}

async fn a_change_ends_every_session_and_opens_a_new_one(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let other = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
    fixture.mails().await;

    let changed = Held::by(&change(&fixture, &held, PASSWORD).await);

    for ended in [&held, &other] {
        assert_eq!(fixture.status_of(&ended.access).await, 401);
        assert_eq!(fixture.refresh(&ended.refresh).await.status, 401);
    }
    assert_eq!(fixture.status_of(&changed.access).await, 200);
    assert_eq!(fixture.refresh(&changed.refresh).await.status, 200);
    assert_eq!(fixture.login("ayse@example.com", NEW).await.status, 200);
    assert_eq!(fixture.mails().await[0].message.kind(), "password_changed");
}

async fn a_wrong_current_password_names_its_field_and_is_limited(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;

    let wrong = change(&fixture, &held, "yanlış parola").await;
    for _ in 0..4 {
        change(&fixture, &held, "yanlış parola").await;
    }
    let sixth = change(&fixture, &held, PASSWORD).await;

    assert_eq!((wrong.status, wrong.code().as_str()), (400, "INVALID_PASSWORD"));
    assert_eq!(wrong.json()["errors"][0]["field"], "current_password");
    assert_eq!(sixth.status, 429);
    assert_eq!(fixture.status_of(&held.access).await, 200);
}
