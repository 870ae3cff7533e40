//! A merge is undone: both carts are what they were before.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::{Answer, Client};
use serde_json::{Value, json};

use super::merge::{CART, anonymous, cart, choose, merge, mild};
use crate::fixture::{Fixture, Kitchen};

on_every_database! {
    Fixture:
    both_carts_are_what_they_were_before_the_merge,
    what_was_replaced_comes_back_with_the_ids_of_its_lines,
    an_undo_sent_again_has_no_further_effect,
    what_came_into_either_cart_since_the_merge_stays,
    what_would_be_lost_is_named_and_nothing_is_undone,
    nothing_is_undone_where_the_anonymous_cart_has_no_place_for_what_goes_back,
    nothing_goes_back_where_a_line_would_hold_more_than_a_client_can_put_there,
    what_a_later_merge_has_found_is_undone_behind_that,
    a_merge_is_later_by_the_cart_and_not_by_a_clock,
    a_merge_can_be_undone_for_a_day,
    nobody_undoes_the_merge_of_another,
    what_was_given_back_can_be_merged_and_undone_again,
    an_undone_merge_is_not_answered_again,
    nothing_is_undone_while_the_store_is_away,
}

async fn merged(user: &Client, fields: Value) -> Value {
    let (status, merged) = merge(user, fields).await.parts();
    assert_eq!(status, 200, "{merged}");
    merged["merge_id"].clone()
}

async fn undo(user: &Client, merge_id: &Value) -> Answer {
    user.post(&format!("/carts/merges/{}/undo", merge_id.as_str().unwrap()), json!({})).await
}

async fn undone(user: &Client, merge_id: &Value) -> Value {
    let (status, undone) = undo(user, merge_id).await.parts();
    assert_eq!(status, 200, "{undone}");
    undone
}

/// All lines of the anonymous cart.
async fn guest_lines(guest: &Client) -> Value {
    anonymous(guest).await.json()["items"].take()
}

/// An anonymous cart with two lines, and a user's with one of the same and one of its own.
async fn two_carts(fixture: &Fixture) -> (Client, Client, Kitchen) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 3, "note": "buzlu" }))).await;
    ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": kitchen.hot }]))).await;
    fixture.a_moment_later();
    choose(&guest, kitchen.two_ayran(json!({ "note": "soğuk" }))).await;
    choose(&guest, mild(&kitchen)).await;
    fixture.a_moment_later();
    (guest, ayse, kitchen)
}

async fn both(guest: &Client, ayse: &Client) -> (Value, Value) {
    (ayse.get("/carts/get").await.json(), guest_lines(guest).await)
}

async fn both_carts_are_what_they_were_before_the_merge(fixture: Fixture) {
    let (guest, ayse, kitchen) = two_carts(&fixture).await;
    guest.post(&format!("/carts/anonymous/{CART}/extend?days=90"), json!({})).await;
    let before = both(&guest, &ayse).await;
    let merge_id = merged(&ayse, json!({})).await;
    fixture.a_moment_later();

    let undone = undone(&ayse, &merge_id).await;

    let items = ayse.get("/carts/current").await.json()["items"].take();
    let line = |index: usize, quantity: i32, note: &str, options: Value| {
        json!({
            "id": items[index]["id"], "meal_id": items[index]["meal_id"], "restaurant_id": kitchen.id,
            "quantity": quantity, "note": note, "schedule_date": null, "line_id": items[index]["line_id"], "options": options,
        })
    };
    let expected = json!({
        "message": "Merge undone", "merge_id": merge_id, "anonymous_cart_id": CART, "returned_items_count": 2,
        "user_cart_items": [
            line(0, 3, "buzlu", json!([])), line(1, 1, "", json!([{ "option_id": kitchen.hot, "quantity": 1 }])),
        ],
    });
    assert_eq!(undone, expected);
    assert_eq!(both(&guest, &ayse).await, before);
    let returned = anonymous(&guest).await.json();
    let kept: chrono::DateTime<chrono::Utc> = returned["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!((kept - fixture.context.now()).num_days(), 90);
}

async fn what_was_replaced_comes_back_with_the_ids_of_its_lines(fixture: Fixture) {
    let (guest, ayse) = (fixture.client(), fixture.ayse());
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({ "note": "buzlu" }))).await;
    ayse.post("/carts/add", mild(&cipa)).await;
    choose(&guest, liman.two_ayran(json!({}))).await;
    let before = both(&guest, &ayse).await;
    let merge_id = merged(&ayse, json!({ "merge_strategy": "replace" })).await;
    fixture.a_moment_later();

    undone(&ayse, &merge_id).await;

    assert_eq!(both(&guest, &ayse).await, before);
    assert_eq!(ayse.get("/carts/current").await.json()["restaurant"]["name"], "Çıpa");
}

