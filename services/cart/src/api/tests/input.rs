//! What is sent and can't be taken.

use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    every_field_that_is_wrong_is_named,
    a_note_is_composed_and_holds_nothing_that_can_t_be_typed,
    whoever_claims_to_be_another_is_refused,
    a_restaurant_that_is_gone_takes_nothing,
}

async fn every_field_that_is_wrong_is_named(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let update = format!("/carts/update/{}", kitchen.ayran);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    let option = json!({ "option_id": kitchen.hot });
    let wrong: &[(&str, Value, &str)] = &[
        ("restaurant_id", Value::Null, "REQUIRED"),
        ("restaurant_id", json!("test-restaurant"), "ID_INVALID"),
        ("meal_id", Value::Null, "REQUIRED"),
        ("meal_id", json!(7), "WRONG_TYPE"),
        ("quantity", json!(0), "QUANTITY_LIMIT"),
        ("quantity", json!(100), "QUANTITY_LIMIT"),
        ("quantity", json!(-1), "QUANTITY_LIMIT"),
        ("quantity", json!(1.5), "QUANTITY_LIMIT"),
        ("quantity", json!(1e30), "QUANTITY_LIMIT"),
        ("quantity", json!("2"), "WRONG_TYPE"),
        ("note", json!("ş".repeat(501)), "NOTE_TOO_LONG"),
        ("note", json!(1), "WRONG_TYPE"),
        ("schedule_date", json!("yarın"), "TIME_INVALID"),
        ("options", json!("acılı"), "WRONG_TYPE"),
        ("options[0].option_id", json!([{ "option_id": "acılı" }]), "ID_INVALID"),
        ("options[1].quantity", json!([option, { "option_id": kitchen.hot, "quantity": 0 }]), "OPTIONS_INVALID"),
        ("options[1]", json!([option, "acılı"]), "WRONG_TYPE"),
        ("options", Value::from(vec![option.clone(); 51]), "TOO_MANY"),
        ("options", json!([option, { "option_id": kitchen.hot, "quantity": 99 }]), "OPTIONS_INVALID"),
        ("on_conflict", json!("merge"), "ON_CONFLICT_UNKNOWN"),
    ];

    for (field, value, code) in wrong {
        let (name, _) = field.split_once('[').unwrap_or((field, ""));
        let (status, problem) = ayse.post("/carts/add", kitchen.two_ayran(json!({ name: value }))).await.parts();
        let named = (&problem["errors"][0]["field"], &problem["errors"][0]["code"]);
        assert_eq!((status, named), (422, (&json!(field), &json!(code))), "{value}");
        if *code == "QUANTITY_LIMIT" {
            assert_eq!((&problem["code"], &problem["max"]), (&json!(code), &json!(99)), "{value}");
        }
    }
    for (field, value, code) in wrong.iter().filter(|(field, ..)| ["quantity", "note", "schedule_date"].contains(field))
    {
        let (status, problem) = ayse.patch(&update, json!({ *field: value })).await.parts();
        let named = (&problem["errors"][0]["field"], &problem["errors"][0]["code"]);
        assert_eq!((status, named), (422, (&json!(field), &json!(code))), "{value}");
    }
    let all = ayse.post("/carts/add", json!({ "quantity": 0 })).await.json();
    let fields: Vec<_> = all["errors"].as_array().unwrap().iter().map(|fault| fault["field"].clone()).collect();
    assert_eq!(fields, ["restaurant_id", "meal_id", "quantity"]);
    assert_eq!(ayse.get("/carts/current").await.json()["version"], 1);
}

async fn a_note_is_composed_and_holds_nothing_that_can_t_be_typed(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let note = json!({ "note": "so\u{11F}uk \u{202E}ols\u{75}\u{308}n\u{0}\r\nteşekkürler" });
    let added = ayse.post("/carts/add", kitchen.two_ayran(note)).await.json();

    assert_eq!(added["note"], "soğuk olsün\nteşekkürler");
}

async fn whoever_claims_to_be_another_is_refused(fixture: Fixture) {
    let (user, other) = (fixture.new_user(), fixture.new_user());
    let (ayse, kitchen) = (fixture.client().user(user), fixture.kitchen("Çıpa").await);
    let update = format!("/carts/update/{}", kitchen.ayran);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "user_id": user }))).await;

    for claim in [json!(other), json!("someone"), json!(1)] {
        let answers = [
            ayse.post("/carts/add", kitchen.two_ayran(json!({ "user_id": claim }))).await,
            ayse.patch(&update, json!({ "user_id": claim, "quantity": 9 })).await,
        ];
        for answer in answers {
            assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("OTHER_USER")), "{claim}");
        }
    }
    for path in ["/carts/get", "/carts/current"] {
        assert_eq!(ayse.get(&format!("{path}?user_id={other}")).await.status, 403);
        assert_eq!(ayse.get(&format!("{path}?user_id={user}")).await.status, 200);
    }
    for path in [format!("/carts/remove/{}", kitchen.ayran), "/carts/clear".to_owned()] {
        assert_eq!(ayse.delete(&format!("{path}?user_id={other}")).await.status, 403);
    }
    assert_eq!(ayse.get("/carts/get").await.json()[0]["quantity"], 2);
}

async fn a_restaurant_that_is_gone_takes_nothing(fixture: Fixture) {
    let (ayse, mut kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let add = async |kitchen: &crate::fixture::Kitchen| {
        let (status, problem) = ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await.parts();
        (status, problem["code"].clone())
    };

    fixture.change(&mut kitchen, |catalog| catalog.visible = false).await;
    let hidden = add(&kitchen).await;
    fixture.hear(kitchen.deletion()).await.unwrap();
    let deleted = add(&kitchen).await;

    let gone = (422, json!("RESTAURANT_GONE"));
    assert_eq!((hidden, deleted), (gone.clone(), gone));
}
