use std::time::Duration;

use contracts::{SessionId, UserId};
use kit::on_every_database;
use serde_json::{Value, json};

use crate::actions::sweep;
use crate::fixture::{Answer, Ask, Fixture, Held, PASSWORD};
use crate::store::session::Session;
use crate::{admin, store};

on_every_database! {
    Fixture:
    a_user_sees_where_they_are_signed_in_and_ends_it,
    nobody_ends_the_session_of_another,
    lists_come_in_pages,
    a_session_of_a_clock_that_was_ahead_is_listed_while_it_can_go_on_and_takes_no_place_afterwards,
    logging_out_everywhere_ends_all_sessions_of_the_user_alone,
    a_hundred_sessions_of_an_account_are_alive_and_the_oldest_end_first,
    an_account_is_taken_back_from_any_number_of_sessions,
}

async fn list(fixture: &Fixture, held: &Held, query: &str) -> Value {
    fixture.ask(Ask::get(&format!("/auth/sessions{query}")).bearer(&held.access)).await.json()
}

async fn end(fixture: &Fixture, held: &Held, session: &Value) -> Answer {
    fixture.ask(Ask::delete(&format!("/auth/sessions/{}", session.as_str().unwrap())).bearer(&held.access)).await
}

async fn a_user_sees_where_they_are_signed_in_and_ends_it(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let login = json!({"email": "ayse@example.com", "password": PASSWORD});
    fixture.a_moment_later();
    let phone = Ask::post("/auth/login", login).from("203.0.113.9").header("user-agent", "Telefon");
    let phone = Held::by(&fixture.ask(phone).await);

    let sessions = list(&fixture, &held, "").await;
    let ended = end(&fixture, &held, &sessions["items"][0]["id"]).await.status;
    let once_more = end(&fixture, &held, &sessions["items"][0]["id"]).await.status;

    assert_eq!(sessions["items"].as_array().unwrap().len(), 2);
    assert_eq!(sessions["items"][0]["device"], "Telefon");
    assert_eq!(sessions["items"][0]["network"], "203.0.113.0/24");
    assert_eq!((&sessions["items"][0]["current"], &sessions["items"][1]["current"]), (&json!(false), &json!(true)));
    assert_eq!(sessions["next_cursor"], Value::Null);
    assert_eq!((ended, once_more), (204, 204));
    assert_eq!(fixture.status_of(&phone.access).await, 401);
    assert_eq!(fixture.status_of(&held.access).await, 200);
    assert_eq!(list(&fixture, &held, "").await["items"].as_array().unwrap().len(), 1);
}

async fn nobody_ends_the_session_of_another(fixture: Fixture) {
    let ayse = fixture.sign_up("ayse@example.com").await;
    let ali = fixture.sign_up("ali@example.com").await;
    let session = list(&fixture, &ayse, "").await["items"][0]["id"].clone();

    for id in [&session, &json!("018f0000-0000-7000-8000-000000000001"), &json!("x"), &json!("%ff")] {
        let answer = end(&fixture, &ali, id).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "SESSION_NOT_FOUND"));
    }
    assert_eq!(fixture.status_of(&ayse.access).await, 200);
}

