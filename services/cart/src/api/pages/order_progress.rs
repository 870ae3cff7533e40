//! How far an order is: what it has been through, where it stands, and what is still to come.

use contracts::{Locale, OrderStatus};
use web::dates;

use super::words;
use crate::actions::FullOrder;

/// What an order goes through that comes to a good end.
const WAY: [OrderStatus; 5] =
    [OrderStatus::Placed, OrderStatus::Accepted, OrderStatus::Preparing, OrderStatus::OnTheWay, OrderStatus::Delivered];

/// One of its stages.
pub(super) struct Stage {
    pub(super) name: &'static str,
    /// When it came, as HTML; `None` where it is to come, or was left out.
    pub(super) at: Option<String>,
    /// It is behind.
    pub(super) is_done: bool,
    pub(super) is_current: bool,
}

/// The stages of the order. One that has come to nothing has those that it has been through, and its end.
pub(super) fn stages(full: &FullOrder, locale: Locale) -> Vec<Stage> {
    let status = full.order.status;
    let at = |status: OrderStatus| {
        let event = full.events.iter().find(|event| event.status == status);
        event.map(|event| dates::time_element(event.at, locale))
    };
    let stage = |of: OrderStatus, is_done: bool| Stage {
        name: words::status(of, full.order.fulfilment, locale),
        at: at(of),
        is_done,
        is_current: of == status,
    };
    match WAY.iter().position(|stage| *stage == status) {
        Some(place) => WAY.iter().enumerate().map(|(index, of)| stage(*of, index < place)).collect(),
        None if status == OrderStatus::AwaitingPayment => {
            [stage(status, false)].into_iter().chain(WAY.map(|of| stage(of, false))).collect()
        }
        None => {
            let been = WAY.iter().filter(|of| full.events.iter().any(|event| event.status == **of));
            been.map(|of| stage(*of, true)).chain([stage(status, false)]).collect()
        }
    }
}
