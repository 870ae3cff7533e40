use kit::on_every_database;
use serde_json::{Value, json};

use super::{has_in_order, page_of, submit, value_of};
use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_group_is_written_down_once_with_the_rows_that_were_filled_in,
    a_row_is_changed_by_its_own_fields_and_deleted_by_an_empty_name,
    what_is_wrong_in_a_row_stands_in_that_row,
}

async fn groups(meral: &Manager, path: &str) -> Vec<Value> {
    meral.client.get(&format!("{path}/groups")).await.json().as_array().unwrap().clone()
}

async fn a_group_is_written_down_once_with_the_rows_that_were_filled_in(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let page = page_of(&path, "/secenekler");
    let form = browser.get(&page).await;
    let fields = [
        ("istek", value_of(&form, "istek")),
        ("name", "Acı"),
        ("min", "1"),
        ("max", ""),
        ("options[0].name", ""),
        ("options[0].price", ""),
        ("options[0].is_available", "1"),
        ("options[1].name", "Acılı"),
        ("options[1].price", "2,5"),
        ("options[1].max_quantity", "2"),
        ("options[1].is_available", "1"),
    ];

    for _ in 0..2 {
        let answer = submit(&browser, &page, &fields).await;
        assert_eq!((answer.status, answer.header("location")), (303, page_of(&path, "/menu").as_str()));
    }

    let groups = groups(&meral, &path).await;
    assert_eq!(groups.len(), 1);
    assert_eq!((&groups[0]["min"], &groups[0]["max"]), (&json!(1), &json!(null)));
    let option = &groups[0]["options"][0];
    assert_eq!(groups[0]["options"].as_array().unwrap().len(), 1);
    assert_eq!((&option["name"], &option["price"], &option["max_quantity"]), (&json!("Acılı"), &json!(2.5), &json!(2)));
    let menu = browser.get(&page_of(&path, "/menu")).await;
    assert!(has_in_order(&menu, &["Acı", "1 seçenek · en az 1"]), "{}", menu.text);
}

async fn a_row_is_changed_by_its_own_fields_and_deleted_by_an_empty_name(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let group =
        json!({ "name": "Porsiyon", "max": 1, "options": [{ "name": "Tek" }, { "name": "Çift", "price": 80 }] });
    let group = meral.client.post(&format!("{path}/groups"), group).await.json();
    let page = page_of(&path, &format!("/secenekler/{}", group["id"].as_str().unwrap()));
    let [first, second] = [0, 1].map(|row| group["options"][row]["id"].as_str().unwrap());

    let form = browser.get(&page).await;
    let fields = [
        ("name", "Porsiyon"),
        ("min", "0"),
        ("max", "1"),
        ("options[0].id", first),
        ("options[0].name", ""),
        ("options[0].price", "0"),
        ("options[1].id", second),
        ("options[1].name", "Büyük"),
        ("options[1].price", "90"),
        ("options[1].max_quantity", "1"),
    ];
    let saved = [submit(&browser, &page, &fields).await, submit(&browser, &page, &fields).await];

    assert_eq!((value_of(&form, "options[1].price"), value_of(&form, "options[1].id")), ("80", second));
    assert!(saved.iter().all(|saved| saved.status == 303), "{}", saved[0].text);
    let expected = json!({ "id": second, "name": "Büyük", "price": 90, "max_quantity": 1, "is_available": false });
    assert_eq!(groups(&meral, &path).await[0]["options"], json!([expected]));
    let question = browser.get(&format!("{page}/sil")).await;
    assert!(question.text.contains("Silinecek seçenek grubu: Porsiyon"), "{}", question.text);
    assert_eq!(submit(&browser, &format!("{page}/sil"), &[]).await.status, 303);
    assert!(groups(&meral, &path).await.is_empty());
}

async fn what_is_wrong_in_a_row_stands_in_that_row(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let fields = [
        ("name", "Acı"),
        ("min", "iki"),
        ("max", "1"),
        ("options[0].name", ""),
        ("options[1].name", "Acılı"),
        ("options[1].price", "1.250"),
        ("options[2].name", ""),
        ("options[2].price", "5"),
        ("options[3].name", "Közlü"),
        ("options[3].max_quantity", "100"),
    ];

    let refused = submit(&browser, &page_of(&path, "/secenekler"), &fields).await;

    assert_eq!(refused.status, 422);
    let links = ["#min", "#options[1].price", "#options[2].name", "#options[3].max_quantity"];
    let links = links.map(|link| format!("<a href=\"{link}\">"));
    assert!(has_in_order(&refused, &links.each_ref().map(String::as_str)), "{}", refused.text);
    assert_eq!(refused.text.matches("<li><a href=\"#").count(), 4, "{}", refused.text);
    assert!(has_in_order(&refused, &["value=\"1.250\"", "1250 mi, 1,25 mi?", "Közlü", "1 ile 99 arasında"]));
}
