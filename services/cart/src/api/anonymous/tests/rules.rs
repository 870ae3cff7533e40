//! What is refused, and what a repeat or another state does.

use kit::testing::changed;

use super::*;

on_every_database! {
    Fixture:
    an_id_that_is_none_is_a_422,
    every_fault_of_an_add_is_named,
    meals_of_another_restaurant_are_refused_in_the_words_of_the_first_platform,
    a_line_holds_99_and_says_so,
    an_add_that_is_repeated_with_its_key_adds_nothing,
    a_repeat_is_answered_whatever_has_become_of_the_cart_and_the_meal,
    a_key_that_comes_with_another_add_is_refused,
    a_change_of_a_cart_that_has_changed_is_refused_with_what_it_is_now,
    a_meal_with_several_options_has_to_be_named_by_its_line,
    so_many_carts_are_made_from_one_network,
    whoever_tries_ids_of_carts_is_not_answered_any_more,
    what_is_no_cart_is_said_to_be_none_and_left_alone,
    an_unknown_cart_is_made_by_the_first_add_without_an_id,
}

async fn an_id_that_is_none_is_a_422(fixture: Fixture) {
    let client = fixture.client();
    let line = |id: &str| format!("/carts/anonymous/{id}/items/{MEAL}");

    for id in ["None", "1", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
        let mut body = item(1);
        body["cart_id"] = json!(id);
        let answers = [
            client.get(&format!("/carts/anonymous/{id}")).await,
            client.get(&format!("/carts/anonymous/{id}/validate")).await,
            client.post(&format!("/carts/anonymous/{id}/extend"), json!({})).await,
            client.delete(&format!("/carts/anonymous/{id}/clear")).await,
            client.delete(&line(id)).await,
            client.patch(&line(id), json!({})).await,
            client.post("/carts/anonymous/add", body).await,
        ];
        for answer in answers {
            assert_eq!((answer.status, faults(&answer.json())), (422, vec![("cart_id", "ID_INVALID")]), "{id}");
        }
    }
}

async fn every_fault_of_an_add_is_named(fixture: Fixture) {
    let wrong = json!({
        "cart_id": 1, "restaurant_id": "x", "quantity": 0, "note": "ş".repeat(501), "schedule_date": "yarın",
        "options": [{ "option_id": MEAL, "quantity": 100 }],
    });

    let answer = fixture.client().post("/carts/anonymous/add", wrong).await.json();

    let named: Vec<&str> = faults(&answer).into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        named,
        ["cart_id", "restaurant_id", "meal_id", "quantity", "note", "schedule_date", "options[0].quantity"]
    );
}

async fn meals_of_another_restaurant_are_refused_in_the_words_of_the_first_platform(fixture: Fixture) {
    let client = fixture.client();
    add(&client, item(1)).await;
    let mut elsewhere = item(1);
    elsewhere["restaurant_id"] = json!(CART);

    let answer = client.post("/carts/anonymous/add", elsewhere).await;

    assert_eq!((answer.status, answer.code().as_str()), (400, "DIFFERENT_RESTAURANT"));
    assert_eq!(answer.json()["detail"], "Cannot add item from different restaurant");
}

async fn a_line_holds_99_and_says_so(fixture: Fixture) {
    let client = fixture.client();
    add(&client, item(98)).await;

    let answer = client.post("/carts/anonymous/add", item(2)).await;

    let body = answer.json();
    assert_eq!((answer.status, &body["code"], &body["max"]), (422, &json!("QUANTITY_LIMIT"), &json!(99)));
    assert_eq!(faults(&body), [("quantity", "QUANTITY_LIMIT")]);
    assert_eq!(client.get(&path("")).await.json()["item_count"], 98);
}

async fn an_add_that_is_repeated_with_its_key_adds_nothing(fixture: Fixture) {
    let client = fixture.client().with_header("idempotency-key", "once");

    let first = client.post("/carts/anonymous/add", item(2)).await;
    let repeat = client.post("/carts/anonymous/add", item(2)).await;

    assert_eq!((first.headers.get("idempotent-replayed"), repeat.header("idempotent-replayed")), (None, "true"));
    assert_eq!((first.json(), first.header("etag")), (repeat.json(), repeat.header("etag")));
    assert_eq!(repeat.json()["item_count"], 2);
}

