//! A diner orders once more what they had before, and something of it is gone.

use super::{DISH, RESTAURANT, ordering, phone};
use crate::support::{Browser, Script, Town, turn};

/// What the same restaurant has besides [`DISH`].
const DRINK: &str = "Soğuk Çay";

#[tokio::test]
async fn who_orders_again_sees_what_is_gone_before_anything_is_added() {
    let _turn = turn().await;
    for script in [Script::Off, Script::On] {
        reorder(&Town::open().await, script).await;
    }
}

/// In the end the restaurant has neither dish any more.
pub(super) async fn reorder(town: &Town, script: Script) {
    let (diner, manager) = (phone(town, script).await, phone(town, script).await);
    let restaurant = town.restaurant(RESTAURANT).await;
    let chosen = [(town.dish(&restaurant, DISH).await, 1), (town.dish(&restaurant, DRINK).await, 2)];
    town.fill_basket(&town.sign_in(town.diner()).await, &restaurant, &chosen).await;
    diner.sign_in(town.diner()).await;
    manager.sign_in(town.manager()).await;
    let order = ordering::order_basket(&diner).await;

    take_off_the_menu(town, &manager, DISH).await;
    diner.press("Yeniden sipariş ver").await;
    let again = format!("{order}/tekrar");
    diner.is_at(&again).await;
    diner.comes_to_show(&again, &format!("{DISH}: Artık menüde yok")).await;
    diner.shows("Bunlar şu anda alınamıyor ve sepete konmayacak:").await;
    diner.shows(&format!("Sepete konacaklar 2 × {DRINK}")).await;
    diner.open("/sepet").await;
    diner.shows("Sepetiniz boş.").await;

    diner.open(&again).await;
    diner.press("Sepete koy").await;
    diner.shows("Ürünler sepetinizde.").await;
    assert!(diner.has(DRINK).await && !diner.has(DISH).await);

    take_off_the_menu(town, &manager, DRINK).await;
    diner.comes_to_show(&again, "Bu siparişin hiçbir ürünü şu anda alınamıyor.").await;
    assert!(!diner.has("Sepete koy").await);
    diner.close().await;
    manager.close().await;
}

async fn take_off_the_menu(town: &Town, manager: &Browser, dish: &str) {
    manager.open(&format!("/isletme/{}/menu", town.restaurant(RESTAURANT).await)).await;
    manager.press(dish).await;
    manager.press("Yemeği sil").await;
    manager.shows(&format!("Silinecek yemek: {dish}")).await;
    manager.press("Yemeği sil").await;
    manager.shows("Yemek menüden silindi.").await;
}
