//! Queries whose rule is in their SQL, on every database.

use std::time::Duration;

use contracts::{Locale, Role, SessionId, UserId};
use database::DatabaseError;
use kit::{PageRequest, on_every_database};
use uuid::Uuid;

use super::account::Account;
use super::session::{Open, Session};
use super::used_token::UsedToken;
use crate::actions::{keys, trim};
use crate::fixture::Fixture;
use crate::model::device::DeviceId;
use crate::model::limits::PasswordLimit;
use crate::model::one_time_token::OneTimeToken;
use crate::model::refresh_token::Generation;
use crate::model::rotation::Checkpoint;
use crate::model::signing_key::KeyState;
use crate::store;
use crate::store::limits::WhenAway;

on_every_database! {
    Fixture:
    an_account_reads_back_as_it_was_written_and_its_address_is_taken,
    a_checkpoint_never_goes_back_and_shows_when_the_session_is_over,
    a_session_is_listed_while_it_is_open,
    a_token_is_used_once,
    there_is_one_current_signing_key,
    what_was_kept_long_enough_is_forgotten,
    what_strangers_did_to_no_account_is_forgotten_after_a_week,
    fifty_accounts_may_fail_from_one_network_and_the_next_takes_no_place,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn account(fixture: &Fixture, email: &str) -> Account {
    Account {
        id: UserId(fixture.auth.context.sources.uuid()),
        email: email.parse().unwrap(),
        password_hash: "$2b$04$abcdefghijklmnopqrstuuXDX2IgZ1bVfKQ2JYJjkzWkyOeyPXo5y".parse().unwrap(),
        role: Role::User,
        locale: Locale::Tr,
        is_demo: false,
        created_at: fixture.auth.context.now(),
        locked_at: None,
        reset_token: None,
    }
}

/// A session that begins now, of a new account.
async fn session(fixture: &Fixture, email: &str) -> Session {
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    let account = account(fixture, email);
    let session = Session {
        id: SessionId(tx.sources().uuid()),
        user_id: account.id,
        device_id: DeviceId(tx.sources().uuid()),
        user_agent: None,
        network: "203.0.113.0/24".to_owned(),
        generation: 0,
        created_at: tx.now(),
        last_seen_at: tx.now(),
        ends_at: tx.now() + 180 * DAY,
        revoked_at: None,
        published_at: None,
    };
    store::account::insert(&tx, &account).await.unwrap();
    store::session::insert(&tx, &session).await.unwrap();
    tx.commit().await.unwrap();
    session
}

async fn checkpoint(fixture: &Fixture, session: SessionId, generation: u32) -> bool {
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    let checkpoint = Checkpoint { generation: Generation(generation), at: tx.now() };
    let is_open = store::session::checkpoint(&tx, session, checkpoint).await.unwrap();
    tx.commit().await.unwrap();
    is_open
}

async fn an_account_reads_back_as_it_was_written_and_its_address_is_taken(fixture: Fixture) {
    let written = account(&fixture, "ayse@example.com");
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    store::account::insert(&tx, &written).await.unwrap();
    tx.commit().await.unwrap();

    let read = store::account::find_by_email(&fixture.auth.context.database, &written.email).await.unwrap();
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    let twin = store::account::insert(&tx, &account(&fixture, "ayse@example.com")).await;

    assert_eq!(read, Some(written));
    assert!(matches!(twin, Err(DatabaseError::Taken { .. })));
}

async fn a_checkpoint_never_goes_back_and_shows_when_the_session_is_over(fixture: Fixture) {
    let begun = session(&fixture, "ayse@example.com").await;
    let now = async || store::session::find(&fixture.auth.context.database, begun.id).await.unwrap().unwrap();
    fixture.clock.advance(DAY);

    assert!(checkpoint(&fixture, begun.id, 8).await);
    fixture.clock.advance(DAY);
    assert!(checkpoint(&fixture, begun.id, 5).await);

    assert_eq!((now().await.generation(), now().await.last_seen_at), (Generation(8), begun.created_at + DAY));
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    assert!(store::session::revoke(&tx, begun.id).await.unwrap());
    assert!(!store::session::revoke(&tx, begun.id).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!checkpoint(&fixture, begun.id, 9).await);
    assert_eq!(now().await.generation(), Generation(8));
}

async fn a_session_is_listed_while_it_is_open(fixture: Fixture) {
    let begun = session(&fixture, "ayse@example.com").await;
    let page = PageRequest { after: None, limit: 10 };
    let listed = async |now, used_since| {
        let open = Open { now, used_since };
        store::session::list_open(&fixture.auth.context.database, begun.user_id, open, page).await.unwrap().len()
    };
    let (start, second) = (begun.created_at, Duration::from_secs(1));

    assert_eq!(listed(start, start - second).await, 1);
    assert_eq!(listed(start, start).await, 0, "idle for too long");
    assert_eq!(listed(begun.ends_at, start - second).await, 0, "over");
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    store::session::revoke_each(&tx, vec![begun.id]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(listed(start, start - second).await, 0, "revoked");
}

async fn a_token_is_used_once(fixture: Fixture) {
    let digest = OneTimeToken::new([7; 32]).digest().to_string();
    let used =
        UsedToken { digest, user_id: UserId(Uuid::nil()), session_id: None, used_at: fixture.auth.context.now() };
    let tx = fixture.auth.context.database.begin_write().await.unwrap();

    store::used_token::insert(&tx, used.clone()).await.unwrap();
    let again = store::used_token::insert(&tx, used).await;

    assert!(matches!(again, Err(DatabaseError::Taken { .. })));
}

async fn there_is_one_current_signing_key(fixture: Fixture) {
    let keys = store::signing_key::list(&fixture.auth.context.database).await.unwrap();
    let tx = fixture.auth.context.database.begin_write().await.unwrap();

    let mut twin = keys.iter().find(|key| key.state == KeyState::Current).unwrap().clone();
    twin.kid = "another".to_owned();
    let twin = store::signing_key::insert(&tx, twin).await;

    assert_eq!(keys.len(), 2);
    assert!(matches!(twin, Err(DatabaseError::Taken { .. })));
}

async fn what_was_kept_long_enough_is_forgotten(fixture: Fixture) {
    let database = &fixture.auth.context.database;
    let old = fixture.sign_up("old@example.com").await;
    let me = fixture.ask(crate::fixture::Ask::get("/auth/me").bearer(&old.access)).await.json();
    let user: UserId = me["id"].as_str().unwrap().parse().unwrap();
    let page = PageRequest { after: None, limit: 10 };

    fixture.clock.advance(364 * DAY);
    trim::trim(database).await.unwrap();
    let before = store::security_event::list(database, user, page).await.unwrap().len();
    fixture.clock.advance(2 * DAY);
    trim::trim(database).await.unwrap();
    let after = store::security_event::list(database, user, page).await.unwrap().len();
    let device_is_known = store::session::any_of_user(database, user).await.unwrap();
    fixture.clock.advance(215 * DAY);
    trim::trim(database).await.unwrap();

    assert_eq!((before, after, device_is_known), (1, 0, true));
    assert!(!store::session::any_of_user(database, user).await.unwrap());
}

async fn what_strangers_did_to_no_account_is_forgotten_after_a_week(fixture: Fixture) {
    let database = &fixture.auth.context.database;
    let left = async || {
        let tx = database.begin_write().await.unwrap();
        let end_of_time = Uuid::from_u128(u128::MAX);
        // Not committed: it counts by deleting.
        let of_nobody = store::security_event::trim_of_nobody(&tx, end_of_time, 100).await.unwrap();
        (of_nobody, store::security_event::trim(&tx, end_of_time, 100).await.unwrap())
    };
    fixture.sign_up("ayse@example.com").await;
    fixture.login("ayse@example.com", "yanlış parola").await;
    fixture.login("nobody@example.com", "yanlış parola").await;
    fixture.clock.advance(Duration::from_secs(5));
    keys::rotate(database).await.unwrap();

    let before = left().await;
    fixture.clock.advance(8 * DAY);
    trim::trim(database).await.unwrap();

    assert_eq!(before, (2, 3), "a registration and a sign-in; an account, a sign-in and a rotation");
    assert_eq!(left().await, (0, 3));
}

async fn fifty_accounts_may_fail_from_one_network_and_the_next_takes_no_place(fixture: Fixture) {
    let auth = &fixture.auth;
    let limit = PasswordLimit { attempts: 5, length: DAY };
    let attempt = async |account: usize, network: &str| {
        let address = auth.address_key.digest(&format!("user{account}@example.com").parse().unwrap());
        let slots = limit.stranger(&address, network, auth.context.sources.uuid());
        auth.limits.reserve(slots, WhenAway::Refuse).await.is_ok()
    };

    for account in 0..50 {
        assert!(attempt(account, "203.0.113.0/24").await);
    }

    assert!(attempt(49, "203.0.113.0/24").await, "an account that failed before counts once");
    for _ in 0..30 {
        assert!(!attempt(50, "203.0.113.0/24").await);
    }
    assert!(attempt(50, "198.51.100.0/24").await, "no place of the account was taken in vain");
}