async fn lists_come_in_pages(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    for _ in 0..2 {
        fixture.login("ayse@example.com", PASSWORD).await;
    }

    let first = list(&fixture, &held, "?limit=2").await;
    let second = list(&fixture, &held, &format!("?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;

    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(second["items"][0]["current"], true);
    assert_eq!(second["next_cursor"], Value::Null);
}

async fn logging_out_everywhere_ends_all_sessions_of_the_user_alone(fixture: Fixture) {
    let ayse = fixture.sign_up("ayse@example.com").await;
    let phone = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
    let ali = fixture.sign_up("ali@example.com").await;

    let answer = fixture.ask(Ask::post("/auth/logout-all", json!({})).bearer(&ayse.access)).await;

    assert_eq!(answer.status, 200);
    for held in [&ayse, &phone] {
        assert_eq!(fixture.status_of(&held.access).await, 401);
        assert_eq!(fixture.refresh(&held.refresh).await.status, 401);
    }
    assert_eq!(fixture.status_of(&ali.access).await, 200);
}

/// What a flood of sign-ins leaves: `count` sessions more of the user who holds `held`.
async fn flood(fixture: &Fixture, held: &Held, count: u32) -> UserId {
    fixture.a_moment_later();
    let claims = fixture.auth.guard.check(&held.access).await.unwrap();
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    let first = store::session::find(&tx, claims.sid.unwrap()).await.unwrap().unwrap();
    for _ in 0..count {
        let id = SessionId(tx.sources().uuid());
        store::session::insert(&tx, &Session { id, revoked_at: None, published_at: None, ..first.clone() })
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    fixture.a_moment_later();
    claims.sub
}

async fn alive(fixture: &Fixture, user: UserId) -> usize {
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    store::session::alive_of_user(&tx, user, None, 10_000).await.unwrap().len()
}

async fn a_hundred_sessions_of_an_account_are_alive_and_the_oldest_end_first(fixture: Fixture) {
    let oldest = fixture.sign_up("ayse@example.com").await;
    let user = flood(&fixture, &oldest, 150).await;

    let newest = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);

    assert_eq!(alive(&fixture, user).await, 100);
    assert_eq!(fixture.status_of(&oldest.access).await, 401);
    assert_eq!(fixture.refresh(&oldest.refresh).await.status, 401);
    assert_eq!(fixture.refresh(&newest.refresh).await.status, 200);
}

async fn a_session_of_a_clock_that_was_ahead_is_listed_while_it_can_go_on_and_takes_no_place_afterwards(
    fixture: Fixture,
) {
    let (hour, days) = (Duration::from_secs(60 * 60), Duration::from_secs(2 * 24 * 60 * 60));
    let first = fixture.sign_up("ayse@example.com").await;
    let login = async || Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
    fixture.clock.advance(hour);
    let hour_ahead = login().await;
    fixture.clock.advance(days);
    let days_ahead = login().await;
    flood(&fixture, &days_ahead, 150).await;
    fixture.clock.set_back(hour + days);

    let second = login().await;
    let listed = list(&fixture, &second, "").await["items"].as_array().unwrap().len();

    assert_eq!(listed, 3, "first, second and that of an hour ahead");
    for held in [first, hour_ahead, second] {
        assert_eq!(fixture.refresh(&held.refresh).await.status, 200);
    }
    assert_eq!(fixture.refresh(&days_ahead.refresh).await.status, 401);
}

/// Postgres ends a statement that takes too long, and so refuses one here that ends many sessions.
const REFUSE_LONG_STATEMENTS: &str = "
    CREATE FUNCTION test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM changed) > 1000 THEN RAISE EXCEPTION 'too many rows'; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER test_refuse AFTER UPDATE ON auth_session REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION test_refuse();";

async fn an_account_is_taken_back_from_any_number_of_sessions(fixture: Fixture) {
    if fixture.is_on_postgres() {
        fixture.execute(REFUSE_LONG_STATEMENTS).await;
    }
    let stolen = fixture.sign_up("ayse@example.com").await;
    let user = flood(&fixture, &stolen, 2_500).await;
    let unpublished = async || store::session::unpublished(&fixture.auth.context.database, 10_000).await.unwrap().len();

    let answer = fixture.ask(Ask::post("/auth/logout-all", json!({})).bearer(&stolen.access)).await;
    let left_to_the_sweep = unpublished().await;
    sweep::sweep(&fixture.auth).await.unwrap();

    assert_eq!((answer.status, alive(&fixture, user).await), (200, 0));
    assert_eq!(fixture.status_of(&stolen.access).await, 401);
    assert_eq!((left_to_the_sweep, unpublished().await), (2_401, 0), "no request waits for more than a hundred");
    let back = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
    flood(&fixture, &back, 2_500).await;
    admin::lock(&fixture.auth.context.database, &"ayse@example.com".parse().unwrap()).await.unwrap();
    assert_eq!(alive(&fixture, user).await, 0);
}
