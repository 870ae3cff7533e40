//! What this service hears, and which action each event calls.

use async_trait::async_trait;
use bus::{Consumer, HearError, Heard, Hears};
use contracts::AddressChanged;
use database::WriteTransaction;

use crate::actions::address;

/// The service as a reader of topics.
pub(crate) fn consumer() -> Consumer {
    Consumer::named("restaurant").hears::<AddressChanged>(Listener)
}

/// The ears of the service.
pub(crate) struct Listener;

#[async_trait]
impl Hears<AddressChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<AddressChanged>) -> Result<(), HearError> {
        address::keep_address(tx, &heard.event).await
    }
}
