//! What those who follow a restaurant hear of its campaigns: each once, when it begins, and again when they would read something else.

use std::time::Duration;

use contracts::Event as _;
use database::Connection as _;
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Client, RunningTasks, at_last, changed};
use serde_json::{Value, json};

use crate::actions::announcements::announce_due;
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_campaign_is_announced_once_when_it_begins_whoever_finds_it_first,
    a_process_announces_campaigns_by_itself,
    one_that_has_begun_is_announced_at_once_and_one_that_is_over_never,
    what_changes_before_it_begins_is_announced_as_it_is_then,
    what_is_deleted_before_it_begins_is_never_announced,
    a_change_that_followers_would_read_is_announced_with_a_larger_version,
    what_ends_before_its_time_is_taken_back_with_the_change_that_ends_it,
    a_campaign_that_is_put_off_is_taken_back_and_announced_when_it_begins_after_all,
    the_campaign_of_a_draft_is_announced_once_everybody_sees_it,
    a_restaurant_that_becomes_a_draft_takes_its_campaigns_back,
    an_announcement_names_the_restaurant_as_it_is_by_then,
    campaigns_of_the_platform_are_announced_to_nobody,
    what_can_not_be_announced_keeps_no_other_waiting,
    what_is_not_committed_is_announced_later,
    what_had_begun_before_campaigns_were_announced_is_not,
}

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A campaign from in an hour to in two days.
fn campaign(restaurant: &str, changes: Value) -> Value {
    let body = json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar",
        "start_date": "2026-03-02T13:00:00Z", "end_date": "2026-03-04T12:00:00Z",
        "restaurant_id": restaurant.trim_start_matches("/restaurants/"),
    });
    changed(body, changes)
}

async fn create(client: &Client, body: Value) -> String {
    let (status, created) = client.post("/campaigns", body).await.parts();
    assert_eq!(status, 201, "{created}");
    format!("/campaigns/{}", created["id"].as_str().unwrap())
}

/// What was announced since the last call: its title, its version, and whether it was taken back.
async fn announced(fixture: &Fixture) -> Vec<(String, i64, bool)> {
    let events = fixture.announced().await.into_iter();
    let of = |event: contracts::CampaignAnnounced| {
        let campaign = event.campaign.unwrap();
        (event.title, campaign.version, campaign.withdrawn)
    };
    events.map(of).collect()
}

fn said(title: &str, version: i64) -> (String, i64, bool) {
    (title.to_owned(), version, false)
}

fn taken_back(title: &str, version: i64) -> (String, i64, bool) {
    (title.to_owned(), version, true)
}

async fn announced_at(client: &Client, path: &str) -> Value {
    client.get(path).await.json()["announced_at"].clone()
}

