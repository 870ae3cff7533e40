//! What a filter may name: otherwise a slip of the pen would seem to leave nothing to do.

use std::collections::BTreeSet;

use contracts::event_schemas;
use database::{Database, DatabaseError};

use super::letter::Filter;
use super::{Scope, Slice, list};
use crate::store;

/// A filter names what there is not.
#[derive(Debug, thiserror::Error)]
pub enum UnknownName {
    /// No event is published there, and no letter was read there.
    #[error("no topic is called {name}; known are: {}", known.join(", "))]
    Topic {
        /// What the filter names.
        name: String,
        /// What it could.
        known: Vec<String>,
    },
    /// None has begun to read in this database, and none has given up a letter.
    #[error("no consumer is called {name}; known are: {}", known.join(", "))]
    Consumer {
        /// What the filter names.
        name: String,
        /// What it could.
        known: Vec<String>,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Refuses a filter for letters that can't be: those of a topic or a consumer that nobody has.
///
/// # Errors
/// The name is unknown, or the database failed.
pub async fn check_names(database: &Database, filter: &Filter) -> Result<(), UnknownName> {
    let readers = store::position::readers(database).await?;
    if let Some(name) = &filter.topic {
        let published = event_schemas().into_iter().map(|event| event.topic.to_owned());
        let known: BTreeSet<String> = published.chain(readers.iter().map(|(_, topic)| topic.clone())).collect();
        let letters = Filter { topic: Some(name.clone()), ..Filter::default() };
        if !known.contains(name) && !is_any(database, &letters).await? {
            return Err(UnknownName::Topic { name: name.clone(), known: known.into_iter().collect() });
        }
    }
    if let Some(name) = &filter.consumer {
        let known: BTreeSet<String> = readers.into_iter().map(|(consumer, _)| consumer).collect();
        let letters = Filter { consumer: Some(name.clone()), ..Filter::default() };
        if !known.contains(name) && !is_any(database, &letters).await? {
            return Err(UnknownName::Consumer { name: name.clone(), known: known.into_iter().collect() });
        }
    }
    Ok(())
}

/// Letters outlive topics and consumers that a later version of the program has no more.
async fn is_any(database: &Database, filter: &Filter) -> database::Result<bool> {
    let first = Slice { after: None, limit: 1 };
    Ok(!list(database, filter, Scope::All, first).await?.is_empty())
}
