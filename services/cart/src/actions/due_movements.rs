//! Movements of money that are due: gone on with by any process, whoever has begun them.

use std::time::Duration;

use contracts::{Money, OrderActor};
use database::WriteTransaction;
use futures_util::future::join_all;
use uuid::Uuid;

use super::movements::{want, write};
use super::payments::{CLAIM_TTL, Held, begin_of, check_hold, check_later, conclude_hold, find, left_of};
use super::steps::{self, AskedStep};
use crate::error::CartError;
use crate::model::{LOSS_TIMEOUT, MovementKind, Reason, Step, backoff};
use crate::sandbox::{Found, FoundState, Outcome};
use crate::state::Carts;
use crate::store;
use crate::store::order::Order;
use crate::store::payment::{Movement, MovementState, Payment, PaymentState};

/// How often it is looked after movements that nobody goes on with.
pub(crate) const MOVEMENT_INTERVAL: Duration = Duration::from_secs(1);
/// So many of them are gone on with at a time.
const BATCH: u64 = 20;
/// A movement waits for those before it, which may end at any time.
const TURN_INTERVAL: Duration = Duration::from_secs(1);

/// Goes on with the movements that are due, whoever has begun them, some at a time: a provider that is slow to answer one keeps no
/// other waiting, and neither does one that fails.
pub(crate) async fn go_on_with_movements(carts: &Carts) -> Result<(), CartError> {
    let now = carts.context.now();
    loop {
        let due = store::payment::list_due(&carts.context.database, now, BATCH).await?;
        let is_full = due.len() as u64 >= BATCH;
        // Whatever is claimed is due later, so that each turn finds others.
        let outcomes = join_all(due.into_iter().map(|id| go_on(carts, id))).await;
        outcomes.into_iter().collect::<Result<(), _>>()?;
        if !is_full {
            return Ok(());
        }
    }
}

async fn go_on(carts: &Carts, id: Uuid) -> Result<(), CartError> {
    let Some((movement, was_sent)) = claim(carts, id).await? else { return Ok(()) };
    let payment = find(carts, movement.payment_id).await?;
    if movement.kind == MovementKind::Authorise {
        return go_on_with_hold(carts, payment, &movement).await;
    }
    let outcome =
        if was_sent { check_sent(carts, &payment, &movement).await } else { ask(carts, &payment, &movement).await };
    let (tx, payment, order) = begin_of(carts, payment.id).await?;
    let Some(mut movement) =
        store::payment::find_movement(&tx, movement.id).await?.filter(|now| now.claim == movement.claim)
    else {
        return Ok(());
    };
    match outcome {
        Outcome::Done => {
            movement = Movement { state: MovementState::Done, next_at: None, ..movement };
            conclude_done(&tx, payment, &movement).await?;
        }
        Outcome::Declined(answer) => {
            movement.last_answer = Some(answer.to_owned());
            conclude_declined(&tx, payment, order, &mut movement).await?;
        }
        Outcome::RedirectNeeded | Outcome::Unknown => movement.next_at = Some(tx.now() + backoff(movement.tries)),
    }
    store::payment::update_movement(&tx, movement).await?;
    Ok(tx.commit().await?)
}

/// Finds out whether the provider holds the money that it was asked for when the order was written. It is asked for that once.
async fn go_on_with_hold(carts: &Carts, payment: Payment, movement: &Movement) -> Result<(), CartError> {
    let found = check_hold(carts, payment.id).await;
    let is_given_up = found == Held::Missing && is_lost(carts, movement);
    let held = if is_given_up { Held::No } else { found };
    let (tx, payment, order) = begin_of(carts, payment.id).await?;
    if matches!(held, Held::Missing | Held::Unknown) {
        check_later(&tx, &payment).await?;
    }
    conclude_hold(&tx, payment.clone(), order, held).await?;
    let is_concluded =
        matches!(payment.state, PaymentState::Authorised | PaymentState::Captured | PaymentState::Released);
    if is_given_up && !is_concluded {
        // What comes to the provider after all must find nothing that it can hold.
        want(&tx, &payment, MovementKind::Release, payment.amount_kurus).await?;
    }
    Ok(tx.commit().await?)
}

/// Claims the movement if it is its turn: as it is then, and whether the provider may have been asked before.
async fn claim(carts: &Carts, id: Uuid) -> Result<Option<(Movement, bool)>, CartError> {
    let tx = carts.context.database.begin_read_committed().await?;
    let claim = (tx.sources().uuid(), tx.now() + CLAIM_TTL);
    let Some(movement) = store::payment::claim(&tx, id, claim).await? else { return Ok(None) };
    let others = store::payment::list_movements(&tx, movement.payment_id).await?;
    let is_open = |other: &Movement| matches!(other.state, MovementState::Wanted | MovementState::Sent);
    let must_wait = others.iter().any(|other| other.nth < movement.nth && is_open(other));
    let was_sent = movement.state == MovementState::Sent;
    let claimed = if must_wait {
        Movement { next_at: Some(tx.now() + TURN_INTERVAL), tries: 0, ..movement.clone() }
    } else {
        let sent_at = movement.sent_at.or(Some(tx.now()));
        Movement { state: MovementState::Sent, sent_at, ..movement.clone() }
    };
    store::payment::update_movement(&tx, claimed.clone()).await?;
    tx.commit().await?;
    Ok((!must_wait).then_some((claimed, was_sent)))
}