async fn a_repeat_is_answered_whatever_has_become_of_the_cart_and_the_meal(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let ayran = kitchen.ayran;
    let client = fixture.client();
    let body = changed(kitchen.two_ayran(json!({})), json!({ "cart_id": CART }));
    let first = client.post("/carts/anonymous/add", body.clone()).await;
    let keyed = || {
        Ask::post("/carts/anonymous/add", body.clone())
            .header("idempotency-key", "once")
            .header("if-match", first.header("etag"))
    };

    let added = client.send(keyed()).await;
    let repeat = client.send(keyed()).await;
    fixture.change(&mut kitchen, |catalog| catalog.menu.meals.retain(|meal| meal.id != ayran)).await;
    let late = client.send(keyed()).await;
    let new = client.post("/carts/anonymous/add", body.clone()).await;

    for repeat in [repeat, late] {
        assert_eq!((repeat.status, repeat.header("idempotent-replayed")), (200, "true"), "{}", repeat.text);
        assert_eq!((&repeat.json()["item_count"], repeat.header("etag")), (&json!(4), added.header("etag")));
    }
    assert_eq!((new.status, new.code().as_str()), (422, "UNKNOWN_MEAL"));
}

async fn a_key_that_comes_with_another_add_is_refused(fixture: Fixture) {
    let client = fixture.client().with_header("idempotency-key", "once");
    client.post("/carts/anonymous/add", item(2)).await;

    let other = client.post("/carts/anonymous/add", item(3)).await;

    assert_eq!((other.status, other.code().as_str()), (422, "IDEMPOTENCY_KEY_REUSED"));
}

async fn a_change_of_a_cart_that_has_changed_is_refused_with_what_it_is_now(fixture: Fixture) {
    let client = fixture.client();
    let seen = client.post("/carts/anonymous/add", item(1)).await;
    let line = path(&format!("/items/{MEAL}"));
    let update = |tag: &str| Ask::patch(&line, json!({ "quantity": 7 })).header("if-match", tag);

    let first = client.send(update(seen.header("etag"))).await;
    let second = client.send(update(seen.header("etag"))).await;
    let cleared = client.send(Ask::delete(&path("/clear")).header("if-match", "\"0000000000000000\"")).await;

    assert_eq!((first.status, &first.json()["item_count"]), (200, &json!(7)));
    for refused in [second, cleared] {
        let body = refused.json();
        assert_eq!((refused.status, &body["code"]), (412, &json!("CART_CHANGED")));
        assert_eq!((&body["cart"], body["etag"].as_str()), (&first.json(), Some(first.header("etag"))));
    }
}

async fn a_meal_with_several_options_has_to_be_named_by_its_line(fixture: Fixture) {
    let client = fixture.client();
    let with = |option: &str| {
        let mut body = item(1);
        body["options"] = json!([{ "option_id": option }]);
        body
    };
    add(&client, with(CART)).await;
    let cart = add(&client, with(RESTAURANT)).await;

    let refused = client.delete(&path(&format!("/items/{MEAL}"))).await;
    let lines = refused.json()["lines"].clone();
    let removed = client.delete(&path(&format!("/items/{}", lines[0]["line_id"].as_str().unwrap()))).await.json();

    assert_eq!((refused.status, refused.code().as_str(), lines.as_array().unwrap().len()), (409, "LINE_AMBIGUOUS", 2));
    assert_eq!(
        (&lines[0]["line_id"], &lines[0]["options"]),
        (&cart["items"][0]["line_id"], &cart["items"][0]["options"])
    );
    assert_eq!(removed["items"], json!([cart["items"][1]]));
}

