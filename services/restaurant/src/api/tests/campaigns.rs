//! What restaurants and the platform promise, as clients see it and as other services hear of it.

use std::time::Duration;

use contracts::{CampaignId, CatalogDiscount, RestaurantId};
use database::Connection as _;
use kit::on_every_database;
use kit::testing::{Ask, Client, changed, faults};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_campaign_is_seen_by_everybody_until_it_has_ended,
    what_a_draft_promises_its_owner_sees_alone,
    the_platform_has_campaigns_of_its_own_which_admins_write,
    a_change_touches_what_it_names_and_null_clears_what_may_be_empty,
    what_is_wrong_with_a_campaign_is_named_and_nothing_is_stored,
    each_change_is_recorded_with_all_campaigns_that_give_something_off,
    a_code_means_one_campaign_of_its_owner_at_a_time,
    a_restaurant_has_fifty_campaigns_and_a_new_one_takes_the_place_of_what_has_ended,
    the_last_place_is_given_once,
    campaigns_go_with_their_restaurant,
    the_list_has_what_ends_first_first_page_by_page,
    the_same_request_with_its_key_writes_down_one_campaign,
}

/// A campaign from yesterday to tomorrow.
fn campaign(restaurant: &str, changes: Value) -> Value {
    let body = json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar",
        "start_date": "2026-03-01T12:00:00Z", "end_date": "2026-03-03T12:00:00Z",
        "restaurant_id": restaurant.trim_start_matches("/restaurants/"),
    });
    changed(body, changes)
}

async fn create(client: &Client, body: Value) -> String {
    let (status, created) = client.post("/campaigns", body).await.parts();
    assert_eq!((status, &created["message"]), (201, &json!("Campaign created successfully")), "{created}");
    format!("/campaigns/{}", created["id"].as_str().unwrap())
}

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("/campaigns{query}")).await.json();
    list.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

async fn a_campaign_is_seen_by_everybody_until_it_has_ended(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let anyone = fixture.client();
    assert_eq!(anyone.get("/campaigns").await.parts(), (200, json!([])));
    let percent = json!({ "code": "limanlı10", "kind": "percent", "value": 12.5, "max_discount": 50, "min_basket": 150, "per_user_limit": 1 });

    let plain = create(&meral.client, campaign(&path, json!({}))).await;
    let coupon = campaign(&path, changed(percent, json!({ "end_date": "2026-03-03T18:00:00+03:00" })));
    let coupon = create(&meral.client, coupon).await;

    let of = |path: &str| path.trim_start_matches("/campaigns/").to_owned();
    let restaurant = path.trim_start_matches("/restaurants/");
    let expected = json!([
        {
            "id": of(&plain), "title": "Hafta sonu", "description": "Cumartesi ve pazar",
            "start_date": "2026-03-01T12:00:00Z", "end_date": "2026-03-03T12:00:00Z", "restaurant_id": restaurant,
            "code": null, "kind": null, "value": null, "max_discount": null, "min_basket": null,
            "total_limit": null, "per_user_limit": null, "announced_at": null,
        },
        {
            "id": of(&coupon), "title": "Hafta sonu", "description": "Cumartesi ve pazar",
            "start_date": "2026-03-01T12:00:00Z", "end_date": "2026-03-03T15:00:00Z", "restaurant_id": restaurant,
            "code": "LIMANLI10", "kind": "percent", "value": 12.5, "max_discount": 50, "min_basket": 150,
            "total_limit": null, "per_user_limit": 1, "announced_at": null,
        },
    ]);
    assert_eq!(anyone.get("/campaigns").await.parts(), (200, expected.clone()));
    assert_eq!(anyone.get("/campaigns/").await.parts(), (200, expected.clone()));
    assert_eq!(anyone.get(&coupon).await.parts(), (200, expected[1].clone()));
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(anyone.get("/campaigns").await.json(), json!([expected[1]]));
    assert_eq!(anyone.get(&plain).await.parts(), (200, expected[0].clone()), "links to it stay good");
    assert_eq!(meral.client.delete(&coupon).await.parts(), (200, expected[1].clone()));
    assert_eq!((anyone.get(&coupon).await.status, meral.client.delete(&coupon).await.status), (404, 404));
    assert_eq!(anyone.get("/campaigns").await.json(), json!([]));
}

