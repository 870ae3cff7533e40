//! What grows is listed in `docs/growth.md` and in the `growth.md` of each service, and nothing reads a whole table that grows, nor a whole index of one.
//!
//! Each table holds thousands of rows that concern nobody who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use clock::Sources;
use contracts::Secret;
use database::{Database, DatabaseUrl, Postgres, Vault};
use lezzetlimani::platform;
use lezzetlimani::services::{ServiceName, Services};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::filling::{Dialect, Filling};
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::sqlite::SqliteFile;

use crate::support::statements::Statements;
use crate::support::{Diner, Platform, Tokens, at_last};

/// What is read whole nevertheless, and why that is bearable.
const READ_WHOLE: [(&str, &str); 2] = [
    ("bus_outbox_0", "the relay reads what it has not published, and empties one half after the other"),
    ("bus_outbox_1", "the other half"),
];

/// What is read whole at the start, page by page along this, or once a minute.
const INDEXES_READ_WHOLE: [(&str, &str); 6] = [
    ("restaurant_restaurant_pkey", "every process builds an index of all restaurants when it starts"),
    ("restaurant_address_pkey", "with their addresses"),
    ("restaurant_cuisine_pkey", "and their cuisines"),
    ("restaurant_meal_of_restaurant", "and their meals"),
    ("restaurant_restaurant_versions", "and compares all versions once a minute"),
    ("restaurant_restaurant_touched", "and reads its newest row four times a second, however long the test takes"),
];

/// What SQLite walks through from one end nevertheless, and why that is bearable.
const WALKED: [(&str, &str); 9] = [
    ("USING INDEX address_address_unrecorded:", "it holds what was imported and has no event yet"),
    ("USING INDEX auth_account_demo:", "it holds the accounts of a demo alone"),
    ("USING INDEX auth_account_imported:", "one row is wanted, and each of the index will do"),
    ("sqlite_autoindex_auth_untold_account_1:", "a batch is wanted, and each row will do"),
    ("USING COVERING INDEX restaurant_restaurant_touched:", "the newest change is wanted, or the last 2 000"),
    ("USING INDEX restaurant_restaurant_unrecorded:", "it holds what was imported and has no event yet"),
    ("USING INDEX notification_mail_in_doubt:", "it holds what is in doubt alone"),
    ("ORDER BY o.seq LIMIT 10000)", "nobody counts further"),
    ("FROM bus_outbox ORDER BY seq LIMIT $2)", "a batch is read"),
];

/// So many accounts, and more rows in tables that grow faster.
const ACCOUNTS: u64 = 2_000;
/// Rows that one statement adds.
const CHUNK: u64 = 1_000_000;
/// More rows of one index were read by somebody who read all of it.
const MOST_READ: u64 = ACCOUNTS / 10;

/// The names in the first column under this heading, and whether each is called short.
fn listed(heading: &str) -> BTreeMap<String, bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let of_services = ServiceName::all().iter().map(|service| format!("services/{}/growth.md", service.as_str()));
    let mut known = BTreeMap::new();
    for file in of_services.chain(["docs/growth.md".to_owned()]) {
        let list = std::fs::read_to_string(root.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let sections = list.split("\n## ").filter(|section| section.starts_with(heading));
        let rows = sections.flat_map(str::lines).filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        known.extend(rows.map(|(name, rest)| (name.to_owned(), rest.contains("short:"))));
    }
    known
}

/// A filled database with all tables, in which reading a whole table is what the planner does only when nothing else is left. Its
/// counters begin with what the test does.
async fn filled() -> Option<TestDatabase> {
    let database = fresh_database("filled", async |template| {
        let url = DatabaseUrl::Postgres(Postgres::local(template.port(), "postgres", template.name()));
        let database = Database::connect(&url, Sources::system(), Vault::new(&[7; 32])).await.unwrap();
        platform::migrate(&database, &Services::all()).await.unwrap();
        database.close().await.unwrap();
        let filling = Filling { dialect: Dialect::Postgres, accounts: ACCOUNTS, now: Sources::system().now() };
        for statement in filling.statements(CHUNK) {
            template.execute(&statement).await;
        }
        template.execute("ANALYZE").await;
    });
    let database = database.await?;
    database.execute(&format!("ALTER DATABASE {} SET enable_seqscan = off", database.name())).await;
    Some(database)
}

