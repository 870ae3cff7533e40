//! The events of the suite.

use contracts::schemars::{self, JsonSchema};
use contracts::{Event, Secret};
use serde::{Deserialize, Serialize};

/// The topics of the suite: an adapter whose topics outlive a test names them anew for each.
pub const TOPICS: [&str; 4] = [Counted::TOPIC, Sorted::TOPIC, Echoed::TOPIC, Whispered::TOPIC];

/// The `number`-th fact about `key`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Counted {
    pub(super) key: String,
    pub(super) number: u32,
}

impl Event for Counted {
    const TOPIC: &'static str = "contract_counted";
    const TYPE: &'static str = "contract.counted.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// What a foreign or broken producer puts into the topic of [`Counted`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Malformed {
    pub(super) key: String,
}

impl Event for Malformed {
    const TOPIC: &'static str = Counted::TOPIC;
    const TYPE: &'static str = "contract.malformed.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// A fact that has one of a few sorts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Sorted {
    pub(super) key: String,
    pub(super) sort: Sort,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) enum Sort {
    Known,
}

impl Event for Sorted {
    const TOPIC: &'static str = "contract_sorted";
    const TYPE: &'static str = "contract.sorted.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// What a foreign or broken producer puts into the topic of [`Sorted`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Missorted {
    pub(super) key: String,
    pub(super) sort: String,
}

impl Event for Missorted {
    const TOPIC: &'static str = Sorted::TOPIC;
    const TYPE: &'static str = Sorted::TYPE;

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// What a consumer records when it hears a [`Counted`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Echoed {
    pub(super) key: String,
    pub(super) number: u32,
}

impl Event for Echoed {
    const TOPIC: &'static str = "contract_echoed";
    const TYPE: &'static str = "contract.echoed.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// An event that holds a secret.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Whispered {
    pub(super) key: String,
    pub(super) number: u32,
    pub(super) variables: Variables,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Variables {
    pub(super) token: Secret,
}

impl Event for Whispered {
    const TOPIC: &'static str = "contract_whispered";
    const TYPE: &'static str = "contract.whispered.v1";
    const SECRET: bool = true;

    fn key(&self) -> String {
        self.key.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::TOPICS;

    #[test]
    fn every_topic_of_the_suite_is_listed() {
        let named = include_str!("events.rs")
            .lines()
            .filter_map(|line| line.trim().strip_prefix("const TOPIC: &'static str = \""));
        let named: Vec<&str> = named.map(|rest| rest.trim_end_matches("\";")).collect();

        assert_eq!(named, TOPICS);
    }
}
