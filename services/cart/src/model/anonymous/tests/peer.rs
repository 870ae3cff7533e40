//! The first platform's cart service, as far as it reads and writes carts.

use chrono::{DateTime, NaiveDateTime};
use serde_json::{Value, json};

/// What that service sees in `bytes`: the fields that it knows, in the form in which it writes them again. `None` is what it
/// takes for an absent cart, and overwrites with the next add.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let cart: Value = serde_json::from_slice(bytes).ok()?;
    let items: Option<Vec<Value>> = cart.as_object()?.get("items")?.as_array()?.iter().map(item).collect();
    Some(json!({
        "cart_id": cart.get("cart_id")?.as_str()?,
        "items": items?,
        "created_at": time(cart.get("created_at")?)?,
        "updated_at": time(cart.get("updated_at")?)?,
        "restaurant_id": text_or_null(cart.get("restaurant_id"))?,
    }))
}

/// What that service writes: what it knows, and nothing that it does not.
pub(crate) fn write(cart: &Value) -> Vec<u8> {
    // Python puts a space behind each comma and colon.
    let text = serde_json::to_string_pretty(cart).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ").replace("{ ", "{").replace(" }", "}").replace("[ ", "[").replace(" ]", "]").into_bytes()
}

fn item(item: &Value) -> Option<Value> {
    let quantity = item.get("quantity").map_or(Some(1), Value::as_i64)?;
    Some(json!({
        "cart_id": item.get("cart_id")?.as_str()?,
        "restaurant_id": item.get("restaurant_id")?.as_str()?,
        "meal_id": item.get("meal_id")?.as_str()?,
        "quantity": quantity,
        "note": text_or_null(item.get("note"))?,
        "schedule_date": item.get("schedule_date").filter(|date| !date.is_null()).map_or(Some(Value::Null), time)?,
        "created_at": time(item.get("created_at")?)?,
    }))
}

/// A text or `null`; one that is missing is `null`.
fn text_or_null(value: Option<&Value>) -> Option<Value> {
    match value {
        None | Some(Value::Null) => Some(Value::Null),
        Some(Value::String(text)) => Some(json!(text)),
        Some(_) => None,
    }
}

/// Read with and without a zone, and cut to six digits; one with a zone keeps it.
fn time(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let zoned = DateTime::parse_from_rfc3339(text).ok();
    let zoned = zoned.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string());
    let naive = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    zoned.or_else(|| Some(naive()?.format("%Y-%m-%dT%H:%M:%S%.6f").to_string())).map(Value::from)
}
