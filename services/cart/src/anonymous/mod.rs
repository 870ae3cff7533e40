//! Anonymous carts where they stand, in the ephemeral store.
//!
//! All changes of one cart that wait in this process are written at once, and only over the bytes that they were made of: no
//! change is lost, neither of another process nor of the first platform's cart service. A store that does not answer is never
//! taken for an absent cart.

mod batch;
mod guesses;
mod lane;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use clock::Sources;
use ephemeral::{EphemeralError, EphemeralStore};
use kit::Context;

use crate::model::anonymous::{CartId, CartRefusal, Change, Changed, IfMatch, Standing, Unreadable};
use guesses::Guesses;
use lane::Lanes;

/// The carts, and the changes of them that wait.
pub(crate) struct AnonymousCarts {
    store: CartStore,
    lanes: Lanes,
    guesses: Guesses,
}

/// A change that somebody asks for.
#[derive(Debug, Clone)]
pub(crate) struct AskedChange {
    pub(crate) change: Change,
    /// What it depends on.
    pub(crate) if_match: Option<IfMatch>,
    /// Where the client is, by which new carts are counted.
    pub(crate) network: String,
}

/// Why there is no cart to answer with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum AnonymousError {
    /// The change, or what stands there, does not allow it.
    #[error(transparent)]
    Refused(#[from] CartRefusal),
    /// The network has asked for so many carts that are not there; for how long it gets no answer.
    #[error("too many carts that are not there were asked for")]
    TooManyUnknown(Duration),
    /// The store does not answer, or too many change the same cart: the change may have happened, or may still.
    #[error("the cart can't be reached")]
    Unavailable,
    /// This process has no store.
    #[error("this process has no ephemeral store")]
    Absent,
}

/// What a batch needs of the outside.
#[derive(Clone)]
struct CartStore {
    ephemeral: Arc<dyn EphemeralStore>,
    sources: Sources,
}

impl AnonymousCarts {
    pub(crate) fn new(context: &Context) -> Self {
        let store = CartStore { ephemeral: Arc::clone(&context.ephemeral), sources: context.sources.clone() };
        Self::over(store)
    }

    fn over(store: CartStore) -> Self {
        Self { store, lanes: Lanes::default(), guesses: Guesses::new() }
    }

    /// The cart as it stands there.
    pub(crate) async fn find(&self, id: CartId) -> Result<Changed, AnonymousError> {
        Ok(self.find_standing(id).await?.ok_or(CartRefusal::NoCart)?)
    }

    /// The same, where no cart is an answer.
    pub(crate) async fn find_standing(&self, id: CartId) -> Result<Option<Changed>, AnonymousError> {
        let found = self.store.ephemeral.get(&id.key()).await.map_err(|error| of_cart(&error))?;
        let standing = Standing::read(id, found.as_deref()).map_err(CartRefusal::from)?;
        Ok(standing.unchanged())
    }

    /// What `answer` is to `network`, which has asked for this cart. Where so many were not there, it gets none for a while.
    pub(crate) async fn unless_guessed<T>(
        &self,
        network: &str,
        id: CartId,
        answer: impl Future<Output = Result<T, AnonymousError>>,
    ) -> Result<T, AnonymousError> {
        self.guesses.check(&self.store, network)?;
        match answer.await {
            Err(AnonymousError::Refused(missing @ (CartRefusal::NoCart | CartRefusal::Changed(Standing::Absent)))) => {
                self.guesses.count(&self.store, network, id).await?;
                Err(missing.into())
            }
            answered => answered,
        }
    }

    /// Makes the change, behind those of the same cart that came before, and answers with the cart right after it.
    pub(crate) async fn change(&self, id: CartId, asked: AskedChange) -> Result<Changed, AnonymousError> {
        self.lanes.change(&self.store, id, asked).await
    }
}

/// What it means that the store has not done what was asked of the key of a cart. The key is not logged: it opens the cart.
fn of_cart(error: &EphemeralError) -> AnonymousError {
    match error {
        EphemeralError::Foreign { .. } => CartRefusal::from(Unreadable).into(),
        EphemeralError::Absent => AnonymousError::Absent,
        EphemeralError::Unavailable(_) => {
            tracing::warn!(%error, "an anonymous cart can't be reached");
            AnonymousError::Unavailable
        }
    }
}
