//! Movements of money that are due: gone on with by any process, whoever has begun them.

use std::time::Duration;

use contracts::{Money, OrderActor};
use database::WriteTransaction;
use futures_util::future::join_all;
use uuid::Uuid;

use super::due_orders::MOST_LOCKED;
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
/// other waiting, and neither does one that fails, such as one that can't be read, or that somebody has locked.
pub(crate) async fn go_on_with_movements(carts: &Carts) -> Result<(), CartError> {
    let (database, now, mut locked) = (&carts.context.database, carts.context.now(), Vec::new());
    while locked.len() < MOST_LOCKED {
        let due = store::payment::list_due(database, now, &locked, BATCH).await?;
        let is_full = due.len() as u64 >= BATCH;
        // Whatever is claimed or put off is due later, so that each turn finds others.
        let turns = join_all(due.into_iter().map(async |(id, tries)| (id, go_on_or_put_off(carts, id, tries).await)));
        for (id, turn) in turns.await {
            match turn? {
                Turn::Taken => {}
                Turn::Locked => locked.push(id),
            }
        }
        if !is_full {
            return Ok(());
        }
    }
    Ok(())
}

/// What has become of the turn of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It has gone on, or is due later.
    Taken,
    /// Somebody has its row to themselves at this moment.
    Locked,
}

/// Lets the movement wait where it can't be gone on with, which is logged here.
async fn go_on_or_put_off(carts: &Carts, id: Uuid, tries: i16) -> Result<Turn, CartError> {
    let error = match go_on(carts, id).await {
        Ok(turn) => return Ok(turn),
        Err(error) => error,
    };
    tracing::warn!(%error, movement_id = %id, tries, "a movement of money is not gone on with; it is tried again");
    if error.is_lock_timeout() {
        return Ok(Turn::Locked);
    }
    let tx = carts.context.database.begin_read_committed().await?;
    // No sooner than whoever has claimed it meanwhile is done.
    let wait = backoff(tries.saturating_add(1)).max(CLAIM_TTL);
    store::payment::put_off(&tx, id, (tx.now() + CLAIM_TTL, tx.now() + wait)).await?;
    tx.commit().await?;
    Ok(Turn::Taken)
}

async fn go_on(carts: &Carts, id: Uuid) -> Result<Turn, CartError> {
    let (movement, was_sent) = match claim(carts, id).await? {
        Claim::Made(movement, was_sent) => (movement, was_sent),
        Claim::NotDue => return Ok(Turn::Taken),
        Claim::Locked => return Ok(Turn::Locked),
    };
    let payment = find(carts, movement.payment_id).await?;
    if movement.kind == MovementKind::Authorise {
        go_on_with_hold(carts, payment, &movement).await?;
        return Ok(Turn::Taken);
    }
    let outcome =
        if was_sent { check_sent(carts, &payment, &movement).await } else { ask(carts, &payment, &movement).await };
    let (tx, payment, order) = begin_of(carts, payment.id).await?;
    let Some(mut movement) =
        store::payment::find_movement(&tx, movement.id).await?.filter(|now| now.claim == movement.claim)
    else {
        return Ok(Turn::Taken);
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
    tx.commit().await?;
    Ok(Turn::Taken)
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

/// Whether a movement is one's own to go on with.
enum Claim {
    /// It is: as it is by now, and whether the provider may have been asked before.
    Made(Movement, bool),
    /// Somebody else has claimed it, or it waits for others.
    NotDue,
    Locked,
}

/// Claims the movement if it is its turn.
async fn claim(carts: &Carts, id: Uuid) -> Result<Claim, CartError> {
    let tx = carts.context.database.begin_read_committed().await?;
    if !store::payment::try_lock(&tx, id).await? {
        return Ok(Claim::Locked);
    }
    let claim = (tx.sources().uuid(), tx.now() + CLAIM_TTL);
    let Some(movement) = store::payment::claim(&tx, id, claim).await? else { return Ok(Claim::NotDue) };
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
    Ok(if must_wait { Claim::NotDue } else { Claim::Made(claimed, was_sent) })
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
