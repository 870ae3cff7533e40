//! Rows of user.

use super::super::Filling;
use super::Rows;
use super::expressions::{Ages, account_id, address, made, owner_id, word};

/// One for each account.
pub(super) fn of_accounts(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let known = [("id", id()), ("email", address("n")), ("locale", word("tr")), ("created_at", at.clone())];
    let profile = [
        ("user_id", id()),
        ("full_name", word("Ayşe Yılmaz")),
        ("born_date", word("1990-05-17")),
        ("gender", word("female")),
        ("phone", word("+905321234567")),
        ("created_at", at.clone()),
        ("updated_at", at),
    ];
    let preferences = [("user_id", id()), ("locale", word("tr"))];
    let favorite =
        [("user_id", owner_id(filling)), ("kind", word("cuisine")), ("name", word("cuisine ") + " || n % 50")];
    vec![
        Rows::of("user_account", count, &known),
        Rows::of("user_profile", count, &profile),
        Rows::of("user_preferences", count, &preferences),
        Rows::of("user_favorite", count, &favorite),
    ]
}
