use kit::on_every_database;
use serde_json::json;

use super::{adana, ayran, led_to};
use crate::fixture::{Fixture, meal, value};

on_every_database! {
    Fixture:
    a_stranger_fills_a_basket_and_finds_it_again,
    a_form_that_is_sent_twice_adds_once,
    a_line_is_changed_and_noted,
    what_is_taken_out_can_be_put_back_as_it_was,
    what_can_t_be_added_is_named_with_the_way_back,
    what_can_t_be_had_any_more_is_said_line_by_line,
    an_empty_basket_says_where_to_go,
    a_cart_that_is_gone_or_no_cart_at_all_is_an_empty_basket,
    nobody_s_form_of_another_site_changes_a_basket,
}

async fn a_stranger_fills_a_basket_and_finds_it_again(fixture: Fixture) {
    let (browser, kitchen) = (fixture.browser(), fixture.kitchen("Çıpa").await);

    let added = browser.step("POST", "/sepet/ekle", &ayran(&fixture, &kitchen, 2)).await;
    browser.step("POST", "/sepet/ekle", &adana(&fixture, &kitchen, kitchen.hot)).await;
    let page = browser.get("/sepet").await;

    assert_eq!(led_to(&added), (303, "/restoran/cipa"));
    assert!(browser.cookie("cart").is_some());
    assert_eq!(browser.cookie("basket"), Some(format!("2-31150-{}", kitchen.id)));
    assert!(page.text.contains("Ayran") && page.text.contains("Acılı"), "{}", page.text);
    assert!(page.text.contains("₺311.50") && page.text.contains("href=\"/odeme\""), "{}", page.text);
    assert!(page.text.contains("Added to your basket."), "{}", page.text);
}

async fn a_form_that_is_sent_twice_adds_once(fixture: Fixture) {
    let (kitchen, ayse) = (fixture.kitchen("Çıpa").await, fixture.ayse());
    for browser in [fixture.browser(), fixture.browser_of(&ayse)] {
        let form = ayran(&fixture, &kitchen, 2);

        let answers = [
            browser.step("POST", "/sepet/ekle", &form).await,
            browser.step("POST", "/sepet/ekle", &form).await,
            browser.step("POST", "/sepet/ekle", &ayran(&fixture, &kitchen, 3)).await,
        ];

        assert_eq!(answers.each_ref().map(led_to), [(303, "/restoran/cipa"); 3]);
        assert_eq!(browser.cookie("basket"), Some(format!("1-17750-{}", kitchen.id)));
        let other = browser.step("POST", "/sepet/ekle", &form.replace("quantity=2", "quantity=4")).await;
        assert_eq!(other.status, 422, "{}", other.text);
    }
    assert_eq!(ayse.get("/carts/get").await.json()[0]["quantity"], json!(5));
}

async fn a_line_is_changed_and_noted(fixture: Fixture) {
    let (kitchen, ayse) = (fixture.kitchen("Çıpa").await, fixture.ayse());
    for browser in [fixture.browser(), fixture.browser_of(&ayse)] {
        browser.step("POST", "/sepet/ekle", &ayran(&fixture, &kitchen, 2)).await;
        let line = format!("/sepet/satir/{}", kitchen.ayran);

        let more = browser.submit(&line, "quantity=3").await;
        let noted = browser.submit(&line, "quantity=3&note=so%C4%9Fuk+olsun").await;
        let wrong = browser.submit(&line, "quantity=100&note=%3Cb%3E").await;
        let unknown = browser.submit(&format!("/sepet/satir/{}", kitchen.adana), "quantity=3").await;

        assert!(more.text.contains("₺106.50") && more.text.contains("Your basket is updated."), "{}", more.text);
        assert!(noted.text.contains("soğuk olsun"), "{}", noted.text);
        assert_eq!((wrong.status, unknown.status), (422, 404));
        assert!(
            wrong.text.contains("value=\"100\"") && wrong.text.contains("&#60;b&#62;</textarea>"),
            "{}",
            wrong.text
        );
        assert!(wrong.text.contains("id=\"quantity-fault\""), "{}", wrong.text);
    }
}

