//! Rows of address.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, account_id, made, owner_id, word};

/// One for each account.
pub(super) fn of_accounts(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let home = [
        ("id", id()),
        ("entity_type", word("USER")),
        ("entity_id", owner_id(filling)),
        ("created_by", owner_id(filling)),
        ("created_as", word("user")),
        ("title", word("Ev")),
        ("address", word("Moda Caddesi 12")),
        ("city", word("İstanbul")),
        ("district", word("Kadıköy")),
        ("full_address", word("Caferağa Mah. Moda Caddesi 12, Kadıköy")),
        ("zip_code", word("34710")),
        ("latitude", "40.9819".to_owned()),
        ("longitude", "29.0256".to_owned()),
        ("is_default", "FALSE".to_owned()),
        ("version", "1".to_owned()),
        ("created_at", at.clone()),
        ("updated_at", at),
    ];
    let copied = [("id", id()), ("is_default", "FALSE".to_owned())];
    vec![Rows::of("address_address", count, &home), Rows::of("address_first_platform", count, &copied)]
}
