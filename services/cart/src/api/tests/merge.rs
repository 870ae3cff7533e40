//! An anonymous cart goes into that of the user who has signed in.

use kit::on_every_database;
use kit::testing::{Answer, Ask, Client, faults};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Kitchen};

pub(super) const CART: &str = "f4c1f2a8-7d3e-4b53-9a30-2f6f5a9be001";

on_every_database! {
    Fixture:
    what_was_chosen_before_signing_in_is_in_the_users_cart_and_nowhere_else,
    units_of_the_same_line_are_added_and_other_options_are_another_line,
    with_replace_the_guests_line_stays_where_the_same_meal_is_in_both_carts,
    a_line_holds_99_and_says_what_was_wanted,
    carts_of_two_restaurants_are_not_merged_and_both_stay_as_they_are,
    with_replace_the_cart_of_another_restaurant_goes,
    a_merge_that_would_have_too_many_lines_changes_nothing,
    a_preview_changes_nothing_and_the_merge_is_exactly_that,
    a_merge_that_is_not_what_was_previewed_is_refused,
    the_same_merge_twice_is_once,
    a_merge_is_not_repeated_for_another_user,
    a_merge_is_answered_again_for_a_day,
    what_can_t_be_had_any_more_is_moved_too,
    nothing_is_merged_of_no_cart_and_of_an_empty_one,
    what_is_wrong_with_a_merge_is_named,
    nobody_merges_into_the_cart_of_another,
    nothing_is_merged_while_the_store_is_away,
}

/// Puts `item` into the anonymous cart.
pub(super) async fn choose(guest: &Client, item: Value) {
    let mut item = item;
    item["cart_id"] = json!(CART);
    let answer = guest.post("/carts/anonymous/add", item).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

pub(super) async fn merge(user: &Client, fields: Value) -> Answer {
    user.post("/carts/anonymous/merge", kit::testing::changed(json!({ "anonymous_cart_id": CART }), fields)).await
}

async fn merge_if(user: &Client, etag: &str, fields: Value) -> Answer {
    merge(&user.with_header("if-match", etag), fields).await
}

/// The answer of a preview, and its tag.
async fn preview(user: &Client, strategy: &str) -> (Value, String) {
    let (status, mut preview) = merge(user, json!({ "dry_run": true, "merge_strategy": strategy })).await.parts();
    assert_eq!(status, 200, "{preview}");
    let etag = preview["etag"].take().as_str().unwrap().to_owned();
    (preview, etag)
}

/// What stands in the user's cart: each meal with how many of it.
pub(super) async fn cart(user: &Client) -> Vec<(Value, Value)> {
    let items = user.get("/carts/get").await.json();
    items.as_array().unwrap().iter().map(|item| (item["meal_id"].clone(), item["quantity"].clone())).collect()
}

pub(super) async fn anonymous(guest: &Client) -> Answer {
    guest.get(&format!("/carts/anonymous/{CART}")).await
}

pub(super) fn mild(kitchen: &Kitchen) -> Value {
    kitchen.adana_with(&json!([{ "option_id": kitchen.mild }]))
}

async fn what_was_chosen_before_signing_in_is_in_the_users_cart_and_nowhere_else(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({ "note": "soğuk" }))).await;

    let (status, merged) = merge(&ayse, json!({})).await.parts();

    let current = ayse.get("/carts/current").await.json();
    let expected = json!({
        "message": "Successfully merged 1 items to user cart",
        "user_cart_items": [{
            "id": current["items"][0]["id"], "meal_id": kitchen.ayran, "restaurant_id": kitchen.id, "quantity": 2,
            "note": "soğuk", "schedule_date": null, "line_id": kitchen.ayran, "options": [],
        }],
        "merged_items_count": 1, "conflicts_resolved": 0, "adjusted": [], "merge_id": merged["merge_id"], "etag": null,
    });
    assert_eq!((status, &merged), (200, &expected));
    assert!(merged["merge_id"].is_string());
    assert_eq!((&current["item_count"], &current["version"]), (&json!(2), &json!(1)));
    assert_eq!(anonymous(&guest).await.status, 404);
}

