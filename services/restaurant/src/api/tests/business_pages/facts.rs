use contracts::AddressId;
use kit::on_every_database;
use serde_json::json;

use super::{has_in_order, page_of, submit, value_of};
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_restaurant_is_written_down_once_and_says_what_is_missing,
    a_form_at_fault_comes_back_as_it_was_typed_with_every_fault,
    facts_are_changed_and_what_the_form_does_not_show_stays,
    a_restaurant_is_deleted_after_a_page_has_asked,
    a_manager_finds_their_restaurants_page_by_page,
}

async fn a_restaurant_is_written_down_once_and_says_what_is_missing(fixture: Fixture) {
    let meral = fixture.manager();
    let browser = meral.browser(&fixture);
    let empty = browser.get("/isletme").await;
    let address = meral.address_id.to_string();
    let form = browser.get(&format!("/isletme/yeni?adres={address}")).await;
    let fields = [
        ("istek", value_of(&form, "istek")),
        ("name", "Çıpa Kebap"),
        ("description", ""),
        ("cuisines", "Kebap, Pide,,"),
        ("phone_number", "0216 123 45 67"),
        ("email", ""),
        ("delivery_fee", "9,9"),
        ("min_order", ""),
        ("prep_time_min", "25"),
        ("delivery_radius_m", ""),
        ("address_id", value_of(&form, "address_id")),
    ];

    let first = submit(&browser, "/isletme/yeni", &fields).await;
    let second = submit(&browser, "/isletme/yeni", &fields).await;

    assert!(empty.text.contains("Henüz bir restoranınız yok."), "{}", empty.text);
    assert!(form.text.contains("href=\"/adresler/restoran?donus=/isletme/yeni\""), "{}", form.text);
    assert_eq!(value_of(&form, "address_id"), address);
    assert_eq!((first.status, second.status), (303, 303), "{}", first.text);
    assert_eq!(first.header("location"), second.header("location"));
    let mine = meral.client.get("/restaurants/mine").await.json();
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
    let fields = ["cuisines", "delivery_fee", "min_order_price", "prep_time", "draft_reason"];
    assert_eq!(
        fields.map(|field| mine["items"][0][field].clone()),
        [json!(["Kebap", "Pide"]), json!(9.9), json!(0), json!(25), json!("ADDRESS_UNKNOWN")]
    );
    let page = browser.get(first.header("location")).await;
    let missing = ["Taslak", "Adresi henüz bilinmiyor.", "Çalışma saatleri yazılmamış.", "Menüde yemek yok."];
    assert!(has_in_order(&page, &missing), "{}", page.text);

    fixture.deliver(meral.address(1)).await.unwrap();
    let page = browser.get(first.header("location")).await;
    assert!(page.text.contains("Sahil Yolu 1, Kadıköy") && !page.text.contains("Taslak"), "{}", page.text);
}

async fn a_form_at_fault_comes_back_as_it_was_typed_with_every_fault(fixture: Fixture) {
    let meral = fixture.manager();
    let browser = meral.browser(&fixture);
    let fields = [
        ("name", ""),
        ("cuisines", "Kebap, \u{202e}edip"),
        ("phone_number", "12"),
        ("delivery_fee", "1.250"),
        ("prep_time_min", "300"),
        ("address_id", "burası"),
    ];

    let refused = submit(&browser, "/isletme/yeni", &fields).await;

    assert_eq!(refused.status, 422);
    let links = ["name", "cuisines", "phone_number", "delivery_fee", "prep_time_min", "address_id"];
    let links = links.map(|field| format!("<a href=\"#{field}\">"));
    assert!(has_in_order(&refused, &links.each_ref().map(String::as_str)), "{}", refused.text);
    assert!(has_in_order(&refused, &["value=\"1.250\"", "1250 mi, 1,25 mi?", "value=\"burası\""]), "{}", refused.text);
    assert_eq!(meral.client.get("/restaurants/mine").await.json()["items"], json!([]));
}

async fn facts_are_changed_and_what_the_form_does_not_show_stays(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap"] })).await;
    let browser = meral.browser(&fixture);
    let page = page_of(&path, "");
    let address = meral.address_id.to_string();

    let moved = browser.get(&format!("{page}?adres=018f3c52-0000-7000-8000-000000000000")).await;
    assert_eq!(value_of(&moved, "address_id"), "018f3c52-0000-7000-8000-000000000000");
    let form = browser.get(&page).await;
    let fields = [
        ("name", "Çıpa Ocakbaşı"),
        ("description", ""),
        ("cuisines", "Pide"),
        ("delivery_fee", "19,90"),
        ("min_order", "1250"),
        ("prep_time_min", "40"),
        ("delivery_radius_m", "3000"),
        ("address_id", &address),
    ];
    let saved = [submit(&browser, &page, &fields).await, submit(&browser, &page, &fields).await];
    let empty = submit(&browser, &page, &[("name", ""), ("prep_time_min", ""), ("address_id", "")]).await;

    assert_eq!((value_of(&form, "delivery_fee"), value_of(&form, "min_order")), ("9,90", "75"));
    assert!(saved.iter().all(|saved| saved.status == 303), "{}", saved[0].text);
    assert_eq!((empty.status, empty.text.matches("<li><a href=\"#").count()), (422, 3), "{}", empty.text);
    let restaurant = meral.client.get(&path).await.json();
    let fields = ["name", "description", "cuisines", "min_order_price", "phone_number", "logo", "opening_hours"];
    assert_eq!(
        fields.map(|field| restaurant[field].clone()),
        [
            json!("Çıpa Ocakbaşı"),
            json!(null),
            json!(["Pide"]),
            json!(1250),
            json!(null),
            json!("https://example.com/cipa.png"),
            json!({ "monday": "11:00-23:00", "tuesday": "11:00-23:00" }),
        ]
    );
}

async fn a_restaurant_is_deleted_after_a_page_has_asked(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let page = page_of(&path, "/sil");

    let question = browser.get(&page).await;
    assert!(question.text.contains("Silinecek restoran: Çıpa Kebap"), "{}", question.text);
    assert_eq!(meral.client.get(&path).await.status, 200, "a question changes nothing");
    assert_eq!(submit(&browser, &page, &[]).await.header("location"), "/isletme");
    assert_eq!(meral.client.get(&path).await.status, 404);
    assert_eq!(submit(&browser, &page, &[]).await.status, 404);
}

async fn a_manager_finds_their_restaurants_page_by_page(fixture: Fixture) {
    let meral = fixture.manager();
    for name in ["Birinci", "İkinci", "Üçüncü"] {
        meral.create(json!({ "name": name, "address_id": AddressId(fixture.context.sources.uuid()) })).await;
        fixture.a_moment_later();
    }

    let first = meral.browser(&fixture).get("/isletme?limit=2").await;
    assert!(has_in_order(&first, &["Birinci", "Taslak", "İkinci", "Daha fazla"]), "{}", first.text);
    let (_, rest) = first.text.split_once("/isletme?cursor=").unwrap();
    let second = meral.browser(&fixture).get(&format!("/isletme?cursor={}", rest.split_once('"').unwrap().0)).await;
    assert!(second.text.contains("Üçüncü") && !second.text.contains("Birinci"), "{}", second.text);
}
