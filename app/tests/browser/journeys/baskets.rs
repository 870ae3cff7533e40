//! Two baskets where there can be one: whoever adds a meal of another restaurant, or signs in with a basket in each hand, is shown both
//! and chooses; and has what the page has shown.

use serde_json::{Value, json};

use super::{DISH, RESTAURANT, phone};
use crate::support::{Account, Browser, Script, Town, turn};

/// Another restaurant that takes orders around the clock, and what it cooks.
const OTHER_RESTAURANT: &str = "Fener Çorbacısı";
const OTHER_DISH: &str = "Kelle Paça";

/// Both choose with script and without. The first leaves in the account's basket what the second one expects there: a meal of
/// [`RESTAURANT`].
#[tokio::test]
async fn who_has_two_baskets_chooses_and_has_what_the_page_has_shown() {
    let _turn = turn().await;
    let town = Town::open().await;

    for script in [Script::Off, Script::On] {
        choose(&town, script).await;
    }
}

/// All the choices that there are, one after the other.
pub(super) async fn choose(town: &Town, script: Script) {
    let browser = phone(town, script).await;
    a_stranger_keeps_one_or_begins_anew(town, &browser).await;
    who_signs_in_keeps_the_one_from_before(town, &browser).await;
    who_signs_in_adds_both_up(town, &browser).await;
    baskets_of_one_restaurant_are_added_up_unasked(town, &browser).await;
    nobody_chooses_whose_basket_is_empty(town, &browser).await;
    browser.close().await;
}

async fn a_stranger_keeps_one_or_begins_anew(town: &Town, browser: &Browser) {
    add(town, browser, RESTAURANT, DISH).await;
    browser.shows("Sepete eklendi.").await;

    let [current, _] = offered(town, browser).await;
    assert!(!browser.has("İkisini birleştir").await, "they are of two restaurants");
    browser.press("Şimdiki sepet kalsın").await;
    browser.shows("Sepetiniz olduğu gibi kaldı.").await;
    assert_eq!(basket(browser).await, current);

    let [still, other] = offered(town, browser).await;
    assert_eq!(still, current);
    browser.press("Boşalt, yenisine başla").await;
    browser.shows("Sepete eklendi.").await;
    assert_eq!(basket(browser).await, other);
    assert_eq!(other["lines"], json!(["1 × Kelle Paça"]));
}

async fn who_signs_in_keeps_the_one_from_before(town: &Town, browser: &Browser) {
    let stranger = basket(browser).await;
    sign_in(town, browser, "/sepet").await;

    browser.is_at("/sepet/karar").await;
    let [current, other] = two(browser).await;
    assert_ne!(current, other);
    assert_eq!(other, stranger);
    assert!(!browser.has("İkisini birleştir").await, "they are of two restaurants");
    browser.press("Girişten önceki sepet kalsın").await;
    browser.shows("Girişten önce seçtikleriniz sepetinize taşındı.").await;
    assert_eq!(basket(browser).await, other);
}

async fn who_signs_in_adds_both_up(town: &Town, browser: &Browser) {
    sign_out(browser).await;
    add(town, browser, OTHER_RESTAURANT, OTHER_DISH).await;
    browser.shows("Sepete eklendi.").await;
    sign_in(town, browser, "/sepet/karar").await;

    browser.is_at("/sepet/karar").await;
    let [current, other] = two(browser).await;
    assert_eq!((&current["lines"], &other["lines"]), (&json!(["1 × Kelle Paça"]), &json!(["1 × Kelle Paça"])));
    browser.press("İkisini birleştir").await;
    browser.shows("Girişten önce seçtikleriniz sepetinize taşındı.").await;
    assert_eq!(basket(browser).await["lines"], json!(["2 × Kelle Paça"]));
}

async fn baskets_of_one_restaurant_are_added_up_unasked(town: &Town, browser: &Browser) {
    sign_out(browser).await;
    add(town, browser, OTHER_RESTAURANT, OTHER_DISH).await;
    browser.shows("Sepete eklendi.").await;
    sign_in(town, browser, "/sepet").await;

    browser.shows("Girişten önce seçtikleriniz sepetinize taşındı.").await;
    assert_eq!(browser.path().await, "/sepet");
    assert_eq!(basket(browser).await["lines"], json!(["3 × Kelle Paça"]));
}

async fn nobody_chooses_whose_basket_is_empty(town: &Town, browser: &Browser) {
    browser.press(&format!("Çıkar: {OTHER_DISH}")).await;
    browser.shows("Sepetiniz boş.").await;
    browser.open("/sepet/karar?donus=/sepet").await;
    assert_eq!(browser.path().await, "/sepet");

    sign_out(browser).await;
    add(town, browser, RESTAURANT, DISH).await;
    browser.shows("Sepete eklendi.").await;
    let stranger = basket(browser).await;
    sign_in(town, browser, "/sepet").await;

    browser.shows("Girişten önce seçtikleriniz sepetinize taşındı.").await;
    assert_eq!(browser.path().await, "/sepet");
    assert_eq!(basket(browser).await, stranger);
}

async fn add(town: &Town, browser: &Browser, restaurant: &str, dish: &str) {
    browser.open(&format!("/restoran/{}", town.restaurant(restaurant).await)).await;
    browser.press(&format!("Ekle: {dish}")).await;
}

/// Adds the other restaurant's meal, and answers with the two baskets that the diner chooses from.
async fn offered(town: &Town, browser: &Browser) -> [Value; 2] {
    add(town, browser, OTHER_RESTAURANT, OTHER_DISH).await;
    browser.is_at("/sepet/karar").await;
    two(browser).await
}

async fn two(browser: &Browser) -> [Value; 2] {
    serde_json::from_value(shown(browser).await).unwrap()
}

async fn basket(browser: &Browser) -> Value {
    browser.open("/sepet").await;
    shown(browser).await[0].clone()
}

async fn shown(browser: &Browser) -> Value {
    browser.run(include_str!("baskets.js"), &[]).await
}

/// Signs the demo's diner in with what this browser has, to be led to `path`.
async fn sign_in(town: &Town, browser: &Browser, path: &str) {
    let Account { email, password } = town.diner();
    browser.open(&format!("/giris?donus={path}")).await;
    browser.fill_in("E-posta", email).await;
    browser.fill_in("Parola", password).await;
    browser.enter().await;
    browser.is_at("/sepet").await;
}

async fn sign_out(browser: &Browser) {
    browser.open("/guvenlik").await;
    browser.press("Çıkış yap").await;
    browser.shows("Çıkış yapıldı.").await;
}
