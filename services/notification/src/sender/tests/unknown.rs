//! Mails of types that only a later release knows.

use std::time::Duration;

use bus::dead_letters::{self, Filter, Scope, Slice, State as LetterState};
use bus::{HearError, Heard};
use kit::on_every_database;
use serde_json::{Value, json};

use crate::actions;
use crate::events::Listener;
use crate::fixture::Fixture;
use crate::model::mail_request::MailRequest;
use crate::store;
use crate::store::mail::State;
use crate::store::unknown_mail::UnknownMail;

on_every_database! {
    Fixture:
    a_mail_of_an_unknown_type_waits_for_the_release_that_knows_it,
    what_no_release_knows_is_a_dead_letter_after_an_hour,
    all_that_wait_come_back_in_one_round,
}

async fn hear(fixture: &Fixture, value: Value) -> Result<(), HearError> {
    let event = serde_json::from_value(value).map_err(|error| HearError::Malformed(error.to_string()))?;
    let heard = Heard { id: fixture.context.sources.uuid(), recorded_at: fixture.context.now(), event };
    let listener = Listener::new(fixture.with_mailbox());
    kit::testing::deliver::<MailRequest>(&fixture.context.database, &listener, &heard).await
}

fn of_type(kind: &str) -> Value {
    json!({ "type": kind, "to": "ayse@example.com", "variables": { "token": "tok-en" }, "locale": "tr", "class": "transactional" })
}

async fn waiting(fixture: &Fixture) -> u64 {
    store::unknown_mail::count(&fixture.context.database, clock::Timestamp::UNIX_EPOCH, 10).await.unwrap()
}

async fn a_mail_of_an_unknown_type_waits_for_the_release_that_knows_it(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    hear(&fixture, of_type("receipt")).await.unwrap();
    actions::retry_unknown(&notification).await.unwrap();
    assert_eq!((waiting(&fixture).await, fixture.mails().await.len()), (1, 0));

    // What the next release calls by a name of its own is a verification here.
    let sealed = fixture
        .context
        .database
        .vault()
        .seal("notification unknown mail", of_type("verification").to_string().as_bytes());
    let rows = store::unknown_mail::of_kind(&fixture.context.database, "receipt", 10).await.unwrap();
    let tx = fixture.context.database.begin_read_committed().await.unwrap();
    for row in rows {
        store::unknown_mail::take(&tx, row.event_id).await.unwrap();
        let row =
            store::unknown_mail::UnknownMail { kind: "verification".to_owned(), sealed_event: sealed.clone(), ..row };
        store::unknown_mail::insert(&tx, row).await.unwrap();
    }
    tx.commit().await.unwrap();
    for _ in 0..2 {
        actions::retry_unknown(&notification).await.unwrap();
    }

    assert_eq!((waiting(&fixture).await, fixture.states().await), (0, vec![State::Sent]));
}

async fn what_no_release_knows_is_a_dead_letter_after_an_hour(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    let no_class = json!({ "type": "receipt", "to": "ayse@example.com", "variables": {} });
    assert!(matches!(hear(&fixture, no_class).await, Err(HearError::Malformed(_))), "it is a peer's");
    hear(&fixture, of_type("receipt")).await.unwrap();
    fixture.clock.advance(Duration::from_secs(60 * 60));

    for _ in 0..2 {
        actions::retry_unknown(&notification).await.unwrap();
    }

    let (filter, slice) = (Filter::default(), Slice { after: None, limit: 10 });
    let letters = dead_letters::list(&fixture.context.database, &filter, Scope::Only(LetterState::Open), slice);
    let letters = letters.await.unwrap();
    assert_eq!((letters.len(), waiting(&fixture).await), (1, 0));
    assert_eq!((letters[0].consumer.as_str(), letters[0].key.as_str()), ("notification", "ayse@example.com"));
    assert!(!serde_json::to_string(&letters[0]).unwrap().contains("tok-en"), "secrets are masked");
}

async fn all_that_wait_come_back_in_one_round(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    let (sources, now) = (&fixture.context.sources, fixture.context.now());
    let tx = fixture.context.database.begin_write().await.unwrap();
    for number in 0..250 {
        let mut value = of_type("verification");
        value["to"] = json!(format!("reader{number}@example.com"));
        let sealed_event = tx.vault().seal("notification unknown mail", value.to_string().as_bytes());
        let (kind, key) = ("verification".to_owned(), value["to"].to_string());
        let event_id = sources.uuid();
        let unknown = UnknownMail { event_id, kind, key, sealed_event, recorded_at: now, received_at: now };
        store::unknown_mail::insert(&tx, unknown).await.unwrap();
    }
    tx.commit().await.unwrap();

    actions::retry_unknown(&notification).await.unwrap();

    assert_eq!((waiting(&fixture).await, fixture.mails().await.len()), (0, 250));
}