async fn what_is_taken_out_can_be_put_back_as_it_was(fixture: Fixture) {
    let (kitchen, ayse) = (fixture.kitchen("Çıpa").await, fixture.ayse());
    for browser in [fixture.browser(), fixture.browser_of(&ayse)] {
        browser.step("POST", "/sepet/ekle", &adana(&fixture, &kitchen, kitchen.hot)).await;
        let page = browser.get("/sepet").await;
        let remove = page.text.split("action=\"").find(|rest| rest.contains("/cikar\"")).unwrap();
        let remove = remove.split('"').next().unwrap();
        browser.submit(remove.trim_end_matches("/cikar"), "note=az+pi%C5%9Fmi%C5%9F+%26+ac%C4%B1").await;

        let removed = browser.submit(remove, "").await;
        let again = browser.submit(remove, "").await;
        let fields =
            ["istek", "meal_id", "quantity", "secenek-1"].map(|name| format!("{name}={}", value(&removed, name)));
        let form = format!("{}&donus=%2Fsepet&note=az+pi%C5%9Fmi%C5%9F+%26+ac%C4%B1", fields.join("&"));
        let back = browser.submit("/sepet/ekle", &form).await;

        assert!(
            removed.text.contains("Removed from your basket.") && removed.text.contains("Put it back"),
            "{}",
            removed.text
        );
        assert_eq!(
            (value(&removed, "note"), browser.cookie("basket").is_some()),
            ("az pişmiş &#38; acı".to_owned(), true)
        );
        assert_eq!(again.status, 200);
        assert!(back.text.contains("Adana Kebap") && back.text.contains("Acılı"), "{}", back.text);
        assert!(back.text.contains("az pişmiş &#38; acı"), "{}", back.text);
    }
}

async fn what_can_t_be_added_is_named_with_the_way_back(fixture: Fixture) {
    let (browser, kitchen) = (fixture.browser(), fixture.kitchen("Çıpa").await);
    let key = fixture.context.sources.uuid();
    let without_sauce = format!("meal_id={}&quantity=1&istek={key}&donus=%2Frestoran%2Fcipa", kitchen.adana);
    let unknown = format!("meal_id={key}&istek={key}&donus=%2F%2Fevil.example");

    let sauce = browser.step("POST", "/sepet/ekle", &without_sauce).await;
    let secret = browser.step("POST", "/sepet/ekle", &adana(&fixture, &kitchen, kitchen.secret)).await;
    let many = browser.step("POST", "/sepet/ekle", &ayran(&fixture, &kitchen, 100)).await;
    let nothing = browser.step("POST", "/sepet/ekle", &unknown).await;
    let formless = browser.step("POST", "/sepet/ekle", "").await;

    assert_eq!([&sauce, &secret, &many, &nothing, &formless].map(|answer| answer.status), [422; 5]);
    assert!(sauce.text.contains("Sos") && sauce.text.contains("href=\"/restoran/cipa\""), "{}", sauce.text);
    assert!(secret.text.contains("Gizli"), "{}", secret.text);
    assert!(!nothing.text.contains("evil"), "{}", nothing.text);
    assert_eq!((browser.cookie("basket"), browser.cookie("cart")), (None, None));
}

async fn what_can_t_be_had_any_more_is_said_line_by_line(fixture: Fixture) {
    let (browser, mut kitchen) = (fixture.browser(), fixture.kitchen("Çıpa").await);
    browser.step("POST", "/sepet/ekle", &ayran(&fixture, &kitchen, 2)).await;
    browser.step("POST", "/sepet/ekle", &adana(&fixture, &kitchen, kitchen.hot)).await;
    let ayran = kitchen.ayran;
    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).is_available = false).await;

    let page = browser.get("/sepet").await;

    assert!(page.text.contains("Sold out") && page.text.contains("₺240.50"), "{}", page.text);
    assert_eq!(browser.cookie("basket"), Some(format!("2-24050-{}", kitchen.id)));
}

async fn an_empty_basket_says_where_to_go(fixture: Fixture) {
    let ayse = fixture.ayse();
    for browser in [fixture.browser(), fixture.browser_of(&ayse)] {
        browser.set_cookie("basket", "3-41250-x");

        let page = browser.get("/sepet").await;

        assert!(page.text.contains("Your basket is empty.") && page.text.contains("href=\"/\""), "{}", page.text);
        assert_eq!(browser.cookie("basket"), None);
    }
}

async fn a_cart_that_is_gone_or_no_cart_at_all_is_an_empty_basket(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    for cart in ["f4c1f2a8-7d3e-4b53-9a30-2f6f5a9be001", "<script>", "00000000-0000-0000-0000-000000000000"] {
        let browser = fixture.browser();
        browser.set_cookie("cart", cart);

        let page = browser.get("/sepet").await;
        let added = browser.step("POST", "/sepet/ekle", &ayran(&fixture, &kitchen, 1)).await;

        assert!(page.status == 200 && page.text.contains("Your basket is empty."), "{cart}: {}", page.text);
        assert_eq!((added.status, browser.cookie("basket").is_some()), (303, true), "{cart}");
    }
}

async fn nobody_s_form_of_another_site_changes_a_basket(fixture: Fixture) {
    let (browser, kitchen) = (fixture.browser(), fixture.kitchen("Çıpa").await);

    let form = kit::testing::Ask::form("/sepet/ekle", &ayran(&fixture, &kitchen, 1));
    let foreign = browser.client().send(form.header("sec-fetch-site", "cross-site")).await;

    assert_eq!(foreign.status, 403);
    assert!(foreign.headers.get("set-cookie").is_none());
}