async fn units_of_the_same_line_are_added_and_other_options_are_another_line(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 3, "note": "buzlu" }))).await;
    ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": kitchen.hot }]))).await;
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    choose(&guest, mild(&kitchen)).await;

    let merged = merge(&ayse, json!({})).await.json();

    let lines = merged["user_cart_items"].as_array().unwrap();
    let shown: Vec<_> = lines.iter().map(|line| (&line["quantity"], &line["note"])).collect();
    assert_eq!(shown, [(&json!(5), &json!("buzlu")), (&json!(1), &json!("")), (&json!(1), &json!(""))]);
    assert_eq!(lines[2]["options"], json!([{ "option_id": kitchen.mild, "quantity": 1 }]));
    assert_eq!((&merged["merged_items_count"], &merged["conflicts_resolved"]), (&json!(2), &json!(1)));
    assert_eq!(cart(&ayse).await.len(), 3);
}

async fn with_replace_the_guests_line_stays_where_the_same_meal_is_in_both_carts(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 7 }))).await;
    ayse.post("/carts/add", mild(&kitchen)).await;
    choose(&guest, kitchen.two_ayran(json!({}))).await;

    let merged = merge(&ayse, json!({ "merge_strategy": "replace" })).await.json();

    assert_eq!((&merged["merged_items_count"], &merged["conflicts_resolved"]), (&json!(1), &json!(1)));
    assert_eq!(cart(&ayse).await, [(json!(kitchen.ayran), json!(2))]);
}

async fn a_line_holds_99_and_says_what_was_wanted(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 60 }))).await;
    choose(&guest, kitchen.two_ayran(json!({ "quantity": 40 }))).await;

    let merged = merge(&ayse, json!({})).await.json();

    let adjusted = json!([{ "meal_id": kitchen.ayran, "line_id": kitchen.ayran, "wanted": 100, "kept": 99 }]);
    assert_eq!(merged["adjusted"], adjusted);
    assert_eq!(cart(&ayse).await, [(json!(kitchen.ayran), json!(99))]);
}

async fn carts_of_two_restaurants_are_not_merged_and_both_stay_as_they_are(fixture: Fixture) {
    let (guest, ayse) = (fixture.client(), fixture.ayse());
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;
    choose(&guest, liman.two_ayran(json!({ "quantity": 3 }))).await;
    let before = (ayse.get("/carts/current").await.json(), anonymous(&guest).await.text);

    let refused = merge(&ayse, json!({})).await;
    let previewed = merge(&ayse, json!({ "dry_run": true })).await;

    let conflict = json!({
        "current": { "restaurant_id": cipa.id, "name": "Çıpa", "item_count": 2, "subtotal": 71 },
        "wanted": { "restaurant_id": liman.id, "name": "Liman", "item_count": 3, "subtotal": 106.5 },
        "choices": ["replace", "keep"],
    });
    for answer in [refused, previewed] {
        assert_eq!((answer.status, answer.code().as_str()), (400, "DIFFERENT_RESTAURANT"), "{}", answer.text);
        assert_eq!(answer.json()["conflict"], conflict);
        assert!(answer.text.contains("different restaurant"), "{}", answer.text);
    }
    assert_eq!((ayse.get("/carts/current").await.json(), anonymous(&guest).await.text), before);
}

async fn with_replace_the_cart_of_another_restaurant_goes(fixture: Fixture) {
    let (guest, ayse) = (fixture.client(), fixture.ayse());
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;
    choose(&guest, liman.two_ayran(json!({}))).await;

    let merged = merge(&ayse, json!({ "merge_strategy": "replace" })).await;

    assert_eq!(merged.status, 200, "{}", merged.text);
    assert_eq!(cart(&ayse).await, [(json!(liman.ayran), json!(2))]);
    assert_eq!(ayse.get("/carts/current").await.json()["restaurant"]["name"], "Liman");
}

