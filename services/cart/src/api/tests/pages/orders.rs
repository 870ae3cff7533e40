use std::time::Duration;

use kit::on_every_database;
use kit::testing::{Client, policy_faults};
use serde_json::{Value, json};

use super::led_to;
use crate::api::tests::checkout::order;
use crate::api::tests::live::show;
use crate::api::tests::steps::{ACCEPT, step};
use crate::fixture::{Browser, Fixture, Kitchen, meal};

on_every_database! {
    Fixture:
    an_order_is_its_diner_s_alone,
    an_order_shows_how_far_it_is,
    an_order_is_called_off_once_and_while_that_is_allowed,
    a_history_comes_in_pages,
    what_is_gone_is_said_before_it_is_ordered_again,
    a_basket_of_another_restaurant_is_replaced_only_when_that_is_said,
    a_stream_says_that_an_order_has_changed_and_nothing_of_it,
    an_english_page_has_no_turkish_on_it_and_no_page_needs_what_the_policy_forbids,
}

/// Somebody who has ordered six ayran, in their browser.
struct Ordered {
    diner: Client,
    browser: Browser,
    kitchen: Kitchen,
    id: String,
    path: String,
}

impl Ordered {
    async fn at(fixture: &Fixture, name: &str) -> Self {
        let (diner, kitchen) = (fixture.diner().await, fixture.kitchen(name).await);
        let placed = order(&diner, six_ayran(&kitchen)).await;
        let id = placed["public_id"].as_str().unwrap().to_owned();
        Self { browser: fixture.browser_of(&diner), diner, kitchen, path: format!("/siparis/{id}"), id }
    }
}

fn six_ayran(kitchen: &Kitchen) -> Value {
    json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] })
}

async fn an_order_is_its_diner_s_alone(fixture: Fixture) {
    let Ordered { browser, path, kitchen, .. } = Ordered::at(&fixture, "Çıpa").await;
    let (other, owner) = (fixture.ayse(), fixture.client().manager(kitchen.catalog.owner_id));

    assert_eq!(browser.get(&path).await.status, 200);
    for stranger in [&other, &owner] {
        let browser = fixture.browser_of(stranger);
        for way in ["", "/tekrar"] {
            assert_eq!(browser.get(&format!("{path}{way}")).await.status, 404, "{way}");
        }
        for way in ["/iptal", "/tekrar"] {
            assert_eq!(browser.submit(&format!("{path}{way}"), "").await.status, 404, "{way}");
        }
    }
    let nobody = fixture.browser().step("GET", &path, "").await;
    assert_eq!((nobody.status, nobody.header("location").starts_with("/giris?donus=")), (303, true));
    assert_eq!(browser.get("/siparis/x").await.status, 404);
}

async fn an_order_shows_how_far_it_is(fixture: Fixture) {
    let Ordered { browser, path, kitchen, id, .. } = Ordered::at(&fixture, "Çıpa").await;
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    step(&owner, &id, ACCEPT, json!({ "eta_minutes": 40 })).await;

    let accepted = browser.get(&path).await;
    step(&owner, &id, "cancel", json!({ "reason": "other", "text": "Ocak bozuldu" })).await;
    let cancelled = browser.get(&path).await;

    assert!(accepted.text.contains("aria-current=\"step\">Accepted"), "{}", accepted.text);
    assert!(accepted.text.contains("class=\"done\">Sent to the restaurant"), "{}", accepted.text);
    assert!(accepted.text.contains("Monday 2 March 2026, 15:40"), "{}", accepted.text);
    assert!(accepted.text.contains("data-live=\"/siparisler/olaylar\""), "{}", accepted.text);
    assert!(cancelled.text.contains("Ocak bozuldu") && !cancelled.text.contains("/iptal"), "{}", cancelled.text);
}

async fn an_order_is_called_off_once_and_while_that_is_allowed(fixture: Fixture) {
    let first = Ordered::at(&fixture, "Çıpa").await;
    let cancel = format!("{}/iptal", first.path);
    let off = first.browser.submit(&cancel, "").await;
    let again = first.browser.step("POST", &cancel, "").await;

    let late = Ordered::at(&fixture, "Liman").await;
    let owner = fixture.client().manager(late.kitchen.catalog.owner_id);
    step(&owner, &late.id, ACCEPT, json!({})).await;
    let in_time = late.browser.get(&late.path).await;
    fixture.clock.advance(Duration::from_secs(3 * 60));
    let shown = late.browser.get(&late.path).await;
    let refused = late.browser.submit(&format!("{}/iptal", late.path), "").await;

    assert!(off.text.contains("Your order is cancelled.") && off.text.contains("Cancelled"), "{}", off.text);
    assert_eq!(led_to(&again), (303, first.path.as_str()));
    assert!(in_time.text.contains("/iptal") && !shown.text.contains("/iptal"), "{}", shown.text);
    assert_eq!(refused.status, 409);
    assert!(
        refused.text.contains("can't be cancelled any more") || refused.text.contains("can&#39;t be cancelled"),
        "{}",
        refused.text
    );
}

