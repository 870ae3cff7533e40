use contracts::CatalogChanged;
use kit::on_every_database;
use kit::testing::Ask;
use serde_json::json;

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_restaurant_is_followed_from_its_page_and_listed_by_its_name,
    a_cuisine_is_followed_and_followed_no_more_however_it_is_written,
    each_reader_sees_their_own,
    the_heart_of_a_restaurant_is_for_who_is_signed_in,
}

async fn a_restaurant_is_followed_from_its_page_and_listed_by_its_name(fixture: Fixture) {
    let restaurant = fixture.new_restaurant();
    let catalog = fixture.catalog(restaurant, 1, &["Kebap"]);
    let name = catalog.catalog.as_ref().unwrap().name.clone();
    fixture.hear(catalog.clone()).await;
    let ayse = fixture.reader(fixture.new_user(), "");
    let path = format!("/favoriler/restoranlar/{restaurant}");

    let added = ayse.send(Ask::form(&path, "donus=%2Frestoran%2Fcipa%3Fa%3D1")).await;
    let again = ayse.send(Ask::form(&path, "")).await;
    let listed = ayse.get("/favoriler").await;
    fixture.hear(CatalogChanged { catalog: None, version: 2, ..catalog }).await;
    let gone = ayse.get("/favoriler").await;
    let removed = ayse.send(Ask::form(&format!("{path}/cikar"), "donus=%2F%2Fevil.example")).await;
    let twice = ayse.send(Ask::form(&format!("{path}/cikar"), "")).await;
    let empty = ayse.get("/favoriler").await;
    let no_id = ayse.send(Ask::form("/favoriler/restoranlar/x", "")).await;

    assert_eq!((added.status, added.header("location")), (303, "/restoran/cipa?a=1"));
    assert_eq!(added.cookie().as_deref(), Some("flash=favorite-added"));
    assert_eq!((again.status, again.header("location")), (303, "/favoriler"));
    let link = format!("<a href=\"/restoran/{restaurant}\"><strong>{name}</strong></a>");
    assert_eq!(listed.text.matches(&link).count(), 1, "{}", listed.text);
    assert!(gone.text.contains("not here any more") && !gone.text.contains(&link), "{}", gone.text);
    assert_eq!((removed.status, removed.header("location"), twice.status), (303, "/favoriler", 303));
    assert!(empty.text.contains("None yet.") && !empty.text.contains("/cikar"), "{}", empty.text);
    assert_eq!(no_id.status, 404);
}

async fn a_cuisine_is_followed_and_followed_no_more_however_it_is_written(fixture: Fixture) {
    let ayse = fixture.reader(fixture.new_user(), "");
    let send = async |path: &str, form: &str| ayse.send(Ask::form(path, form)).await;

    let added = send("/favoriler/mutfaklar", "cuisine=%C3%87i%C4%9F+k%C3%B6fte").await;
    let again = send("/favoriler/mutfaklar", "cuisine=%C3%87i%C4%9F+k%C3%B6fte").await;
    let listed = ayse.get("/favoriler").await;
    let empty = send("/favoriler/mutfaklar", "cuisine=+").await;
    let long = send("/favoriler/mutfaklar", &format!("cuisine={}", "a".repeat(65))).await;
    let removed = send("/favoriler/mutfaklar/cikar", "cuisine=%C3%A7i%C4%9F+k%C3%B6fte").await;

    assert_eq!((added.status, again.status, removed.status), (303, 303, 303));
    assert_eq!(listed.text.matches("<strong>Çiğ köfte</strong>").count(), 1, "{}", listed.text);
    assert!(empty.status == 422 && empty.text.contains("id=\"cuisine-fault\""), "{}", empty.text);
    assert!(long.status == 422 && long.text.contains(&"a".repeat(65)), "{}", long.text);
    assert!(!ayse.get("/favoriler").await.text.contains("köfte"));
}

async fn each_reader_sees_their_own(fixture: Fixture) {
    let [ayse, ali] = [(); 2].map(|()| fixture.reader(fixture.new_user(), ""));
    ayse.send(Ask::form("/favoriler/mutfaklar", "cuisine=kebap")).await;

    ali.send(Ask::form("/favoriler/mutfaklar/cikar", "cuisine=kebap")).await;

    assert!(ayse.get("/favoriler").await.text.contains("<strong>kebap</strong>"));
    assert!(!ali.get("/favoriler").await.text.contains("<strong>kebap</strong>"));
}

async fn the_heart_of_a_restaurant_is_for_who_is_signed_in(fixture: Fixture) {
    let restaurant = fixture.new_restaurant();
    let user_id = fixture.new_user();
    let (client, ayse) = (fixture.client().user(user_id), fixture.reader(user_id, ""));
    let path = format!("/favoriler/durum?restoran={restaurant}");

    let stranger = fixture.stranger().get(&path).await;
    let expired = fixture.stranger().in_browser("access=old; refresh=k.x").get(&path).await;
    let before = ayse.get(&path).await;
    client.post("/favorites/restaurant", json!({ "restaurant_id": restaurant.to_string().to_uppercase() })).await;
    let after = ayse.get(&path).await;
    let unnamed = ayse.get("/favoriler/durum").await;
    let twice = ayse.get(&format!("{path}&restoran=x")).await;

    assert_eq!((stranger.status, stranger.text.as_str()), (204, ""));
    assert_eq!(expired.status, 307, "it is renewed on the way");
    assert_eq!(before.parts(), (200, json!({ "favorite": false })));
    assert_eq!(after.parts(), (200, json!({ "favorite": true })));
    assert_eq!(after.header("cache-control"), "no-store");
    assert_eq!((unnamed.parts(), twice.status), ((200, json!({ "favorite": false })), 422));
}
