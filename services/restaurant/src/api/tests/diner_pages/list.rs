//! `/` and `/kampanyalar`.

use kit::on_every_database;
use serde_json::json;

use super::{add_campaign, has_in_order, link, links};
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    restaurants_are_found_by_words_and_by_what_is_ticked,
    who_finds_nothing_takes_back_one_filter_at_a_time,
    the_list_goes_on_behind_its_last_restaurant,
    what_can_t_be_sought_stays_in_the_form,
    the_page_is_not_there_before_all_restaurants_were_read,
    campaigns_are_read_on_a_page_of_their_own_and_those_that_hold_at_home,
}

async fn restaurants_are_found_by_words_and_by_what_is_ticked(fixture: Fixture) {
    let (_, kebap) = fixture.open_restaurant(json!({ "cuisines": ["Kebap"], "description": null })).await;
    let pide = json!({ "name": "Dümen Pide", "cuisines": ["Pide"], "description": null, "min_order": 200 });
    fixture.open_restaurant(pide).await;
    fixture.open_restaurant(json!({ "name": "Sade", "cuisines": ["Tatlı"], "description": null })).await;
    fixture.serve(&kebap, &[("Adana Kebap", 24_050)]).await;
    fixture.follow().await;
    let home = async |query: &str| fixture.browser().get(&format!("/{query}")).await.text;

    let all = home("").await;
    let by_words = home("?q=adana").await;
    let ticked = home("?cuisines=Kebap&cuisines=Pide&cuisines=+&sort=name+asc").await;
    let typed = home("?cuisines=&cuisines=pide,tatl%C4%B1&max_min_order=100").await;

    assert!(has_in_order(&all, &["<h1>What would you like to eat?</h1>", "3 restaurants"]), "{all}");
    assert!(all.contains("Open · closes 23:00") && all.contains("At least ₺75") && all.contains("Delivery ₺9.90"));
    assert!(
        has_in_order(&by_words, &["<h1>Search: adana</h1>", "1 restaurant<", "Çıpa Kebap", "₺240.50"]),
        "{by_words}"
    );
    assert!(link(&by_words, "Adana Kebap").starts_with("/restoran/cipa-kebap-"), "{by_words}");
    assert!(has_in_order(&ticked, &["Filters (1)", "2 restaurants", ">Çıpa Kebap<", ">Dümen Pide<"]), "{ticked}");
    assert!(ticked.contains("value=\"Kebap\" checked") && ticked.contains("value=\"name asc\" selected"), "{ticked}");
    assert!(
        typed.contains("value=\"pide, tatlı\"") && has_in_order(&typed, &["Filters (2)", "1 restaurant<", ">Sade<"]),
        "{typed}"
    );
}

async fn who_finds_nothing_takes_back_one_filter_at_a_time(fixture: Fixture) {
    fixture.open_restaurant(json!({})).await;
    fixture.follow().await;

    let nothing = fixture.browser().get("/?q=k%26b+%C5%9F&district=kadikoy&open_now=true&min_rating=4.5").await.text;
    let without_words = link(&nothing, "Remove: Search: k&#38;b ş");
    let without_rating = link(&nothing, "Remove: Rating: At least 4.5");

    assert!(
        has_in_order(
            &nothing,
            &["0 restaurants", "Remove: District: kadikoy", "Remove: Open now", "No restaurant fits"]
        ),
        "{nothing}"
    );
    assert_eq!(without_words, "/?district=kadikoy&open_now=true&min_rating=4%2E5");
    assert_eq!(without_rating, "/?q=k%26b%20%C5%9F&district=kadikoy&open_now=true");
    let found = fixture.browser().get("/?district=kadikoy&open_now=true").await.text;
    assert!(found.contains("1 restaurant<"), "{found}");
}

async fn the_list_goes_on_behind_its_last_restaurant(fixture: Fixture) {
    for number in 10..35 {
        fixture.open_restaurant(json!({ "name": format!("Kebapçı {number}") })).await;
    }
    fixture.follow().await;
    let names = |html: &str| html.matches(">Kebapçı ").count();

    let first = fixture.browser().get("/?q=kebap%C3%A7%C4%B1&sort=name+asc").await.text;
    let next = link(&first, "More restaurants");
    let second = fixture.browser().get(&next).await.text;
    let broken = fixture.browser().get("/?cursor=x").await;

    assert_eq!((names(&first), names(&second)), (24, 1));
    assert!(first.contains("25 restaurants") && second.contains(">Kebapçı 34<"), "{second}");
    assert!(next.starts_with("/?q=kebap%C3%A7%C4%B1&sort=name%20asc&cursor="), "{next}");
    assert!(!links(&second).iter().any(|link| link.contains("cursor=")), "{second}");
    assert_eq!(broken.status, 400);
}

async fn what_can_t_be_sought_stays_in_the_form(fixture: Fixture) {
    fixture.follow().await;

    let refused = fixture.browser().get(&format!("/?q={}&district=moda", "bir+".repeat(13))).await;

    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("href=\"#query\">A query can have at most 12 words.</a>"), "{}", refused.text);
    assert!(refused.text.contains("value=\"moda\"") && refused.text.contains("value=\"bir bir "), "{}", refused.text);
    assert!(refused.text.contains("<title>Error: "), "{}", refused.text);
}

async fn the_page_is_not_there_before_all_restaurants_were_read(fixture: Fixture) {
    let page = fixture.browser().get("/").await;

    assert_eq!((page.status, page.header("retry-after")), (503, "1"));
    assert!(page.text.contains("<h1>"), "{}", page.text);
}

async fn campaigns_are_read_on_a_page_of_their_own_and_those_that_hold_at_home(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let empty = fixture.browser().get("/kampanyalar").await.text;
    add_campaign(&meral.client, &path, ("Hafta sonu", "liman10"), "2026-03-01T12:00:00Z").await;
    let later = json!({
        "title": "Yarın", "description": "Herkese", "kind": "free_delivery", "min_basket": 150,
        "start_date": "2026-03-03T12:00:00Z", "end_date": "2026-03-04T12:00:00Z",
    });
    fixture.client().admin(fixture.new_user()).post("/campaigns", later).await;
    fixture.follow().await;

    let all = fixture.browser().get("/kampanyalar").await.text;
    let home = fixture.browser().get("/").await.text;
    let filtered = fixture.browser().get("/?q=kebap").await.text;

    assert!(empty.contains("There are no campaigns right now."), "{empty}");
    let texts = [
        "Yarın",
        "At all restaurants",
        "Free delivery · basket of at least ₺150",
        "Begins:",
        "Hafta sonu",
        "12.5% off",
        "LIMAN10",
    ];
    assert!(has_in_order(&all, &texts), "{all}");
    assert!(link(&all, "Çıpa Kebap").starts_with("/restoran/cipa-kebap-"), "{all}");
    assert!(has_in_order(&home, &["Çıpa Kebap: Hafta sonu", "12.5% off"]) && !home.contains("Yarın"), "{home}");
    assert!(!filtered.contains("Hafta sonu"), "{filtered}");
}
