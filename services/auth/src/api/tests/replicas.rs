//! Two processes over one state, asked at the same moment.

use futures_util::future::join;
use kit::on_every_database;
use serde_json::json;

use crate::actions::admin;
use crate::fixture::{Ask, Fixture, Held, PASSWORD};
use crate::store;
use crate::store::session::Open;

on_every_database! {
    Fixture:
    one_token_verified_twice_makes_one_account_and_one_session,
    one_address_verified_by_two_registrations_has_one_owner,
    one_reset_token_sets_one_password,
    one_refresh_token_has_one_successor,
    who_signs_in_while_the_account_is_locked_has_no_session,
    who_signs_in_with_the_old_password_while_it_is_changed_has_no_session,
    one_session_ended_twice_ends_once_for_both,
    a_link_is_good_until_the_mail_with_the_next_one_is_on_its_way,
    registrations_that_came_to_nothing_drive_nobody_out,
}

const ROUNDS: usize = 8;
const NEW: &str = "kırmızı vapur 7";

/// How many sessions of the account are open.
async fn open_sessions(fixture: &Fixture, email: &str) -> usize {
    let database = &fixture.auth.context.database;
    let account = store::account::find_by_email(database, &email.parse().unwrap()).await.unwrap().unwrap();
    let now = fixture.auth.context.now();
    let open = Open { now, used_since: account.created_at - std::time::Duration::from_secs(1) };
    let page = kit::PageRequest { after: None, limit: 50 };
    store::session::list_open(database, account.id, open, page).await.unwrap().len()
}

async fn one_token_verified_twice_makes_one_account_and_one_session(fixture: Fixture) {
    let replica = fixture.replica().await;
    for round in 0..ROUNDS {
        let email = format!("ayse{round}@example.com");
        let token = fixture.register(&email, PASSWORD).await;
        let verify = || Ask::post("/auth/verify-email", json!({ "token": token }));

        let (first, second) = join(fixture.ask(verify()), replica.ask(verify())).await;

        assert_eq!(Held::by(&first).refresh, Held::by(&second).refresh);
        assert_eq!((fixture.users().await.len(), open_sessions(&fixture, &email).await), (1, 1));
    }
}

async fn one_address_verified_by_two_registrations_has_one_owner(fixture: Fixture) {
    let replica = fixture.replica().await;
    let first = fixture.register("ayse@example.com", PASSWORD).await;
    let second = fixture.register("ayse@example.com", NEW).await;
    let verify = |token: &str| Ask::post("/auth/verify-email", json!({ "token": token }));

    let (one, other) = join(fixture.ask(verify(&first)), replica.ask(verify(&second))).await;

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!((statuses, fixture.users().await.len()), ([200, 400], 1));
}

async fn one_reset_token_sets_one_password(fixture: Fixture) {
    let replica = fixture.replica().await;
    fixture.sign_up("ayse@example.com").await;
    for _ in 0..3 {
        fixture.ask(Ask::post("/auth/forgot-password", json!({"email": "ayse@example.com"}))).await;
        let token = fixture.mailed_token().await;
        let reset = |password: &str| Ask::post("/auth/reset-password", json!({"token": token, "password": password}));

        let (one, other) = join(fixture.ask(reset(NEW)), replica.ask(reset("yeşil vapur 8"))).await;

        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        assert_eq!(open_sessions(&fixture, "ayse@example.com").await, 0);
    }
}

async fn one_refresh_token_has_one_successor(fixture: Fixture) {
    let replica = fixture.replica().await;
    let mut held = fixture.sign_up("ayse@example.com").await;
    for _ in 0..ROUNDS {
        // Past a day the ledger is written, too.
        fixture.clock.advance(std::time::Duration::from_secs(25 * 60 * 60));

        let (first, second) = join(fixture.refresh(&held.refresh), replica.refresh(&held.refresh)).await;

        assert_eq!(Held::by(&first).refresh, Held::by(&second).refresh);
        held = Held::by(&first);
    }
}

