//! Which rows, table by table.

use super::{Dialect, Filling, Trimmed};

const DAY: i64 = 24 * HOUR;
const HOUR: i64 = 60 * 60 * 1_000;

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

/// How old the rows of a table are, in days: the first one is the oldest, and they come evenly.
#[derive(Clone, Copy)]
struct Ages {
    oldest: i64,
    newest: i64,
}

pub(super) fn all(filling: &Filling) -> Vec<Rows> {
    let (one, some, many) = (filling.accounts, filling.accounts / 10, filling.accounts * 10);
    let kept = |days: i64| Ages { oldest: days - 1, newest: 0 };
    let mut all = of_accounts(filling);
    all.extend(restaurants(filling));
    all.extend([
        sessions(filling, Ages { oldest: SESSIONS - 10, newest: 1 }, many, owner_id(filling)),
        events(filling, kept(EVENTS), many),
        mails(filling, kept(MAILS), many),
        mailbox_messages(filling, kept(MAILS), some),
        requests(filling, some),
        inbox(filling, kept(INBOX), 2 * one),
    ]);
    all.extend(dead_letters(filling, some));
    all
}

pub(super) fn expired(filling: &Filling, count: u64) -> Vec<Rows> {
    let late = |days: i64| Ages { oldest: days + 2, newest: days + 1 };
    vec![
        sessions(filling, late(SESSIONS), count, ANYBODY.to_owned()),
        events(filling, late(EVENTS), count),
        events_of_nobody(filling, late(EVENTS_OF_NOBODY), count),
        mails(filling, late(MAILS), count),
        inbox(filling, late(INBOX), count),
    ]
}

