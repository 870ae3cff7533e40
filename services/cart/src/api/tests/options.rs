//! A line is a meal with what is chosen with it.

use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::{Fixture, meal};

on_every_database! {
    Fixture:
    a_meal_with_other_options_is_another_line,
    the_same_options_are_the_same_line_however_they_are_sent,
    options_that_don_t_fit_are_refused_by_name,
    a_client_that_knows_no_options_is_asked_for_none,
    a_path_that_names_a_meal_means_its_line_without_options_or_its_only_one,
    a_path_that_names_a_meal_with_several_lines_is_answered_with_them,
    a_line_that_is_there_can_be_changed_whatever_its_options_have_become,
}

async fn a_meal_with_other_options_is_another_line(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let hot = ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": kitchen.hot }]))).await.json();
    let mild = ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": kitchen.mild }]))).await.json();

    let items = ayse.get("/carts/get").await.json();
    assert_eq!(items, json!([hot, mild]));
    assert_eq!(hot["options"], json!([{ "option_id": kitchen.hot, "quantity": 1 }]));
    assert!(hot["line_id"] != mild["line_id"] && hot["line_id"] != hot["meal_id"], "{items}");
}

async fn the_same_options_are_the_same_line_however_they_are_sent(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let (hot, cheese) = (kitchen.hot, kitchen.cheese);

    for options in [
        json!([{ "option_id": hot }, { "option_id": cheese, "quantity": 2 }]),
        json!([{ "option_id": cheese }, { "option_id": hot, "quantity": 1 }, { "option_id": cheese }]),
    ] {
        assert_eq!(ayse.post("/carts/add", kitchen.adana_with(&options)).await.status, 200);
    }

    let cart = ayse.get("/carts/current").await.json();
    assert_eq!(cart["items"].as_array().unwrap().len(), 1, "{cart}");
    assert_eq!(cart["items"][0]["unit_price"], json!(260.7));
}

async fn options_that_don_t_fit_are_refused_by_name(fixture: Fixture) {
    let (ayse, mut kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let (hot, mild, secret, cheese) = (kitchen.hot, kitchen.mild, kitchen.secret, kitchen.cheese);
    let sauces = json!(kitchen.sauces);
    let of_ayran = json!({ "restaurant_id": kitchen.id, "meal_id": kitchen.ayran, "options": [{ "option_id": hot }] });
    let adana = |options| kitchen.adana_with(&options);
    let cases = [
        (adana(json!([])), "TOO_FEW_CHOICES", "group_id", sauces.clone()),
        (adana(json!([{ "option_id": cheese }])), "TOO_FEW_CHOICES", "group_id", sauces.clone()),
        (adana(json!([{ "option_id": hot }, { "option_id": mild }])), "TOO_MANY_CHOICES", "group_id", sauces),
        (adana(json!([{ "option_id": secret }])), "OPTION_UNAVAILABLE", "option_id", json!(secret)),
        (adana(json!([{ "option_id": kitchen.id }])), "OPTION_UNKNOWN", "option_id", json!(kitchen.id)),
        (of_ayran, "OPTION_UNKNOWN", "option_id", json!(hot)),
    ];
    let refused = async |body: &Value, code: &str, member: &str, value: &Value| {
        let (status, problem) = ayse.post("/carts/add", body.clone()).await.parts();
        assert_eq!((status, &problem["code"], &problem[member]), (422, &json!(code), value), "{body}");
        assert_eq!(problem["errors"][0]["field"], "options");
    };

    for (body, code, member, value) in &cases {
        refused(body, code, member, value).await;
    }
    // What is sold out for the moment is held to its options alike.
    let adana = kitchen.adana;
    fixture.change(&mut kitchen, |catalog| meal(catalog, adana).is_available = false).await;
    for (body, code, member, value) in &cases {
        refused(body, code, member, value).await;
    }
    assert_eq!(ayse.get("/carts/get").await.text, "[]");
}

async fn a_client_that_knows_no_options_is_asked_for_none(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let added = ayse.post("/carts/add", json!({ "restaurant_id": kitchen.id, "meal_id": kitchen.adana })).await;

    let cart = ayse.get("/carts/current").await.json();
    assert_eq!((added.status, &added.json()["line_id"]), (200, &json!(kitchen.adana)));
    let line = &cart["items"][0];
    assert_eq!(
        (&line["available"], &line["reason"]),
        (&json!(false), &json!("OPTIONS_INVALID")),
        "its sauce is missing"
    );
}

async fn a_path_that_names_a_meal_means_its_line_without_options_or_its_only_one(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let update = format!("/carts/update/{}", kitchen.adana);
    let hot = ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": kitchen.hot }]))).await.json();

    let only = ayse.patch(&update, json!({ "quantity": 2 })).await.json();
    let plain = ayse.post("/carts/add", json!({ "restaurant_id": kitchen.id, "meal_id": kitchen.adana })).await.json();
    let without = ayse.patch(&update, json!({ "quantity": 3 })).await.json();
    ayse.delete(&format!("/carts/remove/{}", kitchen.adana)).await;

    assert_eq!((&only["line_id"], &without["line_id"]), (&hot["line_id"], &plain["line_id"]));
    let left = ayse.get("/carts/get").await.json();
    assert_eq!((left.as_array().unwrap().len(), &left[0]), (1, &only));
}

async fn a_path_that_names_a_meal_with_several_lines_is_answered_with_them(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let mut lines = Vec::new();
    for sauce in [kitchen.hot, kitchen.mild] {
        let added = ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": sauce }]))).await.json();
        lines.push(added["line_id"].as_str().unwrap().to_owned());
    }

    let meal = kitchen.adana;
    let answers = [
        ayse.patch(&format!("/carts/update/{meal}"), json!({ "quantity": 2 })).await,
        ayse.delete(&format!("/carts/remove/{meal}")).await,
    ];

    for answer in answers {
        let (status, problem) = answer.parts();
        assert_eq!((status, &problem["code"]), (409, &json!("LINE_AMBIGUOUS")), "{problem}");
        let named: Vec<_> = problem["lines"].as_array().unwrap().iter().map(|line| line["line_id"].clone()).collect();
        assert_eq!(named, lines);
    }
    assert_eq!(
        ayse.patch(&format!("/carts/update/{}", lines[1]), json!({ "quantity": 2 })).await.json()["quantity"],
        2
    );
    ayse.delete(&format!("/carts/remove/{}", lines[0])).await;
    let left = ayse.get("/carts/get").await.json();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["line_id"]), (1, &json!(lines[1])));
}

async fn a_line_that_is_there_can_be_changed_whatever_its_options_have_become(fixture: Fixture) {
    let (ayse, mut kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let hot = json!([{ "option_id": kitchen.hot }]);
    ayse.post("/carts/add", kitchen.adana_with(&hot.clone())).await;
    fixture.change(&mut kitchen, |catalog| catalog.menu.groups[0].options[0].is_available = false).await;

    let again = ayse.post("/carts/add", kitchen.adana_with(&hot)).await;

    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(ayse.get("/carts/current").await.json()["items"][0]["reason"], "SOLD_OUT");
}