impl Fixture {
    /// Whatever a fault of somebody else might write.
    async fn corrupt(&self, sql: &str) {
        let tx = self.context.database.begin_write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn a_campaign_is_announced_once_when_it_begins_whoever_finds_it_first(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap", "Pide"] })).await;
    let coupon = json!({ "code": "LIMAN10", "kind": "percent", "value": 10 });
    let of_meral = create(&meral.client, campaign(&path, coupon)).await;
    let replica = fixture.another_process().await;
    let databases = [&fixture.context.database, &replica.context.database];

    fixture.clock.advance(HOUR - Duration::from_millis(1));
    let before = (announced(&fixture).await, announced_at(&meral.client, &of_meral).await);
    fixture.clock.advance(Duration::from_millis(1));
    join_all([0, 1, 0, 1].map(|process: usize| announce_due(databases[process])))
        .await
        .into_iter()
        .collect::<Result<(), _>>()
        .unwrap();
    let events = fixture.announced().await;
    let listed = fixture.client().get("/campaigns").await.json();

    assert_eq!(before, (vec![], Value::Null), "a request announces nothing");
    let restaurant = path.trim_start_matches("/restaurants/");
    let [event] = events.try_into().unwrap();
    let expected = format!(
        "{{\"type\":\"discount\",\"to\":\"all\",\"subject\":\"Yeni İndirim!\",\"template\":\"discount\",\"variables\":{{\
         \"title\":\"Hafta sonu\",\"description\":\"Cumartesi ve pazar\",\"campaign_id\":\"{}\",\"version\":1,\
         \"restaurant_id\":\"{restaurant}\",\"restaurant_name\":\"Çıpa Kebap\",\"cuisines\":[\"Kebap\",\"Pide\"],\
         \"code\":\"LIMAN10\",\"ends_at\":\"2026-03-04T12:00:00Z\"}}}}",
        of_meral.trim_start_matches("/campaigns/"),
    );
    assert_eq!((serde_json::to_string(&event).unwrap(), event.key()), (expected, restaurant.to_owned()));
    assert_eq!(announced_at(&fixture.client(), &of_meral).await, "2026-03-02T13:00:00Z");
    assert_eq!(listed[0]["announced_at"], "2026-03-02T13:00:00Z");
    fixture.clock.advance(HOUR);
    assert_eq!((announced(&fixture).await, announced(&replica).await), (vec![], vec![]));
}

async fn a_process_announces_campaigns_by_itself(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let of_meral = create(&meral.client, campaign(&path, json!({}))).await;
    let service = crate::build(fixture.context.clone()).await.unwrap();

    let tasks = RunningTasks::start(service.tasks);
    fixture.clock.advance(HOUR);
    let is_announced = async || {
        fixture.clock.advance(Duration::from_secs(1));
        announced_at(&fixture.client(), &of_meral).await.as_str().map(str::to_owned)
    };
    let at = at_last("the campaign is announced", is_announced).await;
    tasks.stop().await;

    assert!(*"2026-03-02T13:00:00Z" <= *at, "{at}");
    assert_eq!(fixture.announcements().await.len(), 1);
}

async fn one_that_has_begun_is_announced_at_once_and_one_that_is_over_never(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    create(&meral.client, campaign(&path, json!({ "title": "Dün", "start_date": "2026-03-01T12:00:00Z" }))).await;
    create(&meral.client, campaign(&path, json!({ "title": "Şimdi", "start_date": "2026-03-02T12:00:00Z" }))).await;

    let at_once = announced(&fixture).await;
    let short = campaign(&path, json!({ "title": "Kısa", "end_date": "2026-03-02T14:00:00Z" }));
    let short = create(&meral.client, short).await;
    // Nobody was there to announce it.
    fixture.clock.advance(2 * HOUR);
    let late = announced(&fixture).await;
    meral.client.put(&short, json!({ "end_date": "2026-03-02T20:00:00Z" })).await;
    let anew = announced(&fixture).await;
    fixture.clock.advance(7 * HOUR);
    let again = json!({ "start_date": "2026-03-02T22:00:00Z", "end_date": "2026-03-02T23:00:00Z" });
    let waiting = meral.client.put(&short, again).await.json();
    fixture.clock.advance(HOUR);

    assert_eq!((at_once, late), (vec![said("Dün", 1), said("Şimdi", 1)], vec![]));
    assert_eq!((anew, &waiting["announced_at"]), (vec![said("Kısa", 2)], &Value::Null), "it holds anew");
    assert_eq!(announced(&fixture).await, [said("Kısa", 3)]);
    assert_eq!(announced_at(&meral.client, &short).await, "2026-03-02T22:00:00Z");
}

async fn what_changes_before_it_begins_is_announced_as_it_is_then(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let of_meral = create(&meral.client, campaign(&path, json!({}))).await;

    meral.client.put(&of_meral, json!({ "title": "Yaz" })).await;
    meral.client.put(&of_meral, json!({ "start_date": "2026-03-02T15:00:00Z" })).await;
    fixture.clock.advance(2 * HOUR);
    let before = announced(&fixture).await;
    fixture.clock.advance(HOUR);

    assert_eq!((before, announced(&fixture).await), (vec![], vec![said("Yaz", 3)]));
}

async fn what_is_deleted_before_it_begins_is_never_announced(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let elsewhere = meral.create(json!({})).await;
    let of_meral = create(&meral.client, campaign(&path, json!({}))).await;
    create(&meral.client, campaign(&elsewhere, json!({}))).await;

    meral.client.delete(&of_meral).await;
    meral.client.delete(&elsewhere).await;
    fixture.clock.advance(HOUR);

    assert_eq!(announced(&fixture).await, []);
}

async fn a_change_that_followers_would_read_is_announced_with_a_larger_version(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let of_meral = create(&meral.client, campaign(&path, json!({ "kind": "percent", "value": 10 }))).await;
    fixture.clock.advance(HOUR);
    let mut heard = vec![announced(&fixture).await];

    for change in [
        json!({ "title": "Yaz" }),
        json!({ "description": "Bütün yaz" }),
        json!({ "code": "YAZ10" }),
        json!({ "end_date": "2026-03-03T12:00:00Z" }),
        json!({ "value": 15, "min_basket": 75 }),
        json!({ "start_date": "2026-03-01T12:00:00Z" }),
        json!({}),
    ] {
        fixture.a_moment_later();
        assert_eq!(meral.client.put(&of_meral, change).await.status, 200);
        heard.push(announced(&fixture).await);
    }
    // Changes that come together are announced together, and what no mail says takes nothing away from them.
    meral.client.put(&of_meral, json!({ "title": "Kış" })).await;
    meral.client.put(&of_meral, json!({ "value": 20 })).await;
    heard.push(announced(&fixture).await);

    let expected = [
        vec![said("Hafta sonu", 1)],
        vec![said("Yaz", 2)],
        vec![said("Yaz", 3)],
        vec![said("Yaz", 4)],
        vec![said("Yaz", 5)],
        vec![],
        vec![],
        vec![],
        vec![said("Kış", 9)],
    ];
    assert_eq!(heard, expected);
    assert_eq!(announced_at(&meral.client, &of_meral).await, "2026-03-02T13:00:00Z", "since it was first");
}

async fn what_ends_before_its_time_is_taken_back_with_the_change_that_ends_it(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let deleted = create(&meral.client, campaign(&path, json!({ "title": "Silinen" }))).await;
    create(&meral.client, campaign(&path, json!({ "title": "Kalan" }))).await;
    create(&meral.client, campaign(&path, json!({ "title": "Biten", "end_date": "2026-03-02T13:30:00Z" }))).await;
    let later = json!({ "title": "Gelecek", "start_date": "2026-03-03T12:00:00Z" });
    create(&meral.client, campaign(&path, later)).await;
    fixture.clock.advance(HOUR);
    let begun = announced(&fixture).await.len();
    fixture.clock.advance(HOUR);

    meral.client.delete(&deleted).await;
    let of_deletion = fixture.announcements().await;
    meral.client.delete(&path).await;
    let of_restaurant = fixture.announcements().await;
    fixture.clock.advance(DAY);

    assert_eq!((begun, of_deletion.len(), of_restaurant.len()), (3, 1, 1), "what is over needs no end");
    let (one, other) = (&of_deletion[0], of_restaurant[0].campaign.as_ref().unwrap());
    let campaign = one.campaign.as_ref().unwrap();
    assert_eq!((one.title.as_str(), campaign.version, campaign.withdrawn), ("Silinen", 2, true));
    assert_eq!(format!("/campaigns/{}", campaign.campaign_id), deleted);
    assert_eq!((of_restaurant[0].title.as_str(), other.version, other.withdrawn), ("Kalan", 2, true));
    assert_eq!(announced(&fixture).await, []);
}

async fn a_campaign_that_is_put_off_is_taken_back_and_announced_when_it_begins_after_all(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let of_meral = create(&meral.client, campaign(&path, json!({}))).await;
    fixture.clock.advance(HOUR);
    announced(&fixture).await;

    meral.client.put(&of_meral, json!({ "start_date": "2026-03-02T15:00:00Z" })).await;
    let put_off = (announced(&fixture).await, announced_at(&meral.client, &of_meral).await);
    fixture.clock.advance(2 * HOUR);

    assert_eq!(put_off, (vec![taken_back("Hafta sonu", 2)], Value::Null));
    assert_eq!(announced(&fixture).await, [said("Hafta sonu", 4)]);
    assert_eq!(announced_at(&meral.client, &of_meral).await, "2026-03-02T15:00:00Z");
}

async fn the_campaign_of_a_draft_is_announced_once_everybody_sees_it(fixture: Fixture) {
    let meral = fixture.manager();
    let path = meral.create(json!({})).await;
    create(&meral.client, campaign(&path, json!({}))).await;
    create(&meral.client, campaign(&path, json!({ "title": "Kısa", "end_date": "2026-03-02T14:00:00Z" }))).await;
    fixture.clock.advance(2 * HOUR);
    let hidden = announced(&fixture).await;

    fixture.deliver(meral.address(1)).await.unwrap();

    assert_eq!((hidden, announced(&fixture).await), (vec![], vec![said("Hafta sonu", 1)]));
}

async fn a_restaurant_that_becomes_a_draft_takes_its_campaigns_back(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let of_meral = create(&meral.client, campaign(&path, json!({}))).await;
    fixture.clock.advance(HOUR);
    announced(&fixture).await;

    let unknown = fixture.manager().address_id;
    meral.client.put(&path, json!({ "address_id": unknown })).await;
    let moved = announced(&fixture).await;
    meral.client.put(&of_meral, json!({ "title": "Yaz" })).await;
    let changed = announced(&fixture).await;
    meral.client.put(&path, json!({ "address_id": meral.address_id })).await;
    let back = announced(&fixture).await;
    fixture.deliver(meral.deletion(2)).await.unwrap();
    let lost = announced(&fixture).await;
    fixture.deliver(meral.address(3)).await.unwrap();

    assert_eq!((moved, changed), (vec![taken_back("Hafta sonu", 2)], vec![]));
    assert_eq!((back, lost), (vec![said("Yaz", 4)], vec![taken_back("Yaz", 5)]));
    assert_eq!(announced(&fixture).await, [said("Yaz", 6)]);
}

async fn an_announcement_names_the_restaurant_as_it_is_by_then(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap"] })).await;
    let of_meral = create(&meral.client, campaign(&path, json!({}))).await;
    let names = async || {
        let events = fixture.announced().await.into_iter().map(|event| event.campaign.unwrap());
        events.map(|campaign| (campaign.restaurant_name, campaign.cuisines)).collect::<Vec<_>>()
    };
    let of = |name: &str, cuisine: &str| vec![(name.to_owned(), vec![cuisine.to_owned()])];

    meral.client.put(&path, json!({ "name": "Demir Kebap" })).await;
    fixture.clock.advance(HOUR);
    let begun = names().await;
    meral.client.put(&path, json!({ "name": "Fener Pide", "cuisines": ["Pide"] })).await;
    let renamed = names().await;
    meral.client.put(&of_meral, json!({ "title": "Yaz" })).await;
    let changed = names().await;
    meral.client.delete(&path).await;

    assert_eq!((begun, renamed, changed), (of("Demir Kebap", "Kebap"), vec![], of("Fener Pide", "Pide")));
    assert_eq!(names().await, of("Fener Pide", "Pide"));
}

async fn campaigns_of_the_platform_are_announced_to_nobody(fixture: Fixture) {
    let admin = fixture.client().admin(fixture.new_user());
    let of_platform = create(&admin, campaign("", json!({ "restaurant_id": null }))).await;

    fixture.clock.advance(HOUR);
    let begun = announced(&fixture).await;
    admin.put(&of_platform, json!({ "title": "Yaz" })).await;
    admin.delete(&of_platform).await;

    assert_eq!((begun, announced(&fixture).await), (vec![], vec![]));
}

async fn what_can_not_be_announced_keeps_no_other_waiting(fixture: Fixture) {
    let mut failing = Vec::new();
    for _ in 0..2 {
        let (meral, path) = fixture.open_restaurant(json!({})).await;
        for number in 0..30 {
            failing.push(create(&meral.client, campaign(&path, json!({ "title": format!("{number}") }))).await);
        }
    }
    // No kind is called so, so that the campaigns can't be read.
    fixture.corrupt("UPDATE restaurant_campaign SET kind = 'lost'").await;
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    create(&meral.client, campaign(&path, json!({ "start_date": "2026-03-02T13:00:01Z" }))).await;
    fixture.clock.advance(2 * HOUR);

    let meanwhile = announced(&fixture).await;
    fixture.corrupt("UPDATE restaurant_campaign SET kind = NULL").await;
    let too_soon = announced(&fixture).await;
    fixture.clock.advance(Duration::from_secs(2));
    let again = announced(&fixture).await;

    assert_eq!((meanwhile, too_soon), (vec![said("Hafta sonu", 1)], vec![]));
    assert_eq!(again.len(), failing.len());
}

async fn what_is_not_committed_is_announced_later(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let of_meral = create(&meral.client, campaign(&path, json!({}))).await;
    fixture.clock.advance(HOUR);

    // Its event is the last that a transaction writes, right before its commit.
    fixture.corrupt("ALTER TABLE bus_outbox RENAME TO bus_outbox_away").await;
    announce_due(&fixture.context.database).await.unwrap();
    let meanwhile = announced_at(&meral.client, &of_meral).await;
    fixture.corrupt("ALTER TABLE bus_outbox_away RENAME TO bus_outbox").await;
    fixture.clock.advance(Duration::from_secs(2));

    assert_eq!((meanwhile, announced(&fixture).await), (Value::Null, vec![said("Hafta sonu", 1)]));
}

async fn what_had_begun_before_campaigns_were_announced_is_not(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let begun = create(&meral.client, campaign(&path, json!({ "start_date": "2026-03-01T12:00:00Z" }))).await;
    // As the migration leaves it.
    fixture.corrupt("UPDATE restaurant_campaign SET announced_version = version").await;

    meral.client.put(&begun, json!({ "title": "Yaz" })).await;
    let changed = announced(&fixture).await;
    meral.client.put(&begun, json!({ "start_date": "2026-03-02T13:00:00Z" })).await;
    fixture.clock.advance(HOUR);

    assert_eq!((changed, announced(&fixture).await), (vec![], vec![said("Yaz", 3)]), "it begins anew");
}
