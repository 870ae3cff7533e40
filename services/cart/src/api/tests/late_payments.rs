//! Cards that pay when nobody waits for the answer any more: whatever comes first, the books agree in the end.

use std::time::Duration;

use kit::on_every_database;

use super::payments::{later, only, pay, read, status};
use crate::actions;
use crate::fixture::Fixture;
use crate::sandbox::FoundState;

on_every_database! {
    Fixture:
    a_notice_that_comes_late_finds_the_order_that_waits,
    what_comes_after_it_was_given_up_is_given_back,
    what_was_given_up_and_voided_is_never_held,
}

/// In which the provider does what it does late, and reports it.
pub(super) async fn provider_later(fixture: &Fixture, seconds: u64) {
    fixture.clock.advance(Duration::from_secs(seconds));
    actions::payments::hear_late_notices(&fixture.carts).await.unwrap();
}

async fn a_notice_that_comes_late_finds_the_order_that_waits(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let asked = pay(&diner, &kitchen, "late_ok").await.json();
    for _ in 0..3 {
        later(&fixture, 5).await;
    }
    provider_later(&fixture, 0).await;
    let before = read(&diner, &asked).await;

    provider_later(&fixture, 5).await;
    let after = read(&diner, &asked).await;
    provider_later(&fixture, 60).await;
    later(&fixture, 1).await;

    assert_eq!(status(&asked), ("awaiting_payment", "processing"));
    assert_eq!((status(&before), status(&after)), (("awaiting_payment", "processing"), ("placed", "authorised")));
    assert_eq!(only(&diner).await["timeline"].as_array().unwrap().len(), 2);
    assert_eq!(fixture.provider(&asked).await.state, FoundState::Authorised);
    fixture.balance(&asked).await;
}

async fn what_comes_after_it_was_given_up_is_given_back(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let asked = pay(&diner, &kitchen, "late_ok").await.json();
    // The provider is slower than anybody waits: its books show nothing for a minute.
    later(&fixture, 61).await;
    let given_up = read(&diner, &asked).await;

    provider_later(&fixture, 0).await;
    let held = fixture.provider(&asked).await;
    for _ in 0..2 {
        later(&fixture, 1).await;
    }

    let after = read(&diner, &asked).await;
    assert_eq!((status(&given_up).0, held.state), ("payment_failed", FoundState::Authorised));
    assert_eq!((status(&after), after["payment"]["captured"].as_i64()), (("payment_failed", "released"), Some(0)));
    assert_eq!(fixture.provider(&asked).await.state, FoundState::Voided);
    fixture.balance(&asked).await;
}

async fn what_was_given_up_and_voided_is_never_held(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let asked = pay(&diner, &kitchen, "late_ok").await.json();
    for _ in 0..3 {
        later(&fixture, 31).await;
    }

    provider_later(&fixture, 0).await;
    later(&fixture, 1).await;

    assert_eq!(status(&read(&diner, &asked).await), ("payment_failed", "released"));
    assert_eq!(fixture.provider(&asked).await.state, FoundState::Voided);
    fixture.balance(&asked).await;
}