async fn what_a_draft_promises_its_owner_sees_alone(fixture: Fixture) {
    let meral = fixture.manager();
    let path = meral.create(json!({})).await;
    let campaign = create(&meral.client, campaign(&path, json!({}))).await;
    let seen = async |client: &Client| (client.get(&campaign).await.status, titles(client, "").await.len());
    // What a list reads, though it shows none of it.
    let read = async || {
        let tx = fixture.context.database.begin_write().await.unwrap();
        let read = "UPDATE restaurant_campaign SET version = version WHERE NOT hidden";
        tx.execute_unprepared(read).await.unwrap().rows_affected()
    };

    assert_eq!(seen(&fixture.client()).await, (404, 0));
    assert_eq!(seen(&fixture.manager().client).await, (404, 0));
    assert_eq!(seen(&meral.client).await, (200, 0));
    assert_eq!((seen(&fixture.client().admin(fixture.new_user())).await, read().await), ((200, 0), 0));
    fixture.deliver(meral.address(1)).await.unwrap();
    assert_eq!((seen(&fixture.client()).await, read().await), ((200, 1), 1));
    meral.client.put(&campaign, json!({ "title": "Yaz" })).await;
    meral.client.put(&path, json!({ "address_id": fixture.manager().address_id })).await;
    assert_eq!((seen(&fixture.client()).await, read().await), ((404, 0), 0));
    meral.client.put(&campaign, json!({ "title": "Kış" })).await;
    meral.client.put(&path, json!({ "address_id": meral.address_id })).await;
    assert_eq!((seen(&fixture.client()).await, read().await), ((200, 1), 1));
    fixture.deliver(meral.deletion(2)).await.unwrap();
    assert_eq!((seen(&fixture.client()).await, read().await), ((404, 0), 0));
}

