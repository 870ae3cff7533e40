//! How often a manager writes.

use contracts::Role;
use database::WriteTransaction;

use crate::error::RestaurantError;
use crate::model::Writer;

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteKind {
    /// It writes down what is offered.
    Content,
    /// It says when that can be had: hours, a break, what is sold out. Whoever has written down as much as they may on a day still
    /// says that they are closed.
    Switch,
}

impl WriteKind {
    fn scope(self) -> &'static str {
        match self {
            Self::Content => "restaurant",
            Self::Switch => "restaurant switch",
        }
    }

    /// Writes of a manager on one day: ten of the largest menus, meal by meal; each of a hundred restaurants a hundred times.
    fn most_a_day(self) -> i64 {
        match self {
            Self::Content => 5_000,
            Self::Switch => 10_000,
        }
    }
}

/// Counts the write of this transaction, unless an admin makes it. What changes nothing is not committed, and so not counted.
pub(super) async fn count_write(tx: &WriteTransaction, writer: Writer, kind: WriteKind) -> Result<(), RestaurantError> {
    match writer.role {
        Role::Admin | Role::User => Ok(()),
        Role::Manager => Ok(kit::count_write(tx, kind.scope(), writer.user_id, kind.most_a_day()).await??),
    }
}