pub(super) fn ended(filling: &Filling, count: u64) -> Rows {
    let mut rows = sessions(filling, Ages { oldest: 1, newest: 0 }, count, ANYBODY.to_owned());
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

/// When row `n` of `count` was made, in milliseconds.
fn made(filling: &Filling, ages: Ages, count: u64) -> String {
    let oldest = filling.now.timestamp_millis() - ages.oldest * DAY;
    let step = (ages.oldest - ages.newest) * DAY / (count.max(1).cast_signed() + 1);
    format!("({oldest} + n * {step})")
}

/// The account of row `n`: each has as many rows, far from one another.
fn owner(filling: &Filling) -> String {
    let accounts = filling.accounts;
    format!("(((n - 1) * 7919 + (n - 1) / {accounts}) % {accounts} + 1)")
}

fn account_id(filling: &Filling, number: &str) -> String {
    let first = filling.now.timestamp_millis() - 1_000 * DAY;
    filling.dialect.id(&format!("{first} + {number} * 60"), number)
}

fn owner_id(filling: &Filling) -> String {
    account_id(filling, &owner(filling))
}

fn address(number: &str) -> String {
    format!("'u' || {number} || '@example.org'")
}

fn word(word: &str) -> String {
    format!("'{word}'")
}

/// One for each account, each where nobody else is.
fn restaurants(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let number = |number: i64| number.to_string();
    let restaurant = [
        ("id", id()),
        ("owner_id", owner_id(filling)),
        ("name", word("Çıpa Kebap ") + " || n"),
        ("description", word("Adana kebap, lahmacun, şalgam")),
        ("status", word("active")),
        ("address_id", id()),
        ("time_zone", word("Europe/Istanbul")),
        ("opening_hours", word(r#"{"monday":"11:00-14:00, 18:00-02:00"}"#)),
        ("special_days", word("[]")),
        ("closures", word("[]")),
        ("last_order_min", number(30)),
        ("prep_time", number(25)),
        ("rating_avg", "n % 500".to_owned()),
        ("rating_count", number(7)),
        ("delivery_fee_kurus", number(990)),
        ("min_order_kurus", number(7500)),
        ("version", number(1)),
        ("search_version", number(1)),
        ("touched_at", at.clone()),
        ("created_at", at.clone()),
        ("updated_at", at),
    ];
    let details = r#"{"title":"Çıpa","address":"Sahil Yolu 1","city":"İstanbul","district":"Kadıköy","full_address":"Sahil Yolu 1, Kadıköy","zip_code":"34710","apartment":null,"floor":null,"door_number":null,"latitude":40.9819,"longitude":29.0256,"is_default":false}"#;
    let address = [
        ("id", id()),
        ("version", number(1)),
        ("created_by", owner_id(filling)),
        ("created_as", word("manager")),
        ("details", word(details)),
    ];
    let cuisine = [
        ("restaurant_id", id()),
        ("cuisine_key", word("cuisine ") + " || n % 50"),
        ("name", word("Cuisine ") + " || n % 50"),
        ("position", number(0)),
    ];
    let year_ago = filling.now.timestamp_millis() - 365 * DAY;
    let began = filling.dialect.time(&year_ago.to_string());
    let campaign = [
        ("id", id()),
        ("restaurant_id", id()),
        ("title", word("Hafta sonu indirimi")),
        ("description", word("Cumartesi ve pazar bütün kebaplarda yüzde on indirim")),
        ("start_date", began.clone()),
        ("end_date", filling.dialect.time(&format!("{year_ago} + n % 300 * {DAY}"))),
        ("code", word("CIPA") + " || n"),
        ("kind", word("percent")),
        ("value", number(1000)),
        ("min_basket_kurus", number(7500)),
        ("version", number(1)),
        ("created_at", began.clone()),
        ("updated_at", began),
    ];
    let rows = |table, columns: &[(&'static str, String)]| Rows { table, count, columns: columns.to_vec() };
    let mut all = vec![
        rows("restaurant_campaign", &campaign),
        rows("restaurant_restaurant", &restaurant),
        rows("restaurant_address", &address),
        rows("restaurant_cuisine", &cuisine),
    ];
    all.extend(menus(filling));
    all
}

/// A meal of each restaurant with one of everything.
fn menus(filling: &Filling) -> Vec<Rows> {
    let count = filling.accounts;
    let id = || account_id(filling, "n");
    let at = filling.dialect.time(&made(filling, Ages { oldest: 360, newest: 1 }, count));
    let number = |number: i64| number.to_string();
    let named = |columns: &[(&'static str, String)]| {
        let named = [("id", id()), ("restaurant_id", id()), ("name", word("Adana Kebap ") + " || n")];
        [named.as_slice(), columns].concat()
    };
    let of_meal =
        |other: &'static str| vec![("meal_id", id()), (other, id()), ("restaurant_id", id()), ("position", number(0))];
    let meal = [
        ("category_id", id()),
        ("mealtime_id", id()),
        ("description", word("Acılı, közde, lavaş ve sumaklı soğanla")),
        ("cuisine", word("Kebap")),
        ("price_kurus", number(24_050)),
        ("image_url", word("https://example.com/adana.png")),
        ("is_available", "TRUE".to_owned()),
        ("allergens", number(65)),
        ("contains_alcohol", "FALSE".to_owned()),
        ("contains_pork", "FALSE".to_owned()),
        ("position", number(0)),
        ("created_at", at.clone()),
        ("updated_at", at),
    ];
    let group = [("min_choices", number(1)), ("max_choices", number(1)), ("position", number(0))];
    let option = [
        ("group_id", id()),
        ("price_kurus", number(0)),
        ("max_quantity", number(1)),
        ("is_available", "TRUE".to_owned()),
        ("position", number(0)),
    ];
    let hours = word(r#"{"monday":"18:00-02:00"}"#);
    let rows = |table, columns: Vec<(&'static str, String)>| Rows { table, count, columns };
    vec![
        rows("restaurant_category", named(&[("position", number(0))])),
        rows("restaurant_mealtime", named(&[("hours", hours)])),
        rows("restaurant_meal", named(&meal)),
        rows("restaurant_meal_complement", of_meal("other_id")),
        rows("restaurant_option_group", named(&group)),
        rows("restaurant_meal_group", of_meal("group_id")),
        rows("restaurant_option", named(&option)),
    ]
}

/// One for each account.
fn of_accounts(filling: &Filling) -> Vec<Rows> {
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
    let used = [
        ("digest", word("digest-of-a-token-as-long-as-they-are-") + " || n"),
        ("user_id", id()),
        ("used_at", at.clone()),
    ];
    let known = [("id", id()), ("email", address("n")), ("locale", word("tr")), ("created_at", at.clone())];
    let profile = [
        ("user_id", id()),
        ("full_name", word("Ayşe Yılmaz")),
        ("born_date", word("1990-05-17")),
        ("gender", word("female")),
        ("phone", word("+905321234567")),
        ("created_at", at.clone()),
        ("updated_at", at.clone()),
    ];
    let preferences = [("user_id", id()), ("locale", word("tr"))];
    let favorite =
        [("user_id", owner_id(filling)), ("kind", word("cuisine")), ("name", word("cuisine ") + " || n % 50")];
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
        ("updated_at", at.clone()),
    ];
    let copied = [("id", id()), ("is_default", "FALSE".to_owned())];
    let suppression = [("recipient", address("n")), ("unsubscribed_at", at)];
    let rows = |table, count, columns: &[(&'static str, String)]| Rows { table, count, columns: columns.to_vec() };
    vec![
        rows("auth_account", count, &account),
        rows("auth_used_token", count, &used),
        rows("user_account", count, &known),
        rows("user_profile", count, &profile),
        rows("user_preferences", count, &preferences),
        rows("user_favorite", count, &favorite),
        rows("notification_suppression", count / 10, &suppression),
        rows("address_address", count, &home),
        rows("address_first_platform", count, &copied),
    ]
}

/// Seven of ten were signed out of half a day after they began.
fn sessions(filling: &Filling, ages: Ages, count: u64, owner: String) -> Rows {
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
fn events(filling: &Filling, ages: Ages, count: u64) -> Rows {
    let last_week = filling.now.timestamp_millis() - 6 * DAY;
    let made = made(filling, ages, count);
    let owner = format!("CASE WHEN n % 3 > 0 OR {made} < {last_week} THEN {} END", owner_id(filling));
    events_of(filling, &made, owner, count)
}

fn events_of_nobody(filling: &Filling, ages: Ages, count: u64) -> Rows {
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

/// One of thirty of the last day waits for another try.
fn mails(filling: &Filling, ages: Ages, count: u64) -> Rows {
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

fn mailbox_messages(filling: &Filling, ages: Ages, count: u64) -> Rows {
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

fn requests(filling: &Filling, count: u64) -> Rows {
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

fn inbox(filling: &Filling, ages: Ages, count: u64) -> Rows {
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
fn dead_letters(filling: &Filling, count: u64) -> [Rows; 2] {
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
