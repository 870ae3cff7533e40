//! Orders of the first platform, taken over.

use std::time::Duration;

use bus::dead_letters::RunMode;
use contracts::{EmailEvent, MealId, OrderChanged, OrderId, RestaurantId};
use database::Connection;
use kit::testing::{Client, Recorded};
use kit::{Imported, on_every_database};
use serde_json::{Value, json};

use super::{ALI, AYRAN, AYSE, CIPA};
use crate::actions;
use crate::fixture::{Fixture, Kitchen};

on_every_database! {
    Fixture: where_the_first_platform_never_was_orders_are_counted_from_1
}

/// As its models make it.
const TABLE: &str = r#"CREATE TABLE "order" (
    id serial PRIMARY KEY, user_id varchar NOT NULL, restaurant_id varchar NOT NULL, items varchar NOT NULL,
    subtotal double precision NOT NULL, discount double precision NOT NULL, total double precision NOT NULL,
    payment_method varchar NOT NULL, coupon_code varchar, created_at timestamp NOT NULL
);
CREATE INDEX ix_order_user_id ON "order" (user_id);
CREATE INDEX ix_order_restaurant_id ON "order" (restaurant_id);"#;

/// The first number of ours, where theirs are in the same database.
const FIRST_NUMBER: i64 = 2_147_483_648;

