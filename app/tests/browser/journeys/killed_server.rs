//! A server that is killed while a kitchen works.

use std::time::Duration;

use clock::Sources;

use super::{DISH, RESTAURANT, phone};
use crate::support::{Script, Town, turn};

/// Until all boards are as they should be, once the server is back.
const BACK_TIMEOUT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn boards_live_again_within_seconds_after_the_server_was_killed_and_miss_no_order() {
    let _turn = turn().await;
    let mut town = Town::open().await;
    let restaurant = town.restaurant(RESTAURANT).await;
    let (dish, diner) = (town.dish(&restaurant, DISH).await, town.sign_in(town.diner()).await);
    let boards = [phone(&town, Script::On).await, phone(&town, Script::On).await];
    for board in &boards {
        board.sign_in(town.manager()).await;
        board.open(&format!("/mutfak/{restaurant}")).await;
        board.shows("Bağlı").await;
    }

    let last = town.order(&diner, &dish).await;
    town.kill().await;
    for board in &boards {
        board.shows("Bağlantı yok").await;
    }
    town.open_again().await;
    let sources = Sources::system();
    let back = sources.now();
    let first = town.order(&diner, &dish).await;
    for board in &boards {
        board.shows("Bağlı").await;
        board.shows(&format!("#{}", last.code)).await;
        board.shows(&format!("#{}", first.code)).await;
    }
    let taken = (sources.now() - back).to_std().unwrap();

    assert!(taken <= BACK_TIMEOUT, "{taken:?}");
    for board in boards {
        assert!(board.title().await.starts_with("(2) Yeni sipariş"), "{}", board.title().await);
        board.close().await;
    }
}
