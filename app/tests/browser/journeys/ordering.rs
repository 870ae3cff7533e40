//! Somebody hungry, from the first page to an order, without an account before the checkout.

use super::{DISH, PASSWORD, RESTAURANT};
use crate::support::{Browser, Town};

/// Searches, opens a restaurant, fills the basket, makes an account, says where they live and orders. Answers where the order's page is.
pub(super) async fn first_order(town: &Town, browser: &Browser, email: &str) -> String {
    fill_basket(browser).await;
    sign_up(town, browser, email).await;
    say_where(browser).await;
    order(browser).await
}

async fn fill_basket(browser: &Browser) {
    browser.open("/").await;
    browser.fill_in("Yemek, mutfak ya da restoran", "urfa").await;
    browser.press("Ara").await;
    browser.shows("urfa").await;
    browser.press(RESTAURANT).await;
    browser.press(&format!("Ekle: {DISH}")).await;
    browser.shows("Sepet 1").await;
    browser.press("Sepet 1").await;
    browser.shows(DISH).await;
    browser.press("Ödemeye geç").await;
}

/// Comes back to the checkout with an account.
async fn sign_up(town: &Town, browser: &Browser, email: &str) {
    browser.press("Kaydolun").await;
    browser.fill_in("E-posta", email).await;
    browser.fill_in("Parola", PASSWORD).await;
    browser.press("Kaydol").await;
    browser.shows("Size bir e-posta gönderdik.").await;
    let (_, link) = town.mail(email, "/auth/verify-email").await;
    browser.open(&link).await;
    browser.press("Adresimi doğrula").await;
    browser.shows("Hoş geldiniz").await;
    browser.fill_in("E-posta", email).await;
    browser.fill_in("Parola", PASSWORD).await;
    browser.press("Giriş yap").await;
    browser.shows("Ödeme").await;
}

async fn say_where(browser: &Browser) {
    browser.press("Yeni adres ekle").await;
    browser.fill_in("Adresin adı", "Ev").await;
    browser.fill_in("İl", "İstanbul").await;
    browser.fill_in("İlçe", "Kadıköy").await;
    browser.fill_in("Cadde ve numara", "Moda Cad. 12").await;
    browser.fill_in("Posta kodu", "34710").await;
    browser.fill_in("Kapıya kadar tarif", "Caferağa Mah. Moda Cad. 12, mavi kapı").await;
    browser.press("Kaydet").await;
}

async fn order(browser: &Browser) -> String {
    browser.is_at("/odeme").await;
    browser.shows("mavi kapı").await;
    confirm(browser).await
}

/// Orders what stands in the basket of whoever is signed in, to be picked up. Answers where the order's page is.
pub(super) async fn order_basket(browser: &Browser) -> String {
    browser.open("/odeme").await;
    browser.choose("Restorandan kendim alırım").await;
    confirm(browser).await
}

async fn confirm(browser: &Browser) -> String {
    browser.press("Ödeme yükümlülüğüyle sipariş ver").await;
    browser.shows("Durum:").await;
    browser.path().await
}