async fn an_undo_sent_again_has_no_further_effect(fixture: Fixture) {
    let (guest, ayse, kitchen) = two_carts(&fixture).await;
    let merge_id = merged(&ayse, json!({})).await;
    fixture.a_moment_later();
    let first = undone(&ayse, &merge_id).await;
    let once = (both(&guest, &ayse).await, ayse.get("/carts/current").await.json()["version"].clone());

    let again = undone(&ayse, &merge_id).await;
    let twice = (both(&guest, &ayse).await, ayse.get("/carts/current").await.json()["version"].clone());
    guest.delete(&format!("/carts/anonymous/{CART}/clear")).await;
    ayse.delete("/carts/clear").await;
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 9 }))).await;
    let later = undone(&ayse, &merge_id).await;

    assert_eq!((&again, twice), (&first, once));
    assert_eq!(later["user_cart_items"][0]["quantity"], 9);
    assert_eq!((cart(&ayse).await.len(), guest_lines(&guest).await), (1, json!([])));
}

async fn what_came_into_either_cart_since_the_merge_stays(fixture: Fixture) {
    let (guest, ayse, kitchen) = two_carts(&fixture).await;
    let merge_id = merged(&ayse, json!({})).await;
    fixture.a_moment_later();
    let cheese = kitchen.adana_with(&json!([{ "option_id": kitchen.hot }, { "option_id": kitchen.cheese }]));
    ayse.post("/carts/add", cheese).await;
    choose(&guest, kitchen.two_ayran(json!({ "quantity": 5, "note": "köpüklü" }))).await;

    undone(&ayse, &merge_id).await;

    let quantities: Vec<_> = cart(&ayse).await.into_iter().map(|(_, quantity)| quantity).collect();
    let lines = guest_lines(&guest).await;
    assert_eq!(quantities, [json!(3), json!(1), json!(1)]);
    assert_eq!((&lines[0]["quantity"], &lines[0]["note"]), (&json!(7), &json!("köpüklü")));
    assert_eq!((&lines[1]["quantity"], lines.as_array().unwrap().len()), (&json!(1), 2));
}

async fn what_would_be_lost_is_named_and_nothing_is_undone(fixture: Fixture) {
    let (guest, ayse, kitchen) = two_carts(&fixture).await;
    let merge_id = merged(&ayse, json!({})).await;
    fixture.a_moment_later();
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;
    let before = (ayse.get("/carts/current").await.json(), anonymous(&guest).await.status);

    let refused = undo(&ayse, &merge_id).await;
    let same = (ayse.get("/carts/current").await.json(), anonymous(&guest).await.status);
    ayse.patch(&format!("/carts/update/{}", kitchen.ayran), json!({ "quantity": 5 })).await;
    let fewer = undo(&ayse, &merge_id).await;

    assert_eq!((refused.status, refused.code().as_str()), (409, "UNDO_WOULD_LOSE"), "{}", refused.text);
    let line = &refused.json()["lines"][0];
    assert_eq!((&line["meal_id"], &line["quantity"]), (&json!(kitchen.ayran), &json!(6)));
    assert_eq!((same, fewer.status), (before, 200), "{}", fewer.text);
}

async fn nothing_is_undone_where_the_anonymous_cart_has_no_place_for_what_goes_back(fixture: Fixture) {
    let (guest, ayse, _) = two_carts(&fixture).await;
    let liman = fixture.kitchen("Liman").await;
    let merge_id = merged(&ayse, json!({})).await;
    fixture.a_moment_later();
    choose(&guest, liman.two_ayran(json!({}))).await;
    let before = (ayse.get("/carts/current").await.json(), anonymous(&guest).await.json());

    let refused = undo(&ayse, &merge_id).await;
    let same = (ayse.get("/carts/current").await.json(), anonymous(&guest).await.json());
    guest.delete(&format!("/carts/anonymous/{CART}/clear")).await;
    let emptied = undo(&ayse, &merge_id).await;

    assert_eq!((refused.status, refused.code().as_str()), (409, "UNDO_HAS_NO_PLACE"), "{}", refused.text);
    assert_eq!((same, emptied.status), (before, 200), "{}", emptied.text);
    assert_eq!(guest_lines(&guest).await.as_array().unwrap().len(), 2);
}

async fn nothing_goes_back_where_a_line_would_hold_more_than_a_client_can_put_there(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({ "quantity": 60 }))).await;
    let merge_id = merged(&ayse, json!({})).await;
    fixture.a_moment_later();
    choose(&guest, kitchen.two_ayran(json!({ "quantity": 40 }))).await;

    let refused = undo(&ayse, &merge_id).await;

    assert_eq!((refused.status, refused.code().as_str()), (409, "UNDO_HAS_NO_PLACE"), "{}", refused.text);
    assert_eq!(guest_lines(&guest).await[0]["quantity"], 40);
}

/// Else it would come back into the cart of the user by the second, where it has gone back by the first.
async fn what_a_later_merge_has_found_is_undone_behind_that(fixture: Fixture) {
    merge_and_undo_both(&fixture, &fixture).await;
}

