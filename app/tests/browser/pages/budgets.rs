//! What readers have to load: of each page, and of the first one they come to.

use serde::Deserialize;
use serde_json::json;

use super::{Ids, READERS, become_reader, checks, pages_of};
use crate::support::{Browser, Town, View, turn};

/// KB of script that a page may have.
const MOST_SCRIPT: u32 = 12;
/// That of the board, which stays open for a shift and is heard.
const MOST_SCRIPT_OF_BOARD: u32 = 20;
/// Of the first view of the first page, by a browser that has kept nothing.
const MOST_BYTES: u64 = 40 * 1024;
const MOST_REQUESTS: u64 = 16;
const MOST_REQUESTS_AT_A_DESK: u64 = 28;

const FIRST_VIEW: &str = "
    const [page] = performance.getEntriesByType('navigation');
    const parts = [page, ...performance.getEntriesByType('resource')];
    const requests = parts.filter(({ startTime }) => startTime <= page.loadEventEnd).length;
    return { bytes: parts.reduce((sum, { transferSize }) => sum + transferSize, 0), requests };";

#[derive(Debug, Deserialize)]
struct FirstView {
    bytes: u64,
    /// Until it was loaded; pictures that lie further down come after that.
    requests: u64,
}

#[tokio::test]
async fn every_page_is_as_light_as_was_promised() {
    let _turn = turn().await;
    let town = Town::open().await;
    let browser = Browser::start(&town.base()).await;
    let ids = Ids::prepare(&town, &browser).await;
    let mut faults = Vec::new();

    for who in READERS {
        become_reader(&browser, &town, who).await;
        browser.show_as(View::PHONE).await;
        for (name, path, _) in pages_of(who) {
            browser.open(&ids.address(path)).await;
            let most_script = if name == "mutfak-pano" { MOST_SCRIPT_OF_BOARD } else { MOST_SCRIPT };
            let found = checks::texts(browser.run(include_str!("budgets.js"), &[json!(most_script)]).await);
            faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }

    browser.close().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn the_first_view_of_the_first_page_is_small() {
    let _turn = turn().await;
    let town = Town::open().await;

    // A desk has all pictures of the page within reach, and fetches them as well.
    let desk = View { width: 1280, ..View::PHONE };
    for (view, most_requests) in [(View::PHONE, MOST_REQUESTS), (desk, MOST_REQUESTS_AT_A_DESK)] {
        let browser = Browser::start(&town.base()).await;
        browser.show_as(view).await;
        browser.open("/").await;
        let seen: FirstView = serde_json::from_value(browser.run(FIRST_VIEW, &[]).await).unwrap();
        browser.close().await;

        assert!(seen.bytes > 0 && seen.bytes <= MOST_BYTES, "{}: {seen:?}", view.name());
        assert!(seen.requests > 1 && seen.requests <= most_requests, "{}: {seen:?}", view.name());
    }
}
