use kit::on_every_database;
use kit::testing::{Client, policy_faults};
use serde_json::json;

use super::submit;
use crate::api;
use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_stranger_signs_in_first_and_a_form_is_kept,
    what_is_anothers_is_not_there,
    an_admin_keeps_every_restaurant,
    every_page_speaks_both_languages_and_needs_nothing_that_the_policy_forbids,
}

/// The path of each page, of a restaurant that has one of everything.
pub(super) async fn paths(fixture: &Fixture) -> (Manager, Vec<String>) {
    let plain = json!({ "name": "Capa Kebap", "description": null });
    let (meral, path) = fixture.open_restaurant(plain).await;
    let meal = meral.create_meal(&path, json!({ "description": null })).await;
    let part = async |list: &str, body| {
        let created = meral.client.post(list, body).await.json();
        created["id"].as_str().unwrap().to_owned()
    };
    let category = part(&format!("{path}/categories"), json!({ "name": "Kebap" })).await;
    let group = part(&format!("{path}/groups"), json!({ "name": "Spice", "options": [{ "name": "Hot" }] })).await;
    let campaign = json!({
        "title": "Weekend", "description": "Sunday.", "restaurant_id": path.trim_start_matches("/restaurants/"),
        "start_date": "2026-03-02T11:00:00Z", "end_date": "2026-03-04T20:59:59Z", "kind": "free_delivery",
    });
    let campaign = part("/campaigns", campaign).await;
    let pages = api::pages::pages(&fixture.restaurants);
    let own = pages.paths().iter().filter(|path| path.starts_with("/isletme"));
    let fill = |page: &&str| {
        let part = match page.split('/').nth(3) {
            Some("bolumler") => &category,
            Some("secenekler") => &group,
            _ => &campaign,
        };
        let page = page.replace("{r}", path.trim_start_matches("/restaurants/"));
        page.replace("{meal}", meal.trim_start_matches("/meals/")).replace("{part}", part)
    };
    let paths = own.map(fill).collect();
    (meral, paths)
}

/// Those that answer when they are opened.
async fn open(browser: &Client, paths: &[String]) -> Vec<String> {
    let mut open = Vec::new();
    for path in paths {
        let status = browser.get(path).await.status;
        assert!(matches!(status, 200 | 303), "{path}: {status}");
        if status == 200 {
            open.push(path.clone());
        }
    }
    open
}

async fn a_stranger_signs_in_first_and_a_form_is_kept(fixture: Fixture) {
    let (meral, paths) = paths(&fixture).await;
    let browser = fixture.browser();
    let open = open(&meral.browser(&fixture), &paths).await;
    assert!(open.len() > 15, "{open:?}");

    for path in open {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/giris?donus="), "{path}");
    }
    for path in ["/isletme/yeni", paths.last().unwrap()] {
        let answer = submit(&browser, path, &[]).await;
        assert_eq!(answer.status, 307, "{path}");
        assert!(answer.header("location").starts_with("/oturum/devam?donus="), "{path}");
    }
}

async fn what_is_anothers_is_not_there(fixture: Fixture) {
    let (meral, paths) = paths(&fixture).await;
    let other = fixture.manager().browser(&fixture);
    let diner = fixture.browser().user(fixture.new_user()).in_browser("");
    fixture.recorded().await;

    for path in paths.iter().filter(|path| !["/isletme", "/isletme/yeni"].contains(&path.as_str())) {
        for browser in [&other, &diner] {
            let status = browser.get(path).await.status;
            assert!(matches!(status, 404 | 303), "{path}: {status}");
            let status = submit(browser, path, &[("name", "x"), ("durum", "yok"), ("bitir", "1")]).await.status;
            assert!(matches!(status, 404 | 405), "{path}: {status}");
        }
    }
    assert_eq!(diner.get("/isletme").await.status, 404);
    assert_eq!(diner.get("/isletme/yeni").await.status, 404);
    assert!(!other.get("/isletme").await.text.contains("Capa Kebap"));
    assert_eq!(fixture.recorded().await.len(), 0, "nothing has changed");
    let unknown = paths.iter().map(|path| path.replace(|letter: char| letter.is_ascii_digit(), "0"));
    for path in unknown.filter(|path| path.matches('/').count() > 2) {
        let status = meral.browser(&fixture).get(&path).await.status;
        assert!(matches!(status, 404 | 303), "{path}: {status}");
    }
}

async fn an_admin_keeps_every_restaurant(fixture: Fixture) {
    let (_, paths) = paths(&fixture).await;
    let admin = fixture.browser().admin(fixture.new_user()).in_browser("");

    let open = open(&admin, &paths).await;

    let pause = open.iter().find(|path| path.ends_with("/yogun")).unwrap();
    assert_eq!(submit(&admin, pause, &[("dakika", "15")]).await.status, 303);
    assert!(admin.get(pause).await.text.contains("End the break"));
}

async fn every_page_speaks_both_languages_and_needs_nothing_that_the_policy_forbids(fixture: Fixture) {
    let (meral, paths) = paths(&fixture).await;
    let english = fixture.browser().manager(meral.id).in_browser("lang=en");
    let turkish = meral.browser(&fixture);
    let mut titles = Vec::new();

    for path in open(&english, &paths).await {
        let (en, tr) = (english.get(&path).await.text, turkish.get(&path).await.text);

        assert!(en.contains("<html lang=\"en\">") && tr.contains("<html lang=\"tr\">"), "{path}");
        assert_eq!(
            (en.matches("<h1").count(), en.matches("<h3").count() > 0 && !en.contains("<h2")),
            (1, false),
            "{path}"
        );
        // The mails in both languages stand there, and where the restaurant is.
        let said = en.split("<article").next().unwrap();
        let said = ["Lezzetlimanı", "Türkçe", "Sahil Yolu 1, Kadıköy"]
            .iter()
            .fold(said.to_owned(), |said, name| said.replace(name, ""));
        let letter = said.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
        assert_eq!(letter.map(|at| said[at..].chars().take(30).collect::<String>()), None, "{path}");
        assert_eq!(policy_faults(&en), Vec::<String>::new(), "{path}");
        titles.push(en.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.to_owned());
    }
    let all = titles.len();
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), all, "{titles:?}");
}
