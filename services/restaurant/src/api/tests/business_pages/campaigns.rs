use contracts::{AudienceCounted, RestaurantId};
use kit::on_every_database;
use kit::testing::Answer;
use serde_json::{Value, json};

use super::{has_in_order, page_of, submit, value_of};
use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_campaign_is_shown_before_anything_is_saved_and_published_once,
    a_campaign_at_fault_comes_back_as_it_was_typed,
    a_campaign_is_changed_after_a_preview_and_withdrawn_after_a_question,
    a_campaign_is_kept_below_its_own_restaurant_alone,
}

const FIELDS: [(&str, &str); 8] = [
    ("title", "Hafta sonu"),
    ("description", "Cumartesi ve pazar."),
    ("start_date", "2026-03-02T16:00"),
    ("end_date", "2026-03-04T15:00"),
    ("code", "liman10"),
    ("kind", "percent"),
    ("value", "12,5"),
    ("max_discount", "50"),
];

/// The same with other values, and the button that was pressed.
fn fields<'a>(step: &'a str, others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = FIELDS.into_iter().filter(|(name, _)| others.iter().all(|(other, _)| other != name));
    kept.chain(others.iter().copied()).chain([("adim", step)]).collect()
}

async fn campaigns(meral: &Manager, path: &str) -> Vec<Value> {
    meral.client.get(&format!("{path}/campaigns")).await.json().as_array().unwrap().clone()
}

async fn a_campaign_is_shown_before_anything_is_saved_and_published_once(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let restaurant_id: RestaurantId = path.trim_start_matches("/restaurants/").parse().unwrap();
    let counted_at = "2026-03-02T11:59:00Z".parse().unwrap();
    let counted = AudienceCounted { restaurant_id, followers: Some(1204), consenting: Some(3), counted_at };
    fixture.hear(counted).await.unwrap();
    let page = page_of(&path, "/kampanyalar/yeni");

    let preview = submit(&browser, &page, &fields("onizle", &[])).await;
    let corrected = submit(&browser, &page, &fields("duzelt", &[])).await;

    assert_eq!((preview.status, corrected.status), (200, 200), "{}", preview.text);
    assert!(campaigns(&meral, &path).await.is_empty());
    let shown = [
        "2 Mart 2026 Pazartesi 16:00",
        "%12,50",
        "LIMAN10",
        "₺50,00",
        "kampanya başlayınca",
        "1204",
        "5&#39;ten az",
        "lang=\"tr\"",
        "Kampanya: Hafta sonu",
        "lang=\"en\"",
        "Campaign: Hafta sonu",
        "name=\"title\" value=\"Hafta sonu\"",
    ];
    assert!(has_in_order(&preview, &shown), "{}", preview.text);
    assert_eq!(value_of(&corrected, "value"), "12,5");

    let key = value_of(&preview, "istek");
    let published = async || submit(&browser, &page, &fields("yayinla", &[("istek", key)])).await;
    let (first, second) = (published().await, published().await);

    assert_eq!((first.status, second.status), (303, 303), "{}", first.text);
    assert_eq!(first.header("location"), second.header("location"));
    let written = campaigns(&meral, &path).await;
    assert_eq!(written.len(), 1);
    assert_eq!((&written[0]["start_date"], &written[0]["value"]), (&json!("2026-03-02T13:00:00Z"), &json!(12.5)));
    let list = browser.get(&page_of(&path, "/kampanyalar")).await;
    assert!(has_in_order(&list, &["Hafta sonu", "Başlayacak"]), "{}", list.text);
}

