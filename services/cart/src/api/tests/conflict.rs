//! A cart has meals of one restaurant.

use database::Connection as _;
use kit::on_every_database;
use kit::testing::Ask;
use serde_json::json;

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    meals_of_another_restaurant_are_asked_about_with_both_carts,
    a_cart_that_is_to_be_replaced_has_the_new_meal_alone,
    a_cart_that_can_t_be_replaced_stays_as_it_is,
    an_empty_cart_is_in_nobodys_way,
    the_database_itself_holds_a_cart_to_one_restaurant,
    of_adds_of_two_restaurants_that_meet_one_is_refused,
}

async fn meals_of_another_restaurant_are_asked_about_with_both_carts(fixture: Fixture) {
    let ayse = fixture.ayse();
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;

    let refused = ayse.post("/carts/add", liman.two_ayran(json!({ "quantity": 1 }))).await;
    let kept = ayse.post("/carts/add", liman.two_ayran(json!({ "on_conflict": "keep" }))).await;

    let (status, problem) = refused.parts();
    assert_eq!((status, &problem["code"]), (400, &json!("DIFFERENT_RESTAURANT")));
    assert_eq!(problem["detail"], "Cart already has items from a different restaurant");
    let in_turkish = Ask::post("/carts/add", liman.two_ayran(json!({}))).header("accept-language", "tr");
    let in_turkish = ayse.send(in_turkish).await.json()["detail"].clone();
    assert_eq!(in_turkish, "Sepetinizde başka bir restoranın ürünleri var (different restaurant).");
    let sides = json!({
        "current": { "restaurant_id": cipa.id, "name": "Çıpa", "item_count": 2, "subtotal": 71 },
        "wanted": { "restaurant_id": liman.id, "name": "Liman", "item_count": 1, "subtotal": 35.5 },
        "choices": ["replace", "keep"],
    });
    assert_eq!(problem["conflict"], sides);
    assert_eq!(kept.status, 400);
    let items = ayse.get("/carts/get").await.json();
    assert_eq!((items.as_array().unwrap().len(), &items[0]["restaurant_id"]), (1, &json!(cipa.id)));
}

async fn a_cart_that_is_to_be_replaced_has_the_new_meal_alone(fixture: Fixture) {
    let ayse = fixture.ayse();
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;
    ayse.post("/carts/add", cipa.adana_with(&json!([{ "option_id": cipa.hot }]))).await;

    let replaced = ayse.post("/carts/add", liman.two_ayran(json!({ "on_conflict": "replace" }))).await;

    assert_eq!(replaced.status, 200, "{}", replaced.text);
    let cart = ayse.get("/carts/current").await.json();
    assert_eq!(
        (&cart["restaurant_id"], &cart["item_count"], &cart["version"]),
        (&json!(liman.id), &json!(2), &json!(3))
    );
    assert_eq!(cart["items"].as_array().unwrap().len(), 1);
}

async fn a_cart_that_can_t_be_replaced_stays_as_it_is(fixture: Fixture) {
    let ayse = fixture.ayse();
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;
    let before = ayse.get("/carts/current").await.json();

    let unknown = json!({ "restaurant_id": liman.id, "meal_id": cipa.ayran, "on_conflict": "replace" });
    let refused = ayse.post("/carts/add", unknown).await;

    assert_eq!((refused.status, &refused.json()["code"]), (422, &json!("UNKNOWN_MEAL")));
    assert_eq!(ayse.get("/carts/current").await.json(), before);
}

async fn an_empty_cart_is_in_nobodys_way(fixture: Fixture) {
    let ayse = fixture.ayse();
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);

    for path in [format!("/carts/remove/{}", cipa.ayran), "/carts/clear".to_owned()] {
        ayse.post("/carts/add", cipa.two_ayran(json!({ "on_conflict": "replace" }))).await;
        ayse.delete(&path).await;

        let added = ayse.post("/carts/add", liman.two_ayran(json!({}))).await;

        assert_eq!(added.status, 200, "after {path}: {}", added.text);
    }
    assert_eq!(ayse.get("/carts/current").await.json()["restaurant_id"], json!(liman.id));
}

async fn the_database_itself_holds_a_cart_to_one_restaurant(fixture: Fixture) {
    let (ayse, cipa) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;
    let columns = "user_id, meal_id, quantity, options, options_key, note, created_at";
    let copy = |restaurant: &str, key: &str, quantity: &str| {
        format!(
            "INSERT INTO cart_line (restaurant_id, {columns}) SELECT {restaurant}, user_id, meal_id, {quantity}, options, \
             '{key}', note, created_at FROM cart_line"
        )
    };
    let run = async |sql: String| {
        let tx = fixture.context.database.begin_write().await.unwrap();
        tx.execute_unprepared(&sql).await.is_ok()
    };

    assert!(run(copy("restaurant_id", "other", "quantity")).await, "the same restaurant");
    assert!(!run(copy("user_id", "other", "quantity")).await, "another restaurant");
    assert!(!run(copy("restaurant_id", "", "quantity")).await, "the same line twice");
    assert!(!run(copy("restaurant_id", "other", "0")).await, "none of it");
    assert!(!run(copy("restaurant_id", "other", "100")).await, "too many of it");
    assert!(
        !run("UPDATE cart_basket SET restaurant_id = user_id".to_owned()).await,
        "a cart that moves with its lines"
    );
}

async fn of_adds_of_two_restaurants_that_meet_one_is_refused(fixture: Fixture) {
    let user = fixture.new_user();
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    let replica = fixture.another_process().await;
    let (one, other) = (fixture.client().user(user), replica.client().user(user));

    let (of_cipa, of_liman) = futures_util::future::join(
        one.post("/carts/add", cipa.two_ayran(json!({}))),
        other.post("/carts/add", liman.two_ayran(json!({}))),
    )
    .await;

    let mut answers = [of_cipa.status, of_liman.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 400]);
    assert_eq!(one.get("/carts/get").await.json().as_array().unwrap().len(), 1);
}
