//! The topics that there are.

/// The built-in names of the topics of all events, sorted.
pub(crate) fn topic_names() -> Vec<&'static str> {
    let mut names: Vec<_> = contracts::event_schemas().into_iter().map(|event| event.topic).collect();
    names.sort_unstable();
    names
}
