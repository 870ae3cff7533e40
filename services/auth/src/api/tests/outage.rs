use std::time::Duration;

use contracts::SessionId;
use ephemeral::{EphemeralStore, Position};
use kit::access::REVOCATIONS_FEED;
use kit::on_every_database;
use serde_json::json;
use testkit::Warnings;
use uuid::Uuid;

use crate::fixture::{Ask, Fixture, Held, PASSWORD};
use crate::{actions, store};

on_every_database! {
    Fixture:
    without_the_ephemeral_store_a_login_works_within_its_limits,
    an_outage_is_warned_of_once_however_many_meet_it,
    without_the_ephemeral_store_a_log_out_is_accepted_and_published_later,
    without_the_ephemeral_store_nothing_is_asked_for_in_vain,
    a_wiped_store_hears_again_of_every_end_that_still_matters,
    a_store_that_lost_nothing_gets_nothing_twice_at_the_next_start,
    entries_that_the_feed_lost_are_published_though_the_store_fails_at_first,
    what_expired_by_a_clock_that_was_hours_ahead_is_in_force_when_it_is_set_right,
    an_epoch_does_not_begin_on_a_store_that_was_wiped_during_the_publication,
    a_session_that_was_ended_stays_ended_when_the_store_comes_back_older,
    a_token_that_was_used_before_the_ledgers_checkpoint_is_no_use_when_the_store_comes_back_older,
    a_session_that_went_on_goes_on_when_the_store_comes_back_older,
    a_session_that_the_ledger_lost_ends_at_its_next_checkpoint,
    a_ledger_that_came_back_older_makes_nobody_a_thief,
}

async fn without_the_ephemeral_store_a_login_works_within_its_limits(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    fixture.ephemeral.begin();

    let login = fixture.login("ayse@example.com", PASSWORD).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(fixture.login("ayse@example.com", "yanlış parola").await.status);
    }
    let refresh = fixture.refresh(&Held::by(&login).refresh).await;
    fixture.ephemeral.end();
    let later = fixture.refresh(&Held::by(&login).refresh).await;

    assert_eq!(login.status, 200);
    assert_eq!(statuses, [400, 400, 400, 400, 400, 429]);
    assert_eq!((refresh.status, refresh.code().as_str()), (503, "UNAVAILABLE"));
    assert_eq!(refresh.headers["retry-after"], "1");
    assert_eq!(later.status, 200, "the state is rebuilt from the ledger");
}

async fn an_outage_is_warned_of_once_however_many_meet_it(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let come_and_go = async || {
        for _ in 0..3 {
            let held = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
            assert_eq!(fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await.status, 200);
        }
    };
    let warnings = Warnings::start();

    let (mut outages, mut between) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        fixture.ephemeral.begin();
        come_and_go().await;
        outages.push(warnings.take());
        fixture.ephemeral.end();
        come_and_go().await;
        between.extend(warnings.take());
    }

    let once = [
        "attempts are counted in this process for the moment",
        "new sessions can't be copied to the ephemeral store yet",
        "ended sessions can't be published yet; the sweep does it",
    ];
    assert_eq!(outages, [once, once]);
    assert!(between.is_empty(), "{between:?}");
}

async fn without_the_ephemeral_store_a_log_out_is_accepted_and_published_later(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.ephemeral.begin();

    let logout = fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;
    let here = fixture.status_of(&held.access).await;
    fixture.ephemeral.end();
    let unpublished = async || store::session::unpublished(&fixture.auth.context.database, 10).await.unwrap().len();
    let waiting = unpublished().await;
    actions::sweep::sweep(&fixture.auth).await.unwrap();

    assert_eq!((logout.status, here, waiting), (200, 401, 1));
    assert_eq!(unpublished().await, 0);
    assert_eq!(fixture.refresh(&held.refresh).await.status, 401);
}

async fn without_the_ephemeral_store_nothing_is_asked_for_in_vain(fixture: Fixture) {
    fixture.ephemeral.begin();

    for path in ["/auth/register", "/auth/resend-verification", "/auth/forgot-password"] {
        let body = json!({"email": "ayse@example.com", "password": PASSWORD});
        let answer = fixture.ask(Ask::post(path, body)).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "UNAVAILABLE"), "{path}");
    }
    assert_eq!(fixture.ask(Ask::get("/auth/health")).await.status, 503);
    fixture.ephemeral.end();
    assert_eq!(fixture.ask(Ask::get("/auth/health")).await.json(), json!({"message": "OK"}));
    assert_eq!(fixture.mails().await, []);
}

