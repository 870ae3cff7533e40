//! What readers come for, from the beginning to the end: with script and without.

mod answering;
mod baskets;
mod by_keyboard;
mod campaigns;
mod killed_server;
mod on_servers;
mod ordering;
mod reordering;
mod sessions;
mod shared_jar;

use std::time::Duration;

use clock::Sources;

use crate::support::{Browser, Script, Town, View, turn};

/// A new diner's first order: no more clicks than that, and no longer.
const MOST_CLICKS: u32 = 12;
const ORDER_TIMEOUT: Duration = Duration::from_secs(90);
/// Until a diner sees what the restaurant has answered.
const SEEN_TIMEOUT: Duration = Duration::from_secs(1);

/// The restaurant where all of this happens: it takes orders around the clock.
const RESTAURANT: &str = "Çıpa Kebap";
const DISH: &str = "Urfa Şiş";
const PASSWORD: &str = "gizli deniz feneri 42";

/// A browser of a phone before `town`, where scripts run or not.
async fn phone(town: &Town, script: Script) -> Browser {
    let browser = Browser::start(&town.base()).await;
    browser.show_as(View::PHONE).await;
    browser.set_script(script).await;
    browser
}

async fn orders_as_a_new_diner(script: Script) {
    let _turn = turn().await;
    let town = Town::open().await;
    let browser = phone(&town, script).await;
    let sources = Sources::system();
    let started = sources.now();

    let order = ordering::first_order(&town, &browser, "ayse@example.com").await;

    let taken = (sources.now() - started).to_std().unwrap();
    assert!(order.starts_with("/siparis/"), "{order}");
    assert!(browser.clicks() <= MOST_CLICKS, "{} clicks", browser.clicks());
    assert!(taken <= ORDER_TIMEOUT, "{taken:?}");
    browser.take_picture("siparis-yeni", View::PHONE).await;
    browser.close().await;
}

async fn sees_what_the_restaurant_answers(script: Script) {
    let _turn = turn().await;
    let town = Town::open().await;
    let taken = order_and_see_the_answer(&town, script, "ayse@example.com").await;
    assert!(taken <= SEEN_TIMEOUT, "{taken:?}");
}

/// Orders as somebody new, whose order is accepted; answers how long after that they saw it.
async fn order_and_see_the_answer(town: &Town, script: Script, email: &str) -> Duration {
    let (diner, manager) = (phone(town, script).await, phone(town, script).await);
    let order = ordering::first_order(town, &diner, email).await;
    manager.sign_in(town.manager()).await;

    answering::accept(town, &manager).await;

    let sources = Sources::system();
    let accepted = sources.now();
    if script == Script::Off {
        diner.open(&order).await;
    }
    diner.shows("Durum: Kabul edildi").await;
    let taken = (sources.now() - accepted).to_std().unwrap();
    diner.close().await;
    manager.close().await;
    taken
}

#[tokio::test]
async fn a_new_diner_orders_in_a_dozen_clicks() {
    orders_as_a_new_diner(Script::On).await;
}

#[tokio::test]
async fn a_new_diner_orders_in_a_dozen_clicks_without_script() {
    orders_as_a_new_diner(Script::Off).await;
}

#[tokio::test]
async fn a_diner_sees_within_a_second_that_the_order_was_accepted() {
    sees_what_the_restaurant_answers(Script::On).await;
}

#[tokio::test]
async fn a_diner_without_script_sees_on_the_next_page_that_the_order_was_accepted() {
    sees_what_the_restaurant_answers(Script::Off).await;
}
