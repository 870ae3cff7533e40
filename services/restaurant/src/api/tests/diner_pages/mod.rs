//! Pages for diners, as a browser without script comes to them.

mod dishes;
mod list;
mod restaurant;

use kit::on_every_database;
use kit::testing::{Client, policy_faults};
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    an_english_page_has_no_turkish_on_it_and_no_page_what_the_policy_forbids,
    pages_stay_small_whatever_is_on_them,
    who_has_a_token_that_opens_nothing_reads_what_everybody_reads,
}

/// Writes down a part of the menu of the restaurant at `path`, and answers it.
async fn add(client: &Client, path: &str, body: Value) -> Value {
    let (status, created) = client.post(path, body).await.parts();
    assert_eq!(status, 201, "{created}");
    created
}

/// A campaign from yesterday to tomorrow.
async fn add_campaign(client: &Client, restaurant: &str, (title, code): (&str, &str), start: &str) {
    let body = json!({
        "title": title, "description": "Cumartesi ve pazar", "kind": "percent", "value": 12.5, "code": code,
        "start_date": start, "end_date": "2026-03-05T12:00:00Z",
        "restaurant_id": restaurant.trim_start_matches("/restaurants/"),
    });
    add(client, "/campaigns", body).await;
}

/// Where the page of a restaurant stands: where its id alone leads.
async fn page_of(fixture: &Fixture, restaurant: &str) -> String {
    let id = restaurant.trim_start_matches("/restaurants/");
    fixture.browser().get(&format!("/restoran/{id}")).await.header("location").to_owned()
}

/// The addresses of all links of the page.
fn links(html: &str) -> Vec<String> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.map(|link| link.replace("&#38;", "&")).collect()
}

/// The address of the link that says `text`.
fn link(html: &str, text: &str) -> String {
    let before = html.split(&format!(">{text}</a>")).next().unwrap();
    links(before).pop().unwrap()
}

/// Whether the texts stand on the page in this order.
fn has_in_order(html: &str, texts: &[&str]) -> bool {
    let mut rest = html;
    texts.iter().all(|text| match rest.find(text) {
        Some(at) => {
            rest = &rest[at + text.len()..];
            true
        }
        None => false,
    })
}

/// The page without what programs alone read in it, and without names that are Turkish everywhere.
fn said(html: &str) -> String {
    let mut parts = html.split(" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    let text = parts.fold(first, |text, part| text + part.split_once('"').map_or("", |(_, rest)| rest));
    ["Lezzetlimanı", "Türkçe", "Kadıköy", "İstanbul"].iter().fold(text, |text, name| text.replace(name, ""))
}

async fn an_english_page_has_no_turkish_on_it_and_no_page_what_the_policy_forbids(fixture: Fixture) {
    let plain = json!({ "name": "Capa Kebap", "description": null, "cuisines": ["Pide"] });
    let (meral, path) = fixture.open_restaurant(plain).await;
    let group = json!({ "name": "Spice", "min": 1, "max": 1, "options": [{ "name": "Hot", "price": 1.5 }] });
    let group = add(&meral.client, &format!("{path}/groups"), group).await;
    let dish =
        json!({ "description": null, "allergens": ["milk"], "group_ids": [group["id"]], "contains_alcohol": true });
    meral.create_meal(&path, dish).await;
    meral.create_meal(&path, json!({ "name": "Ayran", "description": null, "is_available": false })).await;
    add_campaign(&meral.client, &path, ("Weekend", "liman10"), "2026-03-01T12:00:00Z").await;
    let hours = json!({ "special_days": [{ "date": "2026-03-04", "intervals": "13:00-02:00" }] });
    meral.client.put(&format!("{path}/hours"), hours).await;
    fixture.follow().await;
    let page = page_of(&fixture, &path).await;
    let dish = link(&fixture.browser().get(&page).await.text, "Adana Kebap");

    for path in ["/", "/?q=kebap&district=besiktas", "/kampanyalar", &page, &dish] {
        let read = |language: &str| fixture.browser().with_header("cookie", &format!("lang={language}"));
        let (english, turkish) = (read("en").get(path).await, read("tr").get(path).await);

        assert_eq!((english.status, turkish.status), (200, 200), "{path}");
        assert!(turkish.text.contains("<html lang=\"tr\">") && english.text.contains("<html lang=\"en\">"), "{path}");
        let text = said(&english.text).replace("Cumartesi ve pazar", "");
        let letter = text.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
        assert_eq!(letter.map(|at| text[at..].chars().take(30).collect::<String>()), None, "{path}");
        assert_eq!(english.text.matches("<h1").count(), 1, "{path}");
        assert_eq!(policy_faults(&english.text), Vec::<String>::new(), "{path}");
    }
}

async fn pages_stay_small_whatever_is_on_them(fixture: Fixture) {
    for number in 0..24 {
        let name = format!("Çıpa Kebap ve Lahmacun Salonu {number}");
        fixture.open_restaurant(json!({ "name": name, "cuisines": ["Kebap", "Pide", "Izgara"] })).await;
    }
    let (meral, path) = fixture.open_restaurant(json!({ "name": "Çıpa Kebap ve Lahmacun Salonu" })).await;
    let name = "Közlenmiş Patlıcanlı Adana Kebap";
    let text =
        "Meşe kömüründe közlenmiş patlıcan, köy biberi, bulgur pilavı ve lavaşla, acılı ya da acısız servis edilir.";
    let meal = meral.create_meal(&path, json!({ "name": name, "description": text })).await;
    fixture.copy_meal(&meal, 59).await;
    fixture.follow().await;

    let page = fixture.browser().get(&page_of(&fixture, &path).await).await;
    let home = fixture.browser().get("/").await;

    assert_eq!(page.text.matches("action=\"/sepet/ekle\"").count(), 60);
    assert_eq!(home.text.matches("class=\"card place\"").count(), 24);
    for page in [page, home] {
        assert!(page.text.len() <= 60_000, "{} bytes", page.text.len());
    }
}

async fn who_has_a_token_that_opens_nothing_reads_what_everybody_reads(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({})).await;
    fixture.follow().await;
    let page = page_of(&fixture, &path).await;
    let browser = fixture.browser().with_header("cookie", "access=forged; refresh=x");

    for path in ["/", "/kampanyalar", &page] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    let drafts = fixture.manager();
    let draft = drafts.create(json!({ "name": "Taslak" })).await.replace("/restaurants/", "/restoran/");
    assert_eq!(browser.get(&draft).await.status, 404);
    assert_eq!(fixture.browser().user(drafts.id).in_browser("").get(&draft).await.status, 404);
    assert_eq!(fixture.browser().manager(drafts.id).in_browser("").get(&draft).await.status, 308);
}
