//! Answers about commercial mail: kept as they were given, published, and heard from where they were given by a link.

use std::time::Duration;

use chrono::TimeDelta;
use contracts::{ConsentChanged, ConsentSource, EmailAddress, UserCreated, UserId};
use kit::on_every_database;
use kit::testing::{Recorded, deliver, heard};
use serde_json::{Value, json};

use crate::events::Listener;
use crate::fixture::Fixture;
use crate::model::{ConsentOrigin, ConsentStatus, RegistryState};
use crate::store;
use crate::store::consent::ConsentEntry;

on_every_database! {
    Fixture:
    each_answer_is_kept_and_published_once,
    a_mailbox_that_never_agreed_has_nothing_to_refuse_at_the_registry,
    who_withdraws_by_a_link_has_withdrawn_in_preferences,
    an_answer_by_a_link_is_kept_once_and_of_two_the_later_one_applies,
    a_mailbox_without_an_owner_is_remembered,
    an_answer_is_published_once_the_mailbox_is_known,
    who_agrees_again_and_again_may_always_withdraw,
    a_withdrawal_that_changes_nothing_leaves_nothing,
    a_mailbox_that_agreed_before_its_account_knew_it_has_something_to_refuse,
}

fn ayse() -> EmailAddress {
    "ayse@example.com".parse().unwrap()
}

async fn registered(fixture: &Fixture) -> UserId {
    let user_id = fixture.new_user();
    fixture.deliver(UserCreated { user_id, email: Some(ayse()), locale: None, created_at: None }).await;
    user_id
}

fn answer(granted: bool) -> Value {
    json!({ "commercial_mail": { "granted": granted, "text_version": "2026-01" } })
}

async fn entries(fixture: &Fixture) -> Vec<ConsentEntry> {
    store::consent::list(&fixture.context.database).await
}

async fn each_answer_is_kept_and_published_once(fixture: Fixture) {
    let published = Recorded::<ConsentChanged>::of(&fixture.context).await;
    let user_id = registered(&fixture).await;
    let client = fixture.client().user(user_id).with_header("user-agent", "Firefox");

    client.put("/users/preferences", answer(true)).await;
    client.put("/users/preferences", answer(true)).await;
    client.put("/users/preferences", json!({ "locale": "en" })).await;
    fixture.clock.advance(Duration::from_secs(60));
    client.put("/users/preferences", answer(false)).await;

    let published = published.take().await;
    let at = fixture.context.now();
    let (granted, withdrawn) = (&published[0], &published[1]);
    assert_eq!(published.len(), 2);
    assert_eq!((granted.granted, granted.at, &granted.email), (true, at - TimeDelta::seconds(60), &ayse()));
    assert_eq!((withdrawn.granted, withdrawn.at, withdrawn.user_id), (false, at, Some(user_id)));
    assert_eq!((withdrawn.source, withdrawn.text_version.as_deref()), (ConsentSource::Preferences, Some("2026-01")));
    let entries = entries(&fixture).await;
    let kept: Vec<_> = entries.iter().map(|entry| (entry.status, entry.source, entry.iys_state)).collect();
    let web = ConsentOrigin::Web;
    assert_eq!(kept, [(ConsentStatus::Onay, web, RegistryState::None), (ConsentStatus::Ret, web, RegistryState::None)]);
    assert_eq!((entries[0].prefix.as_deref(), entries[0].agent.as_deref()), (Some("127.0.0.0/24"), Some("Firefox")));
    assert_eq!((entries[0].address.as_ref(), entries[0].user_id), (Some(&ayse()), Some(user_id)));
}

async fn a_mailbox_that_never_agreed_has_nothing_to_refuse_at_the_registry(fixture: Fixture) {
    let user_id = registered(&fixture).await;

    fixture.client().user(user_id).put("/users/preferences", answer(false)).await;

    let entries = entries(&fixture).await;
    assert_eq!((entries.len(), entries[0].status), (1, ConsentStatus::Ret));
    assert_eq!(entries[0].iys_state, RegistryState::FirstRefusal);
}

fn by_link(fixture: &Fixture, granted: bool) -> ConsentChanged {
    let (at, source) = (fixture.context.now(), ConsentSource::Link);
    ConsentChanged { email: ayse(), user_id: None, granted, at, source, text_version: None }
}

