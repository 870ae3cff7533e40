//! The steps that orders make: by hand, and by themselves as time goes by.

use bus::outbox;
use clock::Timestamp;
use contracts::{OrderActor, OrderId, OrderStatus, UserId};
use database::WriteTransaction;
use kit::idempotency::{self, Answer, Begun, Request};

use super::full_order::{FullOrder, complete, order_changed};
use super::orders::{OrderReader, actor_of, find_order};
use super::{live, movements, order_mail};
use crate::error::CartError;
use crate::model::{CANCEL_WINDOW, DELIVERY_TIMEOUT, GivenReason, MOST_DELAYS, Minutes, Step};
use crate::state::Carts;
use crate::store;
use crate::store::order::{Order, OrderEvent, OrderStep, OrderTimes};

/// A step that somebody wants an order to make.
#[derive(Debug, Clone)]
pub(crate) struct AskedStep {
    pub(crate) step: Step,
    pub(crate) reason: Option<GivenReason>,
    /// How long the restaurant says that it takes.
    pub(crate) eta: Option<Minutes>,
}

impl From<Step> for AskedStep {
    fn from(step: Step) -> Self {
        Self { step, reason: None, eta: None }
    }
}

/// Lets the order make a step. One that it has made already by the same kind of hand is answered as it is.
pub(crate) async fn step_order(
    carts: &Carts,
    reader: OrderReader,
    id: OrderId,
    asked: AskedStep,
) -> Result<FullOrder, CartError> {
    let tx = begin(carts, id).await?;
    let order = store::order::find(&tx, id).await?.ok_or(CartError::OrderNotFound)?;
    let actor = actor_of(carts, &tx, reader, &order).await?;
    let is_reason_due = asked.step == Step::Cancel && actor != OrderActor::Diner;
    if is_reason_due && asked.reason.is_none() {
        return Err(CartError::ReasonMissing);
    }
    if asked.step.sources(actor).is_empty() {
        return Err(CartError::StepForbidden);
    }
    let step_made = asked.step;
    let made = step(&tx, &order, (actor, Some(reader.user_id)), asked).await?;
    if made.is_none() && !is_made_by(&tx, &order, actor, step_made).await? {
        return Err(CartError::OrderChanged(order.status));
    }
    answer(tx, made.unwrap_or(order)).await
}

/// Says that the order will take longer, once for each `request`; whoever has ordered gets a mail. A repeat that names no request is
/// answered with what the order is by now: who presses a button twice has a page that shows it.
pub(crate) async fn delay_order(
    carts: &Carts,
    reader: OrderReader,
    (id, request): (OrderId, Request),
    minutes: Minutes,
    answer: impl Fn(FullOrder) -> Answer,
) -> Result<Answer, CartError> {
    let is_named = request.is_named();
    let tx = match idempotency::begin(begin(carts, id).await?, Some(request)).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) if is_named => return Ok(before),
        Begun::Answered(_) => return Ok(answer(find_order(carts, reader, id).await?).replayed()),
        Begun::Reused => return Err(CartError::KeyReused),
    };
    let order = store::order::find(&*tx, id).await?.ok_or(CartError::OrderNotFound)?;
    let actor = actor_of(carts, &*tx, reader, &order).await?;
    if actor == OrderActor::Diner {
        return Err(CartError::StepForbidden);
    }
    if !matches!(order.status, OrderStatus::Accepted | OrderStatus::Preparing) {
        return Err(CartError::OrderChanged(order.status));
    }
    if order.delays >= MOST_DELAYS {
        return Err(CartError::DelayedTooOften);
    }
    let target_at = order.target_at.max(tx.now()) + minutes.as_delta();
    let after = store::order::delay(&tx, &order, target_at).await?.ok_or(CartError::OrderChanged(order.status))?;
    note(&tx, &order, &after, (actor, Some(reader.user_id))).await?;
    let full = complete(&*tx, vec![after]).await?.pop().ok_or(CartError::OrderNotFound)?;
    Ok(tx.commit(answer(full)).await?)
}

/// Begins a transaction that has the order to itself.
pub(super) async fn begin(carts: &Carts, id: OrderId) -> Result<WriteTransaction, CartError> {
    Ok(carts.context.database.begin_locked(&subject(id)).await?)
}