/// Asks the provider for the movement.
async fn ask(carts: &Carts, payment: &Payment, movement: &Movement) -> Outcome {
    let sandbox = &carts.sandbox;
    match movement.kind {
        // It is asked for once, right behind the commit of its order.
        MovementKind::Authorise => Outcome::Unknown,
        MovementKind::Capture => sandbox.capture(payment.id, movement.amount_kurus).await,
        MovementKind::Release if payment.captured_kurus > Money::ZERO => match left_of(payment) {
            Money::ZERO => Outcome::Done,
            left => sandbox.refund(payment.id, movement.id, left).await,
        },
        MovementKind::Release => sandbox.void(payment.id).await,
        MovementKind::Refund => sandbox.refund(payment.id, movement.id, movement.amount_kurus).await,
    }
}

/// What has become of a movement that the provider was asked for before. It is asked again only for what it never heard of.
async fn check_sent(carts: &Carts, payment: &Payment, movement: &Movement) -> Outcome {
    let Some(found) = carts.sandbox.check(payment.id).await else { return Outcome::Unknown };
    let is_done = found.is_some_and(|Found { state, captured, refunds }| match movement.kind {
        MovementKind::Authorise => state == FoundState::Authorised,
        MovementKind::Capture => captured == movement.amount_kurus,
        MovementKind::Release => state == FoundState::Voided || refunds.contains(&movement.id),
        MovementKind::Refund => refunds.contains(&movement.id),
    });
    if is_done {
        return Outcome::Done;
    }
    if is_lost(carts, movement) { ask(carts, payment, movement).await } else { Outcome::Unknown }
}

/// Whether what was sent so long ago, and is not in the provider's books, never came there.
fn is_lost(carts: &Carts, movement: &Movement) -> bool {
    movement.sent_at.is_some_and(|sent_at| carts.context.now() >= sent_at + LOSS_TIMEOUT)
}

async fn conclude_done(tx: &WriteTransaction, mut payment: Payment, movement: &Movement) -> Result<(), CartError> {
    match movement.kind {
        MovementKind::Authorise => return Ok(()),
        MovementKind::Capture => {
            payment.state = PaymentState::Captured;
            payment.captured_kurus = movement.amount_kurus;
        }
        MovementKind::Release => {
            payment.state = PaymentState::Released;
            payment.refunded_kurus = payment.captured_kurus.checked_sub(payment.refunding_kurus).unwrap_or_default();
        }
        MovementKind::Refund => {
            payment.refunding_kurus = payment.refunding_kurus.checked_sub(movement.amount_kurus).unwrap_or_default();
            payment.refunded_kurus = payment.refunded_kurus.checked_add(movement.amount_kurus).unwrap_or(Money::MAX);
        }
    }
    write(tx, payment).await
}

async fn conclude_declined(
    tx: &WriteTransaction,
    payment: Payment,
    order: Order,
    movement: &mut Movement,
) -> Result<(), CartError> {
    let (id, answer) = (payment.id, movement.last_answer.clone().unwrap_or_default());
    match movement.kind {
        MovementKind::Authorise => {}
        MovementKind::Capture => {
            tracing::error!(order_id = %order.public_id, payment_id = %id, answer, "a card gives no money after all");
            *movement = Movement { state: MovementState::Declined, next_at: None, ..movement.clone() };
            let asked = AskedStep { reason: Some(Reason::PaymentRefused.into()), ..AskedStep::from(Step::Cancel) };
            let ended = steps::step(tx, &order, (OrderActor::System, None), asked).await?;
            if ended.is_none() {
                want(tx, &payment, MovementKind::Release, payment.amount_kurus).await?;
            }
        }
        MovementKind::Release => {
            // Nobody may be left without their money: it goes on until the provider gives it back.
            tracing::error!(order_id = %order.public_id, payment_id = %id, answer, "money can't be given back; it is tried again");
            movement.next_at = Some(tx.now() + backoff(i16::MAX));
        }
        MovementKind::Refund => {
            tracing::error!(order_id = %order.public_id, payment_id = %id, answer, "a refund was refused");
            *movement = Movement { state: MovementState::Declined, next_at: None, ..movement.clone() };
            let refunding_kurus = payment.refunding_kurus.checked_sub(movement.amount_kurus).unwrap_or_default();
            write(tx, Payment { refunding_kurus, ..payment }).await?;
        }
    }
    Ok(())
}