/// Of a restaurant and a meal that nobody knows.
const ID: &str = "018f5a3e-2222-4000-8000-000000000001";

/// What years of sign-ins leave of one account: sessions that ended. No reference is checked, for the check would be counted.
const LONG_HISTORY: &str = "SET session_replication_role = replica;
    INSERT INTO auth_session (id, user_id, device_id, network, generation, created_at, last_seen_at, ends_at, revoked_at, told_at)
    SELECT ('01800000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, account.id, gen_random_uuid(), '203.0.113.0/24', 1,
        then_at, then_at, then_at, then_at, then_at
    FROM auth_account AS account, generate_series(1, 2000) AS n, (SELECT now() - interval '1 year' AS then_at) AS year
    WHERE email = 'ayse@example.com'";

/// A start, readiness, the first round of each task, and what diners and operators ask for; `grow` gives Ayşe a long history.
async fn live(platform: &Platform, grow: impl AsyncFnOnce()) {
    let (ayse, tokens) = Diner::signed_up(platform, "ayse@example.com").await;
    grow().await;
    let laptop = ayse.elsewhere("198.51.100.20").login().await.tokens();
    let laptop = ayse.refresh(&laptop).await.tokens();
    ayse.with_password("something else").login().await;
    ayse.post("/auth/forgot-password", json!({ "email": ayse.email })).await;
    platform.mail(&ayse.email, "password_reset", 1).await;
    let profile =
        json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    ayse.post_as(&tokens, "/users/register/complete", profile).await;
    let password = Secret::new(ayse.password.clone());
    auth::admin::create(platform.database(), "yonetici@example.com".parse().unwrap(), password).await.unwrap();
    let admin = Diner::new(platform, "yonetici@example.com");
    let key = admin.login().await.tokens();
    for path in ["/auth/me", "/auth/sessions", "/auth/events", "/users/me", "/users/preferences", "/favorites"] {
        ayse.get_as(&laptop, path).await;
    }
    let home = json!({
        "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Moda Caddesi 12, Kadıköy", "zip_code": "34710", "is_default": true,
    });
    let address = ayse.post_as(&laptop, "/addresses", home).await.json();
    let address = format!("/addresses/{}", address["id"].as_str().unwrap());
    for path in [address.as_str(), "/addresses"] {
        ayse.get_as(&laptop, path).await;
    }
    for method in [Method::PUT, Method::DELETE] {
        ayse.send(method, &address, Some(&laptop.access), Some(json!({ "is_default": false }))).await;
    }
    let wanted = json!({ "restaurant_id": ID, "meal_id": ID, "quantity": 2 });
    let cart = ayse.post("/carts/anonymous/add", wanted).await.json();
    ayse.get_as(&laptop, &format!("/carts/anonymous/{}", cart["cart_id"].as_str().unwrap())).await;
    // Nothing is left for the second; what was undone twice is there for the last.
    for turn in 0..3 {
        let merge = json!({ "anonymous_cart_id": cart["cart_id"] });
        let merged = ayse.post_as(&laptop, "/carts/anonymous/merge", merge).await;
        assert_eq!((merged.status.as_u16(), &merged.json()["merged_items_count"]), (200, &json!(1)), "{}", merged.text);
        if turn == 1 {
            let undo = format!("/carts/merges/{}/undo", merged.json()["merge_id"].as_str().unwrap());
            for _ in 0..2 {
                let undone = ayse.post_as(&laptop, &undo, json!({})).await;
                assert_eq!(undone.status.as_u16(), 200, "{}", undone.text);
            }
        }
    }
    for path in ["/admin/dead-letters", "/admin/topics", "/health/ready", "/metrics", "/notification/health"] {
        admin.get_as(&key, path).await;
    }
    manage(platform, &admin, &key).await;
    let change = json!({ "current_password": ayse.password, "new_password": "yeni ve uzun bir parola" });
    ayse.post_as(&laptop, "/auth/change-password", change).await;
    platform.mail(&ayse.email, "password_changed", 1).await;
    auth::admin::lock(platform.database(), &ayse.email.parse().unwrap()).await.unwrap();
    auth::admin::unlock(platform.database(), &ayse.email.parse().unwrap()).await.unwrap();
    let session = platform.claims(&key.access)["sid"].as_str().unwrap().to_owned();
    admin.send(Method::DELETE, &format!("/auth/sessions/{session}"), Some(&key.access), None).await;
    platform.idle().await;
}

/// What a manager asks for, and what everybody asks for of a restaurant.
async fn manage(platform: &Platform, admin: &Diner, key: &Tokens) {
    let place = json!({
        "title": "Çıpa", "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710",
    });
    let address = admin.post_as(key, "/addresses?entity_type=RESTAURANT", place).await.json();
    let restaurant = json!({ "name": "Çıpa Kebap", "address_id": address["id"], "cuisines": ["Kebap"] });
    let created = admin.post_as(key, "/restaurants", restaurant).await.json();
    platform.idle().await;
    let path = format!("/restaurants/{}", created["id"].as_str().unwrap());
    let hours = format!("{path}/hours");
    let search = "/restaurants/search?query=cipa+kebap&city=istanbul&open_now=true&lat=41&lon=29&sort_by=distance";
    for path in [path.as_str(), &hours, "/restaurants", "/restaurants/mine", "/restaurants/search", search] {
        let answer = admin.get_as(key, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
    let pause = format!("{path}/pause");
    let until = platform.now() + Duration::from_secs(60 * 60);
    for (path, body) in [
        (&path, json!({ "name": "Demir Kebap", "cuisines": ["Kebap", "Izgara"] })),
        (&hours, json!({ "last_order_min": 15 })),
        (&pause, json!({ "until": until })),
    ] {
        // The second one changes nothing.
        for _ in 0..2 {
            let answer = admin.send(Method::PUT, path, Some(&key.access), Some(body.clone())).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
    cook(platform, admin, key, created["id"].as_str().unwrap()).await;
    platform.idle().await;
    let cart = admin.get_as(key, "/carts/current").await.json();
    assert_eq!(cart["items"][0]["reason"], "REMOVED", "{cart}");
    for restaurant in [created["id"].clone(), Value::Null] {
        promise(platform, admin, key, restaurant).await;
    }
    admin.send(Method::DELETE, &path, Some(&key.access), None).await;
}

/// What somebody does with a cart that is to have this item.
async fn fill_cart(platform: &Platform, diner: &Diner, key: &Tokens, item: Value) {
    platform.idle().await;
    let meal = item["meal_id"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        (Method::POST, "/carts/add".to_owned(), Some(item.clone())),
        (Method::GET, "/carts/get".to_owned(), None),
        (Method::GET, "/carts/current".to_owned(), None),
        (Method::PATCH, format!("/carts/update/{meal}"), Some(json!({ "quantity": 3 }))),
        (Method::DELETE, format!("/carts/remove/{meal}"), None),
        (Method::POST, "/carts/add".to_owned(), Some(item.clone())),
        (Method::DELETE, "/carts/clear".to_owned(), None),
        (Method::POST, "/carts/add".to_owned(), Some(item)),
    ] {
        let answer = diner.send(method, &path, Some(&key.access), body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

/// What the restaurant writes on its menu, and what everybody reads there.
async fn cook(platform: &Platform, admin: &Diner, key: &Tokens, restaurant: &str) {
    let path = format!("/restaurants/{restaurant}");
    let mut parts = Vec::new();
    for (part, body) in [
        ("categories", json!({ "name": "Kebaplar" })),
        ("mealtimes", json!({ "name": "Akşam", "hours": { "monday": "18:00-02:00" } })),
        ("groups", json!({ "name": "Acı", "options": [{ "name": "Acılı" }] })),
    ] {
        let created = admin.post_as(key, &format!("{path}/{part}"), body).await.json();
        parts.push((format!("{path}/{part}/{}", created["id"].as_str().unwrap()), created));
    }
    let option = parts[2].1["options"][0]["id"].as_str().unwrap().to_owned();
    let drink = json!({ "restaurant_id": restaurant, "name": "Ayran", "price": 35.5 });
    let drink = admin.post_as(key, "/meals", drink).await.json();
    let meal = json!({
        "restaurant_id": restaurant, "name": "Adana Kebap", "price": 240, "complementary_ids": [drink["id"]],
        "category_id": parts[0].1["id"], "mealtime_id": parts[1].1["id"], "group_ids": [parts[2].1["id"]],
    });
    let meal = admin.post_as(key, "/meals", meal).await.json();
    let meal = format!("/meals/{}", meal["id"].as_str().unwrap());
    for path in
        [&meal, &format!("{meal}/complementary"), &format!("/meals/restaurant/{restaurant}"), &format!("{path}/menu")]
    {
        let answer = admin.get_as(key, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
    fill_cart(platform, admin, key, json!({ "restaurant_id": restaurant, "meal_id": drink["id"], "quantity": 2 }))
        .await;
    let off = json!({ "is_available": false, "until": "end_of_day" });
    for (method, path, body) in [
        (Method::PUT, meal.clone(), Some(json!({ "name": "Urfa Kebap", "complementary_ids": [], "group_ids": [] }))),
        (
            Method::PUT,
            meal.clone(),
            Some(json!({ "complementary_ids": [drink["id"]], "group_ids": [parts[2].1["id"]] })),
        ),
        (Method::PUT, meal.clone(), Some(json!({ "complementary_ids": [drink["id"]] }))),
        (Method::PATCH, format!("{meal}/availability"), Some(off)),
        (Method::PATCH, format!("{path}/options/{option}/availability"), Some(json!({ "is_available": false }))),
        (Method::PUT, parts[0].0.clone(), Some(json!({ "name": "Izgaralar" }))),
        (Method::PUT, parts[1].0.clone(), Some(json!({ "name": "Gece" }))),
        (Method::PUT, parts[2].0.clone(), Some(json!({ "options": [] }))),
        (Method::DELETE, parts[0].0.clone(), None),
        (Method::DELETE, parts[2].0.clone(), None),
        (Method::PUT, meal.clone(), Some(json!({ "mealtime_id": null }))),
        (Method::DELETE, parts[1].0.clone(), None),
        (Method::DELETE, format!("/meals/{}", drink["id"].as_str().unwrap()), None),
    ] {
        let answer = admin.send(method, &path, Some(&key.access), body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

/// What an owner does with a campaign, or an admin with one of the platform.
async fn promise(platform: &Platform, admin: &Diner, key: &Tokens, restaurant: Value) {
    let (start, end) = (platform.now(), platform.now() + Duration::from_secs(24 * 60 * 60));
    let campaign = json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar", "start_date": start, "end_date": end,
        "restaurant_id": restaurant, "code": "LIMAN10", "kind": "percent", "value": 10,
    });
    let created = admin.post_as(key, "/campaigns", campaign).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let path = format!("/campaigns/{}", created.json()["id"].as_str().unwrap());
    for path in [path.as_str(), "/campaigns"] {
        assert_eq!(admin.get_as(key, path).await.status, 200, "{path}");
    }
    for method in [Method::PUT, Method::DELETE] {
        let answer = admin.send(method.clone(), &path, Some(&key.access), Some(json!({ "value": 15 }))).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
    }
}

/// Returns once all sessions of the server have ended and with that logged what they did.
async fn counted(database: &TestDatabase) {
    let others =
        "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    at_last("all sessions end", async || (database.texts(others).await == ["0"]).then_some(())).await;
}

#[tokio::test]
async fn nothing_that_the_platform_does_by_itself_or_is_asked_for_reads_a_whole_table_that_grows() {
    let Some(database) = filled().await else { return };
    let platform = Platform::on(database).await;
    live(&platform, async || platform.postgres().execute(LONG_HISTORY).await).await;
    platform.stop().await;
    let database = platform.postgres();
    counted(database).await;

    let scanned = database.texts("SELECT relname FROM pg_stat_user_tables WHERE seq_scan > 0").await;

    let tables = listed("Tables");
    let used = database.texts("SELECT relname FROM pg_stat_user_tables WHERE idx_scan + n_tup_ins > 0").await;
    assert!(used.len() > 10, "the counters count: {used:?}");
    let grows =
        |name: &&String| tables.get(name.as_str()) == Some(&false) && READ_WHOLE.iter().all(|(table, _)| table != name);
    let scanned: Vec<&String> = scanned.iter().filter(grows).collect();
    assert!(scanned.is_empty(), "whole tables were read: {scanned:?}");
    let walked = format!(
        "SELECT relname || ' by ' || indexrelname || ': ' || idx_tup_read FROM pg_stat_user_indexes WHERE idx_tup_read > {MOST_READ}"
    );
    let is_known = |walked: &String| {
        let (table, _) = walked.split_once(" by ").unwrap();
        !grows(&&table.to_owned())
            || INDEXES_READ_WHOLE.iter().any(|(index, _)| walked.contains(&format!(" by {index}: ")))
    };
    let walked: Vec<String> = database.texts(&walked).await.into_iter().filter(|walked| !is_known(walked)).collect();
    assert_eq!(walked, [""; 0], "whole indexes were read");
}

/// A platform on SQLite that starts on filled tables, and what it asks them from then on.
async fn filled_file() -> (Platform, Statements, SqliteFile) {
    let platform = Platform::start().await;
    let mut file = SqliteFile::open(&platform.data().join("lezzetlimani.db")).await.unwrap();
    let filling =
        Filling { dialect: Dialect::Sqlite, accounts: ACCOUNTS, now: "2026-01-01T12:00:00Z".parse().unwrap() };
    for statement in filling.statements(CHUNK) {
        file.execute(&statement).await.unwrap();
    }
    let statements = Statements::capture();
    (platform.restart().await, statements, file)
}

/// The table that is called `name` in `statement`, which may be another name for it there.
fn table_of<'a>(statement: &'a str, name: &'a str, tables: &BTreeMap<String, bool>) -> &'a str {
    let words: Vec<&str> =
        statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let named = |pair: &&[&str]| pair[1] == name && tables.contains_key(pair[0]);
    words.windows(2).find(named).map_or(name, |pair| pair[0])
}

/// What `statement` would walk through from one end.
async fn walks(file: &mut SqliteFile, statement: &str, tables: &BTreeMap<String, bool>) -> Vec<String> {
    let plan = file.plan(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    let grows = |line: &&String| {
        let scanned = line.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        scanned.is_some_and(|name| tables.get(table_of(statement, name, tables)) == Some(&false))
    };
    plan.iter().filter(grows).map(|line| format!("{line}: {statement}")).collect()
}

#[tokio::test]
async fn no_statement_walks_through_a_table_of_sqlite_that_grows() {
    let (platform, statements, mut file) = filled_file().await;
    live(&platform, async || ()).await;
    platform.stop().await;
    let statements = statements.seen();
    assert!(statements.len() > 50, "statements are seen: {statements:?}");

    let tables = listed("Tables");
    let mut walked = BTreeSet::new();
    // Nobody analyzes the tables of a laptop, and it must not get worse if somebody does.
    for analyzed in [Vec::new(), Filling::tables()] {
        for table in analyzed {
            file.execute(&format!("ANALYZE {table}")).await.unwrap();
        }
        for statement in &statements {
            walked.extend(walks(&mut file, statement, &tables).await);
        }
    }

    let is_known = |walk: &String| WALKED.iter().any(|(known, _)| walk.contains(known));
    let walked: Vec<&String> = walked.iter().filter(|walk| !is_known(walk)).collect();
    assert!(walked.is_empty(), "{walked:#?}");
}

#[tokio::test]
async fn every_table_and_key_is_listed() {
    let Some(database) = filled().await else { return };
    let platform = Platform::on(database).await;
    live(&platform, async || ()).await;

    let tables = platform.postgres().texts("SELECT relname FROM pg_stat_user_tables").await;
    let keys = platform.servers().redis().await.cli(&["KEYS", "*"]).unwrap();

    let known = listed("Tables");
    let unlisted: Vec<&String> =
        tables.iter().filter(|name| !known.contains_key(name.as_str()) && !name.ends_with("_migration")).collect();
    assert!(unlisted.is_empty(), "no growth.md, neither that of a service nor docs/growth.md, says of {unlisted:?}");
    // Only where no `SECRET_KEY` is set.
    let elsewhere = "database_root_key";
    let stands = |name: &str| name == elsewhere || tables.iter().any(|table| table == name);
    let gone: Vec<&String> = known.keys().filter(|name| !stands(name)).collect();
    assert!(gone.is_empty(), "listed, and there is no such table: {gone:?}");
    let prefixes: BTreeSet<&str> = keys.lines().map(|key| key.split_inclusive(':').next().unwrap()).collect();
    assert!(prefixes.len() > 3, "{prefixes:?}");
    let known = listed("Keys");
    let unlisted: Vec<&&str> = prefixes.iter().filter(|prefix| !known.contains_key(**prefix)).collect();
    assert!(unlisted.is_empty(), "no growth.md, neither that of a service nor docs/growth.md, says of {unlisted:?}");
}
