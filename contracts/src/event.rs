//! What every event has in common.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A fact that one service tells the others, named in the past tense.
///
/// Its JSON is the value on the wire: the fields of the first platform come first, in their order, then ours.
pub trait Event: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The topic that it travels on, by its built-in name.
    const TOPIC: &'static str;
    /// The CloudEvents type.
    const TYPE: &'static str;
    /// Whether its value may hold a secret, so that it is sealed while it stands in a database.
    const SECRET: bool = false;
    /// Values as they have stood on the wire, in JSON. Each is understood for ever: add some, never change or remove one.
    const EXAMPLES: &'static [&'static str] = &[];

    /// Events of one key keep their order.
    fn key(&self) -> String;
}
