use kit::on_every_database;
use kit::testing::{Answer, Client};
use serde_json::json;

use super::{has_in_order, page_of, submit, value_of};
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_week_is_written_day_by_day_and_a_night_runs_on,
    the_hours_of_a_day_are_copied_to_the_working_days,
    hours_that_overlap_are_refused_at_their_day_and_stay_as_typed,
    a_break_begins_by_a_button_or_until_a_time_and_ends,
}

const MONDAY: [(&str, &str); 5] = [
    ("opening_hours.monday.from[0]", "11:00"),
    ("opening_hours.monday.until[0]", "14:00"),
    ("opening_hours.monday.from[2]", "18:00"),
    ("opening_hours.monday.until[2]", "02:00"),
    ("last_order_min", "30"),
];

async fn a_week_is_written_day_by_day_and_a_night_runs_on(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let page = page_of(&path, "/saatler");

    let before = browser.get(&page).await;
    let saved = [submit(&browser, &page, &MONDAY).await, submit(&browser, &page, &MONDAY).await];
    let after = browser.get(&page).await;

    assert_eq!(value_of(&before, "opening_hours.monday.from[0]"), "11:00");
    assert!(before.text.contains("Açık · kapanış 23:00"), "{}", before.text);
    assert!(saved.iter().all(|saved| saved.status == 303), "{}", saved[0].text);
    let hours = meral.client.get(&format!("{path}/hours")).await.json();
    assert_eq!(hours["opening_hours"], json!({ "monday": "11:00-14:00, 18:00-02:00" }));
    assert_eq!(hours["last_order_min"], json!(30));
    // Monday, 15:00 there.
    assert!(after.text.contains("Kapalı · açılış 2 Mart 2026 Pazartesi 18:00"), "{}", after.text);
    let night = [
        "value=\"18:00\"",
        "value=\"02:00\"",
        "(ertesi gün)",
        "Salı",
        "Kapalı",
        "2 Mart 2026 Pazartesi",
        "18:00–02:00 (ertesi gün)",
    ];
    assert!(has_in_order(&after, &night), "{}", after.text);
}

async fn the_hours_of_a_day_are_copied_to_the_working_days(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let fields = [
        ("opening_hours.tuesday.from[0]", "09:00"),
        ("opening_hours.tuesday.until[0]", "00:00"),
        ("opening_hours.sunday.from[0]", "12:00"),
        ("opening_hours.sunday.until[0]", "20:00"),
        ("last_order_min", "0"),
        ("kopyala", "tuesday"),
    ];

    let saved = submit(&meral.browser(&fixture), &page_of(&path, "/saatler"), &fields).await;

    assert_eq!(saved.status, 303, "{}", saved.text);
    let late = "09:00-00:00";
    let expected = json!({
        "monday": late, "tuesday": late, "wednesday": late, "thursday": late, "friday": late, "sunday": "12:00-20:00",
    });
    assert_eq!(meral.client.get(&format!("{path}/hours")).await.json()["opening_hours"], expected);
}

async fn hours_that_overlap_are_refused_at_their_day_and_stay_as_typed(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let fields = [
        ("opening_hours.monday.from[0]", "11:00"),
        ("opening_hours.monday.until[0]", "14:00"),
        ("opening_hours.monday.from[1]", "13:00"),
        ("opening_hours.monday.until[1]", "15:00"),
        ("opening_hours.friday.from[1]", "11:00"),
        ("opening_hours.friday.until[1]", ""),
        ("last_order_min", "300"),
    ];

    let refused = submit(&meral.browser(&fixture), &page_of(&path, "/saatler"), &fields).await;

    assert_eq!(refused.status, 422);
    let summary = [
        "<a href=\"#opening_hours.monday\">İki aralık çakışıyor.",
        "<a href=\"#opening_hours.friday\">",
        "<a href=\"#last_order_min\">",
        "id=\"opening_hours.monday\"",
        "İki aralık çakışıyor.",
        "value=\"13:00\"",
        "id=\"opening_hours.friday\"",
        "value=\"11:00\"",
        "value=\"300\"",
    ];
    assert!(has_in_order(&refused, &summary), "{}", refused.text);
    let hours = meral.client.get(&format!("{path}/hours")).await.json();
    assert_eq!(hours["opening_hours"]["monday"], json!("11:00-23:00"));
}

async fn pause(browser: &Client, path: &str, field: (&str, &str)) -> Answer {
    submit(browser, &page_of(path, "/yogun"), &[field]).await
}

async fn a_break_begins_by_a_button_or_until_a_time_and_ends(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let browser = meral.browser(&fixture);
    let paused = async || meral.client.get(&format!("{path}/hours")).await.json()["paused_until"].clone();

    assert_eq!(pause(&browser, &path, ("dakika", "30")).await.status, 303);
    assert_eq!(pause(&browser, &path, ("dakika", "30")).await.status, 303);
    assert_eq!(paused().await, json!("2026-03-02T12:30:00Z"));
    let page = browser.get(&page_of(&path, "/yogun")).await;
    assert!(has_in_order(&page, &["2026-03-02T12:30:00Z", "Pazartesi 15:30", "name=\"bitir\""]), "{}", page.text);
    let list = browser.get("/isletme").await;
    assert!(list.text.contains("Arada · dönüş 15:30"), "{}", list.text);

    assert_eq!(pause(&browser, &path, ("until", "19:30")).await.status, 303);
    assert_eq!(paused().await, json!("2026-03-02T16:30:00Z"));
    let wrong = [pause(&browser, &path, ("until", "akşam")).await, pause(&browser, &path, ("dakika", "7")).await];
    assert!(wrong.iter().all(|wrong| wrong.status == 422 && wrong.text.contains("Saati 19:30 gibi yazın.")));

    for _ in 0..2 {
        assert_eq!(pause(&browser, &path, ("bitir", "1")).await.status, 303);
    }
    assert_eq!(paused().await, json!(null));
}
