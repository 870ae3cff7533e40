use std::time::Duration;

use contracts::{EmailAddress, Role, Secret};
use database::Connection;
use kit::on_every_database;
use serde_json::{Value, json};
use testkit::Warnings;

use crate::error::AuthError;
use crate::fixture::{Answer, Ask, Fixture, Held, PASSWORD};
use crate::model::access_token::Grant;
use crate::model::refresh_token::Generation;
use crate::{actions, admin, keys, seed};

on_every_database! {
    Fixture:
    a_rotation_rejects_no_valid_token,
    a_key_that_leaked_opens_nothing_after_a_minute,
    a_retired_key_opens_nothing_once_its_last_token_expired,
    a_key_that_nobody_published_does_not_sign,
    keys_that_a_clock_dated_that_was_ahead_count_from_when_it_is_right,
    a_locked_account_is_closed_until_it_is_unlocked,
    signing_out_ends_the_sessions_and_nothing_else,
    an_administrator_is_made_or_promoted,
    a_role_that_is_granted_is_known_to_a_session_at_its_next_refresh,
    a_session_keeps_its_role_while_the_database_is_away_and_says_so_once,
    a_session_asks_for_its_role_again_only_after_a_change,
    an_admin_grants_roles_and_nobody_else_does,
    an_unknown_address_is_reported_to_the_operator,
    a_demo_account_is_open_for_its_demo_alone,
    a_demo_takes_no_account_from_its_owner,
}

fn ayse() -> EmailAddress {
    "ayse@example.com".parse().unwrap()
}

/// What the running platform does about once a second.
async fn a_second_later(fixture: &Fixture) {
    actions::sweep::sweep(&fixture.auth).await.unwrap();
    actions::role_version::poll(&fixture.auth).await.unwrap();
    keys::follow(&fixture.auth).await.unwrap();
}

