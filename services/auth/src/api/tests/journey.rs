use kit::on_every_database;
use serde_json::json;

use crate::fixture::{Ask, Fixture, Held, PASSWORD};

on_every_database! {
    Fixture:
    somebody_registers_verifies_refreshes_and_logs_out,
    an_account_opens_with_its_password_alone,
    a_new_device_is_reported_by_mail_and_a_known_one_is_not,
    the_device_cookie_is_the_only_one_and_kept_from_scripts,
}

async fn somebody_registers_verifies_refreshes_and_logs_out(fixture: Fixture) {
    let token = fixture.register("ayse@example.com", PASSWORD).await;
    let verified = fixture.ask(Ask::post("/auth/verify-email", json!({ "token": token }))).await;
    let first = Held::by(&verified);
    let me = fixture.ask(Ask::get("/auth/me").bearer(&first.access)).await.json();
    let second = Held::by(&fixture.refresh(&first.refresh).await);
    let logout = fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&second.access)).await;

    assert_eq!(verified.json()["token"], verified.json()["access_token"]);
    assert_eq!(verified.json()["expires_in"], 900);
    assert_eq!((me["email"].as_str(), me["role"].as_str()), (Some("ayse@example.com"), Some("user")));
    assert_ne!(first.refresh, second.refresh);
    assert_eq!(logout.json(), json!({"message": "Oturumunuz kapatıldı."}));
    for refused in [&first.access, &second.access] {
        assert_eq!(fixture.status_of(refused).await, 401);
    }
    assert_eq!(fixture.refresh(&second.refresh).await.code(), "INVALID_REFRESH_TOKEN");
    let users = fixture.users().await;
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].user_id.to_string(), me["id"]);
}

async fn an_account_opens_with_its_password_alone(fixture: Fixture) {
    fixture.register("pending@example.com", PASSWORD).await;
    let held = fixture.sign_up("ayse@example.com").await;

    let right = fixture.login("Ayse@Example.com", PASSWORD).await;
    let refused = [
        fixture.login("ayse@example.com", "yanlış parola").await,
        fixture.login("nobody@example.com", PASSWORD).await,
        fixture.login("pending@example.com", PASSWORD).await,
    ];

    assert_eq!(right.status, 200);
    for answer in &refused {
        assert_eq!((answer.status, answer.code().as_str()), (400, "INVALID_CREDENTIALS"));
        assert_eq!(answer.text, refused[0].text);
    }
    assert_eq!(fixture.events(&held.access).await, ["login_refused", "login", "account_created"]);
}

async fn a_new_device_is_reported_by_mail_and_a_known_one_is_not(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let login = || Ask::post("/auth/login", json!({"email": "ayse@example.com", "password": PASSWORD}));

    let known = fixture.ask(login().cookie(held.cookie.as_deref().unwrap())).await;
    let after_known = fixture.mails().await;
    let new = fixture.ask(login()).await;
    let after_new = fixture.mails().await;

    assert_eq!(known.cookie(), held.cookie);
    assert_ne!(new.cookie(), held.cookie);
    assert_eq!(after_known, []);
    assert_eq!(after_new.iter().map(|mail| mail.message.kind()).collect::<Vec<_>>(), ["new_device"]);
}

async fn the_device_cookie_is_the_only_one_and_kept_from_scripts(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;

    let login = fixture.login("ayse@example.com", PASSWORD).await;
    let refreshed = fixture.refresh(&Held::by(&login).refresh).await;

    let cookies: Vec<_> = login.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1);
    let cookie = cookies[0].to_str().unwrap();
    assert!(cookie.starts_with("device="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"), "{cookie}");
    assert_eq!(refreshed.cookie(), None);
}
