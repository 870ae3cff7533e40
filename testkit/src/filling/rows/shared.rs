//! Rows of what services share.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, HOUR, account_id, address, made, owner, owner_id, word};

pub(super) fn requests(filling: &Filling, count: u64) -> Rows {
    let dialect = filling.dialect;
    let columns = vec![
        ("scope", word("notification request")),
        ("caller", owner_id(filling)),
        ("key", word("k:key ") + " || n"),
        ("fingerprint", dialect.bytes(32)),
        ("status", "200".to_owned()),
        ("language", word("tr")),
        ("body", word("{}")),
        ("begun_at", dialect.time(&(filling.now.timestamp_millis() - HOUR).to_string())),
    ];
    Rows { table: "idempotency_key", count, columns }
}

pub(super) fn daily_writes(filling: &Filling, count: u64) -> Rows {
    let columns = vec![
        ("scope", word("address")),
        ("writer", account_id(filling, "n")),
        ("day", "0".to_owned()),
        ("count", "7".to_owned()),
    ];
    Rows { table: "daily_write", count, columns }
}

pub(super) fn inbox(filling: &Filling, ages: Ages, count: u64) -> Rows {
    let (dialect, made) = (filling.dialect, made(filling, ages, count));
    let columns = vec![
        ("consumer", word("notification")),
        ("event_id", dialect.id(&made, "n")),
        ("set_aside", "FALSE".to_owned()),
        ("entered_at", dialect.time(&made)),
        ("recorded_at", dialect.time(&made)),
    ];
    Rows { table: "bus_inbox", count, columns }
}

/// Closed ones, and who closed them. They must be the first in the table.
pub(super) fn dead_letters(filling: &Filling, count: u64) -> [Rows; 2] {
    let (dialect, made) = (filling.dialect, made(filling, Ages { oldest: 80, newest: 1 }, count));
    let letters = vec![
        ("consumer", word("notification")),
        ("cause", word("exhausted")),
        ("reason", word("the mail server said no")),
        ("attempts", "12".to_owned()),
        ("state", word("discarded")),
        ("created_at", dialect.time(&made)),
        ("event_id", dialect.id(&made, "n")),
        ("type", word("email_event")),
        ("topic", word("email_event")),
        ("key", address(&owner(filling))),
        ("payload", dialect.bytes(200)),
        ("sealed", "FALSE".to_owned()),
        ("recorded_at", dialect.time(&made)),
    ];
    let actions = vec![
        ("dead_letter_id", "n".to_owned()),
        ("action", word("discard")),
        ("actor", word("yonetici@example.com")),
        ("acted_at", dialect.time(&format!("{made} + {HOUR}"))),
    ];
    [
        Rows { table: "bus_dead_letter", count, columns: letters },
        Rows { table: "bus_dead_letter_action", count, columns: actions },
    ]
}
