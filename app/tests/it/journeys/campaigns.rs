//! A campaign: written by a restaurant, and mailed to whoever follows it and has agreed, until they have enough.

use std::time::Duration;

use contracts::Secret;
use kit::commercial_hours;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::carts::restaurant;
use crate::support::{Diner, Platform, Tokens, at_last, http_client, in_every_size_set, read};

const MINUTE: Duration = Duration::from_secs(60);
/// Who sends commercial mail, without which none leaves.
const SENDER: [(&str, &str); 3] = [
    ("SENDER_TITLE", "Lezzetlimanı Gıda A.Ş."),
    ("SENDER_MERSIS", "0123456789012345"),
    ("SENDER_CONTACT", "iletisim@example.com"),
];

/// No journey begins in the evening, or at night: a campaign would wait until the morning.
fn await_the_hours(platform: &Platform) {
    let now = platform.now();
    if let Some(opening) = commercial_hours::opens_for(30 * MINUTE, now) {
        platform.advance((opening - now).to_std().unwrap() + MINUTE);
    }
}

async fn follow(diner: &Diner, key: &Tokens, restaurant: &Value) {
    let followed = diner.post_as(key, "/favorites/restaurant", json!({ "restaurant_id": restaurant })).await;
    assert_eq!(followed.status, StatusCode::OK, "{}", followed.text);
}

#[tokio::test]
async fn a_campaign_reaches_who_follows_and_agreed_until_they_have_enough() {
    in_every_size_set(&SENDER, async |platform| {
        await_the_hours(&platform);
        let meral = Diner::new(&platform, "meral@example.com");
        let password = Secret::new(meral.password.clone());
        auth::admin::create(platform.database(), meral.email.parse().unwrap(), password).await.unwrap();
        let owner = meral.login().await.tokens();
        let (restaurant, _) = restaurant(&platform, &meral, &owner, "Çıpa Kebap").await;
        let (ayse, key) = Diner::signed_up(&platform, "ayse@example.com").await;
        let (derya, other) = Diner::signed_up(&platform, "derya@example.com").await;
        follow(&ayse, &key, &restaurant).await;
        follow(&derya, &other, &restaurant).await;
        let agree = json!({ "commercial_mail": { "granted": true, "text_version": "2026-01" } });
        let agreed = ayse.send(Method::PUT, "/users/preferences", Some(&key.access), Some(agree)).await;
        assert_eq!(agreed.status, StatusCode::OK, "{}", agreed.text);

        platform.advance(Duration::from_secs(1));
        let written = json!({
            "title": "Yaz indirimi", "description": "Her şey yarı fiyatına.", "restaurant_id": restaurant,
            "start_date": platform.now() + MINUTE, "end_date": platform.now() + 48 * 60 * MINUTE,
            "code": "YAZ50", "kind": "percent", "value": 50,
        });
        let written = meral.post_as(&owner, "/campaigns", written).await;
        assert_eq!(written.status, StatusCode::CREATED, "{}", written.text);
        let id = written.json()["id"].as_str().unwrap().to_owned();
        let preview = meral.get_as(&owner, &format!("/campaigns/{id}/preview")).await.json();
        assert_eq!(preview["audience"]["consenting"], json!(null), "two are too few to be counted out");

        platform.advance(2 * MINUTE);
        let report = at_last("the campaign has gone out", async || {
            platform.advance(Duration::from_secs(1));
            let report = meral.get_as(&owner, &format!("/admin/campaigns/{id}")).await;
            let report = (report.status == StatusCode::OK).then(|| report.json())?;
            (report["sent"] == 1 && report["state"] == "ended").then_some(report)
        });
        let report = report.await;
        assert_eq!((&report["queued"], &report["without_consent"]), (&json!(1), &json!(1)), "{report}");
        let mail = platform.mail(&ayse.email, "campaign", 1).await;
        let previewed = preview["mails"].as_array().unwrap().iter().find(|mail| mail["locale"] == "tr").unwrap();
        assert_eq!(mail.header("subject").as_deref(), previewed["subject"].as_str());
        for line in previewed["text"].as_str().unwrap().lines() {
            assert!(mail.text().contains(line), "{line}: {}", mail.text());
        }

        let link = mail.header("list-unsubscribe").unwrap();
        let token = link.split_once("token=").unwrap().1.trim_end_matches('>');
        let path = format!("/notification/unsubscribe?token={token}");
        assert_eq!(read(http_client().get(platform.url(&path))).await.status, StatusCode::OK);
        let still = ayse.get_as(&key, "/users/preferences").await.json();
        assert_eq!(still["commercial_mail"]["granted"], json!(true), "who opens a link has not unsubscribed");
        for _ in 0..2 {
            let answer = read(http_client().post(platform.url(&path)).body("List-Unsubscribe=One-Click")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
        at_last("the account knows that its owner has enough", async || {
            platform.advance(Duration::from_secs(1));
            let preferences = ayse.get_as(&key, "/users/preferences").await.json();
            (preferences["commercial_mail"]["granted"] == json!(false)).then_some(())
        })
        .await;
    })
    .await;
}
