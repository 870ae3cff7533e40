use kit::on_every_database;
use serde_json::{Value, json};

use super::{has_in_order, page_of, submit, value_of};
use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_dish_is_written_down_once_however_often_its_form_is_sent,
    an_ambiguous_price_is_asked_back_and_all_that_was_typed_stays,
    a_dish_is_changed_and_what_its_form_does_not_show_stays,
    one_button_says_that_a_dish_is_sold_out_and_that_it_is_back,
    dishes_and_sections_move_by_buttons_and_twice_is_once,
    a_dish_is_deleted_after_a_page_has_asked,
    a_section_is_written_renamed_and_deleted,
}

async fn meals(meral: &Manager, path: &str) -> Vec<Value> {
    let meals = meral.client.get(&path.replace("/restaurants/", "/meals/restaurant/")).await.json();
    meals.as_array().unwrap().clone()
}

async fn names(meral: &Manager, path: &str) -> Vec<String> {
    meals(meral, path).await.iter().map(|meal| meal["name"].as_str().unwrap().to_owned()).collect()
}

async fn a_dish_is_written_down_once_however_often_its_form_is_sent(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let form = browser.get(&page_of(&path, "/menu/yeni")).await;
    let fields = [
        ("istek", value_of(&form, "istek")),
        ("name", "Adana Kebap"),
        ("description", "Közde,\r\nacılı"),
        ("price", "165,5"),
        ("category_id", ""),
        ("cuisine", ""),
        ("contains_pork", "1"),
    ];

    let first = submit(&browser, &page_of(&path, "/menu/yeni"), &fields).await;
    let second = submit(&browser, &page_of(&path, "/menu/yeni"), &fields).await;

    assert_eq!((first.status, second.status), (303, 303), "{}", first.text);
    assert_eq!(first.header("location"), second.header("location"));
    let meals = meals(&meral, &path).await;
    assert_eq!(meals.len(), 1);
    let of_meal = ["name", "description", "price", "is_available", "contains_alcohol", "contains_pork", "cuisine"];
    assert_eq!(
        of_meal.map(|field| meals[0][field].clone()),
        [
            json!("Adana Kebap"),
            json!("Közde,\nacılı"),
            json!(165.5),
            json!(true),
            json!(false),
            json!(true),
            json!(null)
        ]
    );
    let menu = browser.get(&page_of(&path, "/menu")).await;
    assert!(has_in_order(&menu, &["Adana Kebap", "₺165,50"]), "{}", menu.text);
}

async fn an_ambiguous_price_is_asked_back_and_all_that_was_typed_stays(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let form = browser.get(&page_of(&path, "/menu/yeni")).await;
    let fields = |price: &'static str| [("istek", value_of(&form, "istek")), ("name", "<Beyti>"), ("price", price)];

    let ambiguous = submit(&browser, &page_of(&path, "/menu/yeni"), &fields("1.250")).await;
    let nothing = submit(&browser, &page_of(&path, "/menu/yeni"), &[("name", " "), ("price", "0")]).await;

    assert_eq!((ambiguous.status, nothing.status), (422, 422));
    assert!(ambiguous.text.contains("<title>Hata: Yeni yemek"), "{}", ambiguous.text);
    assert!(has_in_order(
        &ambiguous,
        &["<a href=\"#price\">1250 mi, 1,25 mi?", "&#60;Beyti&#62;", "1.250", "1250 mi, 1,25 mi?"]
    ));
    assert!(
        has_in_order(&nothing, &["<a href=\"#name\">", "<a href=\"#price\">Bu tutar çok küçük."]),
        "{}",
        nothing.text
    );
    assert!(meals(&meral, &path).await.is_empty());
}

async fn a_dish_is_changed_and_what_its_form_does_not_show_stays(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let category = meral.client.post(&format!("{path}/categories"), json!({ "name": "Kebaplar" })).await.json();
    let group = json!({ "name": "Acı", "options": [{ "name": "Acılı" }] });
    let group = meral.client.post(&format!("{path}/groups"), group).await.json();
    let meal = meral.create_meal(&path, json!({ "allergens": ["milk"], "price": 1240.5 })).await;
    let page = page_of(&path, &meal.replace("/meals/", "/menu/"));
    let (category, group) = (category["id"].as_str().unwrap(), format!("grup-{}", group["id"].as_str().unwrap()));

    let form = browser.get(&page).await;
    let changed = [("name", "Urfa"), ("price", "1250"), ("category_id", category), (&group, "1"), ("cuisine", "")];
    let saved = submit(&browser, &page, &changed).await;
    let again = submit(&browser, &page, &changed).await;
    let reread = browser.get(&page).await;

    assert_eq!((form.status, value_of(&form, "price")), (200, "1240,50"));
    assert_eq!((saved.status, again.status), (303, 303), "{}", saved.text);
    let meal = &meals(&meral, &path).await[0];
    let fields = ["name", "price", "category_id", "cuisine", "allergens", "image_url", "description"];
    assert_eq!(
        fields.map(|field| meal[field].clone()),
        [
            json!("Urfa"),
            json!(1250),
            json!(category),
            json!(null),
            json!(["milk"]),
            json!("/media/adana.png"),
            json!(null)
        ]
    );
    assert!(reread.text.contains(&format!("name=\"{group}\" value=\"1\" checked")), "{}", reread.text);
    assert!(reread.text.contains(&format!("value=\"{category}\" selected")), "{}", reread.text);
}