async fn rotate_while_time_passes(fixture: &Fixture) -> Result<(), AuthError> {
    let time_passes = async {
        loop {
            fixture.clock.advance(Duration::from_millis(10));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        rotated = keys::rotate(&fixture.auth.context.database) => rotated,
        () = time_passes => unreachable!("time does not end"),
    }
}

fn key_of(answer: &Answer) -> String {
    let access = Held::by(answer).access;
    let header = data_encoding::BASE64URL_NOPAD.decode(access.split('.').next().unwrap().as_bytes()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn published(fixture: &Fixture) -> Vec<String> {
    let set = fixture.ask(Ask::get("/auth/.well-known/jwks.json")).await.json();
    let keys = set["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn keys_that_a_clock_dated_that_was_ahead_count_from_when_it_is_right(fixture: Fixture) {
    let (ahead, moment) = (Duration::from_secs(10 * 3600), Duration::from_secs(5));
    let ttl = fixture.auth.settings.access_ttl + Duration::from_secs(60);
    let retired = published(&fixture).await;
    fixture.clock.advance(ahead);
    keys::rotate(&fixture.auth.context.database).await.unwrap();
    a_second_later(&fixture).await;
    fixture.clock.set_back(ahead);

    a_second_later(&fixture).await;
    fixture.clock.advance(moment);
    let rotated = keys::rotate(&fixture.auth.context.database).await;
    let meanwhile = published(&fixture).await;
    fixture.clock.advance(ttl);
    a_second_later(&fixture).await;
    let then = published(&fixture).await;

    assert!(rotated.is_ok(), "{rotated:?}");
    assert!(retired.iter().all(|key| meanwhile.contains(key)), "{retired:?} {meanwhile:?}");
    assert!(!then.iter().any(|key| retired.contains(key)), "{retired:?} {then:?}");
}

async fn a_rotation_rejects_no_valid_token(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    fixture.sign_up("ayse@example.com").await;
    let old = fixture.login("ayse@example.com", PASSWORD).await;
    let announced = published(&fixture).await;
    fixture.clock.advance(Duration::from_secs(5));

    keys::rotate(&database).await.unwrap();
    let unnoticed = fixture.login("ayse@example.com", PASSWORD).await;
    a_second_later(&fixture).await;
    let new = fixture.login("ayse@example.com", PASSWORD).await;

    assert_eq!(key_of(&unnoticed), key_of(&old));
    assert_ne!(key_of(&new), key_of(&old));
    assert!(announced.contains(&key_of(&new)), "the key was published before it signed");
    assert_eq!(published(&fixture).await.len(), 3);
    for answer in [&old, &unnoticed, &new] {
        assert_eq!(fixture.status_of(&Held::by(answer).access).await, 200);
    }
    fixture.clock.advance(Duration::from_secs(16 * 60));
    a_second_later(&fixture).await;
    assert_eq!(published(&fixture).await.len(), 2, "a retired key leaves with its last token");
    assert_eq!(keys::list(&database).await.unwrap().len(), 3);
}

async fn a_key_that_leaked_opens_nothing_after_a_minute(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    fixture.sign_up("ayse@example.com").await;
    let old = fixture.login("ayse@example.com", PASSWORD).await;
    let (announced, held) = (published(&fixture).await, Held::by(&old));
    let checked_before = fixture.status_of(&held.access).await;

    keys::rotate_now(&database).await.unwrap();
    a_second_later(&fixture).await;
    let replaced = published(&fixture).await;
    fixture.clock.advance(Duration::from_secs(60));
    fixture.auth.guard.prepare().await.unwrap();

    assert_eq!(replaced.len(), 2);
    assert!(!replaced.iter().any(|kid| announced.contains(kid)), "the next key may have leaked with the current one");
    assert_eq!((checked_before, fixture.status_of(&held.access).await), (200, 401), "it is checked again");
    let renewed = Held::by(&fixture.refresh(&held.refresh).await);
    assert_eq!(fixture.status_of(&renewed.access).await, 200);
}

async fn a_retired_key_opens_nothing_once_its_last_token_expired(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    fixture.sign_up("ayse@example.com").await;
    let old = fixture.auth.signer.key();
    fixture.clock.advance(Duration::from_secs(5));
    keys::rotate(&database).await.unwrap();
    a_second_later(&fixture).await;

    fixture.clock.advance(Duration::from_secs(20 * 60));
    let held = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
    a_second_later(&fixture).await;
    fixture.auth.guard.prepare().await.unwrap();
    let claims = fixture.auth.guard.check(&held.access).await.unwrap();
    let grant =
        Grant { user_id: claims.sub, role: Role::Admin, session: claims.sid.unwrap(), generation: Generation::FIRST };
    let forged = old.mint(grant, fixture.auth.context.now(), Duration::from_secs(15 * 60)).unwrap();

    assert_eq!(fixture.status_of(&held.access).await, 200);
    assert_eq!(fixture.status_of(forged.expose()).await, 401);
}

async fn a_key_that_nobody_published_does_not_sign(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    fixture.clock.advance(Duration::from_secs(5));
    keys::rotate(&database).await.unwrap();

    let unpublished = rotate_while_time_passes(&fixture).await;
    a_second_later(&fixture).await;
    fixture.clock.advance(Duration::from_secs(5));
    let published = keys::rotate(&database).await;

    assert!(matches!(unpublished, Err(AuthError::NextKeyNotPublished)));
    assert!(published.is_ok());
}

async fn a_locked_account_is_closed_until_it_is_unlocked(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    let held = fixture.sign_up("ayse@example.com").await;

    fixture.a_moment_later();
    admin::lock(&database, &ayse()).await.unwrap();
    a_second_later(&fixture).await;

    assert_eq!(fixture.status_of(&held.access).await, 401);
    assert_eq!(fixture.refresh(&held.refresh).await.status, 401);
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 400);
    fixture.a_moment_later();
    fixture.ask(Ask::post("/auth/forgot-password", json!({"email": "ayse@example.com"}))).await;
    assert_eq!(fixture.mails().await, []);
    fixture.a_moment_later();
    admin::unlock(&database, &ayse()).await.unwrap();
    let login = fixture.login("ayse@example.com", PASSWORD).await;
    let events = fixture.events(&Held::by(&login).access).await;
    assert_eq!(events, ["login", "unlocked", "password_reset_asked", "login_refused", "locked", "account_created"]);
}

async fn signing_out_ends_the_sessions_and_nothing_else(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;

    admin::sign_out(&fixture.auth.context.database, &ayse()).await.unwrap();
    a_second_later(&fixture).await;

    assert_eq!(fixture.status_of(&held.access).await, 401);
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 200);
}

async fn an_administrator_is_made_or_promoted(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    let held = fixture.sign_up("ayse@example.com").await;
    let password = || Secret::new("yöneticinin parolası");

    let promoted = admin::create(&database, ayse(), password()).await.unwrap();
    let new = admin::create(&database, "ali@example.com".parse().unwrap(), password()).await.unwrap();
    let unfit = admin::create(&database, "ece@example.com".parse().unwrap(), Secret::new("kısa")).await;
    a_second_later(&fixture).await;

    assert!(matches!(promoted, admin::Created::Promoted(_)) && matches!(new, admin::Created::New(_)));
    assert!(matches!(unfit, Err(AuthError::Unfit(_))));
    assert_eq!(fixture.status_of(&held.access).await, 401, "the old session has the old role");
    for email in ["ayse@example.com", "ali@example.com"] {
        let admin = Held::by(&fixture.login(email, "yöneticinin parolası").await);
        let me = fixture.ask(Ask::get("/auth/me").bearer(&admin.access)).await.json();
        assert_eq!(me["role"], "admin");
    }
    assert_eq!(fixture.users().await.len(), 2);
}

/// The role in the access token.
fn role_in(access: &str) -> String {
    let claims = data_encoding::BASE64URL_NOPAD.decode(access.split('.').nth(1).unwrap().as_bytes()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["role"].as_str().unwrap().to_owned()
}

/// The role in an access token that opens something.
async fn role_of(fixture: &Fixture, access: &str) -> String {
    assert_eq!(fixture.status_of(access).await, 200);
    role_in(access)
}

async fn a_role_that_is_granted_is_known_to_a_session_at_its_next_refresh(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    let held = fixture.sign_up("ayse@example.com").await;

    fixture.a_moment_later();
    admin::grant(&database, &ayse(), Role::Manager).await.unwrap();
    admin::grant(&database, &ayse(), Role::Manager).await.unwrap();
    a_second_later(&fixture).await;
    let before = role_of(&fixture, &held.access).await;
    let next = Held::by(&fixture.refresh(&held.refresh).await);
    let after = role_of(&fixture, &next.access).await;
    admin::grant(&database, &ayse(), Role::User).await.unwrap();
    a_second_later(&fixture).await;
    let last = Held::by(&fixture.refresh(&next.refresh).await);

    assert_eq!((before.as_str(), after.as_str()), ("user", "manager"));
    assert_eq!(role_of(&fixture, &last.access).await, "user");
    let events = fixture.events(&last.access).await;
    assert_eq!(events.iter().filter(|event| *event == "role_changed").count(), 2);
    let unknown = admin::grant(&database, &"ali@example.com".parse().unwrap(), Role::Admin).await;
    assert!(matches!(unknown, Err(AuthError::UnknownAccount)));
}

async fn a_session_keeps_its_role_while_the_database_is_away_and_says_so_once(fixture: Fixture) {
    let database = &fixture.auth.context.database;
    let mut held = fixture.sign_up("ayse@example.com").await;
    admin::grant(database, &ayse(), Role::Manager).await.unwrap();
    held = Held::by(&fixture.refresh(&held.refresh).await);
    admin::grant(database, &ayse(), Role::User).await.unwrap();
    a_second_later(&fixture).await;
    let warnings = Warnings::start();

    database.execute_unprepared("ALTER TABLE auth_account RENAME TO auth_account_away").await.unwrap();
    let mut roles = Vec::new();
    for _ in 0..3 {
        held = Held::by(&fixture.refresh(&held.refresh).await);
        roles.push(role_in(&held.access));
    }
    database.execute_unprepared("ALTER TABLE auth_account_away RENAME TO auth_account").await.unwrap();
    held = Held::by(&fixture.refresh(&held.refresh).await);

    assert_eq!(roles, ["manager"; 3]);
    assert_eq!(warnings.take(), ["sessions keep their roles, because the database can't be asked"]);
    assert_eq!(role_of(&fixture, &held.access).await, "user");
}

async fn a_session_asks_for_its_role_again_only_after_a_change(fixture: Fixture) {
    let database = &fixture.auth.context.database;
    let replica = fixture.replica().await;
    a_second_later(&fixture).await;
    let mut held = fixture.sign_up("ayse@example.com").await;
    held = Held::by(&fixture.refresh(&held.refresh).await);
    let warnings = Warnings::start();

    database.execute_unprepared("ALTER TABLE auth_account RENAME TO auth_account_away").await.unwrap();
    for process in [&fixture, &replica, &fixture] {
        held = Held::by(&process.refresh(&held.refresh).await);
        a_second_later(process).await;
    }
    let unchanged = warnings.take();
    database.execute_unprepared("ALTER TABLE auth_account_away RENAME TO auth_account").await.unwrap();
    let somebody_else =
        admin::create(database, "ali@example.com".parse().unwrap(), Secret::new("yöneticinin parolası"));
    somebody_else.await.unwrap();
    admin::grant(database, &"ali@example.com".parse().unwrap(), Role::User).await.unwrap();
    a_second_later(&replica).await;
    database.execute_unprepared("ALTER TABLE auth_account RENAME TO auth_account_away").await.unwrap();
    held = Held::by(&replica.refresh(&held.refresh).await);
    database.execute_unprepared("ALTER TABLE auth_account_away RENAME TO auth_account").await.unwrap();

    assert_eq!(unchanged, [""; 0]);
    assert_eq!(warnings.take(), ["sessions keep their roles, because the database can't be asked"]);
    assert_eq!(role_of(&fixture, &held.access).await, "user");
}

async fn an_admin_grants_roles_and_nobody_else_does(fixture: Fixture) {
    let password = Secret::new("yöneticinin parolası");
    admin::create(&fixture.auth.context.database, "ali@example.com".parse().unwrap(), password).await.unwrap();
    let ali = Held::by(&fixture.login("ali@example.com", "yöneticinin parolası").await).access;
    let held = fixture.sign_up("ayse@example.com").await;
    let id = fixture.ask(Ask::get("/auth/me").bearer(&held.access)).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/accounts/{id}/role");
    let grant = async |access: &str, path: &str, role: Value| {
        let answer = fixture.ask(Ask::put(path, json!({ "role": role })).bearer(access)).await;
        (answer.status, answer.code())
    };

    let by_herself = grant(&held.access, &path, json!("admin")).await.0;
    let (status, _) = grant(&ali, &path, json!("manager")).await;
    let refused = [json!("owner"), json!(7), json!(null)];

    assert_eq!((by_herself, status), (403, 200));
    for role in refused {
        assert_eq!(grant(&ali, &path, role.clone()).await, (422, "VALIDATION_FAILED".to_owned()), "{role}");
    }
    for unknown in ["018f0000-0000-7000-8000-000000000009", "17"] {
        let path = format!("/admin/accounts/{unknown}/role");
        assert_eq!(grant(&ali, &path, json!("manager")).await, (404, "ACCOUNT_NOT_FOUND".to_owned()));
    }
    let next = Held::by(&fixture.refresh(&held.refresh).await);
    assert_eq!(role_of(&fixture, &next.access).await, "manager");
}

async fn an_unknown_address_is_reported_to_the_operator(fixture: Fixture) {
    let database = &fixture.auth.context.database;

    for answer in [
        admin::lock(database, &ayse()).await,
        admin::unlock(database, &ayse()).await,
        admin::sign_out(database, &ayse()).await,
    ] {
        assert!(matches!(answer, Err(AuthError::UnknownAccount)));
    }
}

async fn a_demo_account_is_open_for_its_demo_alone(fixture: Fixture) {
    let database = fixture.auth.context.database.clone();
    let password = |text: &str| Secret::new(text);

    let first = seed(&database, ayse(), password("ilk gösteri parolası"), Role::Admin).await.unwrap();
    let open = Held::by(&fixture.login("ayse@example.com", "ilk gösteri parolası").await);
    actions::seed::withdraw(&database).await.unwrap();
    a_second_later(&fixture).await;
    let without_demo = fixture.login("ayse@example.com", "ilk gösteri parolası").await.status;
    let session = fixture.status_of(&open.access).await;
    let second = seed(&database, ayse(), password("yeni gösteri parolası"), Role::Admin).await.unwrap();

    assert_eq!((without_demo, session), (400, 401));
    assert_eq!(first, second);
    assert_eq!(fixture.login("ayse@example.com", "yeni gösteri parolası").await.status, 200);
    assert_eq!(fixture.users().await.len(), 1);
}

async fn a_demo_takes_no_account_from_its_owner(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;

    let taken = seed(&fixture.auth.context.database, ayse(), Secret::new("gösteri parolası"), Role::Admin).await;

    assert!(matches!(taken, Err(AuthError::AddressTaken)));
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 200);
}
