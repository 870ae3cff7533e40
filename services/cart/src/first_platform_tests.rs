//! A database of the first platform, taken over.

mod orders;

use bus::dead_letters::RunMode;
use contracts::MealId;
use database::Connection;
use kit::{Imported, on_every_database};
use serde_json::{Value, json};

use crate::actions;
use crate::fixture::Fixture;

on_every_database! {
    Fixture: there_is_nothing_to_import_where_the_first_platform_never_was
}

/// As its models make it.
const TABLE: &str = "CREATE TABLE cartitem (
    id serial PRIMARY KEY, user_id varchar NOT NULL, restaurant_id varchar NOT NULL, meal_id varchar NOT NULL,
    quantity integer NOT NULL, note varchar, schedule_date timestamptz, created_at timestamp NOT NULL
);
CREATE INDEX ix_cartitem_user_id ON cartitem (user_id);";

const AYSE: &str = "018f5a3e-0000-4000-8000-000000000001";
const ALI: &str = "018f5a3e-0000-4000-8000-000000000002";
const CIPA: &str = "018f5a3e-0000-4000-8000-00000000000a";
const LIMAN: &str = "018f5a3e-0000-4000-8000-00000000000b";
const ADANA: &str = "018f5a3e-0000-4000-8000-000000000011";
const AYRAN: &str = "018f5a3e-0000-4000-8000-000000000012";

fn row(user: &str, restaurant: &str, meal: &str, quantity: i32, note: &str) -> String {
    format!(
        "INSERT INTO cartitem (user_id, restaurant_id, meal_id, quantity, note, created_at) \
         VALUES ('{user}', '{restaurant}', '{meal}', {quantity}, {note}, '2025-01-01T12:00:00.5');"
    )
}

async fn taken_over(rows: &[String]) -> Option<Fixture> {
    Fixture::with_first_platform(&format!("{TABLE} {}", rows.concat())).await
}

/// Meals of the user with quantities and notes.
async fn cart(fixture: &Fixture, user: &str) -> Vec<(Value, Value, Value)> {
    let items = fixture.client().user(user.parse().unwrap()).get("/carts/get").await.json();
    let said = |item: &Value| (item["meal_id"].clone(), item["quantity"].clone(), item["note"].clone());
    items.as_array().unwrap().iter().map(said).collect()
}

async fn import(fixture: &Fixture, run: RunMode) -> Imported {
    actions::import_first_platform(&fixture.context.database, run).await.unwrap().unwrap().remove(0)
}

#[tokio::test]
async fn of_the_rows_of_a_meal_the_last_one_counts() {
    let rows = [
        row(AYSE, CIPA, ADANA, 1, "NULL"),
        row(AYSE, CIPA, AYRAN, 1, "''"),
        row(AYSE, CIPA, ADANA, 2, "NULL"),
        row(ALI, LIMAN, ADANA, 7, "NULL"),
        row(AYSE, CIPA, ADANA, 3, "'acılı olsun'"),
    ];
    let Some(fixture) = taken_over(&rows).await else { return };

    let line = |meal: &str, quantity: i32, note: &str| (json!(meal), json!(quantity), json!(note));
    assert_eq!(cart(&fixture, AYSE).await, [line(AYRAN, 1, ""), line(ADANA, 3, "acılı olsun")]);
    assert_eq!(cart(&fixture, ALI).await, [line(ADANA, 7, "")]);
    let current = fixture.client().user(AYSE.parse().unwrap()).get("/carts/current").await.json();
    assert_eq!((&current["restaurant_id"], &current["version"]), (&json!(CIPA), &json!(1)));
    assert_eq!(current["items"][0]["created_at"], "2025-01-01T12:00:00.500000");
}