async fn one_button_says_that_a_dish_is_sold_out_and_that_it_is_back(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let meal = meral.create_meal(&path, json!({})).await;
    let id = meal.trim_start_matches("/meals/");
    let switch =
        async |durum| submit(&browser, &page_of(&path, "/menu/durum"), &[("meal_id", id), ("durum", durum)]).await;
    let available = async || meals(&meral, &path).await[0]["is_available"].clone();

    let gone = [switch("bugun").await, switch("bugun").await];
    let menu = browser.get(&page_of(&path, "/menu")).await;
    assert_eq!(available().await, json!(false));
    assert!(gone.iter().all(|gone| gone.header("location") == page_of(&path, &format!("/menu#{id}"))));
    // Monday closes at eleven, and midnight is later.
    assert!(has_in_order(&menu, &["Tükendi · dönüş 3 Mart 2026 Salı 00:00", "value=\"var\""]), "{}", menu.text);

    switch("var").await;
    assert_eq!(available().await, json!(true));
    assert!(browser.get(&page_of(&path, "/menu")).await.text.contains("value=\"bugun\""));

    let until_said = submit(&browser, &page_of(&path, &format!("/menu/{id}/durum")), &[("durum", "yok")]).await;
    assert_eq!((until_said.status, available().await), (303, json!(false)));
    assert_eq!(meals(&meral, &path).await[0]["sold_out_until"], json!(null));
}

async fn dishes_and_sections_move_by_buttons_and_twice_is_once(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let mut ids = Vec::new();
    for name in ["Adana", "Beyti", "Ciger"] {
        // All of them at one place, as the first platform has left them.
        let meal = meral.create_meal(&path, json!({ "name": name, "position": 5 })).await;
        ids.push(meal.trim_start_matches("/meals/").to_owned());
        fixture.a_moment_later();
    }
    let moved = [("meal_id", ids[2].as_str()), ("onune", ids[1].as_str())];
    fixture.recorded().await;

    let first = submit(&browser, &page_of(&path, "/menu/sira"), &moved).await;
    assert_eq!((first.status, fixture.recorded().await.len()), (303, 1));
    submit(&browser, &page_of(&path, "/menu/sira"), &moved).await;
    assert_eq!(fixture.recorded().await.len(), 0, "what stands there already is no change");
    assert_eq!(names(&meral, &path).await, ["Adana", "Ciger", "Beyti"]);

    let mut sections = Vec::new();
    for name in ["Kebaplar", "Pideler"] {
        let category = meral.client.post(&format!("{path}/categories"), json!({ "name": name })).await.json();
        sections.push(category["id"].as_str().unwrap().to_owned());
    }
    let moved = [("category_id", sections[1].as_str()), ("onune", sections[0].as_str())];
    for _ in 0..2 {
        assert_eq!(submit(&browser, &page_of(&path, "/bolumler/sira"), &moved).await.status, 303);
    }
    let menu = browser.get(&page_of(&path, "/menu")).await;
    assert!(
        has_in_order(&menu, &["<h2>Pideler", "<h2>Kebaplar", "<h2>Bölümsüz", "Adana", "Ciger", "Beyti"]),
        "{}",
        menu.text
    );
    let unknown =
        submit(&browser, &page_of(&path, "/menu/sira"), &[("meal_id", &ids[0]), ("onune", &sections[0])]).await;
    assert_eq!(unknown.status, 404);
}

async fn a_dish_is_deleted_after_a_page_has_asked(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let meal = meral.create_meal(&path, json!({})).await;
    let page = page_of(&path, &format!("{}/sil", meal.replace("/meals/", "/menu/")));

    let question = browser.get(&page).await;
    assert!(question.text.contains("Silinecek yemek: Adana Kebap"), "{}", question.text);
    assert_eq!(meals(&meral, &path).await.len(), 1, "a question changes nothing");

    let deleted = submit(&browser, &page, &[]).await;
    assert_eq!((deleted.status, deleted.header("location")), (303, page_of(&path, "/menu").as_str()));
    assert!(meals(&meral, &path).await.is_empty());
    assert_eq!(submit(&browser, &page, &[]).await.status, 404);
}

async fn a_section_is_written_renamed_and_deleted(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let menu = browser.get(&page_of(&path, "/menu")).await;
    let fields = [("istek", value_of(&menu, "istek")), ("name", "Kebaplar")];
    let sections = async || meral.client.get(&format!("{path}/categories")).await.json().as_array().unwrap().clone();

    for _ in 0..2 {
        assert_eq!(submit(&browser, &page_of(&path, "/bolumler"), &fields).await.status, 303);
    }
    let empty = submit(&browser, &page_of(&path, "/bolumler"), &[("name", "")]).await;
    let written = sections().await;
    assert_eq!((written.len(), empty.status), (1, 422));
    assert!(empty.text.contains("<h1>Yeni bölüm\u{a0}· Çıpa Kebap</h1>"), "{}", empty.text);

    let page = page_of(&path, &format!("/bolumler/{}", written[0]["id"].as_str().unwrap()));
    assert_eq!(value_of(&browser.get(&page).await, "name"), "Kebaplar");
    assert_eq!(submit(&browser, &page, &[("name", "Izgaralar")]).await.status, 303);
    assert_eq!(sections().await[0]["name"], json!("Izgaralar"));
    assert!(browser.get(&format!("{page}/sil")).await.text.contains("Silinecek bölüm: Izgaralar"));
    assert_eq!(submit(&browser, &format!("{page}/sil"), &[]).await.status, 303);
    assert!(sections().await.is_empty());
}
