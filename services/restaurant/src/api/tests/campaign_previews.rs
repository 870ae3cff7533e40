//! What a campaign says, and to how many, before anybody is written of it.

use contracts::{AudienceCounted, RestaurantId};
use kit::on_every_database;
use kit::testing::{Ask, Client, changed, faults};
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_campaign_shows_its_mails_in_both_languages_and_its_audience,
    what_is_not_written_down_is_shown_and_leaves_nothing_behind,
    few_followers_are_not_counted_out,
    the_platforms_own_goes_to_nobody,
    what_is_wrong_is_named_as_when_it_is_written_down,
}

fn campaign(restaurant: &str, changes: Value) -> Value {
    let body = json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar.\n\nBütün gün.",
        "start_date": "2026-03-02T13:00:00Z", "end_date": "2026-03-04T12:00:00Z",
        "restaurant_id": restaurant.trim_start_matches("/restaurants/"),
    });
    changed(body, changes)
}

fn counted(path: &str, followers: Option<u64>, consenting: Option<u64>) -> AudienceCounted {
    let restaurant_id: RestaurantId = path.trim_start_matches("/restaurants/").parse().unwrap();
    let counted_at = "2026-03-02T11:59:00Z".parse().unwrap();
    AudienceCounted { restaurant_id, followers, consenting, counted_at }
}

async fn preview(client: &Client, body: Value) -> Value {
    let (status, preview) = client.post("/campaigns/preview", body).await.parts();
    assert_eq!(status, 200, "{preview}");
    preview
}

async fn a_campaign_shows_its_mails_in_both_languages_and_its_audience(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let coupon = campaign(&path, json!({ "code": "liman10", "kind": "percent", "value": 10 }));
    let created = meral.client.post("/campaigns", coupon.clone()).await.json();
    fixture.hear(counted(&path, Some(1204), Some(811))).await.unwrap();

    let of_campaign = format!("/campaigns/{}/preview", created["id"].as_str().unwrap());
    let shown = meral.client.get(&of_campaign).await.parts();

    let expected = json!({
        "starts_at": "2026-03-02T13:00:00Z",
        "ends_at": "2026-03-04T12:00:00Z",
        "mails": [
            {
                "locale": "tr",
                "subject": "Kampanya: Hafta sonu",
                "text": "Hafta sonu\n\nCumartesi ve pazar.\n\nBütün gün.\n\nRestoran: Çıpa Kebap\nKampanya kodu: LIMAN10\n\
                         Son geçerlilik: 4 Mart 2026, 15:00 (Türkiye saatiyle)",
            },
            {
                "locale": "en",
                "subject": "Campaign: Hafta sonu",
                "text": "Hafta sonu\n\nCumartesi ve pazar.\n\nBütün gün.\n\nRestaurant: Çıpa Kebap\nCode: LIMAN10\n\
                         Valid until: 4 March 2026, 15:00 (Türkiye time)",
            },
        ],
        "audience": {
            "followers": 1204, "followers_text": null, "consenting": 811, "consenting_text": null,
            "counted_at": "2026-03-02T11:59:00Z",
        },
    });
    assert_eq!(shown, (200, expected.clone()));
    assert_eq!(meral.client.get(&format!("{of_campaign}/")).await.parts(), (200, expected.clone()));
    assert_eq!(preview(&meral.client, coupon).await, expected, "before it is written down, too");
}

async fn what_is_not_written_down_is_shown_and_leaves_nothing_behind(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fixture.recorded().await;

    let shown = preview(&meral.client, campaign(&path, json!({}))).await;
    let with_slash = meral.client.post("/campaigns/preview/", campaign(&path, json!({}))).await.json();

    assert!(!shown["mails"][0]["text"].as_str().unwrap().contains("Kupon"), "{shown}");
    assert_eq!(with_slash, shown);
    assert_eq!(fixture.client().get("/campaigns").await.json(), json!([]));
    assert_eq!((fixture.recorded().await.len(), fixture.announced().await.len()), (0, 0));
}

async fn few_followers_are_not_counted_out(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let audience = async |language: &'static str| {
        let ask = Ask::post("/campaigns/preview", campaign(&path, json!({}))).header("accept-language", language);
        meral.client.send(ask).await.json()["audience"].clone()
    };

    let unknown = [audience("tr").await, audience("en").await];
    fixture.hear(counted(&path, Some(5), None)).await.unwrap();
    let few = [audience("tr").await, audience("en").await];
    // Whoever has counted must not have said it, and it is not repeated.
    let newer = "2026-03-02T11:59:30Z".parse().unwrap();
    fixture.hear(AudienceCounted { counted_at: newer, ..counted(&path, Some(4), Some(1)) }).await.unwrap();
    let fewer = audience("tr").await;

    let of = |(followers, followers_text): (Value, Value), consenting_text: &str, counted_at: Value| {
        json!({
            "followers": followers, "followers_text": followers_text, "consenting": null,
            "consenting_text": consenting_text, "counted_at": counted_at,
        })
    };
    let none = |text: &str| (Value::Null, json!(text));
    let at = json!("2026-03-02T11:59:00Z");
    assert_eq!(unknown[0], of(none("henüz sayılmadı"), "henüz sayılmadı", Value::Null));
    assert_eq!(unknown[1], of(none("not counted yet"), "not counted yet", Value::Null));
    assert_eq!(few[0], of((json!(5), Value::Null), "5'ten az", at.clone()));
    assert_eq!(few[1], of((json!(5), Value::Null), "fewer than 5", at));
    assert_eq!(fewer, of(none("5'ten az"), "5'ten az", json!("2026-03-02T11:59:30Z")));
}

async fn the_platforms_own_goes_to_nobody(fixture: Fixture) {
    let admin = fixture.client().admin(fixture.new_user());
    let body = campaign("", json!({ "restaurant_id": null }));
    let created = admin.post("/campaigns", body.clone()).await.json();

    let new = preview(&admin, body).await;
    let of_campaign = format!("/campaigns/{}/preview", created["id"].as_str().unwrap());

    let nobody = json!({
        "starts_at": "2026-03-02T13:00:00Z", "ends_at": "2026-03-04T12:00:00Z", "mails": [], "audience": null,
    });
    assert_eq!((&new, admin.get(&of_campaign).await.json()), (&nobody, nobody.clone()));
}

async fn what_is_wrong_is_named_as_when_it_is_written_down(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let cases = [
        (json!({ "title": "a\nb" }), "title", "CONTROL_CHARACTERS"),
        (json!({ "description": "a\u{202E}b" }), "description", "CONTROL_CHARACTERS"),
        (json!({ "description": "ş".repeat(2001) }), "description", "TOO_LONG"),
        (json!({ "start_date": 17 }), "start_date", "WRONG_TYPE"),
        (json!({ "end_date": "2026-03-02T12:00:00Z" }), "end_date", "ENDS_BEFORE_IT_BEGINS"),
        (json!({ "code": "LIMAN10" }), "kind", "REQUIRED"),
        (json!({ "restaurant_id": "17" }), "restaurant_id", "ID_INVALID"),
    ];

    for (changes, field, code) in cases {
        for route in ["/campaigns", "/campaigns/preview"] {
            let (status, problem) = meral.client.post(route, campaign(&path, changes.clone())).await.parts();
            assert_eq!((status, faults(&problem)), (422, vec![(field, code)]), "{route} with {changes}");
        }
    }
    for body in [json!([]), json!("a campaign"), json!(null)] {
        assert_eq!(meral.client.post("/campaigns/preview", body).await.status, 400);
    }
}
