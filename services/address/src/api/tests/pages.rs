//! Pages as a browser without script comes to them.

use contracts::UserId;
use kit::on_every_database;
use kit::testing::{Answer, Ask, Client, changed, policy_faults};
use serde_json::{Value, json};

use crate::fixture::{Fixture, home, home_with, id_of};

on_every_database! {
    Fixture:
    an_address_is_written_down_once_for_each_showing_of_the_form,
    who_came_from_the_checkout_goes_back_there_with_the_address,
    a_refused_address_comes_back_as_it_was_typed,
    an_address_is_changed_whole,
    who_lives_elsewhere_now_has_no_point_on_the_map,
    the_default_moves,
    a_manager_writes_down_where_a_restaurant_is_and_goes_back_to_it,
    an_address_is_deleted_by_a_page_of_its_own,
    nobody_opens_or_changes_what_is_anothers,
    a_stranger_signs_in_first_and_no_form_of_another_origin_is_taken,
    an_english_page_has_no_turkish_on_it_and_nothing_that_the_policy_forbids,
    a_page_with_all_places_is_small_enough,
}

const FORM: &str = "title=Ev&address=Moda+Caddesi+12&city=%C4%B0stanbul&district=Kad%C4%B1k%C3%B6y&zip_code=34710\
    &full_address=Cafera%C4%9Fa+Mah.+Moda+Caddesi+12&apartment=&floor=+&door_number=7";

/// A diner before the pages and before the API.
struct Diner {
    user_id: UserId,
    pages: Client,
    api: Client,
}

impl Diner {
    fn of(fixture: &Fixture) -> Self {
        let user_id = fixture.new_user();
        Self { user_id, pages: fixture.reader(user_id, "lang=tr"), api: fixture.client().user(user_id) }
    }

    async fn send(&self, path: &str, form: &str) -> Answer {
        self.pages.send(Ask::form(path, form)).await
    }

