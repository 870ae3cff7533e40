//! `/restoran/{ad-kimlik}/{ad-kimlik}`.

use kit::on_every_database;
use serde_json::{Value, json};

use super::{add, has_in_order, link, page_of};
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_dish_says_what_is_chosen_with_it_and_how_often,
    what_can_t_be_had_has_no_form,
    a_dish_of_another_menu_is_not_found,
}

fn id(created: &Value) -> &str {
    created["id"].as_str().unwrap()
}

async fn a_dish_says_what_is_chosen_with_it_and_how_often(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let group = async |body: Value| add(&meral.client, &format!("{path}/groups"), body).await;
    let spice = json!({ "name": "Acı", "min": 1, "max": 1, "options": [{ "name": "Acılı" }, { "name": "Közlü", "price": 15.5 }] });
    let spice = group(spice).await;
    let extra = json!({ "name": "Ek", "max": 3, "options": [{ "name": "Peynir", "price": 5, "max_quantity": 9 }, { "name": "Turşu", "is_available": false }] });
    let extra = group(extra).await;
    let ayran = meral.create_meal(&path, json!({ "name": "Ayran" })).await;
    let dish = json!({
        "group_ids": [id(&spice), id(&extra)],
        "complementary_ids": [ayran.trim_start_matches("/meals/")],
        "allergens": ["gluten", "milk"],
        "contains_pork": true,
    });
    let dish = meral.create_meal(&path, dish).await;
    let page = page_of(&fixture, &path).await;

    let html = fixture.browser().get(&link(&fixture.browser().get(&page).await.text, "Adana Kebap")).await.text;

    let order = [
        "<h1>Adana Kebap</h1>",
        "₺240.50",
        "Acılı, közde",
        "gluten, milk",
        "pork",
        "name=\"istek\" value=\"",
        &format!("name=\"meal_id\" value=\"{}\"", dish.trim_start_matches("/meals/")),
        &format!("name=\"donus\" value=\"{page}\""),
        "<legend>Acı</legend>",
        "Choose one",
        &format!("type=\"radio\" name=\"secenek-{}\" value=\"{}\" required", id(&spice), id(&spice["options"][0])),
        "Közlü (+₺15.50)",
        "<legend>Ek</legend>",
        "Optional, up to 3",
        ">Peynir (+₺5)",
        ">2. Peynir (+₺5)",
        ">3. Peynir (+₺5)",
        "disabled>Turşu",
        "name=\"quantity\"",
        "name=\"note\"",
        "Goes well with it",
        "Ayran",
    ];
    assert!(has_in_order(&html, &order), "{html}");
    let cheese = format!("name=\"secenek-{0}\" value=\"{0}\"", id(&extra["options"][0]));
    assert_eq!(html.matches(&cheese).count(), 3);
}

async fn what_can_t_be_had_has_no_form(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    meral.create_meal(&path, json!({ "is_available": false })).await;
    let page = page_of(&fixture, &path).await;

    let html = fixture.browser().get(&link(&fixture.browser().get(&page).await.text, "Adana Kebap")).await.text;

    assert!(html.contains("Sold out") && !html.contains("action=\"/sepet/ekle\""), "{html}");
    assert_eq!(link(&html, "Back to the menu"), page);
}

async fn a_dish_of_another_menu_is_not_found(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let dish = meral.create_meal(&path, json!({})).await;
    let (_, other) = fixture.open_restaurant(json!({ "name": "Dümen" })).await;
    let dish = dish.trim_start_matches("/meals/");

    for (page, status) in [(page_of(&fixture, &path).await, 308), (page_of(&fixture, &other).await, 404)] {
        assert_eq!(fixture.browser().get(&format!("{page}/{dish}")).await.status, status, "{page}");
        assert_eq!(fixture.browser().get(&format!("{page}/adana-kebap")).await.status, 404, "{page}");
    }
}
