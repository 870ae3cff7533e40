//! Which rows, service by service.

mod address;
mod auth;
mod cart;
mod expressions;
mod notification;
mod restaurant;
mod shared;
mod user;

use super::{Dialect, Filling, Trimmed};
use expressions::{Ages, DAY, owner_id};

/// Days for which rows are kept.
const SESSIONS: i64 = 580;
const EVENTS: i64 = 365;
const EVENTS_OF_NOBODY: i64 = 7;
const MAILS: i64 = 30;
const INBOX: i64 = 14;

/// Somebody who has an account, whatever the database was filled with.
const ANYBODY: &str = "(SELECT id FROM auth_account ORDER BY id LIMIT 1)";

/// Rows of one table, numbered from one.
pub(super) struct Rows {
    pub(super) table: &'static str,
    count: u64,
    /// Each with an expression of the number `n`.
    columns: Vec<(&'static str, String)>,
}

impl Rows {
    fn of(table: &'static str, count: u64, columns: &[(&'static str, String)]) -> Self {
        Self { table, count, columns: columns.to_vec() }
    }

    pub(super) fn statements(&self, dialect: Dialect, chunk: u64) -> Vec<String> {
        let firsts = (0..).map(|turn| 1 + turn * chunk).take_while(|first| *first <= self.count);
        let names = self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let values = self.columns.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ");
        let statement = |first: u64| {
            let numbers = dialect.numbers(first, self.count.min(first + chunk - 1));
            dialect.unchecked(&format!("INSERT INTO {} ({names}) SELECT {values} FROM {numbers}", self.table))
        };
        firsts.map(statement).collect()
    }
}

pub(super) fn all(filling: &Filling) -> Vec<Rows> {
    let (one, some, many) = (filling.accounts, filling.accounts / 10, filling.accounts * 10);
    let kept = |days: i64| Ages { oldest: days - 1, newest: 0 };
    let mut all = auth::of_accounts(filling);
    all.extend(user::of_accounts(filling));
    all.extend(address::of_accounts(filling));
    all.extend(restaurant::restaurants(filling));
    all.extend(cart::carts(filling));
    all.extend([
        auth::sessions(filling, Ages { oldest: SESSIONS - 10, newest: 1 }, many, owner_id(filling)),
        auth::events(filling, kept(EVENTS), many),
        notification::suppressions(filling),
        notification::consents(filling),
        notification::campaign_tallies(filling),
        notification::campaign_states(filling),
        notification::mails(filling, kept(MAILS), many),
        notification::mailbox_messages(filling, kept(MAILS), some),
        shared::requests(filling, some),
        shared::daily_writes(filling, some),
        shared::inbox(filling, kept(INBOX), 2 * one),
    ]);
    all.extend(shared::dead_letters(filling, some));
    all
}

pub(super) fn expired(filling: &Filling, count: u64) -> Vec<Rows> {
    let late = |days: i64| Ages { oldest: days + 2, newest: days + 1 };
    vec![
        auth::sessions(filling, late(SESSIONS), count, ANYBODY.to_owned()),
        auth::events(filling, late(EVENTS), count),
        auth::events_of_nobody(filling, late(EVENTS_OF_NOBODY), count),
        notification::mails(filling, late(MAILS), count),
        shared::inbox(filling, late(INBOX), count),
    ]
}

pub(super) fn ended(filling: &Filling, count: u64) -> Rows {
    let mut rows = auth::sessions(filling, Ages { oldest: 1, newest: 0 }, count, ANYBODY.to_owned());
    let now = filling.dialect.time(&filling.now.timestamp_millis().to_string());
    for (name, value) in &mut rows.columns {
        match *name {
            "revoked_at" => value.clone_from(&now),
            "told_at" => "NULL".clone_into(value),
            _ => {}
        }
    }
    rows
}

/// Each table, and what is true of a row that is too old.
pub(super) fn too_old(filling: &Filling, of: Trimmed) -> Vec<(&'static str, String)> {
    let before = |days: i64| (filling.now.timestamp_millis() - days * DAY).to_string();
    let time = |column: &str, days: i64| format!("{column} < {}", filling.dialect.time(&before(days)));
    let id = |days: i64| format!("id < {}", filling.dialect.id(&before(days), "0"));
    let of_nobody = format!("user_id IS NULL AND network IS NOT NULL AND {}", id(EVENTS_OF_NOBODY));
    match of {
        Trimmed::Auth => vec![
            ("auth_session", id(SESSIONS)),
            ("auth_security_event", id(EVENTS)),
            ("auth_security_event", of_nobody),
        ],
        Trimmed::Bus => vec![("bus_inbox", time("entered_at", INBOX))],
        Trimmed::Notification => vec![("notification_mail", time("finished_at", MAILS))],
    }
}
