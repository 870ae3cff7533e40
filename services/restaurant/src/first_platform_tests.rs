//! A database of the first platform, taken over.

use bus::dead_letters::RunMode;
use contracts::{AddressChanged, MealId, Role};
use database::Connection;
use futures_util::future::join;
use kit::testing::at_last;
use kit::{Imported, on_every_database};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};
use crate::{actions, store};

on_every_database! {
    Fixture: there_is_nothing_to_import_where_the_first_platform_never_was
}

/// As their models make them.
const TABLES: &str = "CREATE TABLE restaurants (
    id uuid PRIMARY KEY, owner_id uuid NOT NULL, name varchar(128) NOT NULL, description text, logo varchar(255),
    address_id uuid NOT NULL, phone_number varchar(16), email varchar(255), status text NOT NULL, opening_hours jsonb NOT NULL,
    prep_time smallint NOT NULL, rating_avg numeric(10,2) DEFAULT 0, rating_count integer DEFAULT 0,
    delivery_fee numeric(10,2) NOT NULL, min_order_price numeric(10,2) NOT NULL, created_at timestamptz, updated_at timestamptz,
    deleted_at timestamptz
);
CREATE TABLE meals (
    id varchar PRIMARY KEY, restaurant_id varchar NOT NULL, name varchar NOT NULL, description varchar,
    is_available boolean NOT NULL, price double precision NOT NULL, image_url varchar, cuisine varchar,
    complementary_ids varchar[], created_at timestamp NOT NULL, updated_at timestamp NOT NULL
);";

const OWNER: &str = "018f5a3e-0000-4000-8000-000000000001";
const SHOP: &str = "018f5a3e-0000-4000-8000-000000000002";
const PLACE: &str = "018f5a3e-0000-4000-8000-000000000003";

fn shop(id: &str, name: &str) -> String {
    format!(
        "INSERT INTO restaurants VALUES ('{id}', '{OWNER}', '{name}', 'Adana kebap, lahmacun', 'https://example.com/a.png', \
         '{PLACE}', '02161234567', 'cipa@example.com', 'approved', '{{\"monday\": \"11:00-23:00\"}}', 25, 4.75, 12, 9.90, 75.00, \
         '2025-01-01T12:00:00Z', '2025-01-02T12:00:00Z', NULL);"
    )
}

fn dish(id: &str, name: &str, price: &str, others: &str) -> String {
    format!(
        "INSERT INTO meals VALUES ('{id}', '{SHOP}', '{name}', 'Közde', true, {price}, NULL, 'Kebap', {others}, \
         '2025-01-01T12:00:00', '2025-01-02T12:00:00.5');"
    )
}

async fn taken_over(rows: &[String]) -> Option<Fixture> {
    Fixture::with_first_platform(&format!("{TABLES} {}", rows.concat())).await
}

async fn import(fixture: &Fixture, run: RunMode) -> Vec<Imported> {
    actions::import_first_platform(&fixture.context.database, run).await.unwrap().unwrap()
}

async fn record(fixture: &Fixture) {
    actions::record_imported(&fixture.context.database).await.unwrap();
}

/// The address of the shop, as the service that has imported it publishes it.
fn place(fixture: &Fixture) -> AddressChanged {
    let meral = Manager { address_id: PLACE.parse().unwrap(), ..fixture.manager() };
    AddressChanged { created_as: Role::Admin, ..meral.address(1) }
}