async fn the_platform_has_campaigns_of_its_own_which_admins_write(fixture: Fixture) {
    let (meral, admin) = (fixture.manager(), fixture.client().admin(fixture.new_user()));
    let lezzet = json!({ "restaurant_id": null, "code": "LEZZET10", "kind": "percent", "value": 10 });

    let refused = meral.client.post("/campaigns", campaign("", lezzet.clone())).await.parts();
    let path = create(&admin, campaign("", lezzet)).await;
    let shown = fixture.client().get("/campaigns").await.json();
    let by_manager = [meral.client.put(&path, json!({})).await.status, meral.client.delete(&path).await.status];
    admin.put(&path, json!({ "value": 15 })).await;
    admin.delete(&path).await;

    assert_eq!((refused.0, faults(&refused.1)), (422, vec![("restaurant_id", "REQUIRED")]));
    assert_eq!((&shown[0]["code"], &shown[0]["restaurant_id"]), (&json!("LEZZET10"), &Value::Null));
    assert_eq!(by_manager, [403, 403]);
    let recorded: Vec<_> = fixture
        .recorded()
        .await
        .into_iter()
        .map(|event| {
            assert_eq!((event.restaurant_id, &event.catalog), (RestaurantId::PLATFORM, &None));
            let values = event.campaigns.into_iter().map(|campaign| match campaign.discount {
                CatalogDiscount::Percent { value, .. } => value,
                other @ (CatalogDiscount::Amount { .. } | CatalogDiscount::FreeDelivery) => panic!("{other:?}"),
            });
            (event.version, values.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(recorded, [(1, vec![1000]), (2, vec![1500]), (3, vec![])]);
}

async fn a_change_touches_what_it_names_and_null_clears_what_may_be_empty(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let coupon = json!({
        "code": "CIPA", "kind": "percent", "value": 10, "max_discount": 20, "min_basket": 75, "total_limit": 5,
        "per_user_limit": 1,
    });
    let path = create(&meral.client, campaign(&path, coupon)).await;
    let before = meral.client.get(&path).await.json();
    let nulls = json!({
        "title": null, "description": null, "start_date": null, "end_date": null, "max_discount": null,
        "min_basket": null, "total_limit": null, "per_user_limit": null, "code": null,
    });

    let nothing = meral.client.put(&path, json!({})).await.json();
    let sent_back = meral.client.put(&path, before.clone()).await.json();
    let cleared = meral.client.put(&path, nulls).await.json();
    let other_kind =
        json!({ "kind": "free_delivery", "value": null, "title": "Yol bizden", "end_date": "2026-04-01T00:00:00Z" });
    let moved = meral.client.put(&path, other_kind).await.json();

    assert_eq!((&nothing, &sent_back), (&before, &before));
    let mut expected = before;
    for field in ["code", "max_discount", "min_basket", "total_limit", "per_user_limit"] {
        expected[field] = Value::Null;
    }
    assert_eq!(cleared, expected);
    for (field, value) in [("kind", json!("free_delivery")), ("value", Value::Null), ("title", json!("Yol bizden"))] {
        expected[field] = value;
    }
    expected["end_date"] = json!("2026-04-01T00:00:00Z");
    assert_eq!(moved, expected);
    assert_eq!(fixture.client().get(&path).await.json(), expected);
}

async fn what_is_wrong_with_a_campaign_is_named_and_nothing_is_stored(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let known = create(&meral.client, campaign(&path, json!({}))).await;
    let long = |length: usize| Value::from("ş".repeat(length));
    let cases = [
        (json!({ "title": long(129) }), "title", "TOO_LONG"),
        (json!({ "title": "a\nb" }), "title", "CONTROL_CHARACTERS"),
        (json!({ "description": " " }), "description", "EMPTY"),
        (json!({ "description": long(2001) }), "description", "TOO_LONG"),
        (json!({ "start_date": "2026-03-01" }), "start_date", "TIME_INVALID"),
        (json!({ "start_date": "2026-03-01T12:00:00" }), "start_date", "TIME_INVALID"),
        (json!({ "start_date": 17 }), "start_date", "WRONG_TYPE"),
        (json!({ "end_date": "9999-12-31T23:59:59-12:00" }), "end_date", "TIME_INVALID"),
        (json!({ "end_date": "2026-03-02T12:00:00Z" }), "end_date", "TIME_PAST"),
        (json!({ "end_date": "2026-02-01T12:00:00Z" }), "end_date", "ENDS_BEFORE_IT_BEGINS"),
        (json!({ "end_date": "2027-03-02T12:00:01Z" }), "end_date", "TOO_LONG"),
        (json!({ "start_date": "2027-03-04T12:00:00Z", "end_date": "2027-03-05T12:00:00Z" }), "start_date", "TOO_FAR"),
        (json!({ "code": "AB" }), "code", "COUPON_CODE_INVALID"),
        (json!({ "code": "LIMAN10" }), "kind", "REQUIRED"),
        (json!({ "kind": "half" }), "kind", "KIND_UNKNOWN"),
        (json!({ "kind": "percent" }), "value", "REQUIRED"),
        (json!({ "kind": "percent", "value": 100.01 }), "value", "OUT_OF_RANGE"),
        (json!({ "kind": "percent", "value": 12.345 }), "value", "TOO_MANY_DECIMALS"),
        (json!({ "kind": "amount", "value": 0 }), "value", "OUT_OF_RANGE"),
        (json!({ "kind": "amount", "value": -1 }), "value", "TOO_SMALL"),
        (json!({ "kind": "amount", "value": "5" }), "value", "WRONG_TYPE"),
        (json!({ "kind": "amount", "value": 5, "max_discount": 5 }), "max_discount", "NOT_OF_THIS_KIND"),
        (json!({ "kind": "percent", "value": 5, "max_discount": 0 }), "max_discount", "TOO_SMALL"),
        (json!({ "kind": "free_delivery", "value": 5 }), "value", "NOT_OF_THIS_KIND"),
        (json!({ "kind": "free_delivery", "min_basket": -1 }), "min_basket", "TOO_SMALL"),
        (json!({ "kind": "free_delivery", "total_limit": 0 }), "total_limit", "OUT_OF_RANGE"),
        (json!({ "kind": "free_delivery", "per_user_limit": 1001 }), "per_user_limit", "OUT_OF_RANGE"),
        (
            json!({ "kind": "free_delivery", "total_limit": 2, "per_user_limit": 3 }),
            "per_user_limit",
            "ABOVE_TOTAL_LIMIT",
        ),
    ];
    fixture.recorded().await;

    for (changes, field, code) in cases {
        let (status, answer) = meral.client.post("/campaigns", campaign(&path, changes.clone())).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![(field, code)]), "{changes}");
        let (status, answer) = meral.client.put(&known, changes.clone()).await.parts();
        assert_eq!((status, faults(&answer)), (422, vec![(field, code)]), "{changes}");
    }
    let of_another = meral.client.post("/campaigns", campaign("17", json!({}))).await.parts();
    assert_eq!((of_another.0, faults(&of_another.1)), (422, vec![("restaurant_id", "ID_INVALID")]));
    let missing = ["title", "description", "start_date", "end_date"].map(|field| (field, "REQUIRED"));
    for body in [json!({}), json!({ "title": null, "description": null, "start_date": null, "end_date": null })] {
        let (status, answer) = meral.client.post("/campaigns", body).await.parts();
        assert_eq!((status, faults(&answer)), (422, missing.to_vec()));
    }
    for body in [json!([]), json!("a campaign"), json!(null)] {
        assert_eq!(meral.client.post("/campaigns", body).await.status, 400);
    }
    assert_eq!((titles(&fixture.client(), "").await.len(), fixture.recorded().await.len()), (1, 0));
}

async fn each_change_is_recorded_with_all_campaigns_that_give_something_off(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let free = json!({ "kind": "free_delivery", "min_basket": 75, "end_date": "2026-03-02T13:00:00Z" });
    let amount = json!({ "code": "cipa5", "kind": "amount", "value": 5, "total_limit": 100 });

    create(&meral.client, campaign(&path, json!({}))).await;
    create(&meral.client, campaign(&path, free)).await;
    fixture.a_moment_later();
    let coupon = create(&meral.client, campaign(&path, amount)).await;
    let events = fixture.recorded().await;
    fixture.clock.advance(Duration::from_secs(60 * 60));
    meral.client.put(&path, json!({ "name": "Demir Kebap" })).await;

    let counts: Vec<_> = events.iter().map(|event| (event.version, event.campaigns.len())).collect();
    assert_eq!(counts, [(1, 0), (2, 0), (3, 1), (4, 2)]);
    let campaigns = serde_json::to_value(&events[3]).unwrap()["campaigns"].clone();
    let expected = json!([
        {
            "id": campaigns[0]["id"], "code": null, "kind": "free_delivery", "min_basket_kurus": 7500,
            "starts_at": "2026-03-01T12:00:00Z", "ends_at": "2026-03-02T13:00:00Z",
            "total_limit": null, "per_user_limit": null,
        },
        {
            "id": coupon.trim_start_matches("/campaigns/"), "code": "CIPA5", "kind": "amount", "value": 500,
            "min_basket_kurus": 0, "starts_at": "2026-03-01T12:00:00Z", "ends_at": "2026-03-03T12:00:00Z",
            "total_limit": 100, "per_user_limit": null,
        },
    ]);
    assert_eq!(campaigns, expected);
    let renamed = fixture.recorded().await.pop().unwrap();
    assert_eq!((renamed.version, renamed.campaigns), (5, vec![events[3].campaigns[1].clone()]), "one has ended");
}

async fn a_code_means_one_campaign_of_its_owner_at_a_time(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (kerem, elsewhere) = fixture.open_restaurant(json!({})).await;
    let coupon =
        |path: &str, changes| campaign(path, changed(json!({ "code": "LIMAN", "kind": "free_delivery" }), changes));
    let later = json!({ "start_date": "2026-03-03T12:00:00Z", "end_date": "2026-03-04T12:00:00Z" });

    create(&meral.client, coupon(&path, json!({}))).await;
    let again = meral.client.post("/campaigns", coupon(&path, json!({ "code": " liman" }))).await.parts();
    let next = create(&meral.client, coupon(&path, later)).await;
    let moved = meral.client.put(&next, json!({ "start_date": "2026-03-03T11:59:59Z" })).await.parts();
    let renamed = meral.client.put(&next, json!({ "title": "Salı" })).await.status;
    create(&kerem.client, coupon(&elsewhere, json!({}))).await;

    for (status, answer) in [again, moved] {
        assert_eq!((status, &answer["code"]), (409, &json!("COUPON_CODE_TAKEN")), "{answer}");
    }
    assert_eq!(renamed, 200, "it is in its own way");
}

async fn fill(meral: &Manager, path: &str, count: usize) {
    for number in 0..count {
        let end = json!({ "title": format!("{number}"), "end_date": format!("2026-03-03T12:00:{number:02}Z") });
        create(&meral.client, campaign(path, end)).await;
    }
}

async fn a_restaurant_has_fifty_campaigns_and_a_new_one_takes_the_place_of_what_has_ended(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fill(&meral, &path, 50).await;
    let late = || campaign(&path, json!({ "title": "51", "end_date": "2026-03-05T12:00:00Z" }));

    let full = meral.client.post("/campaigns", late()).await.parts();
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    let listed = titles(&fixture.client(), "").await.len();
    create(&meral.client, late()).await;
    let again = meral.client.post("/campaigns", late()).await.status;

    assert_eq!((full.0, &full.1["code"]), (409, &json!("TOO_MANY_CAMPAIGNS")));
    assert_eq!((listed, again), (49, 409));
    assert_eq!(titles(&fixture.client(), "").await.len(), 50);
}

async fn the_last_place_is_given_once(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fill(&meral, &path, 49).await;
    let (_replica, elsewhere) = fixture.client_of_replica().await;
    let elsewhere = elsewhere.manager(meral.id);
    fixture.recorded().await;

    let body = || campaign(&path, json!({}));
    let (one, other) = tokio::join!(meral.client.post("/campaigns", body()), elsewhere.post("/campaigns", body()));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(fixture.recorded().await.len(), 1);
}

async fn campaigns_go_with_their_restaurant(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let coupon = create(&meral.client, campaign(&path, json!({ "kind": "free_delivery" }))).await;

    meral.client.delete(&path).await;

    let gone = [meral.client.get(&coupon).await.status, meral.client.put(&coupon, json!({})).await.status];
    assert_eq!((gone, titles(&fixture.client(), "").await.len()), ([404, 404], 0));
    let new = meral.client.post("/campaigns", campaign(&path, json!({}))).await.status;
    let last = fixture.recorded().await.pop().unwrap();
    assert_eq!((new, last.catalog, last.campaigns), (404, None, vec![]));
}

async fn the_list_has_what_ends_first_first_page_by_page(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fill(&meral, &path, 30).await;
    let anyone = fixture.client();
    let numbers = |range: std::ops::Range<u32>| range.map(|number| number.to_string()).collect::<Vec<_>>();

    assert_eq!(titles(&anyone, "").await, numbers(0..30));
    assert_eq!(titles(&anyone, "?page=2&page_size=12").await, numbers(12..24));
    assert_eq!(titles(&anyone, "?limit=3&offset=2").await, numbers(2..5));
    assert_eq!(titles(&anyone, "?limit=1000000000&page=x").await, numbers(0..30));
    assert_eq!(titles(&anyone, "?page=9").await, numbers(0..0));
    let deep = anyone.get("/campaigns?page=100000").await.parts();
    assert_eq!((deep.0, faults(&deep.1)), (422, vec![("page", "TOO_DEEP")]));
}

async fn the_same_request_with_its_key_writes_down_one_campaign(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let ask = |title: &str| {
        Ask::post("/campaigns", campaign(&path, json!({ "title": title }))).header("idempotency-key", "a-key")
    };
    fixture.recorded().await;

    let first = meral.client.send(ask("Yaz")).await;
    let again = meral.client.send(ask("Yaz")).await;
    let other = meral.client.send(ask("Kış")).await;

    assert_eq!((first.status, again.status, other.status), (201, 201, 422));
    assert_eq!(first.json(), again.json());
    assert_eq!((titles(&fixture.client(), "").await.len(), fixture.recorded().await.len()), (1, 1));
    let id: Result<CampaignId, _> = first.json()["id"].as_str().unwrap().parse();
    assert!(id.is_ok());
}
