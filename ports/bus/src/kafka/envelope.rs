//! An event as a Kafka record and back: legacy value and key untouched, all else in headers.
//!
//! Headers are CloudEvents 1.0 in binary mode and the W3C trace context. Records of the first platform have none.

use chrono::{DateTime, SecondsFormat};
use clock::Timestamp;
use database::Vault;
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use uuid::Uuid;

use crate::delivery::{Delivery, Payload};
use crate::{TraceParent, text};

/// Where events come from, in the words of CloudEvents.
const SOURCE: &str = "/lezzetlimani";
/// What ids are derived in when a record has none.
const NAMESPACE: Uuid = Uuid::from_u128(0x0a94_8a3c_52f1_5d0e_9b7e_6c1f_3d27_a4e1);
/// Longer keys are distinguished by their hash: no index takes them whole.
const KEY_LIMIT: usize = 512;

/// All of `delivery` but its key and value.
pub(super) fn headers(delivery: &Delivery) -> OwnedHeaders {
    let id = delivery.id.to_string();
    let time = delivery.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let trace = delivery.traceparent.as_ref().map(TraceParent::as_str);
    let headers = [
        ("ce_specversion", Some("1.0")),
        ("ce_id", Some(id.as_str())),
        ("ce_type", Some(delivery.event_type.as_str())),
        ("ce_source", Some(SOURCE)),
        ("ce_time", Some(time.as_str())),
        ("content-type", Some("application/json")),
        ("traceparent", trace),
    ];
    let all = OwnedHeaders::new_with_capacity(headers.len());
    let present = headers.into_iter().filter(|(_, value)| value.is_some());
    present.fold(all, |all, (key, value)| all.insert(Header { key, value }))
}

/// Whether the values of a topic are sealed wherever they are stored.
#[derive(Clone, Copy)]
pub(super) enum Sealing<'a> {
    None,
    With(&'a Vault),
}

/// The event in `message`, which was read on `topic`, by its built-in name. A value that is no event is left to the
/// consumer, who makes it a dead letter.
pub(super) fn delivery(message: &BorrowedMessage<'_>, topic: &str, sealing: Sealing<'_>, now: Timestamp) -> Delivery {
    let id = id(message);
    let value = message.payload().unwrap_or_default();
    Delivery {
        id,
        event_type: text::storable(header(message, "ce_type").unwrap_or_default()),
        topic: topic.to_owned(),
        key: key(message.key(), id),
        payload: match sealing {
            Sealing::None => Payload::Plain(value.to_vec()),
            Sealing::With(vault) => Payload::seal(vault, value),
        },
        traceparent: header(message, "traceparent").and_then(TraceParent::parse),
        recorded_at: recorded_at(message).unwrap_or(now),
    }
}

/// The event's own id. One that is no UUID, or comes from elsewhere, is derived from all that makes it unique; so is that
/// of a record without one, from its place. A topic that was deleted and made anew gives places a second time, but at
/// another time.
fn id(message: &BorrowedMessage<'_>) -> Uuid {
    let derived = |parts: String| Uuid::new_v5(&NAMESPACE, parts.as_bytes());
    match header(message, "ce_id") {
        Some(id) => id
            .parse()
            .unwrap_or_else(|_| derived(format!("{}\n{id}", header(message, "ce_source").unwrap_or_default()))),
        None => {
            let time = message.timestamp().to_millis().unwrap_or_default();
            derived(format!("{}/{}/{}/{time}", message.topic(), message.partition(), message.offset()))
        }
    }
}

/// The key whose order an event belongs to. Without one no order was asked for, so the event stands for itself and holds
/// up no other.
fn key(key: Option<&[u8]>, id: Uuid) -> String {
    match key {
        None => id.to_string(),
        Some(key) if key.len() > KEY_LIMIT => Uuid::new_v5(&NAMESPACE, key).to_string(),
        Some(key) => text::without_null(&String::from_utf8_lossy(key)),
    }
}

/// When the event was recorded, by whoever wrote the record, or else when it was sent.
pub(super) fn recorded_at(message: &BorrowedMessage<'_>) -> Option<Timestamp> {
    let recorded = header(message, "ce_time").and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    recorded.map(|time| time.to_utc()).or_else(|| DateTime::from_timestamp_millis(message.timestamp().to_millis()?))
}

fn header<'a>(message: &'a BorrowedMessage<'_>, name: &str) -> Option<&'a str> {
    let value = message.headers()?.iter().find(|header| header.key == name)?.value?;
    std::str::from_utf8(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_as_it_is_unless_no_database_takes_it() {
        let id = Uuid::from_u128(7);

        assert_eq!(key(Some(b"ay\xc5\x9fe@example.com"), id), "ayşe@example.com");
        assert_eq!(key(Some(b""), id), "");
        assert_eq!(key(Some(b"a\0b\xff"), id), "a\u{fffd}b\u{fffd}");
        assert_eq!(key(Some(&[b'a'; 513]), id).len(), 36);
        assert_ne!(key(Some(&[b'a'; 513]), id), key(Some(&[b'a'; 514]), id));
    }

    #[test]
    fn a_record_without_a_key_stands_for_itself() {
        assert_eq!(key(None, Uuid::from_u128(7)), Uuid::from_u128(7).to_string());
    }
}