async fn a_merge_is_later_by_the_cart_and_not_by_a_clock(fixture: Fixture) {
    let ahead = fixture.process_ahead(Duration::from_secs(60)).await;

    merge_and_undo_both(&ahead, &fixture).await;
}

/// Merges by `first` and then by `fixture`, and undoes both there.
async fn merge_and_undo_both(first: &Fixture, fixture: &Fixture) {
    let (guest, user_id) = (fixture.client(), fixture.new_user());
    let (before, ayse) = (first.client().user(user_id), fixture.client().user(user_id));
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    let other = fixture.context.sources.uuid();
    choose(&guest, cipa.two_ayran(json!({}))).await;
    let item = liman.two_ayran(json!({ "cart_id": other, "quantity": 1 }));
    assert_eq!(guest.post("/carts/anonymous/add", item).await.status, 200);
    fixture.a_moment_later();
    let first = merged(&before, json!({})).await;
    fixture.a_moment_later();
    let second = merged(&ayse, json!({ "anonymous_cart_id": other, "merge_strategy": "replace" })).await;

    let refused = undo(&ayse, &first).await;
    undone(&ayse, &second).await;
    let between = cart(&ayse).await.len();
    undone(&ayse, &first).await;

    assert_eq!((refused.status, refused.code().as_str()), (409, "UNDO_LATER_FIRST"), "{}", refused.text);
    assert_eq!((&refused.json()["merge_id"], between, cart(&ayse).await.len()), (&second, 1, 0));
    assert_eq!(guest_lines(&guest).await[0]["quantity"], 2);
}

async fn a_merge_can_be_undone_for_a_day(fixture: Fixture) {
    let (guest, ayse, kitchen) = two_carts(&fixture).await;
    let late = merged(&ayse, json!({})).await;
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    fixture.clock.advance(Duration::from_secs(1));
    let timely = merged(&ayse, json!({})).await;
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));

    let refused = undo(&ayse, &late).await;
    let done = undo(&ayse, &timely).await;

    assert_eq!((refused.status, refused.code().as_str()), (410, "UNDO_TOO_LATE"), "{}", refused.text);
    assert_eq!(done.status, 200, "{}", done.text);
}

async fn nobody_undoes_the_merge_of_another(fixture: Fixture) {
    let (guest, ayse, _) = two_carts(&fixture).await;
    let merge_id = merged(&ayse, json!({})).await;
    let before = (ayse.get("/carts/current").await.json(), anonymous(&guest).await.status);

    let stranger = undo(&fixture.ayse(), &merge_id).await;
    let admin = undo(&guest.admin(fixture.new_user()), &merge_id).await;
    let unknown = undo(&ayse, &json!(fixture.context.sources.uuid())).await;
    let no_id = undo(&ayse, &json!("1")).await;

    for answer in [stranger, admin, unknown, no_id] {
        assert_eq!((answer.status, answer.code().as_str()), (404, "MERGE_NOT_FOUND"), "{}", answer.text);
    }
    assert_eq!(undo(&guest, &merge_id).await.status, 401);
    assert_eq!((ayse.get("/carts/current").await.json(), anonymous(&guest).await.status), before);
}

async fn what_was_given_back_can_be_merged_and_undone_again(fixture: Fixture) {
    let (guest, ayse, _) = two_carts(&fixture).await;
    let before = both(&guest, &ayse).await;
    for _ in 0..3 {
        fixture.a_moment_later();
        let merge_id = merged(&ayse, json!({})).await;
        let emptied = anonymous(&guest).await;
        assert!(emptied.status == 404 || emptied.json()["items"] == json!([]), "{}", emptied.text);
        assert_eq!(cart(&ayse).await.iter().map(|(_, quantity)| quantity.as_u64().unwrap()).sum::<u64>(), 7);

        undone(&ayse, &merge_id).await;

        assert_eq!(both(&guest, &ayse).await, before);
    }
}

async fn an_undone_merge_is_not_answered_again(fixture: Fixture) {
    let (guest, ayse, _) = two_carts(&fixture).await;
    let merge_id = merged(&ayse, json!({})).await;
    undone(&ayse, &merge_id).await;
    guest.delete(&format!("/carts/anonymous/{CART}/clear")).await;

    let again = merge(&ayse, json!({})).await.json();

    assert_eq!((&again["merged_items_count"], &again["merge_id"]), (&json!(0), &Value::Null));
}

async fn nothing_is_undone_while_the_store_is_away(fixture: Fixture) {
    let (guest, ayse, _) = two_carts(&fixture).await;
    let merge_id = merged(&ayse, json!({})).await;
    let before = both(&guest, &ayse).await;

    fixture.ephemeral.begin();
    let refused = undo(&ayse, &merge_id).await;
    fixture.ephemeral.end();

    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{}", refused.text);
    assert_eq!(both(&guest, &ayse).await, before);
}
