//! Bodies of requests, written once and sent with changes.

use serde_json::Value;

/// `body` with the fields of `changes` in place of its own.
///
/// # Panics
/// One of them is no JSON object.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "written at the call as a literal")]
pub fn changed(mut body: Value, changes: Value) -> Value {
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}
