//! Rows of notification.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, DAY, HOUR, address, made, owner, word};

/// One for each tenth account.
pub(super) fn suppressions(filling: &Filling) -> Rows {
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, filling.accounts));
    let columns = [("recipient", address("n")), ("unsubscribed_at", at)];
    Rows::of("notification_suppression", filling.accounts / 10, &columns)
}

/// One for each other account.
pub(super) fn consents(filling: &Filling) -> Rows {
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, filling.accounts));
    let columns = [("recipient", address("n")), ("is_granted", "(n % 5 > 0)".to_owned()), ("said_at", at)];
    Rows::of("notification_consent", filling.accounts / 2, &columns)
}

/// One for each campaign of a hundred readers.
pub(super) fn campaign_tallies(filling: &Filling) -> Rows {
    let made = made(filling, Ages { oldest: 360, newest: 1 }, filling.accounts);
    let columns = [
        ("campaign_id", filling.dialect.id(&made, "n")),
        ("version", "3".to_owned()),
        ("sent", "90".to_owned()),
        ("suppressed", "10".to_owned()),
        ("counted_at", filling.dialect.time(&made)),
    ];
    Rows::of("notification_campaign_tally", filling.accounts / 100, &columns)
}

/// One for each campaign of a thousand readers.
pub(super) fn campaign_states(filling: &Filling) -> Rows {
    let made = made(filling, Ages { oldest: 20, newest: 1 }, filling.accounts);
    let columns = [
        ("campaign_id", filling.dialect.id(&made, "n")),
        ("version", "1".to_owned()),
        ("state", word("cancelled")),
        ("ends_at", filling.dialect.time(&made)),
    ];
    Rows::of("notification_campaign_state", filling.accounts / 1_000, &columns)
}

/// One of thirty of the last day waits for another try.
pub(super) fn mails(filling: &Filling, ages: Ages, count: u64) -> Rows {
    let (dialect, made) = (filling.dialect, made(filling, ages, count));
    let yesterday = filling.now.timestamp_millis() - DAY;
    let by_state = |waits: &str, ended: &str| {
        format!("CASE WHEN n % 30 = 0 AND {made} > {yesterday} THEN {waits} ELSE {ended} END")
    };
    let next = dialect.time(&(filling.now.timestamp_millis() + HOUR).to_string());
    let columns = vec![
        ("id", dialect.id(&made, "n")),
        ("event_id", dialect.id(&made, "n")),
        ("kind", word("password_reset")),
        ("is_commercial", "FALSE".to_owned()),
        ("recipient", address(&owner(filling))),
        ("domain", word("example.org")),
        ("locale", word("tr")),
        ("subject", word("Parolanızı sıfırlayın")),
        ("message_id", word("<0190c2a5-0000-7000-8000-") + " || n || '@example.com>'"),
        ("recorded_at", dialect.time(&made)),
        ("state", by_state("'pending'", "'sent'")),
        ("attempts", "1".to_owned()),
        ("ambiguities", "0".to_owned()),
        ("next_at", by_state(&next, "NULL")),
        ("last_reply", word("250 2.0.0 Ok: queued")),
        ("finished_at", by_state("NULL", &dialect.time(&format!("{made} + 1000")))),
    ];
    Rows { table: "notification_mail", count, columns }
}

pub(super) fn mailbox_messages(filling: &Filling, ages: Ages, count: u64) -> Rows {
    let (dialect, made) = (filling.dialect, made(filling, ages, count));
    let columns = vec![
        ("id", dialect.id(&made, "n")),
        ("kind", word("password_reset")),
        ("recipient", address(&owner(filling))),
        ("locale", word("tr")),
        ("message_id", word("<0190c2a5-0000-7000-8000-") + " || n || '@example.com>'"),
        ("sealed_content", dialect.bytes(200)),
        ("received_at", dialect.time(&made)),
    ];
    Rows { table: "notification_mailbox_message", count, columns }
}