async fn a_wiped_store_hears_again_of_every_end_that_still_matters(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    actions::sweep::sweep(&fixture.auth).await.unwrap();
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;
    let published = async || {
        let feed = fixture.ephemeral.follow(REVOCATIONS_FEED, Position::START, Duration::ZERO).await.unwrap();
        feed.entries.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>()
    };
    let before = published().await;
    fixture.ephemeral.lose("feed:epoch").await;
    fixture.ephemeral.lose_feeds();
    let lost = published().await;

    actions::sweep::sweep(&fixture.auth).await.unwrap();

    assert_eq!((before.len(), lost.len(), published().await), (1, 0, before));
}

async fn a_store_that_lost_nothing_gets_nothing_twice_at_the_next_start(fixture: Fixture) {
    let (kept, ended) = (fixture.sign_up("ayse@example.com").await, fixture.sign_up("can@example.com").await);
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&ended.access)).await;
    let published = async || {
        let feed = fixture.ephemeral.follow(REVOCATIONS_FEED, Position::START, Duration::ZERO).await.unwrap();
        feed.entries.len()
    };
    let before = published().await;

    fixture.ephemeral.restart();
    let restarted = fixture.replica().await;

    assert_eq!((before, published().await), (1, 1));
    let me = async |held: &Held| restarted.ask(Ask::get("/auth/me").bearer(&held.access)).await.status;
    assert_eq!((me(&kept).await, me(&ended).await), (200, 401));
}

async fn entries_that_the_feed_lost_are_published_though_the_store_fails_at_first(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;
    let published = async || {
        let feed = fixture.ephemeral.follow(REVOCATIONS_FEED, Position::START, Duration::ZERO).await.unwrap();
        feed.entries.len()
    };
    fixture.auth.guard.prepare().await.unwrap();
    fixture.ephemeral.lose_feeds();
    fixture.auth.guard.prepare().await.unwrap();

    fixture.ephemeral.begin();
    let in_vain = actions::sweep::sweep(&fixture.auth).await;
    fixture.ephemeral.end();
    let before = published().await;
    actions::sweep::sweep(&fixture.auth).await.unwrap();

    assert!(in_vain.is_err());
    assert_eq!((before, published().await), (0, 1));
}

async fn what_expired_by_a_clock_that_was_hours_ahead_is_in_force_when_it_is_set_right(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;
    let me = async || fixture.ask(Ask::get("/auth/me").bearer(&held.access)).await.status;
    let at_first = me().await;
    let ahead = Duration::from_secs(5 * 60 * 60);

    fixture.clock.advance(ahead);
    actions::sweep::sweep(&fixture.auth).await.unwrap();
    fixture.auth.guard.prepare().await.unwrap();
    // What has expired leaves the store, too.
    fixture.ephemeral.lose_feeds();
    fixture.clock.set_back(ahead);
    actions::sweep::sweep(&fixture.auth).await.unwrap();
    fixture.auth.guard.prepare().await.unwrap();

    assert_eq!([at_first, me().await], [401; 2]);
}

async fn an_epoch_does_not_begin_on_a_store_that_was_wiped_during_the_publication(fixture: Fixture) {
    let context = &fixture.auth.context;
    fixture.ephemeral.lose("feed:epoch").await;

    let publication = store::feed_epoch::mark(context).await.unwrap();
    fixture.ephemeral.lose(publication.key()).await;
    let on_a_wiped_store = store::feed_epoch::begin_unless_wiped(context, &publication).await.unwrap();
    let stands = store::feed_epoch::find(context).await.unwrap().is_some();
    let publication = store::feed_epoch::mark(context).await.unwrap();
    let on_an_untouched_store = store::feed_epoch::begin_unless_wiped(context, &publication).await.unwrap();

    assert_eq!((on_a_wiped_store, stands), (None, false));
    assert!(on_an_untouched_store.is_some());
    assert_eq!(store::feed_epoch::find(context).await.unwrap(), on_an_untouched_store);
}

/// The key of the session's refresh state.
fn state_of(held: &Held) -> String {
    let claims = held.access.split('.').nth(1).unwrap();
    let claims = data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
    let claims = serde_json::from_slice::<serde_json::Value>(&claims).unwrap();
    format!("refresh:{}", claims["sid"].as_str().unwrap())
}