async fn a_history_comes_in_pages(fixture: Fixture) {
    let Ordered { browser, diner, kitchen, path, .. } = Ordered::at(&fixture, "Çıpa").await;
    fixture.clock.advance(Duration::from_secs(5 * 60));
    let second = order(&diner, six_ayran(&kitchen)).await;

    let first = browser.get("/siparisler?limit=1").await;
    let mut links = first.text.split("href=\"").filter_map(|rest| rest.split('"').next());
    let next = links.find(|link| link.contains("cursor=")).unwrap();
    let last = browser.get(next).await;
    let nothing = fixture.browser_of(&fixture.ayse()).get("/siparisler").await;

    assert!(
        first.text.contains(second["public_id"].as_str().unwrap()) && !first.text.contains(&path),
        "{}",
        first.text
    );
    assert!(last.text.contains(&path) && !last.text.contains("href=\"/siparisler?cursor="), "{}", last.text);
    assert!(first.text.contains("6 items") && first.text.contains("₺222.90"), "{}", first.text);
    assert!(nothing.text.contains("You have no orders yet."), "{}", nothing.text);
}

async fn what_is_gone_is_said_before_it_is_ordered_again(fixture: Fixture) {
    let (diner, mut kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let adana = json!({ "meal_id": kitchen.adana, "quantity": 1, "options": [{ "option_id": kitchen.hot }] });
    let items = json!([{ "meal_id": kitchen.ayran, "quantity": 6 }, adana]);
    let placed = order(&diner, json!({ "payment_method": "cash", "items": items })).await;
    let again = format!("/siparis/{}/tekrar", placed["public_id"].as_str().unwrap());
    let (browser, ayran, adana) = (fixture.browser_of(&diner), kitchen.ayran, kitchen.adana);
    fixture
        .change(&mut kitchen, |catalog| {
            meal(catalog, adana).is_available = false;
            meal(catalog, ayran).price_kurus = contracts::Money::from_kurus(4_000).unwrap();
        })
        .await;
    fixture.clock.advance(Duration::from_secs(2));

    let page = browser.get(&again).await;
    let lines_before = diner.get("/carts/get").await.json();
    let basket = browser.submit(&again, "").await;
    browser.submit(&again, "").await;

    assert!(page.text.contains("Adana Kebap: Sold out") && page.text.contains("before ₺35.50"), "{}", page.text);
    assert_eq!(lines_before, json!([]));
    assert!(
        basket.text.contains("The items are in your basket.") && basket.text.contains("₺240.00"),
        "{}",
        basket.text
    );
    let lines = diner.get("/carts/get").await.json();
    assert_eq!((lines.as_array().unwrap().len(), &lines[0]["quantity"]), (1, &json!(6)));
}

async fn a_basket_of_another_restaurant_is_replaced_only_when_that_is_said(fixture: Fixture) {
    let Ordered { browser, diner, path, kitchen, .. } = Ordered::at(&fixture, "Çıpa").await;
    let other = fixture.kitchen("Liman").await;
    diner.post("/carts/add", other.two_ayran(json!({}))).await;
    let again = format!("{path}/tekrar");

    let page = browser.get(&again).await;
    let unsaid = browser.step("POST", &again, "").await;
    let replaced = browser.submit(&again, "on_conflict=replace").await;

    assert!(page.text.contains("(Liman)") && page.text.contains("value=\"replace\""), "{}", page.text);
    assert_eq!(led_to(&unsaid), (303, again.as_str()));
    assert!(replaced.text.contains("₺213.00"), "{}", replaced.text);
    assert_eq!(browser.cookie("basket"), Some(format!("1-21300-{}", kitchen.id)));
}

async fn a_stream_says_that_an_order_has_changed_and_nothing_of_it(fixture: Fixture) {
    let Ordered { browser, id, kitchen, .. } = Ordered::at(&fixture, "Çıpa").await;
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let _tasks = show(&fixture);
    let mut stream = browser.client().open(browser.ask("GET", "/siparisler/olaylar", "")).await.unwrap();

    let first = stream.next_named("message").await;
    step(&owner, &id, ACCEPT, json!({})).await;
    let changed = stream.next_named("message").await;
    let stranger = fixture.browser().step("GET", "/siparisler/olaylar", "").await;
    let nothing = fixture.browser_of(&fixture.ayse()).step("GET", "/siparisler/olaylar", "").await;

    assert_eq!((&first.data, &changed.data), (&json!({}), &json!({})));
    assert_ne!(first.id, changed.id);
    assert_eq!((stranger.status, nothing.status), (303, 204));
}

async fn an_english_page_has_no_turkish_on_it_and_no_page_needs_what_the_policy_forbids(fixture: Fixture) {
    let Ordered { browser, diner, path, kitchen, .. } = Ordered::at(&fixture, "Anchor").await;
    diner.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    let other = fixture.kitchen("Harbour").await;
    let wish = format!("meal_id={}&quantity=1&options=&note=&istek={}", other.ayran, fixture.context.sources.uuid());
    let pages = [
        "/sepet".to_owned(),
        format!("/sepet/satir/{}", kitchen.ayran),
        format!("/sepet/karar?{wish}&donus=%2Fsepet"),
        "/odeme".to_owned(),
        path.clone(),
        format!("{path}/tekrar"),
        "/siparisler".to_owned(),
    ];
    for page in pages {
        browser.set_cookie("lang", "en");
        let english = browser.get(&page).await;
        browser.set_cookie("lang", "tr");
        let turkish = browser.get(&page).await;

        assert_eq!((english.status, turkish.status), (200, 200), "{page}: {}", english.text);
        let text = english.text.replace("Lezzetlimanı", "").replace("Türkçe", "");
        let letter = text.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
        assert_eq!(letter.map(|at| text[at..].chars().take(20).collect::<String>()), None, "{page}");
        assert!(turkish.text.contains("<html lang=\"tr\">") && english.text.contains("<html lang=\"en\">"), "{page}");
        assert_eq!(english.text.matches("<h1>").count(), 1, "{page}");
        assert_eq!(policy_faults(&english.text), Vec::<String>::new(), "{page}");
    }
}
