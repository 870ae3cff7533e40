use kit::on_every_database;
use serde_json::json;

use super::{adana, ayran, led_to};
use crate::fixture::{Browser, Fixture, value};

on_every_database! {
    Fixture:
    a_meal_of_another_restaurant_is_asked_about,
    the_other_restaurant_s_meal_starts_a_new_basket_once,
    what_was_chosen_before_signing_in_moves_once_and_is_said,
    baskets_of_two_restaurants_are_shown_beside_each_other_at_sign_in,
    one_of_two_baskets_is_chosen_at_sign_in,
    where_nothing_is_to_be_chosen_nobody_is_asked,
    while_the_store_is_away_the_account_s_basket_is_shown,
}

async fn a_meal_of_another_restaurant_is_asked_about(fixture: Fixture) {
    let (first, second, ayse) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await, fixture.ayse());
    for browser in [fixture.browser(), fixture.browser_of(&ayse)] {
        browser.step("POST", "/sepet/ekle", &ayran(&fixture, &first, 2)).await;

        let page = browser.submit("/sepet/ekle", &adana(&fixture, &second, second.mild)).await;
        let kept = browser.step("POST", "/sepet/karar", &choice(&page, "birak")).await;

        assert!(page.text.contains("Çıpa") && page.text.contains("Liman"), "{}", page.text);
        assert!(page.text.contains("₺71.00") && page.text.contains("₺240.50"), "{}", page.text);
        assert!(!page.text.contains("value=\"topla\""), "{}", page.text);
        assert_eq!(led_to(&kept), (303, "/restoran/cipa"));
        assert_eq!(browser.cookie("basket"), Some(format!("1-7100-{}", first.id)));
    }
}

async fn the_other_restaurant_s_meal_starts_a_new_basket_once(fixture: Fixture) {
    let (first, second, ayse) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await, fixture.ayse());
    for browser in [fixture.browser(), fixture.browser_of(&ayse)] {
        browser.step("POST", "/sepet/ekle", &ayran(&fixture, &first, 2)).await;
        let page = browser.submit("/sepet/ekle", &adana(&fixture, &second, second.mild)).await;

        for _ in 0..2 {
            let started = browser.step("POST", "/sepet/karar", &choice(&page, "yeni")).await;
            assert_eq!(led_to(&started), (303, "/restoran/cipa"));
        }

        assert_eq!(browser.cookie("basket"), Some(format!("1-24050-{}", second.id)));
    }
}

/// The form of the page, with that button.
fn choice(page: &kit::testing::Answer, button: &str) -> String {
    let names = ["donus", "istek", "meal_id", "quantity", "note", "secenek-1"];
    let fields = names.map(|name| format!("{name}={}", value(page, name)));
    format!("{}&karar={button}", fields.join("&"))
}

async fn what_was_chosen_before_signing_in_moves_once_and_is_said(fixture: Fixture) {
    let (browser, kitchen, ayse) = (fixture.browser(), fixture.kitchen("Çıpa").await, fixture.ayse());
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    browser.step("POST", "/sepet/ekle", &ayran(&fixture, &kitchen, 3)).await;
    let cart = browser.cookie("cart").unwrap();
    browser.sign_in(&ayse);

    let page = browser.get("/sepet").await;
    // The answer was lost.
    browser.set_cookie("cart", &cart);
    browser.get("/sepet").await;

    assert!(page.text.contains("What you chose before signing in is in your basket now."), "{}", page.text);
    assert_eq!(browser.cookie("cart"), None);
    assert_eq!(ayse.get("/carts/get").await.json()[0]["quantity"], json!(5));
    assert_eq!(browser.cookie("basket"), Some(format!("1-17750-{}", kitchen.id)));
}

/// Somebody who has signed in, with an ayran of Çıpa in the account and an adana of Liman from before.
async fn undecided(fixture: &Fixture) -> (Browser, kit::testing::Client) {
    let (browser, ayse) = (fixture.browser(), fixture.ayse());
    let (first, second) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", first.two_ayran(json!({}))).await;
    browser.step("POST", "/sepet/ekle", &adana(fixture, &second, second.mild)).await;
    browser.sign_in(&ayse);
    (browser, ayse)
}

async fn baskets_of_two_restaurants_are_shown_beside_each_other_at_sign_in(fixture: Fixture) {
    let (browser, ayse) = undecided(&fixture).await;

    let page = browser.get("/sepet").await;
    let checkout = browser.step("GET", "/odeme", "").await;

    assert!(page.text.contains("Çıpa") && page.text.contains("Liman"), "{}", page.text);
    assert!(page.text.contains("₺71.00") && page.text.contains("₺240.50"), "{}", page.text);
    assert_eq!(led_to(&checkout), (303, "/sepet/karar?donus=%2Fodeme"));
    assert_eq!(ayse.get("/carts/get").await.json().as_array().unwrap().len(), 1);
}

async fn one_of_two_baskets_is_chosen_at_sign_in(fixture: Fixture) {
    for (button, left, said) in [
        ("birak", "Ayran", "Your basket stays as it was."),
        ("yeni", "Adana Kebap", "What you chose before signing in is in your basket now."),
    ] {
        let (browser, ayse) = undecided(&fixture).await;

        let page = browser.submit("/sepet/karar", &format!("donus=%2Fsepet&karar={button}")).await;

        assert!(page.text.contains(left) && page.text.contains(said), "{button}: {}", page.text);
        assert_eq!(browser.cookie("cart"), None, "{button}");
        let lines = ayse.get("/carts/current").await.json()["items"].clone();
        assert_eq!((lines.as_array().unwrap().len(), &lines[0]["name"]), (1, &json!(left)), "{button}");
    }
}

async fn where_nothing_is_to_be_chosen_nobody_is_asked(fixture: Fixture) {
    let (browser, ayse) = (fixture.browser(), fixture.ayse());

    let stranger = browser.step("GET", "/sepet/karar?donus=%2Fsepet", "").await;
    browser.sign_in(&ayse);
    browser.set_cookie("cart", "f4c1f2a8-7d3e-4b53-9a30-2f6f5a9be001");
    let gone = browser.step("GET", "/sepet/karar?donus=%2Fsepet", "").await;

    assert_eq!(led_to(&stranger), (303, "/sepet"));
    assert_eq!(led_to(&gone), (303, "/sepet"));
}

async fn while_the_store_is_away_the_account_s_basket_is_shown(fixture: Fixture) {
    let (browser, kitchen, ayse) = (fixture.browser(), fixture.kitchen("Çıpa").await, fixture.ayse());
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    browser.set_cookie("cart", "f4c1f2a8-7d3e-4b53-9a30-2f6f5a9be001");
    // What has ended of all sessions is known before the store goes.
    browser.sign_in(&ayse);
    browser.get("/siparisler").await;
    fixture.ephemeral.begin();

    let page = browser.get("/sepet").await;

    assert!(page.status == 200 && page.text.contains("Ayran"), "{}", page.text);
    assert!(browser.cookie("cart").is_some());
}
