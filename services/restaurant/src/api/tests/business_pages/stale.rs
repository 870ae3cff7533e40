//! Forms that were opened before somebody else changed what they are about.

use kit::on_every_database;
use serde_json::json;

use super::rights::paths;
use super::{page_of, submit, value_of};
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    nobody_overwrites_facts_that_they_have_not_seen,
    every_form_that_changes_something_says_so,
}

async fn nobody_overwrites_facts_that_they_have_not_seen(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (browser, page) = (meral.browser(&fixture), page_of(&path, ""));
    let (here, there) = (browser.get(&page).await, browser.get(&page).await);
    let names = ["name", "cuisines", "delivery_fee", "min_order", "prep_time_min", "address_id", "gorulen"];
    let filled = |form, changed: (&'static str, &'static str)| {
        let kept = names.map(|name| (name, value_of(form, name)));
        kept.into_iter().filter(|(name, _)| *name != changed.0).chain([changed]).collect::<Vec<_>>()
    };

    let first = submit(&browser, &page, &filled(&here, ("name", "Demir Kebap"))).await;
    let stale = submit(&browser, &page, &filled(&there, ("prep_time_min", "41"))).await;
    let meanwhile = meral.client.get(&path).await.json();
    let meant = submit(&browser, &page, &filled(&stale, ("min_order", "90"))).await;

    assert_eq!((first.status, stale.status, meant.status), (303, 409, 303), "{}", stale.text);
    assert!(stale.text.contains("Siz yazarken bunlar değiştirildi."), "{}", stale.text);
    assert_eq!((value_of(&stale, "prep_time_min"), value_of(&stale, "name")), ("41", "Çıpa Kebap"), "as it was typed");
    assert_eq!(meanwhile["name"], "Demir Kebap");
    assert_eq!(meanwhile["prep_time"].to_string(), value_of(&there, "prep_time_min"));
    let restaurant = meral.client.get(&path).await.json();
    assert_eq!((&restaurant["name"], &restaurant["prep_time"]), (&json!("Çıpa Kebap"), &json!(41)));
}

async fn every_form_that_changes_something_says_so(fixture: Fixture) {
    let (meral, paths) = paths(&fixture).await;
    let browser = meral.browser(&fixture);
    let mut marked = Vec::new();

    for path in &paths {
        let form = browser.get(path).await;
        if !form.text.contains("name=\"gorulen\"") {
            continue;
        }
        let other = [("gorulen", "0123456789abcdef"), ("name", "Başka")];
        let stale = submit(&browser, path, &other).await;
        let meant = submit(&browser, path, &[("gorulen", value_of(&stale, "gorulen")), ("name", "Başka")]).await;

        assert_eq!(stale.status, 409, "{path}: {}", stale.text);
        assert_eq!(value_of(&stale, "gorulen"), value_of(&form, "gorulen"), "{path}");
        assert_ne!(meant.status, 409, "{path}: {}", meant.text);
        marked.push(path.split('/').skip(3).collect::<Vec<_>>().join("/"));
    }

    // The restaurant, a section, a campaign, a dish, the hours, a group.
    assert_eq!(marked.len(), 6, "{marked:?}");
}
