//! A restaurant that answers no orders takes a break: whoever would order there next waits in vain, too.

use std::time::Duration;

use bus::HearError;
use bus::fan_out::{self, Chunk, Place, Then};
use contracts::{CatalogChanged, OrderActor, OrderChanged, OrderStatus};
use database::WriteTransaction;

use crate::store;
use crate::store::restaurant::Restaurant;

use super::address::parse_id;
use super::catalog::{complete, events};

/// To the restaurant that is to take a break. It is changed in a transaction of its own, because whoever changes one has it before
/// its address, which another event of this transaction may have.
pub(crate) const FAN_OUT: &str = "breaks of restaurants";
/// So many orders in a row.
const MOST_UNANSWERED: i32 = 3;
/// How long the break is.
const BREAK_WINDOW: Duration = Duration::from_secs(30 * 60);

/// Counts the orders in a row that the restaurant has not answered; the transaction is the event's.
pub(crate) async fn follow_order(tx: &WriteTransaction, event: &OrderChanged) -> Result<(), HearError> {
    let id = event.restaurant_id;
    match (event.status, event.by) {
        (OrderStatus::Rejected, OrderActor::System) => {
            if store::unanswered::add(tx, id).await? >= MOST_UNANSWERED {
                store::unanswered::delete(tx, id).await?;
                fan_out::begin(tx, FAN_OUT, &id.to_string()).await?;
            }
            Ok(())
        }
        (OrderStatus::Accepted | OrderStatus::Rejected, _) => Ok(store::unanswered::delete(tx, id).await?),
        (
            OrderStatus::AwaitingPayment
            | OrderStatus::Placed
            | OrderStatus::Preparing
            | OrderStatus::OnTheWay
            | OrderStatus::Delivered
            | OrderStatus::Cancelled
            | OrderStatus::PaymentFailed,
            _,
        ) => Ok(()),
    }
}

/// Lets the restaurant take its break, unless it takes a longer one already.
pub(crate) async fn begin_break(tx: &WriteTransaction, place: &Place) -> Result<Chunk<CatalogChanged>, HearError> {
    let id = parse_id(&place.subject)?;
    let until = tx.now() + BREAK_WINDOW;
    let changed = match store::restaurant::begin_version(tx, id, None).await? {
        Some(before) if before.paused_until.is_none_or(|paused| paused < until) => {
            let after = Restaurant { paused_until: Some(until), updated_at: tx.now(), ..before.found_anew(tx.now()) };
            store::restaurant::update(tx, &after).await?;
            tracing::warn!(restaurant_id = %id, %until, "it answers no orders, and takes a break");
            vec![after]
        }
        // The version that it has by now is nobody's but must be published, or others would wait for it.
        Some(before) => vec![before],
        None => Vec::new(),
    };
    Ok(Chunk { events: events(tx, &complete(tx, changed).await?).await?, then: Then::End })
}