async fn who_withdraws_by_a_link_has_withdrawn_in_preferences(fixture: Fixture) {
    let published = Recorded::<ConsentChanged>::of(&fixture.context).await;
    let user_id = registered(&fixture).await;
    let client = fixture.client().user(user_id);
    client.put("/users/preferences", answer(true)).await;
    fixture.clock.advance(Duration::from_secs(60));

    fixture.hear(by_link(&fixture, false)).await;

    let mail = client.get("/users/preferences").await.json()["commercial_mail"].clone();
    assert_eq!(mail, json!({ "granted": false, "at": "2026-03-02T12:01:00Z", "text_version": "2026-01" }));
    assert_eq!(published.take().await.len(), 1, "it was published where it was said");
    let last = entries(&fixture).await.pop().unwrap();
    assert_eq!((last.status, last.source, last.user_id), (ConsentStatus::Ret, ConsentOrigin::Mail, Some(user_id)));
}

async fn an_answer_by_a_link_is_kept_once_and_of_two_the_later_one_applies(fixture: Fixture) {
    let client = fixture.client().user(registered(&fixture).await);
    let withdrawn = heard(&fixture.context, by_link(&fixture, false));
    let listener = Listener::new(fixture.user.clone());
    fixture.clock.advance(Duration::from_secs(60));
    client.put("/users/preferences", answer(true)).await;

    for _ in 0..2 {
        deliver(&fixture.context.database, &listener, &withdrawn).await.unwrap();
    }

    assert_eq!(client.get("/users/preferences").await.json()["commercial_mail"]["granted"], true);
    let statuses: Vec<ConsentStatus> = entries(&fixture).await.iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [ConsentStatus::Ret, ConsentStatus::Onay]);
}

async fn a_mailbox_without_an_owner_is_remembered(fixture: Fixture) {
    fixture.hear(by_link(&fixture, false)).await;

    let entries = entries(&fixture).await;
    assert_eq!((entries[0].user_id, entries[0].address.as_ref()), (None, Some(&ayse())));
}

async fn an_answer_is_published_once_the_mailbox_is_known(fixture: Fixture) {
    let published = Recorded::<ConsentChanged>::of(&fixture.context).await;
    let user_id = fixture.new_user();
    fixture.client().user(user_id).put("/users/preferences", answer(true)).await;
    let before = published.take().await;

    for _ in 0..2 {
        fixture.deliver(UserCreated { user_id, email: Some(ayse()), locale: None, created_at: None }).await;
    }

    let after = published.take().await;
    assert_eq!((before.len(), after.len()), (0, 1));
    assert_eq!((after[0].granted, &after[0].email), (true, &ayse()));
}

async fn who_agrees_again_and_again_may_always_withdraw(fixture: Fixture) {
    let client = fixture.client().user(registered(&fixture).await);
    for _ in 0..20 {
        assert_eq!(client.put("/users/preferences", answer(true)).await.status, 200);
        assert_eq!(client.put("/users/preferences", answer(false)).await.status, 200);
    }

    let agreed = client.put("/users/preferences", answer(true)).await;
    let refused = client.put("/users/preferences", answer(false)).await;

    assert_eq!((agreed.status, agreed.code()), (429, "TOO_MANY_WRITES".to_owned()));
    assert_eq!(refused.status, 200);
}

async fn a_withdrawal_that_changes_nothing_leaves_nothing(fixture: Fixture) {
    let client = fixture.client().user(registered(&fixture).await);
    let stranger =
        |fixture: &Fixture| ConsentChanged { email: "ali@example.com".parse().unwrap(), ..by_link(fixture, false) };
    client.put("/users/preferences", answer(true)).await;
    let marks = async || store::audience_mark::list(&fixture.context.database, 100).await.unwrap().len();
    fixture.clock.advance(Duration::from_secs(1));
    fixture.hear(by_link(&fixture, false)).await;
    fixture.hear(stranger(&fixture)).await;
    let before = (entries(&fixture).await.len(), marks().await);

    for _ in 0..5 {
        fixture.clock.advance(Duration::from_secs(90));
        fixture.hear(by_link(&fixture, false)).await;
        fixture.hear(stranger(&fixture)).await;
    }

    assert_eq!(before, (3, 2));
    assert_eq!((entries(&fixture).await.len(), marks().await), before);
    let mail = client.get("/users/preferences").await.json()["commercial_mail"].clone();
    assert_eq!(mail["at"], "2026-03-02T12:07:31Z", "the last one counts all the same");
}

async fn a_mailbox_that_agreed_before_its_account_knew_it_has_something_to_refuse(fixture: Fixture) {
    let user_id = fixture.new_user();
    fixture.client().user(user_id).put("/users/preferences", answer(true)).await;
    fixture.deliver(UserCreated { user_id, email: Some(ayse()), locale: None, created_at: None }).await;
    fixture.clock.advance(Duration::from_secs(60));

    fixture.hear(by_link(&fixture, false)).await;

    let last = entries(&fixture).await.pop().unwrap();
    assert_eq!((last.status, last.iys_state), (ConsentStatus::Ret, RegistryState::None));
}
