//! A restaurant before its board.

use super::RESTAURANT;
use crate::support::{Browser, Town};

/// Accepts the one order that is new.
pub(super) async fn accept(town: &Town, manager: &Browser) {
    manager.open(&format!("/mutfak/{}", town.restaurant(RESTAURANT).await)).await;
    manager.shows("Yeni").await;
    manager.press("Kabul et").await;
    manager.shows("Sipariş kabul edildi.").await;
}