/// An order of three ayran as it was written there, but for some columns, whose values are SQL.
fn order(number: i64, user: &str, changes: &[(&str, &str)]) -> String {
    let items = format!(r#"'[{{"meal_id": "{AYRAN}", "quantity": 3, "note": null}}]'"#);
    let number = number.to_string();
    let (user, restaurant) = (format!("'{user}'"), format!("'{CIPA}'"));
    let mut columns = [
        ("id", number.as_str()),
        ("user_id", &user),
        ("restaurant_id", &restaurant),
        ("items", &items),
        ("subtotal", "300"),
        ("discount", "0"),
        ("total", "300"),
        ("payment_method", "'cash'"),
        ("coupon_code", "NULL"),
        ("created_at", "'2025-01-01T12:00:00.5'"),
    ];
    for (name, value) in &mut columns {
        *value = changes.iter().find(|(changed, _)| changed == name).map_or(*value, |(_, value)| value);
    }
    let (names, values): (Vec<&str>, Vec<&str>) = columns.into_iter().unzip();
    format!(r#"INSERT INTO "order" ({}) VALUES ({});"#, names.join(", "), values.join(", "))
}

async fn taken_over(rows: &[String]) -> Option<Fixture> {
    Fixture::with_first_platform(&format!("{TABLE} {}", rows.concat())).await
}

async fn execute(fixture: &Fixture, sql: &str) {
    fixture.context.database.execute_unprepared(sql).await.unwrap();
}

async fn import(fixture: &Fixture, run: RunMode) -> Imported {
    actions::import_first_platform(&fixture.context.database, run).await.unwrap().unwrap().remove(0)
}

fn client(fixture: &Fixture, user: &str) -> Client {
    fixture.client().user(user.parse().unwrap()).with_header("accept-language", "tr")
}

async fn orders(fixture: &Fixture, user: &str) -> Vec<Value> {
    let listed = client(fixture, user).get(&format!("/carts/orders?user_id={user}&limit=100")).await.json();
    listed.as_array().unwrap().clone()
}

async fn numbers(fixture: &Fixture, user: &str) -> Vec<i64> {
    orders(fixture, user).await.iter().map(|order| order["id"].as_i64().unwrap()).collect()
}

/// Orders six ayran, and answers the number of that.
async fn order_here(fixture: &Fixture, user: &str, kitchen: &Kitchen) -> i64 {
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let (status, order) = client(fixture, user).post("/carts/checkout", body).await.parts();
    assert_eq!(status, 200, "{order}");
    order["id"].as_i64().unwrap()
}

#[tokio::test]
async fn an_order_is_listed_as_it_was_there_with_ours_behind() {
    let items = format!(
        r#"'[{{"meal_id": "{AYRAN}", "quantity": 2, "note": "so\u011fuk"}}, {{"meal_id": "kebap", "quantity": 1, "note": null}}]'"#
    );
    let changes =
        [("items", items.as_str()), ("discount", "30"), ("total", "270"), ("payment_method", "'credit_card'")];
    let changes = [&changes[..], &[("coupon_code", "'lezzet10'")]].concat();
    let Some(fixture) = taken_over(&[order(7, AYSE, &changes)]).await else { return };

    let listed = client(&fixture, AYSE).get(&format!("/carts/orders?user_id={AYSE}")).await;

    let kebap = MealId::of_first_platform("kebap");
    let as_there = format!(
        r#"[{{"id":7,"user_id":"{AYSE}","restaurant_id":"{CIPA}","items":[{{"meal_id":"{AYRAN}","quantity":2,"note":"soğuk"}},{{"meal_id":"{kebap}","quantity":1,"note":""}}],"subtotal":300,"discount":30,"total":270,"payment_method":"credit_card","coupon_code":"lezzet10","created_at":"2025-01-01T12:00:00.500000","message":"Sipariş geçmişi","public_id":""#
    );
    assert!(listed.text.starts_with(&as_there), "{}", listed.text);
    let order = &listed.json()[0];
    let at = "2025-01-01T12:00:00.500Z";
    assert_eq!(
        (&order["status"], &order["version"], &order["payment"]),
        (&json!("delivered"), &json!(2), &Value::Null)
    );
    assert_eq!((&order["delivery_fee"], &order["vat"], &order["address"]), (&json!(0), &json!(0), &Value::Null));
    assert_eq!(order["lines"][0]["line_total"], 200);
    assert_eq!([&order["lines"][0]["discount"], &order["lines"][1]["discount"]], [&json!(20), &json!(10)]);
    let steps: Vec<_> =
        order["timeline"].as_array().unwrap().iter().map(|step| [&step["status"], &step["by"]]).collect();
    assert_eq!(steps, [["placed", "diner"], ["delivered", "system"]]);
    assert_eq!([&order["timeline"][1]["at"], &order["target_at"]], [at, at]);
    let id = OrderId::of_first_platform(7);
    assert_eq!(order["public_id"], json!(id));
    assert_eq!(&client(&fixture, AYSE).get(&format!("/carts/orders/{id}")).await.json()["id"], 7);
    assert_eq!(client(&fixture, ALI).get(&format!("/carts/orders/{id}")).await.status, 404);
}

#[tokio::test]
async fn a_double_is_rounded_to_kurus_by_its_shortest_digits() {
    let sums =
        [("0.1::float8 + 0.2::float8", 0.3), ("1.005", 1.01), ("269.994", 269.99), ("1e-7", 0.0), ("1e10", 1e10)];
    let rows: Vec<String> = (1..).zip(sums).map(|(number, (sum, _))| order(number, AYSE, &[("total", sum)])).collect();
    let Some(fixture) = taken_over(&rows).await else { return };

    let mut totals: Vec<f64> =
        orders(&fixture, AYSE).await.iter().map(|order| order["total"].as_f64().unwrap()).collect();
    totals.reverse();

    assert_eq!(totals, sums.map(|(_, shown)| shown));
}

#[tokio::test]
async fn what_can_t_be_ours_is_left_out_by_reason_and_keeps_nothing_else_out() {
    let items = |json: &str| format!("'[{json}]'");
    let item = |quantity: &str| format!(r#"{{"meal_id": "kebap", "quantity": {quantity}}}"#);
    let (many, long) = (items(&vec![item("1"); 51].join(",")), items(&format!("{}{}", item("1"), " ".repeat(65_536))));
    let (negative, huge) = (items(&item("-3")), items(&item("100000")));
    let wrong = [
        ("total", "'NaN'"),
        ("total", "'Infinity'"),
        ("subtotal", "-300"),
        ("discount", "-0.001"),
        ("total", "10000000001"),
        ("items", "'[{\"meal_id\": \"kebap\"'"),
        ("items", "'{}'"),
        ("items", huge.as_str()),
        ("items", long.as_str()),
        ("items", negative.as_str()),
        ("items", many.as_str()),
        ("payment_method", "'bitcoin'"),
        ("created_at", "'infinity'"),
        ("user_id", "'nobody'"),
    ];
    let mut rows: Vec<String> = (1..).zip(wrong).map(|(number, wrong)| order(number, AYSE, &[wrong])).collect();
    rows.extend([order(50, AYSE, &[]), order(51, AYSE, &[("items", "'[]'"), ("coupon_code", "''")])]);
    let Some(fixture) = taken_over(&rows).await else { return };

    let again = import(&fixture, RunMode::Real).await;

    assert_eq!(numbers(&fixture, AYSE).await, [51, 50]);
    assert_eq!((again.from, again.to, again.new, again.known), ("order", "cart_order", 0, 2));
    assert_eq!(
        again.skipped.into_iter().collect::<Vec<_>>(),
        [
            ("a time that can't be", 1),
            ("items that can't be read", 4),
            ("less than nothing of a meal", 1),
            ("more than 50 lines", 1),
            ("no payment method that there is", 1),
            ("no user that we can use", 1),
            ("sums that are no money", 5),
        ]
    );
}

/// Clients of the first platform named no restaurant that there is where they ordered from the cart.
#[tokio::test]
async fn an_order_at_no_restaurant_that_there_is_is_its_diners_all_the_same() {
    let Some(fixture) = taken_over(&[order(1, AYSE, &[("restaurant_id", "'test-restaurant'")])]).await else { return };

    let order = orders(&fixture, AYSE).await.remove(0);

    assert_eq!(order["restaurant_id"], json!(RestaurantId::of_first_platform("test-restaurant")));
    assert_eq!((&order["restaurant_name"], &order["total"]), (&json!(""), &json!(300)));
}

#[tokio::test]
async fn what_was_ordered_there_after_the_take_over_is_imported_once() {
    let Some(fixture) = taken_over(&[order(1, AYSE, &[])]).await else { return };
    execute(&fixture, &[order(2, AYSE, &[]), order(3, ALI, &[])].concat()).await;
    execute(&fixture, r#"UPDATE "order" SET total = 1 WHERE id = 1"#).await;

    let dry = import(&fixture, RunMode::Dry).await;
    let before = numbers(&fixture, AYSE).await;
    let first = import(&fixture, RunMode::Real).await;
    let second = import(&fixture, RunMode::Real).await;

    assert_eq!((&dry, before), (&first, vec![1]));
    assert_eq!((first.new, first.known, second.new, second.known), (2, 1, 0, 3));
    assert_eq!((numbers(&fixture, AYSE).await, numbers(&fixture, ALI).await), (vec![2, 1], vec![3]));
    let oldest = orders(&fixture, AYSE).await.remove(1);
    assert_eq!((&oldest["total"], oldest["items"].as_array().unwrap().len()), (&json!(300), 1));
    assert_eq!(oldest["timeline"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn orders_of_ours_have_numbers_that_no_order_there_ever_has() {
    let Some(fixture) = taken_over(&[]).await else { return };
    let kitchen = fixture.kitchen("Çıpa").await;

    let first = order_here(&fixture, AYSE, &kitchen).await;
    execute(&fixture, &[order(1, AYSE, &[]), order(FIRST_NUMBER - 1, AYSE, &[])].concat()).await;
    import(&fixture, RunMode::Real).await;
    fixture.clock.advance(Duration::from_secs(5 * 60));
    let second = order_here(&fixture, AYSE, &kitchen).await;

    assert_eq!((first, second > first), (FIRST_NUMBER, true));
    assert_eq!(numbers(&fixture, AYSE).await, [second, first, FIRST_NUMBER - 1, 1]);
}

#[tokio::test]
async fn an_order_whose_number_is_taken_here_gets_a_new_one_at_its_first_import() {
    let Some(fixture) = Fixture::with_first_platform("").await else { return };
    let kitchen = fixture.kitchen("Çıpa").await;
    let ours = order_here(&fixture, AYSE, &kitchen).await;
    execute(&fixture, &format!("{TABLE} {} {}", order(ours, ALI, &[]), order(ours + 1, ALI, &[]))).await;

    let dry = import(&fixture, RunMode::Dry).await;
    let first = import(&fixture, RunMode::Real).await;
    let second = import(&fixture, RunMode::Real).await;

    assert_eq!((dry.new, first.new, second.new, second.known), (2, 2, 0, 2));
    let theirs = numbers(&fixture, ALI).await;
    assert!(theirs[0] >= FIRST_NUMBER && theirs[1] == ours + 1, "{theirs:?}");
    assert_eq!(numbers(&fixture, AYSE).await, [ours]);
    assert_eq!(orders(&fixture, ALI).await[0]["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_hears_of_an_imported_order_or_waits_for_it() {
    let Some(fixture) = taken_over(&[]).await else { return };
    let kitchen = fixture.kitchen("Çıpa").await;
    let (changed, mails) =
        (Recorded::<OrderChanged>::of(&fixture.context).await, Recorded::<EmailEvent>::of(&fixture.context).await);
    // More than an account may order on a day, all of them today.
    let restaurant = format!("'{}'", kitchen.id);
    let today = [("restaurant_id", restaurant.as_str()), ("created_at", "'2026-03-02T11:00:00'")];
    let rows: Vec<String> = (1..=101).map(|number| order(number, AYSE, &today)).collect();
    execute(&fixture, &rows.concat()).await;

    let imported = import(&fixture, RunMode::Real).await;
    fixture.clock.advance(Duration::from_secs(5 * 60));
    actions::step_due(&fixture.carts).await.unwrap();

    assert_eq!(imported.new, 101);
    assert_eq!((changed.take().await.len(), mails.take().await.len()), (0, 0));
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let board = async |view: &str| {
        let path = format!("/carts/restaurants/{}/orders?view={view}&limit=100", kitchen.id);
        owner.get(&path).await.json().as_array().unwrap().len()
    };
    assert_eq!((board("open").await, board("closed").await), (0, 100));
    let id = orders(&fixture, AYSE).await[0]["public_id"].as_str().unwrap().to_owned();
    let refused = client(&fixture, AYSE).post(&format!("/carts/orders/{id}/cancel"), json!({})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(order_here(&fixture, AYSE, &kitchen).await >= FIRST_NUMBER);
}

#[tokio::test]
async fn what_was_ordered_there_goes_into_the_cart_as_far_as_a_cart_takes_it() {
    let Some(fixture) = taken_over(&[]).await else { return };
    let kitchen = fixture.kitchen("Çıpa").await;
    let (adana, ayran, restaurant) = (kitchen.adana, kitchen.ayran, format!("'{}'", kitchen.id));
    let items = format!(
        r#"'[{{"meal_id": "{ayran}", "quantity": 150}}, {{"meal_id": "{ayran}", "quantity": 32767}}, {{"meal_id": "{adana}", "quantity": 0}}]'"#
    );
    execute(&fixture, &order(1, AYSE, &[("items", &items), ("restaurant_id", &restaurant)])).await;
    import(&fixture, RunMode::Real).await;

    let old = orders(&fixture, AYSE).await.remove(0);
    let id = old["public_id"].as_str().unwrap();
    let (status, again) = client(&fixture, AYSE).post(&format!("/carts/orders/{id}/reorder"), json!({})).await.parts();

    let quantities: Vec<_> = old["items"].as_array().unwrap().iter().map(|item| item["quantity"].clone()).collect();
    assert_eq!((status, quantities), (200, vec![json!(150), json!(32_767), json!(0)]), "{again}");
    let cart = client(&fixture, AYSE).get("/carts/get").await.json();
    assert_eq!((cart.as_array().unwrap().len(), &cart[0]["quantity"]), (1, &json!(99)));
}

#[tokio::test]
async fn more_orders_and_lines_than_one_page_are_all_imported() {
    let many = format!(
        r#"INSERT INTO "order" (user_id, restaurant_id, items, subtotal, discount, total, payment_method, created_at)
           SELECT '{AYSE}', '{CIPA}', (SELECT json_agg(json_build_object('meal_id', n::text, 'quantity', 1)) FROM generate_series(1, 10) n),
                  1000, 0, 1000, 'pos', now() FROM generate_series(1, 1500);"#
    );
    let Some(fixture) = taken_over(&[]).await else { return };
    execute(&fixture, &many).await;

    let imported = import(&fixture, RunMode::Real).await;

    assert_eq!((imported.new, import(&fixture, RunMode::Real).await.known), (1_500, 1_500));
    let newest = orders(&fixture, AYSE).await.remove(0);
    assert_eq!((&newest["id"], newest["items"].as_array().unwrap().len()), (&json!(1_500), 10));
}

/// Somebody else's table of that name is none of the first platform's.
#[tokio::test]
async fn somebody_elses_table_of_orders_is_none_of_ours() {
    let Some(fixture) = Fixture::with_first_platform(r#"CREATE TABLE "order" (id integer, items text)"#).await else {
        return;
    };

    assert_eq!(actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap(), None);
}

async fn where_the_first_platform_never_was_orders_are_counted_from_1(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;

    let imported = actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap();

    assert_eq!((imported, order_here(&fixture, AYSE, &kitchen).await), (None, 1));
}