async fn who_signs_in_while_the_account_is_locked_has_no_session(fixture: Fixture) {
    let replica = fixture.replica().await;
    let (email, database) = ("ayse@example.com".parse().unwrap(), &fixture.auth.context.database);
    fixture.sign_up("ayse@example.com").await;
    for _ in 0..ROUNDS {
        let (_, locked) = join(replica.login("ayse@example.com", PASSWORD), admin::lock(database, &email)).await;

        locked.unwrap();
        assert_eq!(open_sessions(&fixture, "ayse@example.com").await, 0);
        admin::unlock(database, &email).await.unwrap();
    }
}

async fn who_signs_in_with_the_old_password_while_it_is_changed_has_no_session(fixture: Fixture) {
    let replica = fixture.replica().await;
    let mut held = fixture.sign_up("ayse@example.com").await;
    let (mut current, mut new) = (PASSWORD, NEW);
    for _ in 0..3 {
        let body = json!({"current_password": current, "new_password": new});
        let change = Ask::post("/auth/change-password", body).bearer(&held.access);

        let (changed, _) = join(fixture.ask(change), replica.login("ayse@example.com", current)).await;

        held = Held::by(&changed);
        assert_eq!(open_sessions(&fixture, "ayse@example.com").await, 1);
        std::mem::swap(&mut current, &mut new);
    }
}

async fn one_session_ended_twice_ends_once_for_both(fixture: Fixture) {
    let replica = fixture.replica().await;
    for round in 0..ROUNDS {
        let held = fixture.sign_up(&format!("ayse{round}@example.com")).await;
        let logout = || Ask::post("/auth/logout", json!({})).bearer(&held.access);

        let (one, other) = join(fixture.ask(logout()), replica.ask(logout())).await;

        // Whoever comes second may find the session ended already.
        assert!([(200, 200), (200, 401), (401, 200)].contains(&(one.status, other.status)), "{one:?} {other:?}");
    }
}

async fn a_link_is_good_until_the_mail_with_the_next_one_is_on_its_way(fixture: Fixture) {
    let cut_off = fixture.replica().await;
    fixture.sign_up("ayse@example.com").await;
    fixture.ask(Ask::post("/auth/forgot-password", json!({"email": "ayse@example.com"}))).await;
    let reset = fixture.mailed_token().await;
    let verification = fixture.register("fatma@example.com", PASSWORD).await;
    cut_off.auth.context.database.close().await.unwrap();

    let forgot = cut_off.ask(Ask::post("/auth/forgot-password", json!({"email": "ayse@example.com"}))).await;
    let resent = cut_off.ask(Ask::post("/auth/resend-verification", json!({"email": "fatma@example.com"}))).await;

    assert_eq!((forgot.status, resent.status), (503, 503));
    let reset = Ask::post("/auth/reset-password", json!({"token": reset, "password": NEW}));
    assert_eq!(fixture.ask(reset).await.status, 200);
    let verified = Ask::post("/auth/verify-email", json!({ "token": verification }));
    assert_eq!(fixture.ask(verified).await.status, 200);
}

async fn registrations_that_came_to_nothing_drive_nobody_out(fixture: Fixture) {
    let cut_off = fixture.replica().await;
    let register = || Ask::post("/auth/register", json!({"email": "ayse@example.com", "password": PASSWORD}));
    let oldest = fixture.register("ayse@example.com", PASSWORD).await;
    cut_off.auth.context.database.close().await.unwrap();

    for _ in 0..2 {
        assert_eq!(cut_off.ask(register()).await.status, 503);
    }
    fixture.register("ayse@example.com", PASSWORD).await;

    let verified = fixture.ask(Ask::post("/auth/verify-email", json!({ "token": oldest }))).await;
    assert_eq!(verified.status, 200);
}
