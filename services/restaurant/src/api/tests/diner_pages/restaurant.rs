//! `/restoran/{ad-kimlik}`.

use std::time::Duration;

use kit::on_every_database;
use serde_json::json;

use super::{add, add_campaign, has_in_order, link, page_of};
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_menu_is_shown_in_its_order_and_each_dish_by_what_it_takes,
    an_id_or_a_name_of_before_leads_to_the_address,
    who_is_closed_says_when_it_opens,
    what_a_restaurant_gives_off_and_how_it_takes_orders_is_said,
}

async fn a_menu_is_shown_in_its_order_and_each_dish_by_what_it_takes(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let kebaps = add(&meral.client, &format!("{path}/categories"), json!({ "name": "Kebaplar" })).await;
    add(&meral.client, &format!("{path}/categories"), json!({ "name": "Boş" })).await;
    let spice = json!({ "name": "Acı", "min": 1, "max": 1, "options": [{ "name": "Acılı" }] });
    let spice = add(&meral.client, &format!("{path}/groups"), spice).await;
    let evening = json!({ "name": "Akşam", "hours": { "mon": "18:00-02:00" } });
    let evening = add(&meral.client, &format!("{path}/mealtimes"), evening).await;
    let in_kebaps = |name: &str| json!({ "name": name, "category_id": kebaps["id"] });
    let adana = meral.create_meal(&path, in_kebaps("Adana")).await;
    let mut urfa = in_kebaps("Urfa");
    urfa["group_ids"] = json!([spice["id"]]);
    meral.create_meal(&path, urfa).await;
    let sold_out = meral.create_meal(&path, json!({ "name": "Beyti" })).await;
    let until = json!({ "is_available": false, "until": "2026-03-02T16:00:00Z" });
    meral.client.patch(&format!("{sold_out}/availability"), until).await;
    meral.create_meal(&path, json!({ "name": "Meze", "mealtime_id": evening["id"] })).await;

    let page = page_of(&fixture, &path).await;
    let html = fixture.browser().get(&page).await.text;

    let order = [
        "<h1>Çıpa Kebap</h1>",
        "href=\"#bolum-1\"",
        "id=\"bolum-1\">Kebaplar",
        ">Adana</a>",
        ">Urfa</a>",
        "id=\"bolum-3\">More",
        ">Beyti</a>",
        "Sold out · back Monday 2 March 2026, 19:00",
        ">Meze</a>",
        "Not served right now (Akşam)",
    ];
    assert!(has_in_order(&html, &order), "{html}");
    assert!(!html.contains("Boş"), "{html}");
    assert_eq!(html.matches("action=\"/sepet/ekle\"").count(), 1);
    let id = adana.trim_start_matches("/meals/");
    let hidden = [
        "name=\"istek\" value=\"".to_owned(),
        format!("name=\"meal_id\" value=\"{id}\""),
        "name=\"quantity\" value=\"1\"".to_owned(),
        format!("name=\"donus\" value=\"{page}\""),
    ];
    for field in hidden {
        assert!(html.contains(&field), "{field} in {html}");
    }
    assert!(html.contains("aria-label=\"Add: Adana\"") && html.contains("aria-label=\"Choose: Urfa\""), "{html}");
    let restaurant = path.trim_start_matches("/restaurants/");
    assert!(html.contains(&format!("action=\"/favoriler/restoranlar/{restaurant}\"")), "{html}");
    assert!(link(&html, "Urfa").starts_with(&format!("{page}/urfa-")), "{html}");
    assert_eq!(fixture.browser().get(&page).await.header("cache-control"), "private, no-cache");
}

async fn an_id_or_a_name_of_before_leads_to_the_address(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let before = page_of(&fixture, &path).await;
    let dish = meral.create_meal(&path, json!({})).await;
    let dish = dish.trim_start_matches("/meals/");
    meral.client.put(&path, json!({ "name": "Yeni Ad" })).await;
    let id = path.trim_start_matches("/restaurants/");

    let after = page_of(&fixture, &path).await;
    let moved = fixture.browser().get(&before).await;
    let moved_dish = fixture.browser().get(&format!("{before}/{dish}")).await;

    assert_eq!(before, format!("/restoran/cipa-kebap-{}", id.replace('-', "")));
    assert_eq!(after, format!("/restoran/yeni-ad-{}", id.replace('-', "")));
    assert_eq!(
        (moved.status, moved.header("location"), moved.header("cache-control")),
        (308, after.as_str(), "no-store")
    );
    assert_eq!(
        (moved_dish.status, moved_dish.header("location")),
        (308, format!("{after}/adana-kebap-{}", dish.replace('-', "")).as_str())
    );
    assert_eq!(fixture.browser().get(&after).await.status, 200);
    for unknown in ["/restoran/cipa-kebap", "/restoran/%FF", "/restoran/x-018f0000000000008000000000000001"] {
        let page = fixture.browser().get(unknown).await;
        assert!(page.status == 404 && page.text.contains("<h1>Page not found</h1>"), "{unknown}: {}", page.text);
    }
    meral.client.delete(&path).await;
    assert_eq!(fixture.browser().get(&after).await.status, 404);
}

async fn who_is_closed_says_when_it_opens(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    meral.create_meal(&path, json!({})).await;
    let page = page_of(&fixture, &path).await;

    let open = fixture.browser().get(&page).await.text;
    fixture.clock.advance(Duration::from_secs(10 * 60 * 60));
    let night = fixture.browser().get(&page).await.text;
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    let days_off = fixture.browser().get(&page).await.text;

    assert!(open.contains("Open · closes 23:00") && !open.contains("a later time"), "{open}");
    assert!(night.contains("Closed · opens 11:00.") && night.contains("a later time"), "{night}");
    assert!(night.contains("action=\"/sepet/ekle\""), "an order for later begins with a basket: {night}");
    assert!(days_off.contains("Closed · opens Monday 11:00"), "{days_off}");
}

async fn what_a_restaurant_gives_off_and_how_it_takes_orders_is_said(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap", "Pide"] })).await;
    add_campaign(&meral.client, &path, ("Hafta sonu", "liman10"), "2026-03-01T12:00:00Z").await;
    add_campaign(&meral.client, &path, ("Sonra", "liman20"), "2026-03-03T12:00:00Z").await;
    let hours = json!({
        "special_days": [
            { "date": "2026-03-01", "intervals": "closed" },
            { "date": "2026-03-04", "intervals": "13:00-02:00", "note": "Bayram" },
        ],
        "closures": [{ "from": "2026-03-06T09:00:00Z", "until": "2026-03-07T09:00:00Z" }],
    });
    meral.client.put(&format!("{path}/hours"), hours).await;
    meral.client.put(&format!("{path}/order-terms"), json!({ "payment_methods": ["cash", "pos"] })).await;

    let html = fixture.browser().get(&page_of(&fixture, &path).await).await.text;

    let order = [
        "Kebap · Pide · Kadıköy",
        "Hafta sonu",
        "12.5% off",
        "LIMAN10",
        "Monday</th><td>11:00–23:00",
        "Wednesday</th><td>Closed",
        "<li>Wednesday 4 March 2026: 13:00–02:00 (the day after) · Bayram</li>",
        "<li>Closed: Friday 6 March 2026, 12:00 – Saturday 7 March 2026, 12:00</li>",
        "Sahil Yolu 1, Kadıköy",
    ];
    assert!(has_in_order(&html, &order), "{html}");
    assert!(!html.contains("Sunday 1 March") && html.contains("There is nothing on the menu yet."), "{html}");
}
