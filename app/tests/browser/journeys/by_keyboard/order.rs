//! A whole order, from the first page to that of the order, with few presses of keys.

use crate::journeys::{DISH, RESTAURANT, phone};
use crate::support::{Browser, Script, Town, turn};

/// Each press counts, and each text that is typed is one.
const MOST_KEYS: u32 = 40;

#[tokio::test]
async fn a_diner_orders_by_keyboard_alone_with_forty_presses() {
    let _turn = turn().await;
    let town = Town::open().await;

    for script in [Script::Off, Script::On] {
        let browser = phone(&town, script).await;
        browser.sign_in(town.diner()).await;
        browser.open("/").await;

        find_dish(&browser, script).await;
        put_into_basket(&browser).await;
        check_out(&browser).await;

        browser.is_at("/siparis/").await;
        browser.shows("Durum: Restorana iletildi").await;
        assert!(browser.keys() <= MOST_KEYS, "{} presses, {script:?}", browser.keys());
        browser.close().await;
    }
}

async fn find_dish(browser: &Browser, script: Script) {
    browser.tab_to("İçeriğe geç").await;
    browser.enter().await;
    browser.tab_to("Yemek, mutfak ya da restoran").await;
    browser.type_text("urfa").await;
    browser.enter().await;
    browser.is_at("/?q=urfa").await;
    browser.shows("Kaldır: ").await;
    // With script the focus is in the list already.
    if script == Script::Off {
        browser.tab_to("Restoranlara geç").await;
        browser.enter().await;
    }
    browser.tab().await;
    assert!(browser.focused().await.starts_with("Kaldır: "));
    browser.tab_to(RESTAURANT).await;
    browser.tab_to(DISH).await;
    browser.enter().await;
}

async fn put_into_basket(browser: &Browser) {
    browser.is_at("/restoran/").await;
    browser.shows("Sepete ekle").await;
    browser.tab_to("İçeriğe geç").await;
    browser.enter().await;
    browser.tab_to("Adet").await;
    browser.enter().await;
    browser.shows("Sepete eklendi.").await;
    browser.tab_to("Sepete geç").await;
    browser.enter().await;
}

async fn check_out(browser: &Browser) {
    browser.is_at("/sepet").await;
    browser.shows(DISH).await;
    browser.tab_to("Ödemeye geç").await;
    browser.enter().await;
    browser.is_at("/odeme").await;
    browser.tab_to("İçeriğe geç").await;
    browser.enter().await;
    browser.tab_to("Restorandan kendim alırım").await;
    browser.press_key(" ").await;
    browser.tab_to("Ödeme yükümlülüğüyle sipariş ver").await;
    browser.enter().await;
}
