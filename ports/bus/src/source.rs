//! Where deliveries come from.

use async_trait::async_trait;
use database::Result;

use crate::delivery::Delivery;

/// The log that one consumer reads: the outbox itself, or its topics in Kafka.
#[async_trait]
pub(crate) trait Source: Send {
    /// A consumer begins to read. Since somebody read last, another process may have recorded.
    fn begin(&mut self) {}

    /// The next deliveries behind what was acknowledged, those of one key in their order; waits for the first one. May be
    /// dropped while it waits.
    async fn receive(&mut self) -> Result<Vec<Arrival>>;

    /// The consumer has taken charge of `arrivals`, the first ones of what it received, and need not get them again.
    async fn acknowledge(&mut self, arrivals: &[Arrival]) -> Result<()>;

    /// Whether deliveries may come again that the inbox has forgotten.
    fn outlives_inbox(&self) -> bool {
        false
    }

    /// What was received last and is not acknowledged is to be received again.
    async fn give_back(&mut self) {}

    /// The consumer reads no more; whoever reads next goes on behind what was acknowledged.
    async fn leave(&mut self) {}
}

/// A delivery and the place in its topic from which it came.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) offset: i64,
    pub(crate) delivery: Delivery,
}
