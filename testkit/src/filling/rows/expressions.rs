//! Expressions of which rows are made: of their number `n`, and of how full a database is.

use super::super::Filling;

pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const HOUR: i64 = 60 * 60 * 1_000;

/// How old the rows of a table are, in days: the first one is the oldest, and they come evenly.
#[derive(Clone, Copy)]
pub(super) struct Ages {
    pub(super) oldest: i64,
    pub(super) newest: i64,
}

/// When row `n` of `count` was made, in milliseconds.
pub(super) fn made(filling: &Filling, ages: Ages, count: u64) -> String {
    let oldest = filling.now.timestamp_millis() - ages.oldest * DAY;
    let step = (ages.oldest - ages.newest) * DAY / (count.max(1).cast_signed() + 1);
    format!("({oldest} + n * {step})")
}

/// The account of row `n`: each has as many rows, far from one another.
pub(super) fn owner(filling: &Filling) -> String {
    let accounts = filling.accounts;
    format!("(((n - 1) * 7919 + (n - 1) / {accounts}) % {accounts} + 1)")
}

pub(super) fn account_id(filling: &Filling, number: &str) -> String {
    let first = filling.now.timestamp_millis() - 1_000 * DAY;
    filling.dialect.id(&format!("{first} + {number} * 60"), number)
}

pub(super) fn owner_id(filling: &Filling) -> String {
    account_id(filling, &owner(filling))
}

pub(super) fn address(number: &str) -> String {
    format!("'u' || {number} || '@example.org'")
}

pub(super) fn word(word: &str) -> String {
    format!("'{word}'")
}