#[tokio::test]
async fn what_we_would_not_take_is_made_to_fit_or_left_out_by_reason() {
    let long = format!("'{}'", "ş".repeat(600));
    let many: Vec<String> = (0..51).map(|number| row(ALI, CIPA, &format!("meal {number}"), 1, "NULL")).collect();
    let rows = [
        row(AYSE, LIMAN, AYRAN, 1, "NULL"),
        row(AYSE, CIPA, "kebap", 500, &long),
        row(AYSE, CIPA, ADANA, -1, "NULL"),
        row("nobody", CIPA, ADANA, 1, "NULL"),
        row(AYSE, "test-restaurant", ADANA, 1, "NULL"),
        row(AYSE, CIPA, AYRAN, 0, "NULL"),
    ];
    let Some(fixture) = taken_over(&[rows.as_slice(), &many].concat()).await else { return };

    let meal = MealId::of_first_platform("kebap");
    assert_eq!(cart(&fixture, AYSE).await, [(json!(meal), json!(99), json!("ş".repeat(500)))]);
    let kept = cart(&fixture, ALI).await;
    assert_eq!((kept.len(), &kept[0].0), (50, &json!(MealId::of_first_platform("meal 1"))));
    let again = import(&fixture, RunMode::Real).await;
    assert_eq!((again.new, again.known), (0, 51));
    assert_eq!(
        again.skipped.into_iter().collect::<Vec<_>>(),
        [
            ("an earlier row of the same meal", 2),
            ("beyond 50 lines", 1),
            ("no ids that we can use", 2),
            ("nothing of it is wanted", 1),
        ]
    );
}

#[tokio::test]
async fn a_cart_of_two_restaurants_is_that_of_the_last_one() {
    let rows = [row(AYSE, LIMAN, AYRAN, 1, "NULL"), row(AYSE, CIPA, ADANA, 2, "NULL")];
    let Some(fixture) = taken_over(&rows).await else { return };

    assert_eq!(cart(&fixture, AYSE).await, [(json!(ADANA), json!(2), json!(""))]);
    let again = import(&fixture, RunMode::Dry).await;
    assert_eq!(again.skipped.into_iter().collect::<Vec<_>>(), [("of another restaurant than the last one", 1)]);
}

#[tokio::test]
async fn whoever_has_had_a_cart_here_keeps_it() {
    let Some(fixture) = taken_over(&[row(AYSE, CIPA, ADANA, 1, "NULL")]).await else { return };
    let database = &fixture.context.database;
    fixture.client().user(AYSE.parse().unwrap()).delete("/carts/clear").await;
    database.execute_unprepared(&row(AYSE, CIPA, AYRAN, 1, "NULL")).await.unwrap();
    database.execute_unprepared(&row(ALI, CIPA, AYRAN, 1, "NULL")).await.unwrap();

    let dry = import(&fixture, RunMode::Dry).await;
    let before = cart(&fixture, ALI).await.len();
    let first = import(&fixture, RunMode::Real).await;
    let second = import(&fixture, RunMode::Real).await;

    assert_eq!((&dry, before), (&first, 0));
    assert_eq!((first.new, first.known, second.new, second.known), (1, 2, 0, 3));
    assert_eq!((cart(&fixture, AYSE).await.len(), cart(&fixture, ALI).await.len()), (0, 1));
}

#[tokio::test]
async fn more_users_and_lines_than_one_page_are_all_imported() {
    let many = "INSERT INTO cartitem (user_id, restaurant_id, meal_id, quantity, created_at) \
                SELECT md5(n::text)::uuid, md5('çıpa')::uuid, gen_random_uuid(), 1, now() \
                FROM generate_series(1, 1500) n, generate_series(1, 8);";
    let Some(fixture) = taken_over(&[]).await else { return };
    fixture.context.database.execute_unprepared(many).await.unwrap();

    let imported = import(&fixture, RunMode::Real).await;

    assert_eq!((imported.new, import(&fixture, RunMode::Real).await.known), (12_000, 12_000));
}

async fn there_is_nothing_to_import_where_the_first_platform_never_was(fixture: Fixture) {
    let imported = actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap();

    assert_eq!(imported, None);
}