/// What whoever moves the order has to itself.
pub(super) fn subject(id: OrderId) -> String {
    format!("order {id}")
}

/// Commits, and answers the order with all that it has.
pub(super) async fn answer(tx: WriteTransaction, order: Order) -> Result<FullOrder, CartError> {
    let full = complete(&tx, vec![order]).await?.pop().ok_or(CartError::OrderNotFound)?;
    tx.commit().await?;
    Ok(full)
}

/// Makes the step with all that follows from it, if the order stands where it may be made from.
pub(super) async fn step(
    tx: &WriteTransaction,
    before: &Order,
    by: (OrderActor, Option<UserId>),
    AskedStep { step, reason, eta }: AskedStep,
) -> Result<Option<Order>, CartError> {
    let now = tx.now();
    let mut from = step.sources(by.0).to_vec();
    let is_late = before.accepted_at.is_none_or(|accepted| now > accepted + CANCEL_WINDOW);
    if step == Step::Cancel && by.0 == OrderActor::Diner && is_late {
        from.retain(|status| *status != OrderStatus::Accepted);
    }
    let times = times_after(before, (step, eta), now);
    let change = OrderStep { from, to: step.target(), times, reason, eta_minutes: eta.map(|eta| eta.0) };
    let Some(after) = store::order::step(tx, before.id, change).await? else { return Ok(None) };
    note(tx, before, &after, by).await?;
    movements::follow_step(tx, &after, step).await?;
    if step.gives_back() {
        if let Some(slot_at) = after.slot_at {
            store::slot::give_back(tx, (after.restaurant_id, slot_at)).await?;
        }
        store::campaign::give_back(tx, after.id).await?;
    }
    Ok(Some(after))
}

/// What the step makes of the order's times.
fn times_after(before: &Order, (step, eta): (Step, Option<Minutes>), now: Timestamp) -> OrderTimes {
    let same = OrderTimes { due_at: None, target_at: before.target_at, answer_by: before.answer_by };
    match step {
        // What whoever pays has needed to say yes is not the kitchen's time.
        Step::Pay => {
            let paid_for = now - before.created_at;
            let target_at = if before.is_asap { before.target_at + paid_for } else { before.target_at };
            let answer_by = before.answer_by + paid_for;
            OrderTimes { due_at: Some(answer_by), target_at, answer_by }
        }
        // Whoever wants it at a time has said it; else the restaurant knows best.
        Step::Accept => match eta {
            Some(eta) if before.is_asap => OrderTimes { target_at: now + eta.as_delta(), ..same },
            Some(_) | None => same,
        },
        Step::Dispatch => OrderTimes { due_at: Some(now + DELIVERY_TIMEOUT), ..same },
        Step::FailPayment | Step::Reject | Step::Prepare | Step::Deliver | Step::Cancel => same,
    }
}

/// Writes down what the order has become, and reports it to others and to its diner.
async fn note(
    tx: &WriteTransaction,
    before: &Order,
    after: &Order,
    (actor, actor_id): (OrderActor, Option<UserId>),
) -> Result<(), CartError> {
    let event = OrderEvent {
        order_id: after.id,
        version: after.version,
        status: after.status,
        actor,
        actor_id,
        reason: after.reason,
        reason_text: after.reason_text.clone(),
        at: after.changed_at,
    };
    store::order::insert_event(tx, event).await?;
    outbox::record(tx, &order_changed(after, Some(before.status), actor)).await?;
    live::report(tx, after);
    order_mail::record(tx, Some(before.status), after).await
}

/// Whether the last step of the order was this one, by the same kind of hand.
async fn is_made_by(tx: &WriteTransaction, order: &Order, actor: OrderActor, step: Step) -> Result<bool, CartError> {
    if order.status != step.target() {
        return Ok(false);
    }
    let events = store::order::list_events(tx, vec![order.id]).await?;
    let mut steps = events.windows(2).rev().filter(|pair| pair[0].status != pair[1].status).map(|pair| &pair[1]);
    Ok(steps.next().is_some_and(|last| last.actor == actor))
}