async fn a_merge_that_would_have_too_many_lines_changes_nothing(fixture: Fixture) {
    let (guest, ayse) = (fixture.client(), fixture.ayse());
    let id = || fixture.context.sources.uuid();
    let restaurant = id();
    let item = |meal| json!({ "restaurant_id": restaurant, "meal_id": meal });
    for _ in 0..50 {
        ayse.post("/carts/add", item(id())).await;
    }
    choose(&guest, item(id())).await;
    let before = (cart(&ayse).await, anonymous(&guest).await.text);

    let refused = merge(&ayse, json!({})).await;

    assert_eq!((refused.status, refused.code().as_str()), (422, "TOO_MANY_LINES"));
    assert_eq!((cart(&ayse).await, anonymous(&guest).await.text), before);
}

async fn a_preview_changes_nothing_and_the_merge_is_exactly_that(fixture: Fixture) {
    for strategy in ["add_quantities", "replace"] {
        fixture.a_moment_later();
        let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
        ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
        choose(&guest, kitchen.two_ayran(json!({ "quantity": 98, "note": "soğuk" }))).await;
        choose(&guest, mild(&kitchen)).await;
        let before = (ayse.get("/carts/current").await.json(), anonymous(&guest).await.text);

        let (mut preview, etag) = preview(&ayse, strategy).await;
        assert_eq!((ayse.get("/carts/current").await.json(), anonymous(&guest).await.text), before);
        let (status, mut merged) = merge_if(&ayse, &etag, json!({ "merge_strategy": strategy })).await.parts();

        assert_eq!(status, 200, "{merged}");
        assert!(merged["merge_id"].take().is_string() && preview["merge_id"].take().is_null());
        for (previewed, done) in preview["user_cart_items"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .zip(merged["user_cart_items"].as_array_mut().unwrap())
        {
            let (previewed, done) = (previewed["id"].take(), done["id"].take());
            assert!(previewed.is_null() || previewed == done, "{previewed} {done}");
        }
        assert_eq!(merged, preview);
    }
}

async fn a_merge_that_is_not_what_was_previewed_is_refused(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    let (_, first) = preview(&ayse, "add_quantities").await;
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    let of_another_guest_cart = merge_if(&ayse, &first, json!({})).await;
    let (_, second) = preview(&ayse, "add_quantities").await;
    let with_another_strategy = merge_if(&ayse, &second, json!({ "merge_strategy": "replace" })).await;
    let of_another_user = merge_if(&fixture.ayse(), &second, json!({})).await;
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    let into_another_cart = merge_if(&ayse, &second, json!({})).await;
    let of_no_preview = merge_if(&ayse, "\"0123456789abcdef\"", json!({})).await;

    for answer in [of_another_guest_cart, with_another_strategy, of_another_user, into_another_cart, of_no_preview] {
        assert_eq!((answer.status, answer.code().as_str()), (412, "CART_CHANGED"), "{}", answer.text);
    }
    assert_eq!(cart(&ayse).await, [(json!(kitchen.ayran), json!(2))]);
    assert_eq!(anonymous(&guest).await.json()["item_count"], 4);
}

async fn the_same_merge_twice_is_once(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    let (_, etag) = preview(&ayse, "add_quantities").await;

    let first = merge_if(&ayse, &etag, json!({})).await.parts();
    let again = merge(&ayse, json!({})).await.parts();
    fixture.a_moment_later();
    choose(&guest, kitchen.two_ayran(json!({ "quantity": 5 }))).await;
    let of_the_preview = merge_if(&ayse, &etag, json!({})).await.parts();
    let elsewhere = fixture.another_process().await.client();
    let once = cart(&ayse).await;

    assert_eq!((first.0, &again, &of_the_preview), (200, &first, &first));
    assert_eq!(once, [(json!(kitchen.ayran), json!(2))]);
    assert_eq!(anonymous(&elsewhere).await.json()["item_count"], 5);
}

async fn a_merge_is_not_repeated_for_another_user(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    merge(&ayse, json!({})).await;

    let zeynep = fixture.ayse();
    let other = merge(&zeynep, json!({})).await.json();

    assert_eq!((&other["merged_items_count"], &other["user_cart_items"]), (&json!(0), &json!([])));
    assert_eq!(cart(&zeynep).await, []);
}

async fn a_merge_is_answered_again_for_a_day(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    let first = merge(&ayse, json!({})).await.json();

    fixture.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    let after_a_day = merge(&ayse, json!({})).await.json();
    fixture.clock.advance(std::time::Duration::from_secs(1));
    let later = merge(&ayse, json!({})).await.json();

    assert_eq!((&after_a_day, &later["merged_items_count"]), (&first, &json!(0)));
}

async fn what_can_t_be_had_any_more_is_moved_too(fixture: Fixture) {
    let (guest, ayse, mut kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    let ayran = kitchen.ayran;
    fixture.change(&mut kitchen, |catalog| catalog.menu.meals.retain(|meal| meal.id != ayran)).await;

    let merged = merge(&ayse, json!({})).await;

    assert_eq!((merged.status, &merged.json()["merged_items_count"]), (200, &json!(1)));
    assert_eq!(ayse.get("/carts/current").await.json()["items"][0]["reason"], "REMOVED");
}

async fn nothing_is_merged_of_no_cart_and_of_an_empty_one(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    let none = merge(&ayse, json!({})).await.parts();
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    guest.delete(&format!("/carts/anonymous/{CART}/clear")).await;
    let empty = merge(&ayse, json!({ "merge_strategy": "replace" })).await.parts();
    let previewed = merge(&ayse, json!({ "dry_run": true })).await.parts();

    let nothing = json!({
        "message": "Anonymous cart is empty or not found", "user_cart_items": [], "merged_items_count": 0,
        "conflicts_resolved": 0, "adjusted": [], "merge_id": null, "etag": null,
    });
    assert_eq!([&none, &empty, &previewed], [&(200, nothing); 3]);
    assert_eq!(cart(&ayse).await, [(json!(kitchen.ayran), json!(2))]);
}

async fn what_is_wrong_with_a_merge_is_named(fixture: Fixture) {
    let ayse = fixture.ayse();
    let wrong = json!({ "anonymous_cart_id": "None", "merge_strategy": "drop", "dry_run": "yes" });

    let all = merge(&ayse, wrong).await;
    let missing = ayse.send(Ask::post("/carts/anonymous/merge", json!({}))).await;

    let (all_faults, missing_faults) = (all.json(), missing.json());
    let mut all_faults = faults(&all_faults);
    all_faults.sort_unstable();
    assert_eq!((all.status, missing.status), (422, 422));
    assert_eq!(
        all_faults,
        [("anonymous_cart_id", "ID_INVALID"), ("dry_run", "WRONG_TYPE"), ("merge_strategy", "MERGE_STRATEGY_UNKNOWN")]
    );
    assert_eq!(faults(&missing_faults)[0].0, "anonymous_cart_id");
}

async fn nobody_merges_into_the_cart_of_another(fixture: Fixture) {
    let (guest, kitchen) = (fixture.client(), fixture.kitchen("Çıpa").await);
    let [ayse, zeynep] = [(); 2].map(|()| fixture.new_user());
    choose(&guest, kitchen.two_ayran(json!({}))).await;

    let as_another = merge(&guest.user(ayse), json!({ "user_id": zeynep })).await;
    let as_admin = merge(&guest.admin(ayse), json!({ "user_id": zeynep })).await;
    let as_nobody = merge(&guest, json!({})).await;

    assert_eq!([as_another.status, as_admin.status, as_nobody.status], [403, 403, 401]);
    assert_eq!((cart(&guest.user(zeynep)).await.len(), anonymous(&guest).await.status), (0, 200));
    assert_eq!(merge(&guest.user(ayse), json!({ "user_id": ayse })).await.status, 200);
}

async fn nothing_is_merged_while_the_store_is_away(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;

    fixture.ephemeral.begin();
    let refused = merge(&ayse, json!({})).await;
    fixture.ephemeral.end();

    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{}", refused.text);
    assert_eq!((cart(&ayse).await.len(), anonymous(&guest).await.status), (0, 200));
}
