//! What this service hears, and which action each event calls.

use async_trait::async_trait;
use bus::fan_out::{Chunk, Expands, Place};
use bus::{Consumer, HearError, Heard, Hears};
use contracts::{AddressChanged, AudienceCounted, CatalogChanged, OrderChanged};
use database::WriteTransaction;

use crate::actions::{address, audience, publish_all, unanswered};

/// The service as a reader of topics.
pub(crate) fn consumer() -> Consumer {
    Consumer::named("restaurant")
        .hears::<AddressChanged>(Listener)
        .hears::<OrderChanged>(Listener)
        .hears::<AudienceCounted>(Listener)
        .expands(address::FAN_OUT, RestaurantsAtAddress)
        .expands(publish_all::FAN_OUT, AllRestaurants)
        .expands(unanswered::FAN_OUT, BreakOfRestaurant)
}

/// The ears of the service.
pub(crate) struct Listener;

#[async_trait]
impl Hears<AddressChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<AddressChanged>) -> Result<(), HearError> {
        address::keep_address(tx, &heard.event).await
    }
}

#[async_trait]
impl Hears<OrderChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<OrderChanged>) -> Result<(), HearError> {
        unanswered::follow_order(tx, &heard.event).await
    }
}

#[async_trait]
impl Hears<AudienceCounted> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<AudienceCounted>) -> Result<(), HearError> {
        audience::keep_audience(tx, heard.event).await
    }
}

/// Finds the restaurants at an address that has changed.
struct RestaurantsAtAddress;

#[async_trait]
impl Expands for RestaurantsAtAddress {
    type Event = CatalogChanged;

    async fn next(&self, tx: &WriteTransaction, place: &Place) -> Result<Chunk<CatalogChanged>, HearError> {
        address::follow_address(tx, place).await
    }
}

/// Finds the restaurant that answers no orders.
struct BreakOfRestaurant;

#[async_trait]
impl Expands for BreakOfRestaurant {
    type Event = CatalogChanged;

    async fn next(&self, tx: &WriteTransaction, place: &Place) -> Result<Chunk<CatalogChanged>, HearError> {
        unanswered::begin_break(tx, place).await
    }
}

/// Finds all restaurants, for whoever has not heard of them.
struct AllRestaurants;

#[async_trait]
impl Expands for AllRestaurants {
    type Event = CatalogChanged;

    async fn next(&self, tx: &WriteTransaction, place: &Place) -> Result<Chunk<CatalogChanged>, HearError> {
        publish_all::next_restaurants(tx, place).await
    }
}
