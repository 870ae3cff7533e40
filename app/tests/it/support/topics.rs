//! The topics that there are.

use contracts::{CatalogChanged, Event};

/// The built-in names of the topics of all events, sorted.
pub(crate) fn topic_names() -> Vec<&'static str> {
    let mut names: Vec<_> = contracts::event_schemas().into_iter().map(|event| event.topic).collect();
    names.sort_unstable();
    names
}

/// Those of them that a service hears. Of restaurants only programs beside the platform do.
pub(crate) fn heard_topics() -> Vec<&'static str> {
    topic_names().into_iter().filter(|topic| *topic != CatalogChanged::TOPIC).collect()
}