async fn so_many_carts_are_made_from_one_network(fixture: Fixture) {
    let new = json!({ "restaurant_id": RESTAURANT, "meal_id": MEAL });
    let client = fixture.client().at("203.0.113.1");
    for _ in 0..300 {
        add(&client, new.clone()).await;
    }

    let refused = client.post("/carts/anonymous/add", new.clone()).await;
    let elsewhere = fixture.client().at("198.51.100.1").post("/carts/anonymous/add", new).await;

    assert_eq!((refused.status, refused.code().as_str(), elsewhere.status), (429, "TOO_MANY_CARTS", 200));
    assert!(refused.headers.contains_key("retry-after"));
}

async fn whoever_tries_ids_of_carts_is_not_answered_any_more(fixture: Fixture) {
    add(&fixture.client(), item(1)).await;
    let (client, user) = (fixture.client().at("203.0.113.1"), fixture.new_user());
    let unknown = || fixture.context.sources.uuid();
    let kept = unknown();
    for number in 0..1_000 {
        // A client that asks for the cart that it has kept is not one that tries.
        client.get(&format!("/carts/anonymous/{kept}")).await;
        let id = if number == 0 { kept } else { unknown() };
        let answer = match number % 5 {
            0 => client.get(&format!("/carts/anonymous/{id}")).await,
            1 => client.get(&format!("/carts/anonymous/{id}/validate")).await,
            2 => client.delete(&format!("/carts/anonymous/{id}/clear")).await,
            3 => client.delete(&format!("/carts/anonymous/{id}/items/{MEAL}")).await,
            _ => {
                let signed_in = fixture.client().at("203.0.113.1").user(user);
                signed_in.post("/carts/anonymous/merge", json!({ "anonymous_cart_id": id })).await
            }
        };
        assert!(matches!(answer.status, 200 | 404), "{number}: {}", answer.status);
    }

    let refused = client.get(&format!("/carts/anonymous/{}", unknown())).await;
    let there = client.get(&path("")).await;
    let elsewhere = fixture.client().get(&path("")).await;
    fixture.clock.advance(std::time::Duration::from_secs(60 * 60));
    let later = client.get(&path("")).await;

    for refused in [&refused, &there] {
        assert_eq!((refused.status, refused.code().as_str()), (429, "TOO_MANY_UNKNOWN_CARTS"));
        assert!(refused.headers.contains_key("retry-after"));
    }
    assert_eq!((elsewhere.status, later.status), (200, 200));
}

async fn what_is_no_cart_is_said_to_be_none_and_left_alone(fixture: Fixture) {
    let (client, key) = (fixture.client(), format!("cart:anon:{CART}"));
    let month = std::time::Duration::from_secs(30 * 24 * 60 * 60);
    fixture.context.ephemeral.put(&key, b"not a cart", month).await.unwrap();

    let answers = [
        client.get(&path("")).await,
        client.post("/carts/anonymous/add", item(1)).await,
        client.delete(&path("/clear")).await,
        client.post(&path("/extend"), json!({})).await,
    ];
    let validity = client.get(&path("/validate")).await.json();

    for answer in answers {
        assert_eq!((answer.status, answer.code().as_str()), (409, "CART_UNREADABLE"), "{}", answer.text);
    }
    assert_eq!((&validity["exists"], &validity["is_valid"]), (&json!(true), &json!(false)));
    assert_eq!(fixture.context.ephemeral.get(&key).await.unwrap().as_deref(), Some(&b"not a cart"[..]));
}

async fn an_unknown_cart_is_made_by_the_first_add_without_an_id(fixture: Fixture) {
    let client = fixture.client();

    let one = add(&client, json!({ "cart_id": null, "restaurant_id": RESTAURANT, "meal_id": MEAL })).await;
    let two = add(&client, json!({ "restaurant_id": RESTAURANT, "meal_id": MEAL })).await;

    let path = format!("/carts/anonymous/{}", one["cart_id"].as_str().unwrap());
    assert_ne!(one["cart_id"], two["cart_id"]);
    assert_eq!(client.get(&path).await.parts(), (200, one));
}