async fn meals(fixture: &Fixture) -> Vec<Value> {
    let owner = fixture.client().manager(OWNER.parse().unwrap());
    owner.get(&format!("/meals/restaurant/{SHOP}")).await.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn restaurants_and_meals_are_ours_as_they_were_theirs_and_others_hear_of_them_once() {
    let kebap = "018f5a3e-1111-4000-8000-000000000001";
    let rows = [
        shop(SHOP, "Çıpa Kebap"),
        dish(kebap, "Adana", "74.9", "ARRAY['dish-2', 'unknown']"),
        dish("dish-2", "Ayran", "0.1::float8 + 0.2::float8", "NULL"),
    ];
    let Some(fixture) = taken_over(&rows).await else { return };
    let path = format!("/restaurants/{SHOP}");
    assert_eq!(fixture.client().get(&path).await.status, 404, "its address is not known");

    for _ in 0..2 {
        record(&fixture).await;
    }
    let draft = fixture.client().manager(OWNER.parse().unwrap()).get(&path).await.json();
    fixture.deliver(place(&fixture)).await.unwrap();

    assert_eq!(draft["draft_reason"], "ADDRESS_UNKNOWN");
    let shown = fixture.client().get(&path).await.json();
    let expected = json!({
        "name": "Çıpa Kebap", "status": "approved", "phone_number": "+902161234567", "prep_time": 25, "rating_avg": 4.75,
        "rating_count": 12, "delivery_fee": 9.9, "min_order_price": 75, "opening_hours": { "monday": "11:00-23:00" },
        "created_at": "2025-01-01T12:00:00Z",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    let ayran = MealId::of_first_platform("dish-2");
    assert_eq!(ayran, MealId::of_first_platform("dish-2"), "it is the same at each import");
    let adana = fixture.client().get(&format!("/meals/{kebap}")).await.json();
    assert_eq!((&adana["price"], &adana["complementary_ids"]), (&json!(74.9), &json!([ayran])));
    assert_eq!(adana["updated_at"], "2025-01-02T12:00:00.500000");
    assert_eq!(fixture.client().get(&format!("/meals/{ayran}")).await.json()["price"], json!(0.3));
    let versions: Vec<_> = fixture
        .recorded()
        .await
        .into_iter()
        .map(|event| (event.version, event.catalog.as_ref().unwrap().visible, event.catalog.unwrap().menu.meals.len()))
        .collect();
    assert_eq!(versions, [(1, false, 2), (2, true, 2)]);
}

#[tokio::test]
async fn what_we_would_not_take_is_made_to_fit_or_left_out_with_its_reason() {
    let rows = [
        shop(SHOP, "Çıpa"),
        shop("018f5a3e-0000-4000-8000-000000000004", "Silinmiş"),
        "UPDATE restaurants SET deleted_at = now() WHERE name = 'Silinmiş'; \
         UPDATE restaurants SET name = '', logo = 'javascript:alert(1)', phone_number = '1', email = 'x', prep_time = -5, \
         delivery_fee = -1, description = repeat('ş', 3000), \
         opening_hours = '{\"monday\": \"11:00-23:00\", \"someday\": \"1\", \"friday\": \"x\"}';"
            .to_owned(),
        dish("1", "", "1", "NULL"),
        dish("2", "Bedava", "0", "NULL"),
        dish("3", "Sonsuz", "'Infinity'", "NULL"),
        dish("4", "Başkasının", "1", "NULL"),
        "UPDATE meals SET restaurant_id = 'nobody' WHERE id = '4'; UPDATE meals SET image_url = 'a.png' WHERE id = '1';"
            .to_owned(),
    ];
    let Some(fixture) = taken_over(&rows).await else { return };

    let owner = fixture.client().manager(OWNER.parse().unwrap());
    let shown = owner.get(&format!("/restaurants/{SHOP}")).await.json();

    let nothing = Value::Null;
    assert_eq!((&shown["name"], &shown["logo"], &shown["email"]), (&json!("-"), &nothing, &nothing));
    assert_eq!((&shown["prep_time"], &shown["delivery_fee"]), (&json!(0), &json!(0)));
    assert_eq!(shown["opening_hours"], json!({ "monday": "11:00-23:00" }));
    assert_eq!(shown["description"].as_str().unwrap().chars().count(), 2000);
    let meals = meals(&fixture).await;
    assert_eq!((meals.len(), &meals[0]["name"], &meals[0]["image_url"]), (1, &json!("-"), &nothing));
    let again = import(&fixture, RunMode::Real).await;
    let skipped: Vec<_> = again.iter().map(|table| table.skipped.clone().into_iter().collect::<Vec<_>>()).collect();
    assert_eq!(skipped[0], [("deleted there", 1)]);
    assert_eq!(skipped[1], [("no price that we can use", 2), ("no restaurant that is known here", 1)]);
}

#[tokio::test]
async fn what_came_meanwhile_is_imported_once_and_what_was_deleted_here_stays_away() {
    let rows = [shop(SHOP, "Çıpa"), dish("1", "Adana", "1", "NULL")];
    let Some(fixture) = taken_over(&rows).await else { return };
    record(&fixture).await;
    fixture.deliver(place(&fixture)).await.unwrap();
    let owner = fixture.client().manager(OWNER.parse().unwrap());
    let adana = MealId::of_first_platform("1");
    assert_eq!(owner.delete(&format!("/meals/{adana}")).await.status, 200);
    fixture.recorded().await;
    fixture.context.database.execute_unprepared(&dish("2", "Urfa", "2", "NULL")).await.unwrap();

    let dry = import(&fixture, RunMode::Dry).await;
    let before = meals(&fixture).await.len();
    let first = import(&fixture, RunMode::Real).await;
    let second = import(&fixture, RunMode::Real).await;
    record(&fixture).await;

    assert_eq!((&dry, before), (&first, 0));
    assert_eq!((first[1].new, first[1].known, second[1].new, second[1].known), (1, 1, 0, 2));
    assert_eq!(meals(&fixture).await[0]["name"], "Urfa");
    assert_eq!(fixture.client().get(&format!("/restaurants/{SHOP}")).await.status, 200, "its address is still known");
    let recorded = fixture.recorded().await;
    assert_eq!((recorded.len(), recorded[0].catalog.as_ref().unwrap().menu.meals.len()), (1, 1));
}

#[tokio::test]
async fn a_change_that_comes_before_the_record_finds_the_address_that_is_known() {
    let Some(fixture) = taken_over(&[]).await else { return };
    fixture.deliver(place(&fixture)).await.unwrap();
    fixture.context.database.execute_unprepared(&shop(SHOP, "Çıpa")).await.unwrap();
    import(&fixture, RunMode::Real).await;

    let owner = fixture.client().manager(OWNER.parse().unwrap());
    owner.put(&format!("/restaurants/{SHOP}"), json!({ "name": "Yeni" })).await;

    assert_eq!(fixture.client().get(&format!("/restaurants/{SHOP}")).await.json()["name"], "Yeni");
}

/// How many transactions wait for another.
const WAITING: &str =
    "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test]
async fn the_record_and_a_change_of_the_same_restaurant_do_not_wait_for_each_other() {
    let Some(fixture) = taken_over(&[shop(SHOP, "Çıpa")]).await else { return };
    let database = &fixture.context.database;
    let tx = database.begin_read_committed().await.unwrap();
    let imported = store::restaurant::begin_version(&tx, SHOP.parse().unwrap(), None).await.unwrap().unwrap();

    let change = async {
        let waits = async || (fixture.texts(WAITING).await == ["1"]).then_some(());
        at_last("the record waits for the change", waits).await;
        let claimed = store::address::claim(&tx, imported.address_id).await;
        drop(tx);
        claimed
    };
    let (claimed, recorded) = join(change, actions::record_imported(database)).await;

    assert!(claimed.is_ok() && recorded.is_ok(), "{claimed:?} {recorded:?}");
}

#[tokio::test]
async fn a_menu_that_is_written_before_the_record_makes_no_draft_for_good() {
    let parts = [
        ("/meals", json!({ "restaurant_id": SHOP, "name": "Adana", "price": 75 })),
        (&*format!("/restaurants/{SHOP}/categories"), json!({ "name": "Kebaplar" })),
    ];
    for (path, part) in parts {
        let Some(fixture) = taken_over(&[]).await else { return };
        fixture.deliver(place(&fixture)).await.unwrap();
        fixture.context.database.execute_unprepared(&shop(SHOP, "Çıpa")).await.unwrap();
        import(&fixture, RunMode::Real).await;

        let owner = fixture.client().manager(OWNER.parse().unwrap());
        assert_eq!(owner.post(path, part).await.status, 201);
        record(&fixture).await;

        let shown = fixture.client().get(&format!("/restaurants/{SHOP}")).await;
        assert_eq!(shown.status, 200, "{path}");
        assert!(fixture.recorded().await.pop().unwrap().catalog.unwrap().visible, "{path}");
    }
}

#[tokio::test]
async fn a_menu_that_was_appended_to_at_each_start_ends_at_five_hundred() {
    let many = format!(
        "INSERT INTO meals SELECT 'dish ' || n, '{SHOP}', 'Kebap', NULL, true, 50, NULL, 'Kebap', NULL, now(), now() \
         FROM generate_series(1, 1500) AS n;"
    );
    let Some(fixture) = taken_over(&[shop(SHOP, "Çıpa"), many]).await else { return };

    let again = import(&fixture, RunMode::Real).await;
    record(&fixture).await;

    assert_eq!(meals(&fixture).await.len(), 500);
    assert_eq!((again[1].new, again[1].known), (0, 500));
    assert_eq!(again[1].skipped.clone().into_iter().collect::<Vec<_>>(), [("more than a menu holds", 1000)]);
    assert_eq!(fixture.recorded().await.len(), 1);
}

#[tokio::test]
async fn somebody_elses_tables_are_none_of_ours() {
    let sql = "CREATE TABLE restaurants (id integer, name text); CREATE TABLE meals (id integer, name text)";
    let Some(fixture) = Fixture::with_first_platform(sql).await else { return };

    let imported = actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap();

    assert_eq!(imported, None);
}

async fn there_is_nothing_to_import_where_the_first_platform_never_was(fixture: Fixture) {
    let imported = actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap();

    assert_eq!(imported, None);
}
