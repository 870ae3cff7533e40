//! Whoever has ordered gets a mail of each step.

use bus::outbox;
use contracts::{EmailEvent, MailMessage, OrderChange, OrderStatus, OrderUpdate};
use database::WriteTransaction;

use crate::error::CartError;
use crate::metrics;
use crate::store;
use crate::store::order::Order;

/// Records the mail that says what the order has become since it was `before`, in the language in which it was ordered. Whoever's
/// address is not known gets none.
pub(super) async fn record(tx: &WriteTransaction, before: Option<OrderStatus>, order: &Order) -> Result<(), CartError> {
    let Some(change) = OrderChange::between(before, order.status) else { return Ok(()) };
    let contact = store::contact::find(tx, order.user_id).await?;
    let Some(to) = contact.and_then(|contact| contact.email) else {
        metrics::count_mail_without_address();
        return Ok(());
    };
    let message = MailMessage::OrderUpdate(OrderUpdate {
        order_id: order.public_id.to_string(),
        change,
        code: order.code.to_string(),
        restaurant: order.restaurant_name.clone(),
        total: order.total_kurus.to_string(),
        target_at: (!order.status.is_terminal()).then_some(order.target_at),
        reason: order.reason.map(|reason| reason.as_str().to_owned()),
        reason_text: order.reason_text.as_ref().map(|text| text.as_str().to_owned()),
    });
    outbox::record(tx, &EmailEvent { to, locale: order.locale, message }).await?;
    Ok(())
}