async fn a_session_that_was_ended_stays_ended_when_the_store_comes_back_older(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let key = state_of(&held);
    let state = fixture.ephemeral.get(&key).await.unwrap().unwrap();
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;
    fixture.ephemeral.roll_back(&key, &state).await;

    let at_once = fixture.refresh(&held.refresh).await.status;
    // No process remembers for longer whose access tokens it has to refuse.
    fixture.clock.advance(Duration::from_secs(3 * 60 * 60));
    fixture.auth.guard.prepare().await.unwrap();
    let before_it_is_noticed = fixture.refresh(&held.refresh).await.status;
    fixture.ephemeral.roll_back(&key, &state).await;
    actions::sweep::sweep(&fixture.auth).await.unwrap();
    let afterwards = fixture.refresh(&held.refresh).await.status;

    assert_eq!([at_once, before_it_is_noticed, afterwards], [401; 3]);
}

async fn a_token_that_was_used_before_the_ledgers_checkpoint_is_no_use_when_the_store_comes_back_older(
    fixture: Fixture,
) {
    let held = fixture.sign_up("ayse@example.com").await;
    let key = state_of(&held);
    let state = fixture.ephemeral.get(&key).await.unwrap().unwrap();
    let mut newest = held.refresh.clone();
    for _ in 0..12 {
        newest = fixture.refresh(&newest).await.json()["refresh_token"].as_str().unwrap().to_owned();
    }
    fixture.ephemeral.roll_back(&key, &state).await;

    let stolen = fixture.refresh(&held.refresh).await.status;

    assert_eq!(stolen, 401, "it ends the session instead");
}

async fn a_session_that_went_on_goes_on_when_the_store_comes_back_older(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.mails().await;
    let key = state_of(&held);
    let state = fixture.ephemeral.get(&key).await.unwrap().unwrap();
    let mut newest = held.refresh.clone();
    for _ in 0..7 {
        newest = fixture.refresh(&newest).await.json()["refresh_token"].as_str().unwrap().to_owned();
    }
    fixture.ephemeral.roll_back(&key, &state).await;

    let next = fixture.refresh(&newest).await;
    let stamped = fixture.ephemeral.get(&key).await.unwrap().unwrap();
    actions::sweep::sweep(&fixture.auth).await.unwrap();
    let after_next = fixture.refresh(next.json()["refresh_token"].as_str().unwrap()).await;

    assert_eq!((next.status, after_next.status), (200, 200), "{}", next.text);
    assert_ne!(stamped, state);
    assert_eq!(fixture.mails().await, [], "nobody is told of a theft");
}

/// Takes all sessions out of the ledger, as a restore does of those that began since.
async fn lose_sessions(fixture: &Fixture) {
    let tx = fixture.auth.context.database.begin_write().await.unwrap();
    store::session::trim(&tx, SessionId(Uuid::max()), 100).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_session_that_the_ledger_lost_ends_at_its_next_checkpoint(fixture: Fixture) {
    let (busy, slow) = (fixture.sign_up("ayse@example.com").await, fixture.sign_up("can@example.com").await);
    lose_sessions(&fixture).await;

    let (mut newest, mut refreshes) = (busy.refresh, 0);
    loop {
        let answer = fixture.refresh(&newest).await;
        if answer.status != 200 {
            break;
        }
        newest = Held::by(&answer).refresh;
        refreshes += 1;
    }
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));

    assert_eq!((refreshes, fixture.refresh(&slow.refresh).await.status), (8, 401));
}

async fn a_ledger_that_came_back_older_makes_nobody_a_thief(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let key = state_of(&held);
    let id = SessionId(key.trim_start_matches("refresh:").parse().unwrap());
    let database = &fixture.auth.context.database;
    let older = store::session::find(database, id).await.unwrap().unwrap();
    let mut newest = held;
    for _ in 0..20 {
        newest = Held::by(&fixture.refresh(&newest.refresh).await);
    }
    fixture.mails().await;
    lose_sessions(&fixture).await;
    let tx = database.begin_write().await.unwrap();
    store::session::insert(&tx, &older).await.unwrap();
    tx.commit().await.unwrap();
    fixture.ephemeral.lose(&key).await;

    let refused = fixture.refresh(&newest.refresh).await.status;

    assert_eq!((refused, fixture.status_of(&newest.access).await), (401, 401));
    assert_eq!(fixture.mails().await, []);
}
