//! The requests of the front end of the first platform, byte for byte, and what its pages read of the answers.

use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    each_page_finds_what_it_reads,
    without_anything_to_show_each_list_is_empty_and_not_null,
}

/// The path of its list, and that of its search with every field of the form filled in.
const DASHBOARD: &str = "/restaurants";
const SEARCH: &str = "/restaurants/search?page=1&page_size=12&query=kebap&city=%C4%B0stanbul&min_rating=0&max_delivery=20\
    &max_prep_time=60&cuisines=Kebap,Pide&sort_by=rating&sort_order=desc";
const CAMPAIGNS: &str = "/campaigns";

/// Where a row has a field, and of which kind it is.
type Field = (&'static str, fn(&Value) -> bool);

/// These fields of a row, each of the kind that a page counts on.
fn read(row: &Value, fields: &[Field]) {
    for (field, is_such) in fields {
        assert!(row.pointer(field).is_some_and(is_such), "{field} of {row}");
    }
}

async fn each_page_finds_what_it_reads(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({ "cuisines": ["Kebap"] })).await;
    meral.create_meal(&path, json!({})).await;
    let id = path.trim_start_matches("/restaurants/");
    let campaign = json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar", "restaurant_id": id,
        "start_date": "2026-03-01T12:00:00Z", "end_date": "2026-03-03T12:00:00Z",
    });
    assert_eq!(meral.client.post("/campaigns", campaign).await.status, 201);
    fixture.follow().await;
    let get = async |path: &str| fixture.client().get(path).await.parts();

    let (listed, list) = get(DASHBOARD).await;
    let (searched, found) = get(SEARCH).await;
    let (served, menu) = get(&format!("/meals/restaurant/{id}")).await;
    let (promised, campaigns) = get(CAMPAIGNS).await;

    assert_eq!([listed, searched, served, promised], [200; 4]);
    let named: [Field; 2] = [("/id", Value::is_string), ("/name", Value::is_string)];
    read(&list[0], &named);
    read(&list[0], &[("/address/district", Value::is_string), ("/address/city", Value::is_string)]);
    assert_eq!((&found["total"], &found["page_size"], &found["has_next"]), (&json!(1), &json!(12), &json!(false)));
    read(&found["restaurants"][0], &named);
    read(&found["restaurants"][0], &[("/rating_avg", Value::is_number), ("/prep_time", Value::is_number)]);
    read(&menu[0], &named);
    read(
        &menu[0],
        &[("/description", Value::is_string), ("/price", Value::is_number), ("/image_url", Value::is_string)],
    );
    assert_eq!(menu[0]["restaurant_id"], id);
    read(&campaigns[0], &[("/id", Value::is_string), ("/title", Value::is_string), ("/description", Value::is_string)]);
    read(&campaigns[0], &[("/start_date", Value::is_string), ("/end_date", Value::is_string)]);
}

async fn without_anything_to_show_each_list_is_empty_and_not_null(fixture: Fixture) {
    fixture.follow().await;
    let nobody = fixture.context.sources.uuid();

    for path in [DASHBOARD, CAMPAIGNS, &format!("/meals/restaurant/{nobody}")] {
        assert_eq!(fixture.client().get(path).await.parts(), (200, json!([])), "{path}");
    }
    let found = fixture.client().get(SEARCH).await.json();
    assert_eq!(found, json!({ "restaurants": [], "total": 0, "page": 1, "page_size": 12, "has_next": false }));
}
