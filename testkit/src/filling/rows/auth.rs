//! Rows of auth.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, DAY, HOUR, account_id, address, made, owner_id, word};

/// One for each account.
pub(super) fn of_accounts(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let hash = format!("'$argon2id$v=19$m=19456,t=2,p=1${}${}'", "c".repeat(22), "d".repeat(42) + "A");
    let account = [
        ("id", id()),
        ("email", address("n")),
        ("password_hash", hash),
        ("role", word("user")),
        ("locale", word("tr")),
        ("is_demo", "FALSE".to_owned()),
        ("created_at", at.clone()),
    ];
    let used =
        [("digest", word("digest-of-a-token-as-long-as-they-are-") + " || n"), ("user_id", id()), ("used_at", at)];
    vec![Rows::of("auth_account", count, &account), Rows::of("auth_used_token", count, &used)]
}

/// Seven of ten were signed out of half a day after they began.
pub(super) fn sessions(filling: &Filling, ages: Ages, count: u64, owner: String) -> Rows {
    let (dialect, made) = (filling.dialect, made(filling, ages, count));
    let at = |later: i64| dialect.time(&format!("{made} + {later}"));
    let ended = format!("CASE WHEN n % 10 < 7 THEN {} END", at(12 * HOUR));
    let columns = vec![
        ("id", dialect.id(&made, "n")),
        ("user_id", owner),
        ("device_id", dialect.id(&made, "n")),
        ("user_agent", word("Firefox on Linux")),
        ("network", word("198.51.100.0/24")),
        ("generation", "5".to_owned()),
        ("created_at", at(0)),
        ("last_seen_at", at(11 * HOUR)),
        ("ends_at", at(180 * DAY)),
        ("revoked_at", ended.clone()),
        ("told_at", ended),
    ];
    Rows { table: "auth_session", count, columns }
}

/// In the last week a third concerned no account.
pub(super) fn events(filling: &Filling, ages: Ages, count: u64) -> Rows {
    let last_week = filling.now.timestamp_millis() - 6 * DAY;
    let made = made(filling, ages, count);
    let owner = format!("CASE WHEN n % 3 > 0 OR {made} < {last_week} THEN {} END", owner_id(filling));
    events_of(filling, &made, owner, count)
}

pub(super) fn events_of_nobody(filling: &Filling, ages: Ages, count: u64) -> Rows {
    events_of(filling, &made(filling, ages, count), "NULL".to_owned(), count)
}

fn events_of(filling: &Filling, made: &str, owner: String, count: u64) -> Rows {
    let dialect = filling.dialect;
    let columns = vec![
        ("id", dialect.id(made, "n")),
        ("user_id", owner),
        ("kind", word("login")),
        ("at", dialect.time(made)),
        ("network", word("198.51.100.0/24")),
        ("user_agent", word("Firefox on Linux")),
    ];
    Rows { table: "auth_security_event", count, columns }
}