async fn a_campaign_at_fault_comes_back_as_it_was_typed(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let page = page_of(&path, "/kampanyalar/yeni");

    let typed = [("title", ""), ("start_date", "yarın"), ("end_date", ""), ("value", "1.250")];
    let refused = submit(&browser, &page, &fields("onizle", &typed)).await;
    let together = submit(&browser, &page, &fields("onizle", &[("end_date", "2026-03-01T15:00"), ("value", "")])).await;
    let bare = submit(&browser, &page, &fields("yayinla", &[])).await;

    assert_eq!((refused.status, together.status, bare.status), (422, 422, 422));
    let links = ["title", "start_date", "end_date", "value"].map(|field| format!("<a href=\"#{field}\">"));
    assert_eq!(refused.text.matches("<li><a href=\"#").count(), links.len(), "{}", refused.text);
    assert!(links.iter().all(|link| refused.text.contains(link)), "{}", refused.text);
    assert!(has_in_order(&refused, &["value=\"yarın\"", "selected>Yüzde", "value=\"1.250\"", "value=\"liman10\""]));
    assert!(together.text.contains("#end_date") && bare.text.contains("Form eskimiş"), "{}", together.text);
    assert!(campaigns(&meral, &path).await.is_empty());
}

async fn a_campaign_is_changed_after_a_preview_and_withdrawn_after_a_question(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let body = json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar.", "restaurant_id": path.trim_start_matches("/restaurants/"),
        "start_date": "2026-03-02T11:00:00Z", "end_date": "2026-03-04T20:59:59Z",
    });
    let created = meral.client.post("/campaigns", body).await.json();
    let page = page_of(&path, &format!("/kampanyalar/{}", created["id"].as_str().unwrap()));

    let before = browser.get(&page).await;
    fixture.announced().await;
    let announced = browser.get(&page).await;
    let form = browser.get(&format!("{page}/degistir")).await;
    let typed = [("start_date", value_of(&form, "start_date")), ("end_date", value_of(&form, "end_date"))];
    let step = async |step| submit(&browser, &format!("{page}/degistir"), &fields(step, &typed)).await;
    let preview: Answer = step("onizle").await;
    let unchanged = campaigns(&meral, &path).await[0].clone();
    let changed = [step("yayinla").await, step("yayinla").await];

    assert!(before.text.contains("henüz duyurulmadı"), "{}", before.text);
    assert!(announced.text.contains("Takipçilere duyuruldu"), "{}", announced.text);
    assert!(preview.text.contains("hemen yazılır") && unchanged["code"] == json!(null), "{}", preview.text);
    assert!(changed.iter().all(|changed| changed.header("location") == page), "{}", changed[0].text);
    let campaign = &campaigns(&meral, &path).await[0];
    assert_eq!((&campaign["code"], &campaign["end_date"]), (&json!("LIMAN10"), &json!("2026-03-04T20:59:59Z")));

    let question = browser.get(&format!("{page}/sil")).await;
    assert!(question.text.contains("Geri çekilecek kampanya: Hafta sonu"), "{}", question.text);
    assert_eq!(campaigns(&meral, &path).await.len(), 1);
    assert_eq!(submit(&browser, &format!("{page}/sil"), &[]).await.status, 303);
    assert!(campaigns(&meral, &path).await.is_empty());
}

async fn a_campaign_is_kept_below_its_own_restaurant_alone(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let other = meral.create(json!({})).await;
    let body = json!({
        "title": "Hafta sonu", "description": "Pazar.", "restaurant_id": path.trim_start_matches("/restaurants/"),
        "start_date": "2026-03-02T11:00:00Z", "end_date": "2026-03-04T20:59:59Z",
    });
    let created = meral.client.post("/campaigns", body).await.json();
    let meal = meral.create_meal(&path, json!({})).await;
    let below = |restaurant: &str, rest: &str| {
        page_of(restaurant, &format!("/kampanyalar/{}{rest}", created["id"].as_str().unwrap()))
    };
    let browser = meral.browser(&fixture);

    for rest in ["", "/degistir", "/sil"] {
        assert_eq!(browser.get(&below(&path, rest)).await.status, 200);
        assert_eq!(browser.get(&below(&other, rest)).await.status, 404);
    }
    let elsewhere = page_of(&other, &meal.replace("/meals/", "/menu/"));
    for rest in ["", "/sil", "/durum"] {
        assert_eq!(submit(&browser, &format!("{elsewhere}{rest}"), &[("durum", "yok")]).await.status, 404);
    }
    assert_eq!(submit(&browser, &below(&other, "/sil"), &[]).await.status, 404);
    assert_eq!(campaigns(&meral, &path).await.len(), 1);
    assert_eq!(meral.client.get(&meal).await.json()["is_available"], json!(true));
}