    /// The key of a form for a new address.
    async fn key(&self) -> String {
        let page = self.pages.get("/adresler/yeni").await.text;
        let (_, rest) = page.split_once("name=\"istek\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn addresses(&self) -> Vec<Value> {
        self.api.get("/addresses").await.json().as_array().unwrap().clone()
    }

    async fn at_home(&self, changes: Value) -> String {
        id_of(&self.api.post("/addresses", home_with(changes)).await.json()).to_string()
    }
}

async fn an_address_is_written_down_once_for_each_showing_of_the_form(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let (first, second) = (ayse.key().await, ayse.key().await);
    let form = |key: &str| format!("{FORM}&istek={key}&varsayilan=1");

    let saved = ayse.send("/adresler/yeni", &form(&first)).await;
    let again = ayse.send("/adresler/yeni", &form(&first)).await;
    let other = ayse.send("/adresler/yeni", &form(&first).replace("title=Ev", "title=Okul")).await;
    let written = ayse.addresses().await;
    let work = ayse
        .send("/adresler/yeni", &format!("{}&istek={second}", FORM.replace("title=Ev", "title=%C4%B0%C5%9F")))
        .await;
    let listed = ayse.pages.get("/adresler").await;

    assert_eq!((saved.status, saved.header("location")), (303, "/adresler"));
    assert_eq!(saved.cookie().as_deref(), Some("flash=address-saved"));
    assert_eq!((again.status, again.header("location")), (303, "/adresler"));
    assert!(other.status == 409 && other.text.contains("daha önce gönderildi"), "{}", other.text);
    assert!(other.text.contains("value=\"Okul\""), "{}", other.text);
    assert_eq!(written.len(), 1);
    assert_eq!((&written[0]["is_default"], &written[0]["door_number"]), (&true.into(), &"7".into()));
    assert_eq!((&written[0]["apartment"], &written[0]["floor"]), (&Value::Null, &Value::Null));
    assert_eq!(work.status, 303);
    for shown in ["<strong>Ev</strong>", "<strong>İş</strong>", "Kadıköy, İstanbul", "Varsayılan"] {
        assert!(listed.text.contains(shown), "{shown} in {}", listed.text);
    }
}

async fn who_came_from_the_checkout_goes_back_there_with_the_address(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let shown = ayse.pages.get("/adresler/yeni?donus=%2Fodeme%3Fadres%3Dx%26a%3D1").await;
    let key = ayse.key().await;
    let back = |donus: &str| format!("{FORM}&istek={key}&donus={donus}");

    let refused = ayse.send("/adresler/yeni", &back("%2Fodeme").replace("title=Ev", "title=")).await;
    let saved = ayse.send("/adresler/yeni", &back("%2Fodeme%3Fadres%3Dx%26a%3D1")).await;
    let again = ayse.send("/adresler/yeni", &back("%2Fodeme")).await;
    let elsewhere = ayse.send("/adresler/yeni", &back("%2F%2Fevil.example")).await;

    let id = ayse.addresses().await[0]["id"].as_str().unwrap().replace('-', "%2D");
    assert!(shown.text.contains("name=\"donus\" value=\"/odeme?adres=x&#38;a=1\""), "{}", shown.text);
    assert!(shown.text.contains("name=\"varsayilan\" value=\"1\" checked"), "the first one is the default");
    assert!(refused.status == 422 && refused.text.contains("name=\"donus\" value=\"/odeme\""), "{}", refused.text);
    assert_eq!(saved.header("location"), format!("/odeme?a=1&adres={id}"));
    assert_eq!(again.header("location"), format!("/odeme?adres={id}"), "a repeat leads to the same address");
    assert_eq!(elsewhere.header("location"), "/adresler");
    assert_eq!(ayse.addresses().await.len(), 1);
}

async fn a_manager_writes_down_where_a_restaurant_is_and_goes_back_to_it(fixture: Fixture) {
    let (meral, ayse) = (fixture.new_user(), Diner::of(&fixture));
    let (api, pages) = (fixture.client().manager(meral), fixture.stranger().manager(meral).in_browser("lang=tr"));
    let path = "/adresler/restoran?donus=%2Fisletme%2Fyeni";
    let shown = pages.get(path).await;
    let key = shown.text.split_once("name=\"istek\" value=\"").unwrap().1.split('"').next().unwrap();
    let form = format!("{FORM}&istek={key}&donus=%2Fisletme%2Fyeni");

    let refused = pages.send(Ask::form("/adresler/restoran", &form.replace("title=Ev", "title="))).await;
    let (saved, again) = (
        pages.send(Ask::form("/adresler/restoran", &form)).await,
        pages.send(Ask::form("/adresler/restoran", &form)).await,
    );
    let (asked, sent) = (ayse.pages.get(path).await.status, ayse.send("/adresler/restoran", &form).await.status);

    assert!(!shown.text.contains("varsayilan") && shown.text.contains("href=\"/isletme/yeni\""), "{}", shown.text);
    assert!(refused.status == 422 && refused.text.contains("action=\"/adresler/restoran\""), "{}", refused.text);
    let list = api.get("/addresses?entity_type=RESTAURANT").await.json();
    let id = list[0]["id"].as_str().unwrap().replace('-', "%2D");
    assert_eq!(list.as_array().unwrap().len(), 1);
    for saved in [saved, again] {
        assert_eq!((saved.status, saved.header("location")), (303, &*format!("/isletme/yeni?adres={id}")));
    }
    assert_eq!((asked, sent), (404, 404), "restaurants are a business of managers");
    assert!(ayse.addresses().await.is_empty());
}

async fn a_refused_address_comes_back_as_it_was_typed(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let key = ayse.key().await;
    let elsewhere = format!("{}&istek={key}&varsayilan=1", FORM.replace("Kad%C4%B1k%C3%B6y", "%C3%87ankaya"));

    let empty = ayse.send("/adresler/yeni", "title=&city=&district=&address=&full_address=&zip_code=&istek=").await;
    let wrong = ayse.send("/adresler/yeni", &elsewhere).await;
    let no_key = ayse.send("/adresler/yeni", FORM).await;

    assert_eq!(empty.status, 422);
    for field in ["title", "city", "district", "address", "full_address", "zip_code"] {
        assert!(empty.text.contains(&format!("href=\"#{field}\">Bu alan zorunludur.")), "{field} in {}", empty.text);
    }
    assert!(!empty.text.contains("#apartment") && empty.text.contains("<title>Hata: Adres ekle"), "{}", empty.text);
    assert_eq!(wrong.status, 422);
    for kept in [
        "href=\"#district\">Bu ilçe seçilen ilde yok.",
        "<option selected>İstanbul</option>",
        "<option selected>Çankaya</option>",
        "value=\"Moda Caddesi 12\"",
        "name=\"varsayilan\" value=\"1\" checked",
    ] {
        assert!(wrong.text.contains(kept), "{kept} in {}", wrong.text);
    }
    assert_eq!(no_key.status, 422);
    assert!(ayse.addresses().await.is_empty());
}

async fn an_address_is_changed_whole(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let id = ayse.at_home(json!({ "apartment": "Deniz", "district": "kadıköy", "is_default": true })).await;
    let path = format!("/adresler/{id}");

    let shown = ayse.pages.get(&path).await;
    let changed = ayse.send(&path, &FORM.replace("title=Ev", "title=Yeni+ev")).await;
    let again = ayse.send(&path, &FORM.replace("title=Ev", "title=Yeni+ev")).await;
    let refused = ayse.send(&path, &FORM.replace("title=Ev", "title=")).await;

    for filled in ["value=\"Ev\"", "<option selected>Kadıköy</option>", "value=\"Deniz\"", "value=\"1\" checked"] {
        assert!(shown.text.contains(filled), "{filled} in {}", shown.text);
    }
    assert_eq!(shown.text.matches(" selected").count(), 2);
    assert!(!shown.text.contains("name=\"istek\""), "it makes nothing");
    assert_eq!((changed.status, changed.header("location"), again.status), (303, "/adresler", 303));
    assert_eq!(refused.status, 422);
    let address = ayse.addresses().await.remove(0);
    assert_eq!((&address["title"], &address["apartment"]), (&"Yeni ev".into(), &Value::Null));
    assert_eq!((&address["door_number"], &address["is_default"]), (&"7".into(), &false.into()));
}

async fn who_lives_elsewhere_now_has_no_point_on_the_map(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let id = ayse.at_home(json!({ "latitude": 40.98, "longitude": 29.02 })).await;
    let path = format!("/adresler/{id}");

    ayse.send(&path, &FORM.replace("title=Ev", "title=Evim")).await;
    let renamed = ayse.addresses().await.remove(0);
    ayse.send(&path, &FORM.replace("Moda+Caddesi+12&", "Bahariye+Caddesi+3&")).await;
    let moved = ayse.addresses().await.remove(0);

    assert_eq!((&renamed["title"], &renamed["latitude"]), (&"Evim".into(), &40.98.into()));
    assert_eq!((&moved["latitude"], &moved["longitude"]), (&Value::Null, &Value::Null));
}

async fn the_default_moves(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let first = ayse.at_home(json!({ "is_default": true })).await;
    let second = ayse.at_home(json!({ "title": "Okul" })).await;
    let path = format!("/adresler/{second}/varsayilan");

    let moved = ayse.send(&path, "").await;
    let again = ayse.send(&path, "").await;

    assert_eq!((moved.status, moved.header("location"), again.status), (303, "/adresler", 303));
    let defaults: Vec<_> = ayse.addresses().await.iter().map(|address| address["is_default"].clone()).collect();
    assert_eq!(defaults, [false, true]);
    let listed = ayse.pages.get("/adresler").await.text;
    assert!(listed.contains(&format!("/adresler/{first}/varsayilan")) && !listed.contains(&path), "{listed}");
}

async fn an_address_is_deleted_by_a_page_of_its_own(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let id = ayse.at_home(json!({ "is_default": true })).await;
    let other = ayse.at_home(json!({ "title": "Okul" })).await;
    let path = format!("/adresler/{id}/sil");

    let asked = ayse.pages.get(&path).await;
    let of_other = ayse.pages.get(&format!("/adresler/{other}/sil")).await;
    let there = ayse.addresses().await.len();
    let deleted = ayse.send(&path, "").await;
    let again = ayse.send(&path, "").await;

    assert!(asked.text.contains("Bu varsayılan adresiniz.") && asked.text.contains("<strong>Ev</strong>"));
    assert!(!of_other.text.contains("Bu varsayılan adresiniz."), "{}", of_other.text);
    assert_eq!(there, 2, "a page that is opened deletes nothing");
    assert_eq!((deleted.status, deleted.header("location")), (303, "/adresler"));
    assert_eq!((again.status, again.header("location"), again.cookie()), (303, "/adresler", None));
    assert_eq!(ayse.addresses().await.len(), 1);
    assert_eq!(ayse.pages.get(&path).await.status, 404);
}

async fn nobody_opens_or_changes_what_is_anothers(fixture: Fixture) {
    let (ayse, ali) = (Diner::of(&fixture), Diner::of(&fixture));
    let id = ayse.at_home(json!({})).await;
    let manager = fixture.client().manager(ali.user_id);
    let of_restaurant = manager.post("/addresses", changed(home(), json!({ "entity_type": "RESTAURANT" }))).await;
    let of_restaurant = id_of(&of_restaurant.json());

    for path in ["", "/sil"] {
        for id in [id.as_str(), "x", "018f0000-0000-7000-8000-000000000001"] {
            assert_eq!(ali.pages.get(&format!("/adresler/{id}{path}")).await.status, 404, "{id}{path}");
        }
        let restaurant = ali.pages.get(&format!("/adresler/{of_restaurant}{path}")).await;
        assert_eq!(restaurant.status, 404, "that is no home");
    }
    assert_eq!(ali.send(&format!("/adresler/{id}"), FORM).await.status, 404);
    assert_eq!(ali.send(&format!("/adresler/{id}/varsayilan"), "").await.status, 404);
    assert_eq!(ali.send(&format!("/adresler/{id}/sil"), "").await.cookie(), None);
    assert!(!ali.pages.get("/adresler").await.text.contains("<strong>Ev</strong>"));
    let address = ayse.addresses().await.remove(0);
    assert_eq!((&address["title"], &address["is_default"]), (&"Ev".into(), &false.into()));
}

async fn a_stranger_signs_in_first_and_no_form_of_another_origin_is_taken(fixture: Fixture) {
    let (stranger, ayse) = (fixture.stranger(), Diner::of(&fixture));
    let id = ayse.at_home(json!({})).await;
    let paths = ["/adresler/yeni".to_owned(), format!("/adresler/{id}"), format!("/adresler/{id}/sil")];

    for path in &paths {
        let (shown, sent) = (stranger.get(path).await, stranger.send(Ask::form(path, FORM)).await);
        let foreign = Ask::form(path, FORM).header("sec-fetch-site", "cross-site");
        assert!(shown.status == 303 && shown.header("location").starts_with("/giris?donus="), "{path}");
        assert!(sent.status == 307 && sent.header("location").starts_with("/oturum/devam?donus="), "{path}");
        assert_eq!(ayse.pages.send(foreign).await.status, 403, "{path}");
    }
    assert_eq!(ayse.addresses().await.len(), 1);
}

async fn an_english_page_has_no_turkish_on_it_and_nothing_that_the_policy_forbids(fixture: Fixture) {
    let ayse = Diner::of(&fixture);
    let ascii = json!({ "title": "Home", "city": "Ankara", "district": "Ayas", "full_address": "Left of the bridge" });
    let id = ayse.at_home(ascii).await;
    let english = fixture.reader(ayse.user_id, "lang=en");

    for path in ["/adresler", "/adresler/yeni", &format!("/adresler/{id}"), &format!("/adresler/{id}/sil")] {
        let page = english.get(path).await;

        assert_eq!(page.status, 200, "{path}");
        // Places have one name.
        let lines = page.text.lines().filter(|line| !line.starts_with("<option") && !line.starts_with("<optgroup"));
        let text = lines.collect::<Vec<_>>().join("\n").replace("Lezzetlimanı", "").replace("Türkçe", "");
        let letter = text.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
        assert_eq!(letter.map(|at| text[at..].chars().take(20).collect::<String>()), None, "{path}");
        assert_eq!(policy_faults(&page.text), Vec::<String>::new(), "{path}");
    }
}

async fn a_page_with_all_places_is_small_enough(fixture: Fixture) {
    let page = Diner::of(&fixture).pages.get("/adresler/yeni").await.text;

    assert_eq!(page.matches("<optgroup").count(), 81);
    assert!(page.len() < 60_000, "{}", page.len());
}
