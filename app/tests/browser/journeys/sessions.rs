//! Sessions of one diner in several tabs and in several browsers.

use std::collections::BTreeSet;

use super::{DISH, RESTAURANT, phone};
use crate::support::{Account, Browser, Script, Town, turn};

/// Tabs that are opened at once.
const TABS: usize = 20;

#[tokio::test]
async fn tabs_that_meet_an_expired_token_renew_the_session_once() {
    let _turn = turn().await;
    let town = Town::open().await;
    let browser = phone(&town, Script::On).await;
    browser.sign_in(town.diner()).await;
    browser.open("/guvenlik").await;
    let parent = browser.cookie("refresh").await.unwrap();
    let device = browser.cookie("device").await.unwrap();

    browser.forget_cookie("access").await;
    browser.open_tabs("/guvenlik", TABS).await;
    let titles = browser.titles().await;

    assert_eq!(titles.len(), TABS + 1);
    assert_eq!(BTreeSet::from_iter(titles), BTreeSet::from(["Hesap güvenliği · Lezzetlimanı".to_owned()]));
    let renewed = browser.cookie("refresh").await.unwrap();
    assert_ne!(renewed, parent);
    // A token has the same successor each time, and the session ends where that has one already.
    assert_eq!(town.renew_session(&parent, &device).await, renewed);
    browser.open("/guvenlik").await;
    browser.shows(&town.diner().email).await;
    browser.close().await;
}

#[tokio::test]
async fn who_ends_all_sessions_ends_that_of_another_browser_and_its_stream() {
    let _turn = turn().await;
    for script in [Script::Off, Script::On] {
        end_all(&Town::open().await, script).await;
    }
}

/// Ends the sessions of the diner in one browser, and sees it in another one.
pub(super) async fn end_all(town: &Town, script: Script) {
    let dish = town.dish(&town.restaurant(RESTAURANT).await, DISH).await;
    let order = town.order(&town.sign_in(town.diner()).await, &dish).await;
    let (here, elsewhere) = (phone(town, script).await, phone(town, script).await);
    here.sign_in(town.diner()).await;
    elsewhere.sign_in(town.diner()).await;
    elsewhere.open(&format!("/siparis/{}", order.id)).await;
    if script == Script::On {
        elsewhere.shows("Bağlı").await;
    }

    here.open("/guvenlik").await;
    here.press("Bütün oturumları kapat").await;
    here.shows("Bütün oturumlarınız kapatıldı.").await;

    if script == Script::On {
        elsewhere.shows("Bağlantı yok").await;
    }
    elsewhere.press("Bütün siparişlerim").await;
    elsewhere.is_at("/giris?donus=%2Fsiparisler").await;
    sign_in_again(&elsewhere, town.diner()).await;
    elsewhere.shows(RESTAURANT).await;
    here.open("/siparisler").await;
    here.is_at("/giris?donus=%2Fsiparisler").await;
    here.close().await;
    elsewhere.close().await;
}

/// On the page that asks for it, which leads back to what was asked for.
async fn sign_in_again(browser: &Browser, Account { email, password }: &Account) {
    browser.fill_in("E-posta", email).await;
    browser.fill_in("Parola", password).await;
    browser.enter().await;
    browser.is_at("/siparisler").await;
}
